import { afterAll, beforeAll, expect, it } from "vitest";
import { TranslationStatus } from "../proto/gen/meeshy/v1/translation_pb.js";
import type { Stack } from "../scripts/local/stack.ts";
import type { Person } from "./support/person.ts";
import { twoPeople } from "./support/two-people.ts";

let stack: Stack;
let english: Person;
let french: Person;
let conversation: string;

beforeAll(async () => {
  ({ stack, english, french, conversation } = await twoPeople());
});
afterAll(() => stack?.close());

it("is translated whole: the inference server packs answers above a kilobyte", async () => {
  const [here, there] = [english.open(conversation), french.open(conversation)];
  await Promise.all([here.connected(), there.connected()]);
  const text = Array.from({ length: 60 }, (_, day) => `On day ${day + 1} the bus was late again.`).join(" ");
  const { messageId } = await here.say(text);
  const translation = await there.until((socket) =>
    socket.all("messageTranslation").find((one) => one.messageId === messageId),
  );
  expect(translation.status).toBe(TranslationStatus.TRANSLATED);
  expect(translation.text.length).toBeGreaterThan(1_500);
  for (const day of [1, 30, 60]) expect(translation.text).toMatch(new RegExp(`\\b${day}\\b`));
  await Promise.all([here.close(), there.close()]);
});
