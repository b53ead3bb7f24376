import { beforeEach, describe, expect, it } from "vitest";
import { barriersOn } from "./support/accessibility.ts";
import type { Visitor } from "./support/visitor.ts";
import { openToVisitors } from "./support/visitors.ts";

const { arrive, arriveAndSignUp } = openToVisitors();

const title = "Lunch";
let emma: Visitor;
let felix: Visitor;

beforeEach(async () => {
  emma = await arriveAndSignUp("en", "Emma");
  await emma.startConversation(title);
  felix = await arrive("fr", "Félix");
  await felix.join(await emma.invite(), title);
  await Promise.all([emma.presence(felix, "online").waitFor(), felix.presence(emma, "online").waitFor()]);
});

/** Opens the list of the people; the dialog with it. */
async function people(visitor: Visitor) {
  await visitor.button("showPeople").press("Enter");
  const dialog = visitor.page.getByRole("dialog", { name: visitor.t("membersTitle") });
  await dialog.waitFor();
  return dialog;
}

const personIn = (dialog: Awaited<ReturnType<typeof people>>, name: string) =>
  dialog.getByRole("listitem").filter({ hasText: name });

describe("the people of a conversation", () => {
  it("are listed with what they are, what they read, and whether they are there", async () => {
    const list = await people(emma);
    await personIn(list, "Félix").getByText("online · member · reads French").waitFor();
    await felix.page.goto("/settings");
    await personIn(list, "Félix")
      .getByText(/last seen .* · member/)
      .waitFor();
    expect(await personIn(list, "Emma").getByRole("button").count()).toBe(0);
  });

  it("are made admins, and removed after a question, with the keyboard alone", async () => {
    const list = await people(emma);
    const choose = async (action: "makeAdmin" | "remove") => {
      await personIn(list, "Félix").getByRole("button").press("Enter");
      await emma.page.getByRole("menuitem", { name: emma.t(action) }).press("Enter");
      await emma.page.getByRole("menu").waitFor({ state: "hidden" });
    };
    await choose("makeAdmin");
    await personIn(list, "Félix").getByText("admin").waitFor();
    await felix.button("rename").waitFor();
    await choose("remove");
    const question = emma.page.getByRole("alertdialog");
    await question.locator(":focus").waitFor();
    await emma.dismiss(question);
    expect(await personIn(list, "Félix").count()).toBe(1);
    await choose("remove");
    await question.getByRole("button", { name: emma.t("remove") }).press("Enter");
    await personIn(list, "Félix").waitFor({ state: "hidden" });
    await felix.page.getByText(felix.t("closedRemoved")).waitFor();
  });

  it("leave after a question, and are back at the list", async () => {
    const list = await people(felix);
    await list.getByRole("button", { name: felix.t("leave") }).click();
    await felix.page
      .getByRole("alertdialog")
      .getByRole("button", { name: felix.t("leave") })
      .click();
    await felix.page.waitForURL("**/conversations");
    await felix.page.getByRole("link", { name: title }).waitFor({ state: "hidden" });
    await emma.page.getByText(emma.t("onlyYou"), { exact: true }).first().waitFor();
  });
});

describe("the title", () => {
  it("is changed from the header by who may, for everybody; a bad one is refused at the field", async () => {
    expect(await felix.button("rename").count()).toBe(0);
    await emma.button("rename").click();
    await emma.field("title").fill(" ");
    await emma.page.keyboard.press("Enter");
    await emma.page.getByRole("dialog").locator("[aria-invalid]").waitFor();
    await emma.field("title").fill("Dinner");
    await emma.page.keyboard.press("Enter");
    await Promise.all([emma.heading("Dinner").waitFor(), felix.heading("Dinner").waitFor()]);
    await emma.page.getByRole("dialog").waitFor({ state: "hidden" });
  });
});

describe("an edited message", () => {
  it("shows what it said before, as it was written", async () => {
    await emma.write("at eigth");
    await felix.message("at eigth").waitFor();
    await emma.choose("at eigth", "edit");
    await emma.write("at eight");
    await felix
      .message("at eight")
      .getByRole("button", { name: felix.t("showVersions") })
      .press("Enter");
    const versions = felix.page.getByRole("dialog").getByRole("listitem");
    await versions.nth(1).waitFor();
    const texts = await versions.evaluateAll((items) => items.map((item) => item.lastElementChild?.textContent));
    expect(texts).toEqual(["at eight", "at eigth"]);
  });
});

describe("a mention", () => {
  const marked = (visitor: Visitor) => visitor.page.getByRole("log").locator("mark");

  it("is completed from the people with the keyboard, and stands out in the message and its translation", async () => {
    await emma.composer.pressSequentially("Hello @fel");
    await emma.page.getByRole("option", { name: "Félix" }).waitFor();
    await emma.composer.press("ArrowDown");
    await emma.composer.press("Enter");
    await expect.poll(() => emma.composer.inputValue()).toBe("Hello @Félix ");
    await emma.composer.pressSequentially("the bus is late.");
    await emma.composer.press("Enter");
    for (const visitor of [emma, felix]) {
      await expect.poll(() => marked(visitor).first().textContent()).toBe("@Félix");
    }
  });

  it("is offered until Escape, and chosen with a click", async () => {
    const options = emma.page.getByRole("option");
    await emma.composer.pressSequentially("@");
    await options.first().waitFor();
    await emma.composer.press("Escape");
    await options.first().waitFor({ state: "hidden" });
    expect(await emma.composer.inputValue()).toBe("@");
    await emma.composer.fill("");
    await emma.composer.pressSequentially("@f");
    await options.first().click();
    await expect.poll(() => emma.composer.inputValue()).toBe("@Félix ");
    await emma.page.keyboard.type("!");
    expect(await emma.composer.inputValue()).toBe("@Félix !");
  });

  it("shows in the list until it is read", async () => {
    await felix.page.goto("/conversations");
    const entry = felix.page.getByRole("link", { name: title });
    await emma.write("Are you there?");
    await entry.getByText(felix.t("unread", { count: 1 })).waitFor({ state: "attached" });
    expect(await entry.getByText(felix.t("mentioned")).count()).toBe(0);
    await emma.write(`@${felix.username}?`);
    await entry.getByText(felix.t("mentioned")).waitFor({ state: "attached" });
    await entry.click();
    await emma
      .message(felix.username)
      .getByText(emma.t("seenBy", { names: "Félix" }))
      .waitFor();
    await felix.page.goto("/conversations");
    await entry.getByText("Emma").waitFor();
    await entry.getByText(felix.t("mentioned")).waitFor({ state: "detached" });
  });
});

describe("axe-core", () => {
  it("finds no serious barrier in any of these", async () => {
    const look = async (part: string) => expect(await barriersOn(emma.page), part).toEqual([]);
    await emma.write(`Hello @${felix.username} and @Emma`);
    await emma.stored("Hello").waitFor();
    await emma.composer.pressSequentially("@");
    await emma.page.getByRole("option").first().waitFor();
    await look("suggestions and mentions");
    await emma.composer.fill("");
    const list = await people(emma);
    await look("people");
    await emma.dismiss(list);
    await emma.button("rename").click();
    await emma.page.getByRole("dialog").waitFor();
    await look("title");
  });
});
