import { describe, expect, it } from "vitest";
import { TranslationStatus } from "../../proto/gen/meeshy/v1/translation_pb.js";
import { patience } from "./interpreter.ts";
import { ana, answered, ben, eva, TestRoom, type TestSocket } from "./testing/room.ts";

const texts = (socket: TestSocket) => socket.all("messageReceive").map(({ value }) => value.text);
const translations = (socket: TestSocket) => socket.all("messageTranslation").map(({ value }) => value.text);

describe("translation", () => {
  it("sends each reader the translation into their language, nobody one into the source's", async () => {
    const room = new TestRoom();
    const [a, b, c] = [room.connect(ana), room.connect(ben), room.connect(eva)];
    room.say(a, "Hello");
    expect(texts(b)).toEqual(["Hello"]);
    expect(translations(b)).toEqual([]);
    await room.settle();
    expect(room.questions.map(({ targetLanguages }) => targetLanguages)).toEqual([["en", "fr", "de"]]);
    expect(translations(b)).toEqual(["fr: Hello"]);
    expect(translations(c)).toEqual(["de: Hello"]);
    expect(translations(a)).toEqual([]);
    room.connect(ana);
    await room.settle();
    expect(room.questions).toHaveLength(1);
  });

  it("translates for a reader who comes later, once, and shows it in their next page", async () => {
    const room = new TestRoom();
    const a = room.connect(ana);
    room.say(a, "Hello");
    await room.settle();
    const b = room.connect(ben);
    room.connect({ ...ben, userId: "bea" });
    await room.settle();
    expect(room.questions.filter(({ targetLanguages }) => targetLanguages.includes("fr"))).toHaveLength(1);
    expect(translations(b)).toEqual(["fr: Hello"]);
    const page = room.connect(ben).all("sync")[0]?.value.messages[0];
    expect(page?.translations.map(({ text }) => text)).toEqual(["fr: Hello"]);
    expect(page?.language).toBe("en");
  });

  it("never delivers a translation of a text that was edited or deleted meanwhile", async () => {
    const room = new TestRoom();
    const [a, b] = [room.connect(ana), room.connect(ben)];
    room.emit(a, [
      { event: { case: "messageSend", value: { clientMessageId: "c1", text: "old" } } },
      { event: { case: "messageEdit", value: { clientMessageId: "e1", messageId: "id-2", text: "new" } } },
      { event: { case: "messageSend", value: { clientMessageId: "c2", text: "gone" } } },
      { event: { case: "messageDelete", value: { clientMessageId: "d1", messageId: "id-3" } } },
    ]);
    await room.settle();
    await room.wait(60_000);
    expect(b.all("messageTranslation").map(({ value }) => [value.revision, value.text])).toEqual([[2, "fr: new"]]);
  });

  it("delivers the message while the fleet is down, and the translation when it is back, even after an eviction", async () => {
    const room = new TestRoom();
    const [a, b] = [room.connect(ana), room.connect(ben)];
    room.fleetIsDown = true;
    room.say(a, "Hello");
    await room.settle();
    expect(texts(b)).toEqual(["Hello"]);
    room.evict();
    await room.wait(60_000);
    expect(translations(b)).toEqual([]);
    room.fleetIsDown = false;
    await room.wait(60_000);
    expect(translations(b)).toEqual(["fr: Hello"]);
    const { length } = room.questions;
    await room.wait(600_000);
    expect(room.questions).toHaveLength(length);
  });

  it("takes up a translation that was in flight when the room lost its memory", async () => {
    const room = new TestRoom();
    const [a, b] = [room.connect(ana), room.connect(ben)];
    room.fleetHangs = true;
    room.say(a, "Hello");
    room.evict();
    room.fleetHangs = false;
    await room.wait(60_000);
    expect(translations(b)).toEqual(["fr: Hello"]);
  });

  it("shows doubt with its reason and gives up a translation that keeps failing", async () => {
    const room = new TestRoom();
    const [a, b, c] = [room.connect(ana), room.connect(ben), room.connect(eva)];
    room.answer = (_, target) => {
      if (target === "fr") return answered("fr", TranslationStatus.LOW_CONFIDENCE, "unknown_words");
      return answered(target, TranslationStatus.FAILED, "model_error");
    };
    room.say(a, "Skibidi");
    await room.settle();
    expect(b.all("messageTranslation")[0]?.value).toMatchObject({
      status: TranslationStatus.LOW_CONFIDENCE,
      reason: "unknown_words",
    });
    expect(c.all("messageTranslation")).toEqual([]);
    for (let n = 0; n < patience.failures; n++) await room.wait(30_000);
    expect(c.all("messageTranslation").map(({ value }) => [value.status, value.reason])).toEqual([
      [TranslationStatus.FAILED, "model_error"],
    ]);
    const { length } = room.questions;
    await room.wait(600_000);
    expect(room.questions).toHaveLength(length);
  });

  it("is logged once, however many tries bring it: others' answers restart none that is under way", async () => {
    const room = new TestRoom();
    const [a, b] = [room.connect(ana), room.connect(ben)];
    room.fleetIsDown = true;
    room.say(a, "Slow");
    await room.settle();
    const asked = () => room.questions.filter(({ text }) => text === "Slow").length;
    room.fleetIsDown = false;
    room.fleetHangs = true;
    // Each try is thought lost by the time of the next.
    for (let n = 0; n < 3; n++) await room.wait(25_000);
    expect(asked()).toBe(4);
    room.fleetHangs = false;
    room.say(a, "Quick");
    await room.settle();
    await room.wait(1_000);
    expect(asked()).toBe(4);
    room.answerLate();
    await room.settle();
    expect(translations(b).filter((text) => text === "fr: Slow")).toHaveLength(1);
  });

  it("asks only once about a text in which there is nothing to translate", async () => {
    const room = new TestRoom();
    const a = room.connect(ana);
    room.connect(ben);
    room.answer = (_, target) => answered(target, TranslationStatus.NOTHING_TO_TRANSLATE);
    room.say(a, "👍");
    await room.settle();
    const b = room.connect(ben);
    await room.wait(600_000);
    expect(room.questions).toHaveLength(1);
    expect(b.all("sync")[0]?.value.messages[0]?.translations).toEqual([]);
  });
});
