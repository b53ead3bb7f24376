import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type ClientEventSchema,
  ClientFrameSchema,
  type ConversationUpdate,
  ConversationUpdateSchema,
  type ServerEvent,
} from "../../../proto/gen/meeshy/v1/realtime_pb.js";
import {
  CacheTier,
  type TranslationResult,
  TranslationResultSchema,
  TranslationStatus,
} from "../../../proto/gen/meeshy/v1/translation_pb.js";
import type { Archive } from "../archive.ts";
import type { LogBatch, LogPosition, Person } from "../contract.ts";
import { Conversation } from "../conversation.ts";
import { decodeServerFrame } from "../frames.ts";
import type { Question } from "../interpreter.ts";
import type { Protocol } from "../limits.ts";
import { Opening } from "../opening.ts";
import type { ConversationParts } from "../parts.ts";
import type { Socket } from "../roster.ts";
import { nodeDatabase } from "./node-database.ts";
import { RecordInMemory } from "./record.ts";

type ClientEventInit = MessageInitShape<typeof ClientEventSchema>[];

export const ana: Person = { userId: "ana", username: "ana", displayName: "Ana", role: "owner", readingLanguage: "en" };
export const ben: Person = {
  userId: "ben",
  username: "ben",
  displayName: "Ben",
  role: "member",
  readingLanguage: "fr",
};
export const eva: Person = {
  userId: "eva",
  username: "eva",
  displayName: "Eva",
  role: "member",
  readingLanguage: "de",
};

/** A socket as the room sees it, which keeps what it was sent. */
export class TestSocket implements Socket {
  readonly sent: (string | Uint8Array)[] = [];
  attachment: unknown;
  closed: number | undefined;
  isDead = false;

  send(data: string | Uint8Array): void {
    if (this.isDead) throw new Error("The peer is gone.");
    this.sent.push(data);
  }

  close(code: number): void {
    this.closed = code;
  }

  serializeAttachment(attachment: unknown): void {
    this.attachment = structuredClone(attachment);
  }

  /** Every event so far, of binary frames. */
  get events(): ServerEvent[] {
    return this.sent.flatMap((data) => (typeof data === "string" ? [] : decodeServerFrame(data)));
  }

  /** The values of one kind of event, with their offsets. */
  all<K extends ServerEvent["event"]["case"]>(kind: K) {
    return this.events.flatMap(({ offset, event }) =>
      event.case === kind ? [{ offset, ...(event as Extract<ServerEvent["event"], { case: K }>) }] : [],
    );
  }
}

type RoomOptions = Pick<
  ConversationParts,
  "writeRate" | "unacknowledgedEvents" | "undrainedEvents" | "loggedEvents" | "keptMessages"
>;

/** A room over Node's SQLite whose fleet, system of record and time belong to the test. */
export class TestRoom {
  database = nodeDatabase();
  readonly sockets = new Set<TestSocket>();
  readonly record = new RecordInMemory();
  /** Reads of the record, by the method's name. */
  readonly reads: string[] = [];
  readonly batches: LogBatch[] = [];
  readonly questions: Question[] = [];
  /** What inboxes were told, by user id. */
  readonly told: { readonly userId: string; readonly update: ConversationUpdate }[] = [];
  /** People whose inboxes cannot be reached. */
  readonly unreachable = new Set<string>();
  alarmAt: number | undefined;
  now = Date.UTC(2026, 10, 24, 12);
  sinkIsDown = false;
  fleetIsDown = false;
  fleetHangs = false;
  /** Answers of the fleet; may be replaced. */
  answer: (question: Question, target: string) => TranslationResult = (question, target) =>
    target === "en"
      ? answered("en", TranslationStatus.SAME_LANGUAGE)
      : translated(target, `${target}: ${question.text}`, "en");
  conversation: Conversation;
  readonly #options: RoomOptions;
  readonly #hanging: (() => void)[] = [];
  #ids = 0;

  constructor(options: RoomOptions = {}) {
    this.#options = options;
    this.conversation = this.#open();
    this.conversation.name("conversation-1", "A title");
  }

  /** The room loses its memory; sockets and storage stay. */
  evict(): void {
    this.conversation = this.#open();
  }

  /** The room loses its storage, and its sockets with it; `reopen` follows. */
  loseStorage(): Promise<Conversation | undefined> {
    this.database = nodeDatabase();
    this.sockets.clear();
    return this.reopen();
  }

