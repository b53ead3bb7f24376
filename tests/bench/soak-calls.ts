import { readFileSync } from "node:fs";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { TranslationService } from "../../proto/gen/meeshy/v1/translation_pb.js";
import type { InferenceProcess } from "../../scripts/local/inference.ts";

/** How a call ended: "ok", or the name of its status in lower case. */
export type Outcome = string;

/** One kind of call of the load. */
export interface Kind {
  readonly name: string;
  /** Calls a second, as a share of the live ones. */
  readonly share: number;
  /** Outcomes that are right for it; any other is a fault. */
  readonly right: readonly Outcome[];
  readonly call: () => Promise<unknown>;
}

const [ok, full, late, canceled] = ["ok", "resourceexhausted", "deadlineexceeded", "canceled"];

/**
 * Calls as all sorts of callers make them, well and badly behaved, against a running server.
 *
 * @param text a message in English that nobody has sent so far
 * @param random numbers from 0 inclusive to 1 exclusive
 */
export function kindsOfCalls(server: InferenceProcess, text: () => string, random: () => number): readonly Kind[] {
  const ca = readFileSync(server.certificatePath);
  const connect = () =>
    createClient(
      TranslationService,
      createConnectTransport({
        baseUrl: server.url,
        httpVersion: "2",
        useBinaryFormat: true,
        nodeOptions: { ca },
        // Connections come and go as those of real callers.
        idleConnectionTimeoutMs: 1_000,
      }),
    );
  const client = connect();
  const others = ["fr", "es", "de", "pt", "zh", "ja", "ar"];
  const from = (start: number, count: number) =>
    Array.from({ length: count }, (_, n) => others[(start + n) % 7] ?? "fr");
  const item = () => ({
    text: text(),
    sourceLanguage: random() < 0.5 ? "en" : "",
    targetLanguages: from(Math.floor(random() * 7), 1 + Math.floor(random() * 3)),
    languageHints: ["en"],
  });
  const items = (count: number) => Array.from({ length: count }, item);
  const read = async (count: number, until = Number.POSITIVE_INFINITY) => {
    const reader = new AbortController();
    let got = 0;
    for await (const _ of client.streamTranslate({ items: items(count) }, { signal: reader.signal })) {
      got += 1;
      if (got >= until) reader.abort();
    }
  };
  const said = item();
  return [
    { name: "live, new", share: 1, right: [ok, full], call: () => client.translateMessage(item()) },
    {
      name: "live, known",
      share: 0.5,
      right: [ok, full],
      call: () => client.translateMessage({ ...said, text: "Good morning!" }),
    },
    { name: "live, connects anew", share: 0.1, right: [ok, full], call: () => connect().translateMessage(item()) },
    { name: "batch of 32", share: 0.02, right: [ok], call: () => client.batchTranslate({ items: items(32) }) },
    { name: "stream of 100", share: 0.005, right: [ok], call: () => read(100) },
    { name: "stream, given up", share: 0.01, right: [canceled], call: () => read(200, 5) },
    {
      name: "live, given up",
      share: 0.2,
      right: [ok, full, canceled],
      call: () => {
        const caller = new AbortController();
        setTimeout(() => caller.abort(), random() * 10);
        return client.translateMessage(item(), { signal: caller.signal });
      },
    },
    {
      name: "live, deadline of 1 to 5 ms",
      share: 0.2,
      right: [ok, full, late],
      call: () => client.translateMessage(item(), { timeoutMs: 1 + Math.floor(random() * 5) }),
    },
    {
      name: "text of 10,001 characters",
      share: 0.02,
      right: ["invalidargument"],
      call: () => client.translateMessage({ ...item(), text: "x".repeat(10_001) }),
    },
    {
      name: "257 items",
      share: 0.005,
      right: ["invalidargument"],
      call: () => client.batchTranslate({ items: Array(257).fill(said) }),
    },
    {
      name: "body of 9 MB",
      share: 0.002,
      right: [full],
      // A caller of its own: what still comes of a refused body counts as a flood, for which the connection is closed.
      call: () => connect().translateMessage({ ...item(), text: "x".repeat(9_000_000) }),
    },
    {
      name: "text of 10,000 characters",
      share: 0.005,
      right: [ok, full],
      call: () =>
        client.translateMessage({ ...item(), text: text().padEnd(10_000, " and so on"), targetLanguages: ["fr"] }),
    },
    {
      name: "unknown language",
      share: 0.05,
      right: ["invalidargument"],
      call: () => client.translateMessage({ ...item(), targetLanguages: ["fr", "tlh"] }),
    },
    {
      name: "unknown model",
      share: 0.02,
      right: ["notfound"],
      call: () => client.translateMessage({ ...item(), model: "no-such-model" }),
    },
  ];
}

/** Calls, and says how it ended. */
export const outcomeOf = (kind: Kind): Promise<Outcome> =>
  kind.call().then(
    () => ok,
    (error: unknown) => Code[ConnectError.from(error).code].toLowerCase(),
  );
