import { beforeEach, describe, expect, it } from "vitest";
import { barriersOn } from "./support/accessibility.ts";
import type { Visitor } from "./support/visitor.ts";
import { openToVisitors } from "./support/visitors.ts";

const { arrive, arriveAndSignUp } = openToVisitors();

describe("two people who share no language", () => {
  const title = "Lunch";
  let emma: Visitor;
  let felix: Visitor;
  let path: string;

  beforeEach(async () => {
    emma = await arriveAndSignUp("en", "Emma");
    path = await emma.startConversation(title);
    felix = await arrive("fr", "Félix");
    await felix.join(await emma.invite(), title);
    await Promise.all([emma.presence(felix, "online").waitFor(), felix.presence(emma, "online").waitFor()]);
  });

  it("meet by an invite link and see what each other writes", async () => {
    await emma.write("Shall we have lunch?");
    await felix.message("Shall we have lunch?").waitFor();
    await felix.write("Avec plaisir !");
    await emma.message("Avec plaisir !").waitFor();
    await emma.page.getByRole("link", { name: title }).getByText("Félix").waitFor();
    expect(await felix.messageIds()).toEqual(await emma.messageIds());
  });

  it("read each other in their own language, with the original at hand", async () => {
    await emma.write("The bus is late.");
    const greeting = felix.message("The bus is late.");
    await greeting.getByText(/retard/i).waitFor();
    const original = greeting.getByText("The bus is late.");
    expect(await original.isVisible()).toBe(false);
    await greeting.getByRole("button", { name: felix.t("showOriginal") }).click();
    await original.waitFor();
    await greeting.getByRole("button", { name: felix.t("hideOriginal") }).click();
    await original.waitFor({ state: "hidden" });

    await felix.write("Merci, à demain !");
    await emma.message("Merci, à demain !").getByText(/thank/i).waitFor();
  });

  it("react to a message, and see that it was seen", async () => {
    await emma.write("Look at this sunset");
    await felix.message("Look at this sunset").waitFor();
    await emma
      .message("Look at this sunset")
      .getByText(emma.t("seenBy", { names: "Félix" }))
      .waitFor();
    await felix.react("Look at this sunset", "😂");
    const mine = emma.message("Look at this sunset").getByRole("button", { name: /Félix.*: 😂/ });
    await mine.click();
    await felix.page.getByText("😂 2").waitFor();
    await mine.and(emma.page.locator("[aria-pressed=true]")).click();
    await felix.page.getByText("😂 2").waitFor({ state: "hidden" });
  });

  it("see in the list what is new elsewhere, in their own language where it can be, until they look", async () => {
    await felix.page.goto("/conversations");
    await emma.write("Are you there?");
    const entry = felix.page.getByRole("link", { name: title });
    await entry.getByText("Emma").waitFor();
    await entry.getByText(felix.t("unread", { count: 1 })).waitFor({ state: "attached" });
    await entry.click();
    await emma
      .message("Are you there?")
      .getByText(emma.t("seenBy", { names: "Félix" }))
      .waitFor();
    await felix.page.goto("/conversations");
    await entry.getByText("Emma").waitFor();
    await entry.getByText(felix.t("unread", { count: 1 })).waitFor({ state: "detached" });
  });

  it("answer a message, which stands quoted above the answer", async () => {
    await emma.write("Shall we take the train?");
    await felix.reply("Shall we take the train?", "Bonne idée !");
    await emma.page
      .getByRole("article")
      .filter({ hasText: "Bonne idée" })
      .getByRole("blockquote")
      .getByText("train?")
      .waitFor();
    expect(await felix.page.getByText(felix.t("replying", { name: "Emma" })).count()).toBe(0);
  });

  it("see that the other is typing, until they stop", async () => {
    await emma.composer.pressSequentially("I am");
    await felix.page.getByText(felix.t("typingOne", { name: "Emma" })).waitFor();
    await emma.composer.fill("");
    await felix.page.getByText(felix.t("typingOne", { name: "Emma" })).waitFor({ state: "hidden" });
    await felix.composer.pressSequentially("Je");
    await emma.page.getByText(emma.t("typingOne", { name: "Félix" })).waitFor();
  });

  it("see the other come and go", async () => {
    await felix.page.goto("/settings");
    await emma.presence(felix, "offline").waitFor();
    await felix.page.goto(path);
    await emma.presence(felix, "online").waitFor();
  });

  it("miss nothing and see nothing twice after losing the network", async () => {
    await emma.write("before");
    await felix.message("before").waitFor();
    await felix.goOffline();
    for (const text of ["first", "second", "third"]) await emma.write(text);
    await emma.stored("third").waitFor();
    expect(await felix.message("first").count()).toBe(0);
    await felix.comeBack();
    await felix.message("third").waitFor();
    await emma.write("after");
    await felix.message("after").waitFor();
    expect(await emma.messageIds()).toHaveLength(5);
    expect(await felix.messageIds()).toEqual(await emma.messageIds());
  });

  it("get what was written offline once, when the network is back", async () => {
    await felix.goOffline();
    await felix.write("écrit hors ligne");
    await felix.message("écrit hors ligne").getByText(felix.t("sending")).waitFor();
    await emma.write("meanwhile");
    await emma.stored("meanwhile").waitFor();
    expect(await emma.message("écrit hors ligne").count()).toBe(0);
    await felix.comeBack();
    await emma.message("écrit hors ligne").waitFor();
    await felix.stored("écrit hors ligne").waitFor();
    await felix.write("fin");
    await emma.message("fin").waitFor();
    expect(await felix.message("écrit hors ligne").count()).toBe(1);
    expect(await emma.messageIds()).toHaveLength(3);
    expect(await felix.messageIds()).toEqual(await emma.messageIds());
  });

  it("see an edit and a deletion of the other", async () => {
    await emma.write("at eigth");
    await felix.message("at eigth").waitFor();
    await emma.choose("at eigth", "edit");
    await emma.write("at eight");
    await felix.message("at eight").getByText(felix.t("edited")).waitFor();
    expect(await felix.message("at eigth").count()).toBe(0);
    await emma.choose("at eight", "delete");
    await emma.button("delete").click();
    await felix.message(felix.t("deleted")).waitFor();
    expect(await felix.message("at eight").count()).toBe(0);
  });

  it("are joined by a reader of Arabic, whose words run from right to left", async () => {
    const layla = await arrive("ar", "ليلى");
    await layla.join(await emma.invite(), title);
    await layla.write("صباح الخير");
    await emma.write("Welcome!");
    const directionOf = (visitor: Visitor, words: string) =>
      visitor
        .message(words)
        .getByText(words)
        .evaluate((text) => getComputedStyle(text).direction);
    await Promise.all([emma.message("صباح الخير").waitFor(), layla.message("Welcome!").waitFor()]);
    for (const visitor of [layla, emma]) expect(await directionOf(visitor, "صباح الخير")).toBe("rtl");
    for (const visitor of [layla, emma]) expect(await directionOf(visitor, "Welcome!")).toBe("ltr");
    expect(await layla.message("صباح الخير").getByText("صباح الخير").getAttribute("dir")).toMatch(/^(auto|rtl)$/);
    expect(await layla.page.locator("html").getAttribute("dir")).toBe("rtl");
    expect(await emma.page.locator("html").getAttribute("dir")).toBe("ltr");
  });
});

