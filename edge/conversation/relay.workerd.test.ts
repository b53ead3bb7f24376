import { env, evictDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { uuidv7 } from "../ids.ts";
import type { Person } from "./contract.ts";
import { relayName } from "./conversation-relay.ts";
import { roomOf, TestClient } from "./testing/client.ts";

const person = (index: number): Person => ({
  userId: uuidv7(),
  username: `person-${index}`,
  displayName: `Person ${index}`,
  role: index === 0 ? "owner" : "member",
  readingLanguage: index % 2 === 0 ? "en" : "fr",
});

/** A conversation of eight: the configuration of these tests leaves three with the room and two with each relay. */
async function crowd() {
  const conversation = uuidv7();
  const people = Array.from({ length: 8 }, (_, index) => person(index));
  const clients: TestClient[] = [];
  for (const one of people) {
    const client = await TestClient.open(conversation, one);
    await client.until("connection");
    clients.push(client);
  }
  const relay = (number: number) =>
    env.CONVERSATION_RELAY.get(env.CONVERSATION_RELAY.idFromName(relayName(conversation, String(number))));
  return { conversation, people, clients, relay, room: roomOf(conversation) };
}

const [first, last] = [0, 7];

it("gives people on relays the same messages in the same order as those in the room", async () => {
  const { clients } = await crowd();
  clients.forEach((client, index) => {
    client.say(`from ${index}`);
  });
  await Promise.all(clients.map((client) => client.until("messageReceive", 8)));
  expect(new Set(clients.map(({ texts }) => texts.join())).size).toBe(1);
  for (const client of clients) expect(client.all("ack")).toHaveLength(1);
  const french = clients.filter((_, index) => index % 2 === 1);
  await Promise.all(french.map((client) => client.until("messageTranslation", 8)));
});

it("goes on when relay and room lose their memory", async () => {
  const { clients, relay, room } = await crowd();
  clients[last]?.say("before");
  await Promise.all(clients.map((client) => client.until("messageReceive", 1)));
  await evictDurableObject(relay(1));
  await evictDurableObject(room);
  clients[last]?.say("after");
  await Promise.all(clients.map((client) => client.until("messageReceive", 2)));
  await evictDurableObject(relay(3));
  clients[first]?.say("again");
  await Promise.all(clients.map((client) => client.until("messageReceive", 3)));
  expect(clients.map(({ texts }) => texts)).toEqual(clients.map(() => ["before", "after", "again"]));
  expect(clients.every(({ closed }) => closed === undefined)).toBe(true);
});

it("shows who is on a relay as here, tells when they leave, and closes whoever is removed", async () => {
  const { clients, people, conversation, room } = await crowd();
  const connection = clients[last]?.all("connection")[0]?.value;
  expect(connection?.members.filter(({ online }) => online)).toHaveLength(8);
  clients[6]?.close();
  await clients[first]?.until("userOffline");
  expect(clients[first]?.all("userOffline")[0]?.value.userId).toBe(people[6]?.userId);
  await room.membersChanged(conversation, "Crowd", people.slice(0, last));
  await clients[last]?.when(() => clients[last]?.closed === 4403, "the close code");
});

it("brings back precisely what was missed over a relay", async () => {
  const { clients, people, conversation } = await crowd();
  clients[first]?.say("seen");
  await clients[last]?.until("messageReceive");
  const seen = clients[last]?.seen;
  clients[last]?.close();
  await clients[first]?.until("userOffline");
  clients[first]?.say("missed");
  await clients[first]?.until("messageReceive", 2);
  const again = await TestClient.open(conversation, people[last] ?? person(last), seen);
  await again.until("messageReceive");
  expect(again.all("connection")[0]?.value.recovered).toBe(true);
  expect(again.texts).toEqual(["missed"]);
});
