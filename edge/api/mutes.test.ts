import { beforeEach, describe, expect, it } from "vitest";
import { conversationOf, newApi, problemOf, type TestApi, type TestPerson } from "./testing.ts";

let api: TestApi;
let alice: TestPerson;
let bob: TestPerson;
let id: string;
beforeEach(async () => {
  api = newApi();
  [alice, bob] = [await api.signUp("Alice"), await api.signUp("Bob")];
  id = await conversationOf(alice, bob);
});

describe("a mute", () => {
  const until = "2026-11-25T12:00:00.000Z";
  const listed = async (person: TestPerson) => (await person.listConversations()).conversations[0]?.mute;

  it("is told with the conversation, to who made it alone", async () => {
    expect((await bob.mute(id, until)).mute).toEqual({ until });
    expect([(await bob.getConversation(id)).mute, await listed(bob)]).toEqual([{ until }, { until }]);
    expect([(await alice.getConversation(id)).mute, await listed(alice)]).toEqual([undefined, undefined]);
  });

  it("lasts for good when no time is named, and takes the place of an earlier one", async () => {
    await bob.mute(id, until);
    expect((await bob.mute(id, null)).mute).toEqual({ until: null });
    expect(await listed(bob)).toEqual({ until: null });
  });

  it("ends when it is taken away, which may be asked for again", async () => {
    await bob.mute(id, null);
    await bob.unmute(id);
    await bob.unmute(id);
    expect(await listed(bob)).toBeUndefined();
  });

  it.each([{}, { until: "tomorrow" }, { until: 5 }])("is not made with %j", async (body) => {
    const response = await api.request(`PUT /conversations/${id}/mute`, { as: bob, body });
    expect((await problemOf(response)).code).toBe("invalid_request");
  });
});
