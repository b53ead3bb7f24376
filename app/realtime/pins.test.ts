import { describe, expect, it } from "vitest";
import type { ServerEvent } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { initialTimeline } from "./initial.ts";
import { pageOfPin, pinnedIn } from "./pins.ts";
import { connection, edited, messageInit, received, serverEvent, translated } from "./testing.ts";
import { type Timeline, timelineReducer } from "./timeline.ts";

const page = { userId: "ana", title: "Trip", translates: true, members: [], messages: [], hasMore: false, now: 0 };
const hear = (state: Timeline, ...events: readonly ServerEvent[]) =>
  events.reduce((before, event) => timelineReducer(before, { type: "server", event, now: 10_000 }), state);
const sync = (
  value: Parameters<typeof received>[1][],
  more: { before?: number; offset?: number; pinned?: object[] } = {},
) => serverEvent({ case: "sync", value: { epoch: "first", messages: value.map((one) => one ?? {}), ...more } });
const pin = (offset: number, messageOffset: number, removed = false): ServerEvent => {
  const at = { seconds: BigInt(offset) };
  const value = { messageId: `m${messageOffset}`, messageOffset, userId: "ben", removed, at };
  return serverEvent({ case: "messagePin", value }, offset);
};
const pinned = { pinnedBy: "ben", pinnedAt: { seconds: 1n } };
const live = hear(initialTimeline(page), connection(), received(11), received(12));
const ids = (state: Timeline) => pinnedIn(state).map(({ id }) => id);

describe("pinned messages", () => {
  it("are told newest pin first, until they are unpinned or deleted", () => {
    const both = hear(live, pin(13, 12), pin(14, 11));
    expect(ids(both)).toEqual(["m11", "m12"]);
    expect(pinnedIn(both)[0]).toMatchObject({ pinnedBy: "ben", pinnedAt: 14_000 });
    expect(ids(hear(both, pin(15, 11, true)))).toEqual(["m12"]);
    expect(ids(hear(both, serverEvent({ case: "messageDelete", value: { messageId: "m12" } }, 15)))).toEqual(["m11"]);
  });

  it("that are older than the newest page come beside it, and change as the others do", () => {
    const older = sync([messageInit(11)], { offset: 12, pinned: [messageInit(1, pinned)] });
    const state = hear(live, older, translated(13, "m1", 1, "in English"));
    expect(ids(state)).toEqual(["m1"]);
    expect(pinnedIn(state)[0]?.translation?.text).toBe("in English");
    expect(pinnedIn(hear(state, edited(14, "m1", 2, "mended")))[0]?.text).toBe("mended");
    expect(ids(hear(state, sync([messageInit(1, pinned)], { before: 11 })))).toEqual(["m1"]);
    expect(ids(hear(state, pin(14, 1, true)))).toEqual([]);
  });

  it("are asked for when they are not there, without a hole among the messages", () => {
    expect(pageOfPin(live, pin(13, 12))).toBeUndefined();
    expect(pageOfPin(live, pin(13, 4, true))).toBeUndefined();
    expect(pageOfPin(live, pin(13, 4))).toEqual({ before: 5, limit: 1 });
    const state = hear(live, pin(13, 4), sync([messageInit(4, pinned)], { before: 5 }));
    expect(ids(state)).toEqual(["m4"]);
    expect(state.messages.map(({ id }) => id)).toEqual(["m11", "m12"]);
    expect(pageOfPin(state, pin(14, 4))).toBeUndefined();
  });
});
