import { env, evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { expect, it } from "vitest";
import type { Person } from "../conversation/contract.ts";
import { TestClient } from "../conversation/testing/client.ts";
import { outside } from "../conversation/testing/doubles.ts";
import { uuidv7 } from "../ids.ts";

const person = (displayName: string): Person => ({
  userId: uuidv7(),
  username: displayName.toLowerCase(),
  displayName,
  role: "member",
  readingLanguage: "en",
});
const inboxOf = ({ userId }: Person) => env.USER_INBOX.get(env.USER_INBOX.idFromName(userId));

/** Two who share a conversation, and one who shares none with them. */
function people() {
  const [ana, ben, eva] = [person("Ana"), person("Ben"), person("Eva")];
  outside.contacts.set(ana.userId, [ben.userId]);
  outside.contacts.set(ben.userId, [ana.userId]);
  return { ana, ben, eva };
}

it("tells people who share a conversation when somebody comes, and who is there already", async () => {
  const { ana, ben, eva } = people();
  const stranger = await TestClient.openInbox(eva);
  const first = await TestClient.openInbox(ana);
  const second = await TestClient.openInbox(ben);
  await Promise.all([first.until("userOnline"), second.until("userOnline")]);
  expect(first.all("userOnline")[0]?.value.userId).toBe(ben.userId);
  expect(second.all("userOnline")[0]?.value.userId).toBe(ana.userId);
  expect(stranger.all("userOnline")).toEqual([]);
});

it("tells of somebody who left and stays away, with the time, even to who comes later", async () => {
  const { ana, ben } = people();
  const first = await TestClient.openInbox(ana);
  const second = await TestClient.openInbox(ben);
  await first.until("userOnline");
  second.close();
  // The alarm is set once the inbox has heard of the close.
  while (!(await runDurableObjectAlarm(inboxOf(ben)))) await scheduler.wait(5);
  await first.until("userOffline");
  expect(first.all("userOffline")[0]?.value).toMatchObject({ userId: ben.userId });
  expect(Number(first.all("userOffline")[0]?.value.lastSeen?.seconds)).toBeGreaterThan(0);
  await evictDurableObject(inboxOf(ben));
  const later = await TestClient.openInbox(ana);
  await later.until("userOffline");
});

it("says nothing of a page that is loaded anew", async () => {
  const { ana, ben } = people();
  const first = await TestClient.openInbox(ana);
  const second = await TestClient.openInbox(ben);
  await first.until("userOnline");
  second.close();
  await TestClient.openInbox(ben);
  await first.until("userOnline", 2);
  await runDurableObjectAlarm(inboxOf(ben));
  expect(first.all("userOffline")).toEqual([]);
});
