import { Hono } from "hono";
import { expect } from "vitest";
import { TranslationStatus } from "../../proto/gen/meeshy/v1/translation_pb.js";
import type { RoomApi, SendInput } from "../conversation/contract.ts";
import { Conversation } from "../conversation/conversation.ts";
import { errorCodes as roomErrorCodes } from "../conversation/error-codes.ts";
import { nodeDatabase } from "../conversation/testing/node-database.ts";
import { answered, TestSocket, translated } from "../conversation/testing/room.ts";
import { uuidv7 } from "../ids.ts";
import { openStore, type Store } from "../store/index.ts";
import { freshUsername, testDatabases } from "../store/testing.ts";
import { type ApiClient, ApiError, createApiClient, type Fetcher } from "./client.ts";
import { errorCodes } from "./error-codes.ts";
import { createApi } from "./index.ts";
import * as messageSchemas from "./message-schemas.ts";
import { personOf } from "./messages.ts";
import * as schemas from "./schemas.ts";

export const origin = "https://meeshy.test";
export const password = "correct horse battery staple";

export const settings = {
  INFERENCE_NODES: "https://inference.test",
  JWT_SECRET: "tests sign tokens with this and nothing else",
  CACHE_KEY_SECRET: "tests key their caches with this and nothing else",
};

export const minutes = (count: number): number => count * 60_000;
export const days = (count: number): number => minutes(count * 24 * 60);

/** Somebody who signed up: calls as a browser on our own pages makes them, with cookies. */
export interface TestPerson extends ApiClient {
  readonly user: schemas.User;
  /** As it was when they signed up. */
  readonly session: schemas.Session;
  send(conversationId: string, text: string, more?: Partial<SendInput>): Promise<Sent>;
  /** Opens a socket to the room, as the Worker does for a member. */
  connect(conversationId: string): Promise<TestSocket>;
}

type Sent = ReturnType<typeof messageSchemas.sent.parse>;

export interface RequestParts {
  /** Whose bearer token goes along. */
  readonly as?: TestPerson;
  /** Sent as it is when it is text, else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestApi {
  /** Milliseconds since the epoch; the API and its rooms go by it. */
  readonly clock: { now: number };
  readonly store: Store;
  /** What every call of a room fails with, while set. */
  readonly outage: { error: Error | undefined };
  /** One request, `route` being "GET /users/me". */
  request(route: string, parts?: RequestParts): Promise<Response>;
  /** Nobody yet: a browser on our own pages, without cookies. */
  visitor(): ApiClient;
  signUp(name: string, readingLanguage?: string): Promise<TestPerson>;
  room(conversationId: string): Conversation;
  /** Lets the room write its log to the store. */
  drain(conversationId: string): Promise<void>;
}