  /** Opens the room as a call to it does: undefined when it cannot be now. */
  async reopen(): Promise<Conversation | undefined> {
    const opening = new Opening({
      ...this.#options,
      database: this.database,
      archive: this.#archive,
      newEpoch: () => `epoch-${++this.#ids}`,
      open: () => this.#open(),
      rebuilt: () => {},
      report: () => {},
    });
    const opened = await opening.ready("conversation-1");
    if (opened !== undefined) this.conversation = opened;
    return opened;
  }

  connect(person: Person, options: { seen?: LogPosition; protocol?: Protocol } = {}): TestSocket {
    const socket = new TestSocket();
    this.sockets.add(socket);
    this.conversation.connect(socket, person, options.protocol ?? "proto", options.seen);
    return socket;
  }

  leave(socket: TestSocket): void {
    this.sockets.delete(socket);
    this.conversation.disconnect(socket, socket.attachment);
  }

  emit(socket: TestSocket, events: ClientEventInit): void {
    this.conversation.receive(
      socket,
      new Uint8Array(toBinary(ClientFrameSchema, create(ClientFrameSchema, { events }))).buffer,
    );
  }

  say(socket: TestSocket, text: string, clientMessageId = crypto.randomUUID()): void {
    this.emit(socket, [{ event: { case: "messageSend", value: { clientMessageId, text } } }]);
  }

  /** The fleet answers after all what it left hanging. */
  answerLate(): void {
    for (const answer of this.#hanging.splice(0)) answer();
  }

  /** Lets what was started come to its end. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  }

  /** Advances the clock and rings the alarm if it was due by then. */
  async wait(milliseconds: number): Promise<void> {
    this.now += milliseconds;
    while (this.alarmAt !== undefined && this.alarmAt <= this.now) {
      this.alarmAt = undefined;
      await this.conversation.alarm();
      await this.settle();
    }
  }

  /** The record, which is away when the sink is. */
  get #archive(): Archive {
    const read = <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
      this.reads.push(name);
      return this.sinkIsDown ? Promise.reject(new Error("down")) : work();
    };
    return {
      page: (...query) => read("page", () => this.record.page(...query)),
      find: (...query) => read("find", () => this.record.find(...query)),
      pinned: () => read("pinned", () => this.record.pinned()),
      sends: (...query) => read("sends", () => this.record.sends(...query)),
      members: () => read("members", () => this.record.members()),
      reads: () => read("reads", () => this.record.reads()),
      takeOver: (...query) => read("takeOver", () => this.record.takeOver(...query)),
    };
  }

  #open(): Conversation {
    return new Conversation({
      database: this.database,
      sockets: [...this.sockets].map((socket) => ({ socket, attachment: socket.attachment })),
      sink: {
        append: async (batch) => {
          if (this.sinkIsDown) throw new Error("down");
          this.batches.push(batch);
          await this.record.append(batch);
        },
      },
      archive: this.#archive,
      translate: async (question) => {
        this.questions.push(question);
        if (this.fleetIsDown) throw new Error("down");
        if (this.fleetHangs) await new Promise<void>((answer) => this.#hanging.push(answer));
        return question.targetLanguages.map((target) => this.answer(question, target));
      },
      now: () => this.now,
      random: () => 0.5,
      newId: () => `id-${++this.#ids}`,
      setAlarm: (at) => {
        this.alarmAt = at;
      },
      report: () => {},
      notify: async (userId, update) => {
        if (this.unreachable.has(userId)) throw new Error("down");
        this.told.push({ userId, update: fromBinary(ConversationUpdateSchema, update) });
      },
      ...this.#options,
    });
  }
}

export const translated = (language: string, text: string, sourceLanguage: string): TranslationResult =>
  create(TranslationResultSchema, {
    language,
    text,
    status: TranslationStatus.TRANSLATED,
    provenance: { sourceLanguage, engine: "test", model: "echo", modelVersion: "1", cache: CacheTier.UNSPECIFIED },
  });

export const answered = (language: string, status: TranslationStatus, reason = ""): TranslationResult =>
  create(TranslationResultSchema, { language, status, reason, provenance: { sourceLanguage: "en" } });

/** Where a socket's client stands: the epoch it was told and the last offset it saw. */
export function seenBy(socket: TestSocket): LogPosition {
  const connection = socket.all("connection").at(-1)?.value;
  const offset = Math.max(connection?.offset ?? 0, ...socket.events.map((event) => event.offset));
  return { epoch: connection?.epoch ?? "", offset };
}
