import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { type TranslateMessageResponse, TranslationService } from "../../proto/gen/meeshy/v1/translation_pb.js";
import { metrics } from "../telemetry/instruments.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";

/** One text into several languages; see TranslateMessageRequest for the bounds. */
export interface FleetRequest {
  readonly text: string;
  /** BCP 47 code; empty: to be detected. */
  readonly sourceLanguage: string;
  readonly targetLanguages: readonly string[];
  readonly languageHints: readonly string[];
}

/** The part of `fetch` that the fleet needs; a service binding has it too. */
export type FleetFetch = (url: string, init: RequestInit) => Promise<Response>;

export interface FleetOptions {
  /** Base URLs of the inference servers. */
  readonly nodes: readonly string[];
  readonly fetch: FleetFetch;
  readonly now: () => number;
  /** Milliseconds that one node may take. */
  readonly timeoutMs?: number;
}

/** No node could answer; trying again later is worth it. */
export class FleetUnavailableError extends Error {
  override readonly name = "FleetUnavailableError";
}

interface Node {
  readonly client: Client<typeof TranslationService>;
  readonly breaker: CircuitBreaker;
  inFlight: number;
}

/** Failures that another node, or the same one later, may not have. */
const passing = new Set([Code.Unavailable, Code.ResourceExhausted, Code.DeadlineExceeded, Code.Unknown, Code.Internal]);
const breakerBounds = { failures: 3, openMs: 2_000 };
const nodesPerCall = 2;

/**
 * The inference servers as one. A call goes to the node with the fewest calls in flight, equals taking turns; when that one
 * is down or full, once more to another. A node that keeps failing is left alone for a while.
 */
export class Fleet {
  readonly #nodes: readonly Node[];
  readonly #timeoutMs: number;
  readonly #now: () => number;
  #turn = 0;

  constructor({ nodes, fetch, now, timeoutMs = 5_000 }: FleetOptions) {
    this.#timeoutMs = timeoutMs;
    this.#now = now;
    this.#nodes = nodes.map((baseUrl) => ({
      client: createClient(
        TranslationService,
        createConnectTransport({ baseUrl, useBinaryFormat: true, fetch: withoutRedirect(fetch) }),
      ),
      breaker: new CircuitBreaker(breakerBounds, now),
      inFlight: 0,
    }));
  }

  /**
   * Translates one message.
   * @throws FleetUnavailableError when no node answered: try again later
   * @throws ConnectError when the nodes refused this request or broke on it: trying again helps little
   */
  async translate(request: FleetRequest): Promise<TranslateMessageResponse> {
    let lastError: ConnectError | undefined;
    for (const node of this.#candidates()) {
      if (!node.breaker.enter()) continue;
      try {
        return await this.#call(node, request);
      } catch (error) {
        lastError = ConnectError.from(error);
        if (!passing.has(lastError.code)) throw lastError;
      }
    }
    // Every node says that it broke on this very request: that is an answer about the request, not an outage.
    if (lastError?.code === Code.Internal) throw lastError;
    const why = lastError === undefined ? "every node is resting after failures" : Code[lastError.code];
    throw new FleetUnavailableError(`No inference node could translate: ${why}.`, { cause: lastError });
  }

  async #call(node: Node, request: FleetRequest): Promise<TranslateMessageResponse> {
    const started = this.#now();
    node.inFlight += 1;
    try {
      const message = {
        ...request,
        targetLanguages: [...request.targetLanguages],
        languageHints: [...request.languageHints],
      };
      const response = await node.client.translateMessage(message, { timeoutMs: this.#timeoutMs });
      node.breaker.succeeded();
      metrics.fleetAnswered(this.#now() - started);
      return response;
    } catch (error) {
      const { code } = ConnectError.from(error);
      metrics.fleetFailed(Code[code]);
      // A full node is alive and a refused request says nothing about it: neither opens the breaker.
      if (passing.has(code) && code !== Code.ResourceExhausted) node.breaker.failed();
      else node.breaker.succeeded();
      throw error;
    } finally {
      node.inFlight -= 1;
    }
  }

  /** The nodes to try, best first. */
  #candidates(): Node[] {
    const start = this.#turn++ % Math.max(1, this.#nodes.length);
    const rotated = [...this.#nodes.slice(start), ...this.#nodes.slice(0, start)];
    return rotated
      .filter(({ breaker }) => breaker.isClosed)
      .sort((one, other) => one.inFlight - other.inFlight)
      .slice(0, nodesPerCall);
  }
}

/** workerd's fetch knows no `redirect: "error"`, which Connect asks for. */
const withoutRedirect =
  (fetch: FleetFetch): typeof globalThis.fetch =>
  (input, init) => {
    const { redirect: _, ...rest } = init ?? {};
    return fetch(String(input), rest);
  };