/** The API as the Worker mounts it, over PGlite and rooms in memory; `env` replaces settings. */
export function newApi(
  env: Readonly<Record<string, string>> = {},
  options: { readonly keptMessages?: number } = {},
): TestApi {
  const [database] = testDatabases;
  if (database === undefined) throw new Error("There is no test database.");
  const bindings = { ...database.settings, ...settings, ...env };
  const store = openStore(database.settings);
  const clock = { now: Date.UTC(2026, 10, 24, 12) };
  const outage: TestApi["outage"] = { error: undefined };

  const rooms = new Map<string, Conversation>();
  const room = (id: string): Conversation => {
    const opened = rooms.get(id) ?? openRoom(id, store, clock, options.keptMessages);
    rooms.set(id, opened);
    return opened;
  };
  const reach = async (id: string): Promise<Conversation> => {
    if (outage.error !== undefined) throw outage.error;
    return room(id);
  };
  const roomApi = (_env: unknown, id: string): RoomApi => ({
    send: async (...input) => (await reach(id)).send(...input),
    history: async (...input) => (await reach(id)).history(...input),
    revisions: async (...input) => (await reach(id)).revisions(...input),
    membersChanged: async (...input) => (await reach(id)).membersChanged(...input),
    position: async () => (await reach(id)).position,
    relayed: async () => {},
  });
  const api = createApi({ bcryptCost: 4, now: () => new Date(clock.now), room: roomApi });
  const app = new Hono().route("/api", api);
  const fetcher: Fetcher = async (request) => app.fetch(request, bindings);

  const request = (route: string, { as, body, headers }: RequestParts = {}): Promise<Response> => {
    const [method = "", path = ""] = route.split(" ");
    return fetcher(
      new Request(`${origin}/api${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(as === undefined ? {} : { authorization: `Bearer ${as.session.accessToken}` }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    );
  };

  const visitor = () => createApiClient(fetcher, { origin, headers: new Headers({ origin }) });

  return {
    clock,
    store,
    outage,
    request,
    visitor,
    room,
    async signUp(name, readingLanguage = "en") {
      const client = visitor();
      const input = { username: freshUsername(name), password, displayName: name, readingLanguage };
      const session = await client.register(input);
      const person: TestPerson = {
        ...client,
        session,
        user: session.user,
        async send(conversationId, text, more = {}) {
          const body = { clientMessageId: uuidv7(), text, ...more };
          const response = await request(`POST /conversations/${conversationId}/messages`, { as: person, body });
          return answerOf(response, messageSchemas.sent);
        },
        async connect(conversationId) {
          const membership = await store.conversations.membership(conversationId, session.user.id);
          if (membership === undefined) throw new Error(`${name} is not in the conversation.`);
          const socket = new TestSocket();
          room(conversationId).connect(socket, personOf(membership), "proto", undefined);
          return socket;
        },
      };
      return person;
    },
    async drain(conversationId) {
      clock.now += 2_000;
      await room(conversationId).alarm();
    },
  };
}

/** A conversation that the first person began with the others. */
export async function conversationOf(owner: TestPerson, ...others: readonly TestPerson[]): Promise<string> {
  const members = others.map(({ user }) => user.username);
  return (await owner.createConversation({ title: "Weekend", members })).id;
}

/** One conversation with somebody of each role, who joined in this order. */
export async function cast(api: TestApi) {
  const owner = await api.signUp("owner");
  const id = await conversationOf(owner);
  const join = async (role: "admin" | "member" | "guest") => {
    const person = await api.signUp(role);
    api.clock.now += 1000;
    await owner.addMember(id, { username: person.user.username, role });
    return person;
  };
  return { id, owner, admin: await join("admin"), member: await join("member"), guest: await join("guest") };
}

/** The body of an answer; throws ApiError when it is a refusal. */
export async function answerOf<Output>(response: Response, schema: { parse(value: unknown): Output }): Promise<Output> {
  if (!response.ok) throw new ApiError(await problemOf(response));
  return schema.parse(await response.json());
}

const statuses = new Map(
  Object.entries({ ...errorCodes, ...roomErrorCodes }).map(([code, { status }]) => [code, Number(status)]),
);

/** The problem document of a refusal, which is what the documentation promises of each. */
export async function problemOf(response: Response): Promise<schemas.Problem> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = schemas.problem.parse(await response.json());
  expect(problem.type).toBe(`/api/docs#${problem.code}`);
  expect([problem.status, statuses.get(problem.code)]).toEqual([response.status, response.status]);
  return problem;
}

/** The code of the refusal that an attempt ends with; "accepted" when it does not. */
export const refusal = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => "accepted",
    (error: unknown) => {
      if (error instanceof ApiError) return error.code;
      throw error;
    },
  );

/** A room as the Durable Object would hold it, whose log goes to the real store and whose fleet echoes. */
function openRoom(id: string, store: Store, clock: { readonly now: number }, keptMessages?: number): Conversation {
  const room = new Conversation({
    database: nodeDatabase(),
    sockets: [],
    sink: store.messages,
    archive: store.messages,
    keptMessages,
    translate: async ({ text, targetLanguages }) =>
      targetLanguages.map((target) =>
        target === "en"
          ? answered("en", TranslationStatus.SAME_LANGUAGE)
          : translated(target, `${target}: ${text}`, "en"),
      ),
    now: () => clock.now,
    random: () => 0.5,
    newId: () => uuidv7(),
    setAlarm: () => {},
    report: (what, error) => {
      throw new Error(what, { cause: error });
    },
  });
  room.name(id);
  return room;
}
