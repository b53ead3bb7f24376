import { dirname } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startInference } from "../scripts/local/inference.ts";
import { type TwoPeople, twoPeople } from "./support/two-people.ts";

let people: TwoPeople;

beforeAll(async () => {
  people = await twoPeople();
});
afterAll(() => people?.stack.close());

it("delivers messages while every inference server is down, and their translations once one is back", async () => {
  const { inference } = people.stack;
  if (inference === undefined) throw new Error("The stack has no inference server of its own.");
  const { english, french, conversation } = people;
  const [here, there] = [english.open(conversation), french.open(conversation)];
  await Promise.all([here.connected(), there.connected()]);

  await inference.close();
  const { messageId } = await here.say("I'm at home.");
  await there.until((socket) => socket.messages.find(({ id }) => id === messageId));
  expect(there.all("messageTranslation")).toEqual([]);

  const again = await startInference(dirname(dirname(inference.certificatePath)), Number(new URL(inference.url).port));
  const translation = await there.until((socket) => socket.all("messageTranslation")[0], 60_000);
  expect(translation).toMatchObject({ messageId, language: "fr", provenance: { engine: "onnxruntime" } });
  await Promise.all([here.close(), there.close()]);
  await again.close();
});
