import { describe, expect, it } from "vitest";
import type { ServerEvent } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { initialTimeline } from "./initial.ts";
import { connection, edited, messageInit, received, serverEvent, translated } from "./testing.ts";
import { type Timeline, type TimelineAction, timelineReducer, typingLifetimeMs } from "./timeline.ts";
import { loadUnsent, saveUnsent } from "./unsent-store.ts";

const member = { displayName: "Ben", role: "member", readingLanguage: "fr", username: "ben" };
const start = initialTimeline({
  userId: "ana",
  title: "Trip",
  translates: true,
  members: [{ userId: "ben", ...member }],
  messages: [],
  hasMore: false,
  now: 0,
});

const fold = (state: Timeline, ...actions: readonly TimelineAction[]) => actions.reduce(timelineReducer, state);
const hear = (state: Timeline, ...events: readonly ServerEvent[]) =>
  fold(state, ...events.map((event) => ({ type: "server", event, now: 10_000 }) as const));
const texts = ({ messages }: Timeline) => messages.map(({ text }) => text);
const compose = { type: "compose", clientMessageId: "mine", text: "hello", replyTo: "", now: 1 } as const;
const fromMe = { authorId: "ana", clientMessageId: "mine", text: "hello" };
const live = hear(start, connection({ recovered: true }));

describe("messages", () => {
  it("stand in the order of their offsets, each once", () => {
    const before = { epoch: "", before: 3, offset: 4, hasMore: false, messages: [messageInit(1), messageInit(2)] };
    const state = hear(live, received(3), received(4), received(3), serverEvent({ case: "sync", value: before }));
    expect(texts(state)).toEqual(["text 1", "text 2", "text 3", "text 4"]);
  });

  it("change by an edit once, and lose their text when deleted", () => {
    const state = hear(live, received(1), edited(2, "m1", 2, "mended"), edited(2, "m1", 3, "told twice"));
    expect(texts(state)).toEqual(["mended"]);
    const gone = hear(
      state,
      serverEvent({ case: "messageDelete", value: { messageId: "m1", deletedAt: { seconds: 5n } } }, 3),
    );
    expect(gone.messages[0]).toMatchObject({ text: "", deletedAt: 5_000 });
  });
});

describe("a translation", () => {
  it("is shown when it is of the message's revision", () => {
    const state = hear(live, received(1), translated(2, "m1", 1, "in English"));
    expect(state.messages[0]?.translation).toMatchObject({ kind: "translated", text: "in English" });
  });

  it("of an older revision is ignored, and an edit drops the one that was there", () => {
    const state = hear(live, received(1), translated(2, "m1", 1, "old"), edited(3, "m1", 2, "mended"));
    expect(state.messages[0]?.translation).toBeUndefined();
    expect(hear(state, translated(4, "m1", 1, "late")).messages[0]?.translation).toBeUndefined();
    expect(hear(state, translated(4, "m1", 2, "new")).messages[0]?.translation?.text).toBe("new");
  });

  it("comes with the messages of a page", () => {
    const translations = [{ messageId: "m1", revision: 1, language: "en", text: "in English", status: 1 }];
    const value = { epoch: "first", offset: 2, messages: [messageInit(1, { translations })] };
    expect(hear(live, serverEvent({ case: "sync", value })).messages[0]?.translation?.text).toBe("in English");
  });
});

describe("whether the conversation is translated", () => {
  const change = (offset: number, translates: boolean) =>
    serverEvent({ case: "translationChange", value: { translates } }, offset);

  it("is what the connection says, then what the log does; a room that does not say translates", () => {
    expect(live.translates).toBe(true);
    expect(hear(live, connection({ translates: false })).translates).toBe(false);
    const missed = [connection({ recovered: true, translates: true }), change(1, false), change(2, true)];
    expect(hear(live, ...missed)).toMatchObject({ translates: true, offset: 2 });
    expect(hear(live, change(1, false), change(1, true)).translates).toBe(false);
  });

  it("takes nothing away of what is known", () => {
    const off = hear(live, received(1), translated(2, "m1", 1, "one"), change(3, false));
    expect(off.messages[0]?.translation?.text).toBe("one");
  });
});

