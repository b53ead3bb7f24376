import { beforeEach, describe, expect, it } from "vitest";
import { uuidv7 } from "../ids.ts";
import { conversationOf, newApi, refusal, type TestApi, type TestPerson } from "./testing.ts";

let api: TestApi;
let alice: TestPerson;
let bob: TestPerson;
let id: string;
beforeEach(async () => {
  api = newApi();
  [alice, bob] = [await api.signUp("Alice", "en"), await api.signUp("Bob", "fr")];
  id = await conversationOf(alice, bob);
});

/** A message that Alice writes and edits, a second apart. */
async function edited(first: string, ...later: readonly string[]) {
  const { messageId } = await alice.send(id, first, { language: "en" });
  const socket = await alice.connect(id);
  const emit = (event: object) => api.room(id).receive(socket, JSON.stringify([event]));
  const edit = (text: string) => {
    api.clock.now += 1_000;
    emit({ "message:edit": { clientMessageId: uuidv7(), messageId, text, language: "en" } });
  };
  for (const text of later) edit(text);
  return { messageId, edit, remove: () => emit({ "message:delete": { clientMessageId: uuidv7(), messageId } }) };
}

const textsOf = async (messageId: string) =>
  (await bob.revisions(id, messageId)).revisions.map(({ revision, text }) => `${revision} ${text}`);

describe("the revisions of a message", () => {
  it("are its first text and that of every edit, with language and time", async () => {
    const { messageId } = await edited("at eigth", "at eight");
    await api.drain(id);
    expect(await bob.revisions(id, messageId)).toEqual({
      revisions: [
        { revision: 1, text: "at eigth", language: "en", createdAt: "2026-11-24T12:00:00.000Z" },
        { revision: 2, text: "at eight", language: "en", createdAt: "2026-11-24T12:00:01.000Z" },
      ],
    });
  });

  it("are all there before any of them is written to the system of record, and while only some are", async () => {
    const { messageId, edit } = await edited("one", "two");
    expect(await textsOf(messageId)).toEqual(["1 one", "2 two"]);
    await api.drain(id);
    edit("three");
    edit("four");
    expect(await textsOf(messageId)).toEqual(["1 one", "2 two", "3 three", "4 four"]);
    await api.drain(id);
    expect(await textsOf(messageId)).toEqual(["1 one", "2 two", "3 three", "4 four"]);
  });

  it("are one when it never was edited, written or not", async () => {
    const { messageId } = await edited("only");
    expect(await textsOf(messageId)).toEqual(["1 only"]);
    await api.drain(id);
    expect(await textsOf(messageId)).toEqual(["1 only"]);
  });

  it("are gone at once when it is deleted", async () => {
    const { messageId, remove } = await edited("a secret", "another");
    await api.drain(id);
    remove();
    expect(await textsOf(messageId)).toEqual([]);
    await api.drain(id);
    expect(await textsOf(messageId)).toEqual([]);
  });

  it("are for members alone, of messages of this conversation", async () => {
    const { messageId } = await edited("ours");
    const stranger = await api.signUp("stranger");
    expect(await refusal(stranger.revisions(id, messageId))).toBe("conversation_not_found");
    const elsewhere = await conversationOf(bob);
    expect(await refusal(bob.revisions(elsewhere, messageId))).toBe("message_not_found");
    expect(await refusal(bob.revisions(id, uuidv7()))).toBe("message_not_found");
    expect(await refusal(bob.revisions(id, "1"))).toBe("invalid_request");
  });
});