describe("a keyboard", () => {
  it("is enough to sign in, to write and to edit", async () => {
    const emma = await arriveAndSignUp("en", "Emma");
    await emma.startConversation("Notes");
    await emma.page.context().clearCookies();
    await emma.page.goto("/signin");
    const { keyboard } = emma.page;
    // Past the skip link and the wordmark.
    for (const key of ["Tab", "Tab", "Tab"]) await keyboard.press(key);
    await keyboard.type(emma.username);
    await keyboard.press("Tab");
    await keyboard.type(emma.password);
    await keyboard.press("Enter");
    const conversation = emma.page.getByRole("link", { name: "Notes" });
    await conversation.focus();
    await keyboard.press("Enter");
    await emma.heading("Notes").waitFor();

    await keyboard.type("one");
    await keyboard.press("Shift+Enter");
    await keyboard.type("two");
    await keyboard.press("Enter");
    await expect.poll(() => emma.message("two").getByRole("paragraph").first().textContent()).toBe("one\ntwo");

    await keyboard.type("begun");
    await emma.choose("two", "edit");
    await expect.poll(() => emma.composer.inputValue()).toBe("one\ntwo");
    await keyboard.press("Escape");
    await expect.poll(() => emma.composer.inputValue()).toBe("begun");
    await keyboard.type(" and done");
    expect(await emma.composer.inputValue()).toBe("begun and done");

    await emma.button("invite").press("Enter");
    await emma.page.getByRole("dialog").waitFor();
    await emma.dismiss(emma.page.getByRole("dialog"));
    expect(await emma.button("invite").evaluate((button) => button === document.activeElement)).toBe(true);
  });
});

