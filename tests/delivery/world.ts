import { create } from "@bufbuild/protobuf";
import type { LogBatch, LogPosition, Person, RelayedAct } from "../../edge/conversation/contract.ts";
import { Conversation } from "../../edge/conversation/conversation.ts";
import type { Question } from "../../edge/conversation/interpreter.ts";
import { ConversationLog } from "../../edge/conversation/log.ts";
import { Load } from "../../edge/conversation/pacing.ts";
import { Relays } from "../../edge/conversation/relays.ts";
import type { Socket } from "../../edge/conversation/roster.ts";
import { migrate } from "../../edge/conversation/schema.ts";
import { nodeDatabase } from "../../edge/conversation/testing/node-database.ts";
import {
  type TranslationResult,
  TranslationResultSchema,
  TranslationStatus,
} from "../../proto/gen/meeshy/v1/translation_pb.js";
import { VirtualClock } from "./clock.ts";
import { SystemOfRecord } from "./record.ts";
import { RelayedSockets } from "./relayed-sockets.ts";

/** What a faithful fleet makes of a text; a stale or mixed-up translation cannot look like it. */
export const translationOf = (text: string, language: string): string => `${language}<${text}>`;

/** The room's end of a socket over a network that delays, and breaks when told to. */
export class RoomSocket implements Socket {
  attachment: unknown;
  isOpen = true;
  readonly #deliver: (data: string | Uint8Array) => void;
  readonly #closed: (code: number) => void;

  constructor(deliver: (data: string | Uint8Array) => void, closed: (code: number) => void) {
    this.#deliver = deliver;
    this.#closed = closed;
  }

  send(data: string | Uint8Array): void {
    if (!this.isOpen) throw new Error("The peer is gone.");
    this.#deliver(data);
  }

  close(code: number): void {
    if (this.isOpen) this.#closed(code);
    this.isOpen = false;
  }

  serializeAttachment(attachment: unknown): void {
    this.attachment = structuredClone(attachment);
  }
}

/** One room with its storage, an inference fleet and a system of record, all of which fail when told to. */
export class World {
  readonly clock = new VirtualClock();
  readonly random: () => number;
  readonly record = new SystemOfRecord();
  readonly sockets = new Set<RoomSocket>();
  readonly database = nodeDatabase();
  readonly relayed = new RelayedSockets(this);
  room: Conversation;
  #relays: Relays;
  fleetIsUp = true;
  recordIsUp = true;
  /** Of the room's memory: what an earlier one still awaits is lost with it. */
  #life = 0;
  #ids = 0;
  #cancelAlarm = () => {};
  readonly #load = new Load(() => this.clock.now());

  constructor(random: () => number) {
    this.random = random;
    [this.room, this.#relays] = this.#wake();
    this.room.name("conversation", "Simulated");
  }

  /** The room loses its memory, in the middle of whatever it was doing; storage, alarm and sockets stay. */
  evict(): void {
    [this.room, this.#relays] = this.#wake();
  }

  /** A client's socket reaches the room, or the relay that the room sends it to. */
  open(socket: RoomSocket, person: Person, seen: LogPosition | undefined): void {
    const relay = this.#relays.choose(this.sockets.size);
    if (relay !== undefined) {
      this.relayed.open(relay, socket, person, seen);
      return;
    }
    this.sockets.add(socket);
    this.room.connect(socket, person, "proto", seen);
  }

  receive(socket: RoomSocket, data: string | ArrayBuffer): void {
    if (this.relayed.has(socket)) this.relayed.receive(socket, data);
    else this.room.receive(socket, data);
  }

  leave(socket: RoomSocket): void {
    socket.isOpen = false;
    if (this.sockets.delete(socket)) this.room.disconnect(socket, socket.attachment);
    else this.relayed.leave(socket);
  }

  /** A relay tells the room what its clients did. */
  hear(relay: string, acts: readonly RelayedAct[]): void {
    this.#relays.receive(relay, acts, this.room);
  }

  /** The log as it stands in storage. */
  log(): ConversationLog {
    return new ConversationLog(this.database, () => "never");
  }

  between(low: number, high: number): number {
    return low + this.random() * (high - low);
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.random() * items.length)];
  }

  #wake(): [Conversation, Relays] {
    const life = ++this.#life;
    const forever = new Promise<never>(() => {});
    /** What comes back to a room that is no more reaches nobody. */
    const whileAlive = async <Result>(work: Promise<Result>): Promise<Result> => {
      const settled = await work.then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      if (life !== this.#life) return forever;
      if ("error" in settled) throw settled.error;
      return settled.value;
    };
    migrate(this.database);
    const relays: Relays = new Relays({
      database: this.database,
      // So few that most people are on relays.
      roomSockets: 6,
      relaySockets: 5,
      life: `life-${life}`,
      offset: () => room.position.offset,
      deliver: (relay, batch) => whileAlive(this.relayed.deliver(relay, batch)),
      gone: (socket) => room.disconnect(socket),
      report: () => {},
    });
    const held = [...this.sockets].map((socket) => ({ socket, attachment: socket.attachment }));
    const room: Conversation = new Conversation({
      database: this.database,
      sockets: [...held, ...relays.restored],
      sink: { append: (batch) => whileAlive(this.#append(batch)) },
      translate: (question) => whileAlive(this.#translate(question)),
      now: this.clock.now,
      random: this.random,
      newId: () => `id-${++this.#ids}`,
      setAlarm: (at) => {
        this.#cancelAlarm();
        this.#cancelAlarm = this.clock.after(at - this.clock.now(), () => void this.room.alarm());
      },
      // So easily busy that most runs gather: a window of its own is tested beside pacing.ts.
      pace: {
        load: this.#load,
        defer: (ms, callback) => this.clock.after(ms, () => life === this.#life && callback()),
      },
      loggedEvents: 1_500,
      report: () => {},
    });
    relays.greet();
    return [room, relays];
  }

  async #append(batch: LogBatch): Promise<void> {
    await this.clock.sleep(this.between(1, 40));
    if (!this.recordIsUp) throw new Error("The database is down.");
    this.record.append(batch);
    // Written, but the answer may be lost on its way.
    if (this.chance(0.05)) throw new Error("Connection lost.");
  }

  async #translate({ text, sourceLanguage, targetLanguages }: Question): Promise<readonly TranslationResult[]> {
    await this.clock.sleep(this.between(2, 400));
    if (!this.fleetIsUp || this.chance(0.05)) throw new Error("No node answers.");
    const source = sourceLanguage || languageOf(text);
    return targetLanguages.map((language) => {
      if (language === source) return answer(language, TranslationStatus.SAME_LANGUAGE, source, text);
      if (this.chance(0.03)) return answer(language, TranslationStatus.FAILED, source, "");
      return answer(language, TranslationStatus.TRANSLATED, source, translationOf(text, language));
    });
  }
}

/** Simulated texts begin with the language they are written in. */
export const languageOf = (text: string): string => text.slice(0, 2);

const answer = (language: string, status: TranslationStatus, sourceLanguage: string, text: string): TranslationResult =>
  create(TranslationResultSchema, {
    language,
    status,
    text,
    provenance: { sourceLanguage, engine: "simulated", model: "bracket", modelVersion: "1" },
  });

export const newPerson = (index: number, readingLanguage: string): Person => ({
  userId: `person-${index}`,
  username: `person-${index}`,
  displayName: `Person ${index}`,
  role: index === 0 ? "owner" : "member",
  readingLanguage,
});
