/// <reference lib="es2024.collection" />
import { decodeServerFrame } from "../../edge/conversation/frames.ts";
import { languageCodes } from "../../proto/languages.ts";
import { randomFrom } from "./clock.ts";
import { SimulatedClient } from "./simulated-client.ts";
import { languageOf, newPerson, translationOf, World } from "./world.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly clients?: number;
  /** Virtual seconds of trouble, before everything is well again. */
  readonly seconds?: number;
}

export interface SimulationResult {
  readonly seed: number;
  readonly messages: number;
  readonly events: number;
  readonly evictions: number;
  /** Times that the room's storage was lost. */
  readonly losses: number;
  /** Messages that are in the record alone. */
  readonly released: number;
  readonly disconnects: number;
  /** Everything that is not as it should be; empty when all is well. */
  readonly problems: readonly string[];
}

/**
 * People in several languages write, edit and delete while their connections break, the room loses its memory, and the
 * inference fleet and the system of record come and go, translation is turned off and on, and the room's storage is lost. Then everything is well again, and everybody must see the same.
 */
export async function simulate({
  seed,
  clients: count = 20,
  seconds = 40,
}: SimulationOptions): Promise<SimulationResult> {
  const world = new World(randomFrom(seed));
  const clients = Array.from(
    { length: count },
    (_, index) => new SimulatedClient(world, newPerson(index, languageCodes[index % languageCodes.length] ?? "en")),
  );
  const people = clients.map(({ person }) => person);
  let [evictions, losses, disconnects, texts] = [0, 0, 0, 0];
  let isTrouble = true;
  const textBy = (client: SimulatedClient) => `${client.person.readingLanguage} text ${++texts}`;

  function act(client: SimulatedClient): void {
    if (!isTrouble) return;
    const dice = world.random();
    if (dice < 0.45) client.say(textBy(client));
    else if (dice < 0.55) client.repeat(textBy(client));
    else if (dice < 0.67) client.editOwn(textBy(client));
    else if (dice < 0.72) client.deleteOwn();
    else if (dice < 0.78) client.loadOlder();
    else if (dice < 0.81) client.type();
    else if (dice < 0.86) client.react();
    else if (dice < 0.87) client.pin();
    else if (dice < 0.93) {
      disconnects += 1;
      client.breakConnection();
    } else {
      disconnects += 1;
      client.goOffline();
      world.clock.after(world.between(100, 8_000), () => client.comeBack());
    }
    world.clock.after(world.between(50, 3_000), () => act(client));
  }
  function trouble(): void {
    if (!isTrouble) return;
    if (world.chance(losses === 0 ? 0.3 : 0.1) && world.loseStorage()) losses += 1;
    if (world.chance(0.5) && world.evict()) evictions += 1;
    const relay = world.pick(world.relayed.names);
    if (relay !== undefined && world.chance(0.15)) world.relayed.crash(relay);
    if (world.chance(0.25)) world.fleetIsUp = !world.fleetIsUp;
    if (world.chance(0.25)) world.recordIsUp = !world.recordIsUp;
    if (world.chance(0.15)) void world.switchTranslation(!world.record.translates, people);
    world.clock.after(world.between(100, 2_500), trouble);
  }

  for (const client of clients) {
    client.connection.connect();
    world.clock.after(world.between(0, 1_000), () => act(client));
  }
  trouble();
  await world.clock.pass(seconds * 1_000);

  isTrouble = false;
  world.fleetIsUp = true;
  world.recordIsUp = true;
  for (const client of clients) client.comeBack();
  void world.switchTranslation(world.chance(0.8), people);
  // Longer than the longest back-off of clients, translations and outbox together.
  await world.clock.pass(180_000);

  const { position } = world.log();
  const problems = [
    ...checkLog(world),
    ...checkRecord(world),
    ...world.unwanted.map((text) => `fleet: asked for ${text} while translation was off`),
    ...clients.flatMap((client) => checkClient(world, client)),
  ];
  const messages = world.record.messages.length;
  const released = messages - world.log().messages.page(0, 100_000).messages.length;
  for (const client of clients) client.connection.close();
  return { seed, messages, events: position.offset, evictions, losses, released, disconnects, problems };
}

