// @vitest-environment happy-dom
import { act } from "react";
import { expect, it } from "vitest";
import { MembersDialog } from "./members-dialog.tsx";
import { recordingRoute, show, timelineOf } from "./testing.tsx";

const path = "/conversations/c/members";
const dan = { userId: "dan", username: "dan", displayName: "Dan", bannedBy: "ana", reason: "Advertising" };

/** The dialog of Ana, who owns the conversation, or of somebody else, opened. */
async function open({ bans = [dan], userId = "ana", answer = () => null as object | null } = {}) {
  const { route, forms } = recordingRoute(path, { bans }, answer);
  const dialog = <MembersDialog conversationId="c" timeline={{ ...timelineOf(), userId }} />;
  const page = await show(dialog, [route]);
  await page.press("Show the people");
  return { page, forms };
}

it("bans a member, with a reason, and lifts a ban", async () => {
  const { page, forms } = await open();
  await page.until(() => expect(page.text()).toContain("DanAdvertising"));
  await page.choose("What to do about Ben", "Ban");
  await page.until(() => expect(page.text()).toContain("Ban Ben?"));
  await page.fill("reason", "Rude");
  await page.press("Ban");
  await page.until(() => expect(forms).toEqual([{ intent: "ban", userId: "ben", reason: "Rude" }]));
  expect(page.text()).not.toContain("Ban Ben?");
  await page.press("Lift the ban of Dan");
  await page.until(() => expect(forms[1]).toEqual({ intent: "unban", userId: "dan" }));
  expect(document.querySelector("[role=alert]")).toBeNull();
});

it("removes a member after a question", async () => {
  const { page, forms } = await open({ bans: [] });
  await page.choose("What to do about Ben", "Remove");
  expect(forms).toEqual([]);
  await page.press("Remove");
  await page.until(() => expect(forms).toEqual([{ intent: "remove", userId: "ben" }]));
});

it("turns translation off and on again, for those who look after the conversation", async () => {
  const { page, forms } = await open({ bans: [] });
  const control = document.querySelector("[role=switch]");
  expect(control?.getAttribute("aria-checked")).toBe("true");
  const words = ["aria-labelledby", "aria-describedby"].map(
    (name) => document.getElementById(control?.getAttribute(name) ?? "")?.textContent,
  );
  expect(words).toEqual(["Translate messages", expect.stringContaining("people read what was written")]);
  await act(async () => control?.dispatchEvent(new MouseEvent("click", { bubbles: true })));
  await page.until(() => expect(forms).toEqual([{ intent: "switchTranslation", translates: "false" }]));
});

it("says why a ban was refused", async () => {
  const message = "Your role in this conversation does not allow it.";
  const { page } = await open({ bans: [], answer: () => ({ fields: {}, message }) });
  await page.choose("What to do about Ben", "Ban");
  await page.press("Ban");
  await page.until(() => expect(document.querySelector("[role=alert]")?.textContent).toBe(message));
});

it("offers a member nothing but to leave, and shows them no bans", async () => {
  const { page, forms } = await open({ userId: "ben" });
  expect(() => page.button("What to do about Ana")).toThrow();
  await page.press("Leave");
  await page.press("Cancel");
  expect(page.text()).not.toContain("Dan");
  expect(document.querySelector("[role=switch]")).toBeNull();
  expect(forms).toEqual([]);
});