describe("a long conversation", () => {
  it("opens at its end, and keeps the reader's place when older messages come", async () => {
    const emma = await arriveAndSignUp("en", "Emma");
    await emma.startConversation("Diary");
    for (let day = 1; day <= 65; day++) await emma.write(`Day ${day}.`);
    await emma.stored("Day 65.").waitFor();
    await emma.page.reload();
    await expect.poll(() => emma.messageIds()).toHaveLength(50);
    await expect.poll(() => emma.isInView("Day 65.")).toBe(true);
    // Until older ones have come: a page that is still arranging itself goes to its end once more.
    const scrolledUp = async () => {
      const ids = await emma.messageIds();
      if (ids.length < 65) await emma.page.getByRole("log").evaluate((log) => log.scrollTo(0, 0));
      return ids;
    };
    await expect.poll(scrolledUp, { interval: 2_000 }).toHaveLength(65);
    expect(await emma.isInView("Day 16.")).toBe(true);
    await emma.button("latest").click();
    await expect.poll(() => emma.isInView("Day 65.")).toBe(true);
  });
});

describe("the door", () => {
  it("says at the form, in the visitor's language, that a password is wrong", async () => {
    const felix = await arriveAndSignUp("fr", "Félix");
    await felix.page.context().clearCookies();
    await felix.signIn(felix.username, "not the password");
    const alert = felix.page.locator("form").getByRole("alert");
    await alert.filter({ hasText: "mot de passe" }).waitFor();
    expect(await felix.field("username").inputValue()).toBe(felix.username);
    await felix.field("password").fill(felix.password);
    await felix.button("signIn").click();
    await felix.page.waitForURL("**/conversations");
  });

  it("shows strangers to a conversation that there is nothing here, and those who are not signed in the door", async () => {
    const emma = await arriveAndSignUp("en", "Emma");
    const path = await emma.startConversation("Private");
    const stranger = await arrive("fr", "Inconnu");
    await stranger.page.goto(path);
    expect(new URL(stranger.page.url()).pathname).toBe("/signin");
    await stranger.signUp();
    await stranger.heading(stranger.t("notFound")).waitFor();
    expect((await stranger.page.goto(path))?.status()).toBe(404);
    expect(await stranger.page.content()).not.toContain("Private");
  });
});

describe("the settings", () => {
  it("keep an appearance and a name", async () => {
    const emma = await arriveAndSignUp("en", "Emma");
    await emma.page.goto("/settings");
    await emma.field("themeDark").check();
    await emma.field("displayName").fill("Emma Woodhouse");
    await emma.button("save").click();
    await emma.page.getByText(emma.t("saved")).waitFor();
    await emma.page.goto("/conversations");
    await emma.page.getByText("Emma Woodhouse").waitFor();
    expect(await emma.page.locator("html").getAttribute("data-theme")).toBe("dark");
  });
});

describe("axe-core", () => {
  it.each(["light", "dark"] as const)("finds no serious barrier on any page, in %s", async (colorScheme) => {
    const emma = await arrive("en", "Emma");
    await emma.page.emulateMedia({ colorScheme });
    const look = async (page: string) => expect(await barriersOn(emma.page), page).toEqual([]);
    await look("landing");
    await emma.page.goto("/signin");
    await look("sign in");
    await emma.signUp();
    await emma.page.getByText(emma.t("noConversationsHint")).waitFor();
    await look("empty list");
    await emma.startConversation("Lunch");
    await look("empty conversation");
    await emma.write("Hello!");
    await emma.stored("Hello!").waitFor();
    await look("conversation");
    await emma.button("invite").click();
    await emma.page.getByRole("dialog").waitFor();
    await look("invite dialog");
    await emma.page.goto("/conversations");
    await look("list");
    await emma.page.goto("/settings");
    await look("settings");
  });
});