describe("my own messages", () => {
  it("are shown at once, and once when the room sends them back", () => {
    const waiting = fold(live, compose);
    expect(waiting.unsent).toMatchObject([{ text: "hello", state: "sending" }]);
    const ack = serverEvent({ case: "ack", value: { clientMessageId: "mine", messageId: "m1", offset: 1 } });
    expect(hear(waiting, ack).unsent).toMatchObject([{ state: "sent" }]);
    const arrived = hear(waiting, ack, received(1, fromMe));
    expect(arrived.unsent).toEqual([]);
    expect(texts(arrived)).toEqual(["hello"]);
  });

  it("are not taken for another person's message of the same client id", () => {
    expect(hear(fold(live, compose), received(1, { clientMessageId: "mine" })).unsent).toHaveLength(1);
  });

  it("are still on their way when the room refuses them for now", () => {
    const error = { code: "history_unavailable", message: "Later.", clientMessageId: "mine", retryAfterMs: 2_000 };
    const waiting = hear(fold(live, compose), serverEvent({ case: "error", value: error }));
    expect(waiting.unsent).toMatchObject([{ state: "sending" }]);
  });

  it("fail with the room's reason and can be sent again or discarded", () => {
    const error = { code: "message_too_long", message: "Shorten it.", clientMessageId: "mine" };
    const failed = hear(fold(live, compose), serverEvent({ case: "error", value: error }));
    expect(failed.unsent).toMatchObject([{ state: "failed", errorCode: "message_too_long" }]);
    expect(fold(failed, { type: "retry", clientMessageId: "mine" }).unsent).toMatchObject([{ state: "sending" }]);
    expect(fold(failed, { type: "discard", clientMessageId: "mine" }).unsent).toEqual([]);
  });

  it("survive a reload, unless the room has them already", () => {
    const kept = new Map<string, string>();
    const store = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
    saveUnsent(store, "trip", fold(live, compose).unsent);
    const unsent = loadUnsent(store, "trip");
    expect(fold(live, { type: "restore", unsent }).unsent).toMatchObject([{ text: "hello" }]);
    expect(fold(hear(live, received(1, fromMe)), { type: "restore", unsent }).unsent).toEqual([]);
    kept.set("meeshy:unsent:trip", '[{"text":1},"x"]');
    expect(loadUnsent(store, "trip")).toEqual([]);
  });
});

describe("recovery", () => {
  it("continues where it was when the room recovers", () => {
    const state = hear(live, received(1), connection({ recovered: true, offset: 3 }), received(1), received(2));
    expect(texts(state)).toEqual(["text 1", "text 2"]);
    expect(state.offset).toBe(2);
  });

  it("replaces everything by the sync when the room does not", () => {
    const value = { epoch: "second", offset: 9, hasMore: true, messages: [messageInit(8)] };
    const again = connection({ epoch: "second", offset: 9 });
    const lost = hear(live, received(1), received(12), again);
    expect(texts(lost)).toEqual(["text 1", "text 12"]);
    const state = hear(lost, serverEvent({ case: "sync", value }), received(10));
    expect(texts(state)).toEqual(["text 8", "text 10"]);
    expect(state).toMatchObject({ epoch: "second", offset: 10, hasMore: true });
  });

  it("takes no older page of another log", () => {
    const value = { epoch: "other", offset: 1, before: 5, messages: [messageInit(1)] };
    expect(texts(hear(live, received(7), serverEvent({ case: "sync", value })))).toEqual(["text 7"]);
  });
});

describe("people", () => {
  it("type until they say so, send, leave, or fall silent", () => {
    const typing = hear(live, serverEvent({ case: "messageTyping", value: { userId: "ben", typing: true } }));
    expect([...typing.typing.keys()]).toEqual(["ben"]);
    expect(hear(typing, received(1)).typing.size).toBe(0);
    expect(hear(typing, serverEvent({ case: "userOffline", value: { userId: "ben" } })).typing.size).toBe(0);
    expect(fold(typing, { type: "expire", now: 10_000 + typingLifetimeMs - 1 }).typing.size).toBe(1);
    expect(fold(typing, { type: "expire", now: 10_000 + typingLifetimeMs }).typing.size).toBe(0);
  });

  it("come, go and change", () => {
    const joined = { userId: "cyd", displayName: "Cyd", role: "guest", readingLanguage: "de", online: false };
    const state = hear(
      live,
      serverEvent({ case: "memberChange", value: { member: joined } }),
      serverEvent({ case: "userOnline", value: { userId: "cyd" } }),
    );
    expect(state.members.get("cyd")).toMatchObject({ displayName: "Cyd", online: true });
    const lastSeen = { seconds: 7n };
    const away = hear(
      state,
      serverEvent({ case: "userOffline", value: { userId: "cyd", lastSeen } }),
      serverEvent({ case: "memberChange", value: { member: { ...joined, role: "member" } } }),
    );
    expect(away.members.get("cyd")).toMatchObject({ role: "member", online: false, lastSeen: 7_000 });
    const left = hear(state, serverEvent({ case: "memberChange", value: { member: joined, removed: true } }));
    expect(left.members.has("cyd")).toBe(false);
  });
});
