import { toBinary } from "@bufbuild/protobuf";
import { MessageSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { metrics } from "../telemetry/instruments.ts";
import { Audience } from "./audience.ts";
import type {
  HistoryOutcome,
  HistoryQuery,
  LogPosition,
  Person,
  Revision,
  SendInput,
  SendOutcome,
} from "./contract.ts";
import type { LogEntry } from "./event-table.ts";
import * as events from "./events.ts";
import { Interpreter } from "./interpreter.ts";
import { LastSeen } from "./last-seen.ts";
import { limits, type Protocol } from "./limits.ts";
import { ConversationLog } from "./log.ts";
import { Membership } from "./membership.ts";
import { Mentions } from "./mentions.ts";
import type { StoredMessage } from "./messages.ts";
import { Notifier } from "./notifier.ts";
import { Outbox } from "./outbox.ts";
import type { ConversationParts } from "./parts.ts";
import { outcomeOf, type Posted, type PostingParts, post, refusedFor } from "./posting.ts";
import { RateLimit, rates } from "./rate-limit.ts";
import { ReadPositions } from "./read-positions.ts";
import { Recall } from "./recall.ts";
import { Requests } from "./requests.ts";
import { latestRevisions } from "./revisions.ts";
import { Roster, type Socket } from "./roster.ts";
import { readFact, writeFact } from "./schema.ts";
import { TranslationSwitch } from "./translation-switch.ts";
import { Turns } from "./turns.ts";
import { Views } from "./views.ts";

/** A conversation, without the Durable Object around it: every rule of the room, over storage, sockets and time passed in. */
export class Conversation {
  readonly #parts: ConversationParts;
  readonly #log: ConversationLog;
  readonly #roster: Roster;
  readonly #audience: Audience;
  readonly #interpreter: Interpreter;
  readonly #translation: TranslationSwitch;
  readonly #outbox: Outbox;
  readonly #views: Views;
  readonly #membership: Membership;
  readonly #posting: PostingParts;
  readonly #requests: Requests;
  readonly #recall: Recall;
  readonly #connects: RateLimit;
  readonly #mentions: Mentions;
  /** Undefined where there are no inboxes to tell. */
  readonly #notifier: Notifier | undefined;
  readonly #turns: Turns;
  #armedAt: number | undefined;

  constructor(parts: ConversationParts) {
    const { database, now, random, report } = parts;
    this.#parts = parts;
    this.#log = new ConversationLog(database, parts.newId, parts.loggedEvents, parts.keptMessages);
    const translation = new TranslationSwitch(database, this.#log);
    this.#translation = translation;
    this.#roster = new Roster(database, parts.sockets);
    this.#roster.boundAcknowledged(this.#log.position.offset);
    const lastSeen = new LastSeen(database);
    const { unacknowledgedEvents } = parts;
    this.#audience = new Audience({ log: this.#log, roster: this.#roster, lastSeen, now, unacknowledgedEvents });
    this.#interpreter = new Interpreter({
      ...parts,
      log: this.#log,
      hints: (authorId) => [this.#roster.member(authorId)?.readingLanguage].filter((hint) => hint !== undefined),
      publish: (entries) => {
        this.#outbox.notice();
        if (entries.length > 0) this.#notifier?.notice();
        this.#audience.broadcast(entries);
      },
      observe: {
        answered: metrics.translationAnswered,
        failed: (error) => report("A translation has to be tried again", error),
      },
    });
    const readPositions = new ReadPositions(database);
    this.#outbox = new Outbox({
      log: this.#log,
      readPositions,
      sink: parts.sink,
      conversationId: () => readFact(database, "conversation"),
      now,
      random,
      observe: {
        drained: (lagsMs) => lagsMs.forEach(metrics.outboxLag),
        failed: (error) => report("The system of record has to be written again", error),
      },
    });
    this.#mentions = new Mentions(database);
    this.#views = new Views({
      database,
      readPositions,
      lastSeen,
      translation,
      log: this.#log,
      roster: this.#roster,
      want: (messages, languages) => this.#want(messages, languages),
    });
    this.#connects = new RateLimit(rates.connect, now);
    const writes = new RateLimit(parts.writeRate ?? rates.write, now);
    const { newId, undrainedEvents } = parts;
    this.#posting = { log: this.#log, now, newId, undrainedEvents, budget: (userId) => writes.take(userId) };
    this.#requests = new Requests({
      posting: this.#posting,
      roster: this.#roster,
      views: this.#views,
      readPositions,
      hasRead: (userId) => {
        this.#outbox.notice();
        this.#notifier?.notice([userId]);
      },
      followUp: (posted) => this.#followUp(posted),
      broadcast: (outgoing, exceptUserId) => this.#audience.broadcast(outgoing, exceptUserId),
      report,
    });
    this.#recall = new Recall({
      log: this.#log,
      archive: parts.archive,
      conversationId: () => readFact(database, "conversation"),
      resume: (frames) => this.#turns.resume(frames),
      failed: (error) => report("Older messages could not be read", error),
    });
    const { notify } = parts;
    this.#notifier =
      notify &&
      new Notifier({
        database,
        log: this.#log,
        roster: this.#roster,
        readPositions,
        mentions: this.#mentions,
        translation,
        now,
        random: parts.random,
        notify,
        failed: (error) => report("An inbox has to be told again", error),
      });
    this.#membership = new Membership({
      log: this.#log,
      roster: this.#roster,
      readPositions,
      lastSeen,
      translation,
      interpreter: this.#interpreter,
      outbox: this.#outbox,
      audience: this.#audience,
      views: this.#views,
      notifier: this.#notifier,
      now,
      want: (messages, languages) => this.#want(messages, languages),
    });
    this.#turns = new Turns({
      log: this.#log,
      roster: this.#roster,
      audience: this.#audience,
      requests: this.#requests,
      recall: this.#recall,
      pace: parts.pace,
      now,
      report,
      ended: () => this.#arm(),
    });
  }

  get position(): LogPosition {
    return this.#log.position;
  }

  /** Tells the room which conversation it is. */
  name(conversationId: string, title?: string): void {
    const { database } = this.#parts;
    if (readFact(database, "conversation") !== conversationId) writeFact(database, "conversation", conversationId);
    if (title !== undefined && readFact(database, "title") !== title) writeFact(database, "title", title);
  }

  /** Whether a person may open another socket now: 0, or milliseconds to wait. */
  admit(userId: string): number {
    return this.#connects.take(userId);
  }

  /** Takes up a socket: `connection`, then what it missed since `seen`, or a sync. */
  connect(socket: Socket, person: Person, protocol: Protocol, seen: LogPosition | undefined): void {
    const mine = this.#roster.sessionsOf(person.userId);
    for (const oldest of mine.slice(0, Math.max(0, mine.length + 1 - limits.socketsPerPerson))) {
      this.#audience.expel(oldest, "replaced");
    }
    this.#audience.meet(person);
    const session = this.#roster.enter(socket, person, protocol, this.#views.startOf(seen));
    metrics.socketOpened();
    this.#audience.deliver([session], this.#views.catchUp(person, seen));
    if (mine.length === 0) this.#audience.broadcast([events.online(person.userId)], person.userId);
    this.#arm();
  }

  /** A frame of a client: see turns.ts. */
  receive(socket: Socket, data: string | ArrayBuffer): void {
    this.#turns.receive(socket, data);
  }

  /** The socket closed, from either side; `attachment` is what the room last attached to it. */
  disconnect(socket: Socket, attachment?: unknown): void {
    this.#audience.disconnect(socket, attachment);
  }

  /** The REST API's way of `message:send`. */
  send(person: Person, input: SendInput): Promise<SendOutcome> {
    return this.#recall.withMessage(input.replyTo ?? "", (refusal) =>
      refusal === undefined ? this.#send(person, input) : refusedFor(refusal),
    );
  }

  #send(person: Person, input: SendInput): SendOutcome {
    this.#audience.meet(person);
    const posted = post(this.#posting, person, input);
    const entry = this.#followUp(posted);
    if (entry !== undefined) this.#audience.broadcast([entry]);
    this.#arm();
    return outcomeOf(posted);
  }

  /** A page of messages as they stand, and the demand for what is missing in the reader's language. */
  history(reader: Person, query: HistoryQuery): Promise<HistoryOutcome> {
    const limit = Math.min(Math.max(1, query.limit), limits.pageSize);
    const before = query.before ?? 0;
    return this.#recall.withPage({ before, limit }, (refusal) => {
      if (refusal !== undefined) return refusedFor(refusal);
      const page = this.#log.page(before, limit);
      const messages = this.#views.messages(reader, page.messages).map((message) => toBinary(MessageSchema, message));
      this.#arm();
      return { ok: true, messages, hasMore: page.hasMore };
    });
  }

  /** The latest revisions of a message: see RoomApi. */
  revisions(messageId: string): readonly Revision[] | undefined {
    return latestRevisions(this.#log, messageId);
  }

  /** Takes over who the members are, and what is set for the conversation: see membership.ts. `translates` absent: as before. */
  membersChanged(conversationId: string, title: string, members: readonly Person[], translates?: boolean): void {
    const oldTitle = readFact(this.#parts.database, "title");
    this.name(conversationId, title);
    this.#membership.replace(members, oldTitle === undefined || oldTitle === title ? undefined : title);
    if (translates !== undefined) this.#membership.turnTranslation(translates);
    this.#arm();
  }

  /** Does what is due: the outbox, and translations that have to be tried again. Never rejects. */
  async alarm(): Promise<void> {
    this.#armedAt = undefined;
    const isDue = (at: number | undefined) => at !== undefined && at <= this.#parts.now();
    if (isDue(this.#notifier?.dueAt)) void this.#notifier?.run().then(() => this.#arm());
    if (isDue(this.#interpreter.dueAt)) void this.#interpreter.retry().then(() => this.#arm());
    if (isDue(this.#outbox.dueAt)) await this.#outbox.drain();
    this.#arm();
  }

  /** What a write sets going: the outbox, and the demand for translations into what the people here read. */
  #followUp(posted: Posted): LogEntry | undefined {
    if (posted.kind !== "logged") return undefined;
    const { change, messageId, entry, message } = posted;
    metrics.accepted(change);
    this.#outbox.notice();
    if (change === "reaction" || change === "pin") return entry;
    this.#notifier?.notice();
    if (change !== "message") this.#interpreter.forget(messageId);
    if (message !== undefined) {
      this.#mentions.note(message, () => this.#roster.members());
      this.#want([message], this.#roster.presentLanguages());
    }
    return entry;
  }

  #want(messages: readonly StoredMessage[], languages: readonly string[]): void {
    if (!this.#translation.isOn) return;
    void this.#interpreter.want(messages, languages).then(() => this.#arm());
  }

  /** One alarm for everything that waits: the earliest wins. */
  #arm(): void {
    this.#log.endTurn();
    const due = [this.#outbox.dueAt, this.#interpreter.dueAt, this.#notifier?.dueAt].filter((at) => at !== undefined);
    if (due.length === 0) return;
    const at = Math.min(...due);
    if (at === this.#armedAt) return;
    this.#armedAt = at;
    this.#parts.setAlarm(at);
  }
}