/** What one reader sees is what the log says: nothing lost, doubled, out of order or stale. */
function checkClient(world: World, { person, timeline, complaints, sent }: SimulatedClient): string[] {
  const who = `${person.userId} (${person.readingLanguage})`;
  const problems = complaints.map((complaint) => `${who}: out of order, ${complaint}`);
  const log = world.log();
  const all = world.record.messages;
  if (timeline.offset < log.position.offset - trailing(world, person.readingLanguage)) {
    problems.push(`${who}: stands at ${timeline.offset} of ${log.position.offset}`);
  }
  if (timeline.translates !== world.record.translates) problems.push(`${who}: believes ${timeline.translates}`);
  if (timeline.unsent.length > 0) problems.push(`${who}: ${timeline.unsent.length} unsent`);
  const oldest = timeline.messages[0]?.offset ?? 0;
  const expected = all.filter(({ offset }) => offset >= oldest);
  if (!timeline.hasMore && expected.length !== all.length) problems.push(`${who}: does not know that there is more`);
  const seen = timeline.messages.map(({ id }) => id).join(" ");
  if (seen !== expected.map(({ id }) => id).join(" ")) problems.push(`${who}: other messages than the log's`);
  timeline.messages.forEach((message) => {
    const truth = all.find(({ id }) => id === message.id);
    if (truth === undefined) return;
    const deletedAt = truth.deletedAt?.getTime() ?? 0;
    if (message.revision !== truth.revision || message.text !== truth.text || message.deletedAt !== deletedAt) {
      problems.push(`${who}: ${message.id} is not as it stands in the log`);
    }
    const reactions = describeReactions(grouped(truth.reactions));
    if (describeReactions(message.reactions) !== reactions) {
      problems.push(`${who}: ${message.id} has ${describeReactions(message.reactions)}, not ${reactions}`);
    }
    if (message.pinnedBy !== (truth.pinnedBy ?? "")) {
      problems.push(`${who}: ${message.id} is pinned by ${message.pinnedBy}, not ${truth.pinnedBy}`);
    }
    if (deletedAt > 0 || !timeline.translates || languageOf(truth.text) === person.readingLanguage) return;
    const { translation } = message;
    if (translation?.kind === "failed") return;
    const wanted = translationOf(truth.text, person.readingLanguage);
    if (translation?.text !== wanted) problems.push(`${who}: ${message.id} reads ${translation?.text}, not ${wanted}`);
  });
  for (const clientMessageId of sent) {
    const stored = all.filter((message) => message.clientMessageId === clientMessageId).length;
    if (stored !== 1) problems.push(`${who}: ${clientMessageId} is there ${stored} times`);
  }
  return problems;
}

/** The log has no gap, and no translation in it is of a revision that was no longer the message's when it was logged. */
function checkLog(world: World): string[] {
  const log = world.log();
  const problems: string[] = [];
  const standing = new Map<string, number>();
  let expected = log.trimmed + 1;
  if (log.position.offset > 2_000 && log.trimmed === 0) problems.push("log: never trimmed");
  // What is left begins somewhere in the lives of the messages.
  const isKnown = (messageId: string) => standing.has(messageId) || log.trimmed === 0;
  for (const { offset, frame } of log.since(0, 1_000_000)) {
    if (offset !== expected) problems.push(`log: ${offset} where ${expected} should be`);
    expected = offset + 1;
    for (const { event } of decodeServerFrame(frame)) {
      if (event.case === "messageReceive") standing.set(event.value.id, event.value.revision);
      else if (event.case === "messageEdit") standing.set(event.value.messageId, event.value.revision);
      else if (event.case === "messageDelete") standing.delete(event.value.messageId);
      else if (event.case === "messageTranslation") {
        const { messageId, revision, language } = event.value;
        if (isKnown(messageId) && standing.get(messageId) !== revision)
          problems.push(`log: stale ${language} of ${messageId} at ${offset}`);
      }
    }
  }
  return problems;
}

/** As a set: a client that recovers and one that reloads may have them in another order. */
const describeReactions = (
  reactions: readonly { readonly emoji: string; readonly userIds: readonly string[] }[],
): string =>
  reactions
    .map(({ emoji, userIds }) => `${emoji} ${userIds.toSorted().join(" ")}`)
    .toSorted()
    .join("; ");

/** Events at the end of the log that a reader of this language is not sent. */
function trailing(world: World, language: string): number {
  const log = world.log();
  const last = log
    .since(Math.max(0, log.position.offset - 500), 500)
    .findLast((entry) => entry.language === "" || entry.language === language);
  return log.position.offset - (last?.offset ?? 0);
}

/** The system of record has what the log has, in its order. */
function checkRecord(world: World): string[] {
  const problems: string[] = [];
  const { record } = world;
  const { arrivals } = record;
  if (arrivals.some((offset, index) => index > 0 && offset <= (arrivals[index - 1] ?? 0)))
    problems.push("record: out of order");
  const log = world.log();
  const held = log.messages.page(0, 100_000).messages;
  if (log.window.released === 0 && record.messages.length !== held.length)
    problems.push(`record: ${record.messages.length} of ${held.length} messages`);
  const pinned = record.messages.filter(({ pinnedBy }) => pinnedBy !== undefined);
  if (pinned.length !== log.pins.count) problems.push(`record: ${pinned.length} of ${log.pins.count} pins`);
  for (const truth of held) {
    const found = record.messages.find(({ id }) => id === truth.id);
    const deletedAt = found?.deletedAt?.getTime() ?? 0;
    if (found?.revision !== truth.revision || found.text !== truth.text || deletedAt !== truth.deletedAt) {
      problems.push(`record: ${truth.id} differs`);
      continue;
    }
    if (found.pinnedBy !== log.pins.of(truth.id)?.userId) problems.push(`record: pin of ${truth.id} differs`);
    if (describeReactions(grouped(found.reactions)) !== describeReactions(log.reactions.of(truth.id))) {
      problems.push(`record: reactions of ${truth.id} differ`);
    }
  }
  return problems;
}

/** Everybody who put each emoji on a message. */
const grouped = (reactions: readonly { readonly emoji: string; readonly userId: string }[]) =>
  [...Map.groupBy(reactions, ({ emoji }) => emoji)].map(([emoji, all]) => ({
    emoji,
    userIds: all.map(({ userId }) => userId),
  }));
