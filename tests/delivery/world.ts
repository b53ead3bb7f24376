import { create } from "@bufbuild/protobuf";
import type { Archive } from "../../edge/conversation/archive.ts";
import type { LogBatch, LogPosition, Person, RelayedAct } from "../../edge/conversation/contract.ts";
import { Conversation } from "../../edge/conversation/conversation.ts";
import type { Question } from "../../edge/conversation/interpreter.ts";
import { ConversationLog } from "../../edge/conversation/log.ts";
import { Opening } from "../../edge/conversation/opening.ts";
import { toWrite } from "../../edge/conversation/outbox.ts";
import { Load } from "../../edge/conversation/pacing.ts";
import { Relays } from "../../edge/conversation/relays.ts";
import type { Socket } from "../../edge/conversation/roster.ts";
import { migrate, readFact } from "../../edge/conversation/schema.ts";
import { nodeDatabase } from "../../edge/conversation/testing/node-database.ts";
import { RecordInMemory } from "../../edge/conversation/testing/record.ts";
import {
  type TranslationResult,
  TranslationResultSchema,
  TranslationStatus,
} from "../../proto/gen/meeshy/v1/translation_pb.js";
import { VirtualClock } from "./clock.ts";
import { RelayedSockets } from "./relayed-sockets.ts";

/** What a faithful fleet makes of a text; a stale or mixed-up translation cannot look like it. */
export const translationOf = (text: string, language: string): string => `${language}<${text}>`;

