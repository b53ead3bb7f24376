import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { WebSocket } from "undici";
import { type ServerEvent, ServerEventSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";

/** Somebody who uses the public API. */
export interface Account {
  readonly username: string;
  readonly token: string;
}

export async function register(url: string, readingLanguage: string): Promise<Account> {
  const username = `bench-${crypto.randomUUID().slice(0, 12)}`;
  const body = { username, displayName: "Bench", password: "benchmark only", readingLanguage };
  const { accessToken: token } = await call<{ accessToken: string }>(url, "/auth/register", body);
  return { username, token };
}

export async function startConversation(url: string, owner: Account, others: readonly Account[]): Promise<string> {
  const body = { title: "Benchmark", members: others.map(({ username }) => username) };
  return (await call<{ id: string }>(url, "/conversations", body, owner.token)).id;
}

async function call<Answer>(url: string, path: string, body: unknown, token?: string): Promise<Answer> {
  const answer = await fetch(`${url}/api${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

/** A socket of `meeshy.v1.json`. */
export interface BenchSocket {
  send(text: string, clientMessageId: string): void;
  /** Asks for the messages before an offset; they come as a `sync`. */
  page(before: number): void;
  close(): void;
}

/** Offsets after which a client acknowledges anew, so that the room does not take it for lagging. */
const acknowledgeEvery = 1_000;

/** Tries of a socket that does not open, and milliseconds before the second of them; each next pause is twice as long. */
const tries = { most: 5, pauseMs: 500 };

/** Opens a socket that hands every event on with the time it came, and acknowledges what it got. Says when it had to try again. */
export async function openSocket(...how: Parameters<typeof tryToOpen>): Promise<BenchSocket> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryToOpen(...how);
    } catch (error) {
      if (attempt === tries.most) throw error;
      console.warn(
        `A socket did not open and is tried again: ${error instanceof Error ? error.message : String(error)}`,
      );
      await new Promise((resolve) => setTimeout(resolve, tries.pauseMs * 2 ** (attempt - 1)));
    }
  }
}

async function tryToOpen(
  url: string,
  account: Account,
  conversation: string,
  onEvent: (event: ServerEvent["event"], at: number) => void,
): Promise<BenchSocket> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws?conversation=${conversation}`, {
    protocols: ["meeshy.v1.json"],
    headers: { authorization: `Bearer ${account.token}` },
  });
  const opened = Promise.withResolvers<void>();
  const send = (event: JsonValue) => socket.send(JSON.stringify([event]));
  let acknowledged = 0;
  socket.addEventListener("message", ({ data }) => {
    const at = performance.now();
    for (const item of JSON.parse(String(data)) as JsonValue[]) {
      const { event, offset } = fromJson(ServerEventSchema, item);
      if (event.case === "connection") opened.resolve();
      onEvent(event, at);
      if (offset < acknowledged + acknowledgeEvery) continue;
      acknowledged = offset;
      send({ ack: { offset } });
    }
  });
  let why = "no reason given";
  socket.addEventListener("error", ({ error, message }) => {
    why = error instanceof Error ? error.message : message || why;
  });
  socket.addEventListener("close", ({ code }) => opened.reject(new Error(`it closed with ${code}, ${why}.`)));
  await opened.promise;
  return {
    send: (text, clientMessageId) => send({ "message:send": { clientMessageId, text } }),
    page: (before) => send({ sync: { before } }),
    close: () => socket.close(),
  };
}
