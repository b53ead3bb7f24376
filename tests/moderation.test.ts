import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stack } from "../scripts/local/stack.ts";
import { Person, type Socket } from "./support/person.ts";
import { twoPeople } from "./support/two-people.ts";

let stack: Stack;
let english: Person;
let french: Person;
let conversation: string;

beforeAll(async () => {
  ({ stack, english, french, conversation } = await twoPeople());
});
afterAll(() => stack?.close());

const invite = async () =>
  (await english.get<{ code: string }>("POST", `/conversations/${conversation}/invites`, { expiresIn: "1h" })).code;
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];
const pin = (socket: Socket, messageId: string) =>
  socket.send({ "message:pin": { clientMessageId: crypto.randomUUID(), messageId } });

describe("a guest", () => {
  it("reads and writes in one conversation, in their language, and pins nothing", async () => {
    const guest = await Person.joinAsGuest(stack.url, await invite(), "fr");
    const [here, there] = [english.open(conversation), guest.open(conversation)];
    await Promise.all([here.connected(), there.connected()]);
    const { messageId } = await here.say("The bus is late.");
    await there.until((socket) => socket.all("messageTranslation").find((one) => one.messageId === messageId));
    const { messageId: answer } = await there.say("Merci !");
    await here.until((socket) => socket.messages.find(({ id }) => id === answer));
    pin(there, messageId);
    expect((await there.until((socket) => socket.all("error")[0])).code).toBe("not_permitted");
    expect(await codeOf(await guest.call("POST", "/conversations", { title: "Mine" }))).toEqual([403, "not_permitted"]);
    await Promise.all([here.close(), there.close()]);
  });
});

describe("a pin", () => {
  it("reaches everybody, and who comes later finds it with its message", async () => {
    const [here, there] = [english.open(conversation), french.open(conversation)];
    await Promise.all([here.connected(), there.connected()]);
    const { messageId } = await here.say("Meet at the station.");
    pin(there, messageId);
    const change = await here.until((socket) => socket.all("messagePin")[0]);
    expect(change).toMatchObject({ messageId, userId: french.userId, removed: false });
    const later = english.open(conversation);
    const found = await later.until((socket) => socket.messages.find(({ id }) => id === messageId));
    expect(found.pinnedBy).toBe(french.userId);
    await Promise.all([here.close(), there.close(), later.close()]);
  });
});

describe("somebody who was banned", () => {
  it("loses their sockets, and comes back by no invite until the ban is lifted", async () => {
    const eva = await Person.register(stack.url, "de", "eva");
    const accept = async () => eva.call("POST", `/conversations/invites/${await invite()}/accept`);
    await accept();
    const socket = eva.open(conversation);
    await socket.connected();
    await english.get("POST", `/conversations/${conversation}/bans`, { userId: eva.userId });
    const told = await socket.until((open) => open.all("disconnect")[0]);
    expect(told).toMatchObject({ closeCode: 4403, reconnect: false });
    expect(await codeOf(await accept())).toEqual([403, "banned"]);
    await english.call("DELETE", `/conversations/${conversation}/bans/${eva.userId}`);
    expect((await accept()).status).toBe(200);
  });
});
