// @vitest-environment happy-dom
import { expect, it } from "vitest";
import type { Timeline } from "../realtime/timeline.ts";
import { PinnedBar } from "./pinned-bar.tsx";
import { recordingActions, show, timelineOf } from "./testing.tsx";

const message = (offset: number, more: object = {}) => ({
  id: `m${offset}`,
  offset,
  authorId: "ben",
  revision: 1,
  text: `Bonjour ${offset}`,
  language: "fr",
  ...more,
});
const hello = {
  messageId: "m2",
  revision: 1,
  language: "en",
  text: "Hello 2",
  status: "TRANSLATION_STATUS_TRANSLATED",
};
const pinned = timelineOf(
  message(1, { pinnedBy: "ben", pinnedAt: "2026-11-24T12:00:00Z" }),
  message(2, { pinnedBy: "ana", pinnedAt: "2026-11-24T12:01:00Z", translations: [hello] }),
);
const { actions, pins } = recordingActions();
const bar = (timeline: Timeline) => (
  <PinnedBar
    timeline={timeline}
    reader={{ readingLanguage: "en", alsoReads: [], translates: true }}
    actions={actions}
  />
);

it("shows the newest pin as its reader reads it, and opens the list of all", async () => {
  const page = await show(bar(pinned));
  expect(page.text()).toBe("Pinned messages: 2Ben: Hello 22");
  await page.press("Hello 2");
  const entries = [...document.querySelectorAll("[role=dialog] li")].map((entry) => entry.textContent);
  expect(entries).toEqual([
    expect.stringContaining("Hello 2Pinned by you"),
    expect.stringContaining("Bonjour 1Pinned by Ben"),
  ]);
  await page.press("Unpin");
  expect(pins).toEqual([["m2", true]]);
});

it("goes to the message when it is there", async () => {
  const page = await show(
    <>
      <article data-message="m2">
        <button type="button">Reply</button>
      </article>
      {bar(pinned)}
    </>,
  );
  await page.press("Hello 2");
  await page.press("Show in the conversation");
  await page.until(() => expect(document.activeElement?.textContent).toBe("Reply"));
});

it("is not there when nothing is pinned", async () => {
  expect((await show(bar(timelineOf(message(1))))).text()).toBe("");
});

it("lets guests look, and unpin nothing", async () => {
  const ana = pinned.members.get("ana");
  if (ana === undefined) throw new Error("Ana is missing.");
  const members = new Map(pinned.members).set("ana", { ...ana, role: "guest" });
  const page = await show(bar({ ...pinned, members }));
  await page.press("Hello 2");
  expect(page.text()).toContain("Pinned by Ben");
  expect(() => page.button("Unpin")).toThrow();
});
