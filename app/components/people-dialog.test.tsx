// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { PeopleDialog } from "./people-dialog.tsx";
import { recordingRoute, show, timelineOf } from "./testing.tsx";

const path = "/conversations/c/people";
const dan = { userId: "dan", username: "dan", displayName: "Dan", bannedBy: "ana", reason: "Advertising" };
const dialog = <PeopleDialog conversationId="c" timeline={timelineOf()} />;

it("bans a member, with a reason, and lifts a ban", async () => {
  const { route, forms } = recordingRoute(path, { bans: [dan] });
  const page = await show(dialog, [route]);
  await page.press("People");
  await page.until(() => expect(page.text()).toContain("DanAdvertising"));
  expect(() => page.button("Ban Ana")).toThrow();
  await page.press("Ban Ben");
  await page.fill("reason", "Rude");
  await page.press("Ban");
  await page.until(() => expect(forms).toEqual([{ userId: "ben", reason: "Rude" }]));
  await page.press("Lift the ban of Dan");
  await page.until(() => expect(forms[1]).toEqual({ userId: "dan", lift: "yes" }));
});

it("says why a ban was refused", async () => {
  const message = "Your role in this conversation does not allow it.";
  const { route } = recordingRoute(path, { bans: [] }, () => ({ fields: {}, message }));
  const page = await show(dialog, [route]);
  await page.press("People");
  await page.press("Ban Ben");
  await page.press("Ban");
  await page.until(() => expect(document.querySelector("[role=alert]")?.textContent).toBe(message));
});