/** So few that most of a run's messages leave the room. */
const keptMessages = 60;

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
  readonly record = new RecordInMemory();
  readonly sockets = new Set<RoomSocket>();
  database = nodeDatabase();
  readonly relayed = new RelayedSockets(this);
  #relays: Relays;
  fleetIsUp = true;
  recordIsUp = true;
  /** Texts that the fleet was asked to translate while translation was off. */
  readonly unwanted: string[] = [];
  /** Of the room's memory: what an earlier one still awaits is lost with it. */
  #life = 0;
  #opening: Opening;
  /** Reads of the record on their way. */
  #reads = 0;
  #ids = 0;
  #cancelAlarm = () => {};
  readonly #load = new Load(() => this.clock.now());

  constructor(random: () => number) {
    this.random = random;
    [this.#opening, this.#relays] = this.#wake();
  }

  /**
   * What the REST API does: writes to the record, then tells the room. One that cannot be told is being rebuilt, and reads it.
   */
  async switchTranslation(on: boolean, people: readonly Person[]): Promise<void> {
    this.record.translates = on;
    (await this.#opening.ready("conversation"))?.membersChanged("conversation", "Simulated", people, on);
  }

  /** Undefined while it has to be opened. */
  get room(): Conversation | undefined {
    return this.#opening.conversation;
  }

  /** The room loses its memory, in the middle of whatever it was doing but reading; storage, alarm and sockets stay. */
  evict(): boolean {
    if (this.#reads > 0) return false;
    [this.#opening, this.#relays] = this.#wake();
    return true;
  }

  /** The room's storage is lost, and its sockets with it, the moment after the record got the last of it. */
  loseStorage(): boolean {
    if (this.#reads > 0 || this.room === undefined || !this.recordIsUp) return false;
    const log = this.log();
    const writes = log.since(log.drained, 100_000).flatMap(toWrite);
    void this.record.append({ conversationId: "conversation", epoch: log.epoch, writes });
    this.#cancelAlarm();
    this.database = nodeDatabase();
    for (const socket of this.sockets) socket.close(1006);
    this.sockets.clear();
    [this.#opening, this.#relays] = this.#wake();
    return true;
  }

  /** A client's socket reaches the room, or the relay that the room sends it to; it is refused while there is no room. */
  async open(socket: RoomSocket, person: Person, seen: LogPosition | undefined): Promise<void> {
    const room = await this.#opening.ready("conversation");
    if (room === undefined) {
      socket.close(1006);
      return;
    }
    const relay = this.#relays.choose(this.sockets.size);
    if (relay !== undefined) {
      this.relayed.open(relay, socket, person, seen);
      return;
    }
    this.sockets.add(socket);
    room.connect(socket, person, "proto", seen);
  }

  receive(socket: RoomSocket, data: string | ArrayBuffer): void {
    if (this.relayed.has(socket)) this.relayed.receive(socket, data);
    else this.room?.receive(socket, data);
  }

  leave(socket: RoomSocket): void {
    socket.isOpen = false;
    if (this.sockets.delete(socket)) this.room?.disconnect(socket, socket.attachment);
    else this.relayed.leave(socket);
  }

  /** A relay tells the room what its clients did. */
  async hear(relay: string, acts: readonly RelayedAct[]): Promise<void> {
    const room = await this.#opening.ready("conversation");
    if (room === undefined) throw new Error("The room cannot be opened.");
    this.#relays.receive(relay, acts, room);
  }

  /** The log as it stands in storage. */
  log(): ConversationLog {
    return new ConversationLog(this.database, () => "never", undefined, keptMessages);
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

  #wake(): [Opening, Relays] {
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
    const { database } = this;
    const archive = this.#archive(whileAlive);
    const newId = () => `id-${++this.#ids}`;
    migrate(database);
    const relays: Relays = new Relays({
      database,
      // So few that most people are on relays.
      roomSockets: 6,
      relaySockets: 5,
      life: `life-${life}`,
      offset: () => opening.conversation?.position.offset ?? 0,
      deliver: (relay, batch) => whileAlive(this.relayed.deliver(relay, batch)),
      gone: (socket) => opening.conversation?.disconnect(socket),
      report: () => {},
    });
    const open = () => {
      const held = [...this.sockets].map((socket) => ({ socket, attachment: socket.attachment }));
      const room = new Conversation({
        database,
        archive,
        keptMessages,
        sockets: [...held, ...relays.restored],
        sink: { append: (batch) => whileAlive(this.#append(batch)) },
        translate: (question) => whileAlive(this.#translate(question)),
        now: this.clock.now,
        random: this.random,
        newId,
        setAlarm: (at) => {
          this.#cancelAlarm();
          this.#cancelAlarm = this.clock.after(at - this.clock.now(), () => void this.room?.alarm());
        },
        // So easily busy that most runs gather: a window of its own is tested beside pacing.ts.
        pace: {
          load: this.#load,
          defer: (ms, callback) => this.clock.after(ms, () => life === this.#life && callback()),
        },
        loggedEvents: 1_500,
        report: () => {},
      });
      room.name("conversation", "Simulated");
      return room;
    };
    const rebuilt = () => void relays.disown();
    const opening = new Opening({ database, archive, newEpoch: newId, keptMessages, open, rebuilt, report: () => {} });
    relays.greet();
    return [opening, relays];
  }

  #archive(whileAlive: <Result>(work: Promise<Result>) => Promise<Result>): Archive {
    const read = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      this.#reads += 1;
      try {
        await this.clock.sleep(this.between(1, 40));
        if (!this.recordIsUp || this.chance(0.05)) throw new Error("The database is down.");
        return await work();
      } finally {
        this.#reads -= 1;
      }
    };
    const { record } = this;
    return {
      page: (...query) => whileAlive(read(() => record.page(...query))),
      find: (...query) => whileAlive(read(() => record.find(...query))),
      pinned: () => whileAlive(read(() => record.pinned())),
      sends: (...query) => whileAlive(read(() => record.sends(...query))),
      members: () => whileAlive(read(() => record.members())),
      reads: () => whileAlive(read(() => record.reads())),
      takeOver: (...query) => whileAlive(read(() => record.takeOver(...query))),
    };
  }

  async #append(batch: LogBatch): Promise<void> {
    await this.clock.sleep(this.between(1, 40));
    if (!this.recordIsUp) throw new Error("The database is down.");
    await this.record.append(batch);
    // Written, but the answer may be lost on its way.
    if (this.chance(0.05)) throw new Error("Connection lost.");
  }

  async #translate({ text, sourceLanguage, targetLanguages }: Question): Promise<readonly TranslationResult[]> {
    if (readFact(this.database, "translates") === "false") this.unwanted.push(text);
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
