import { durationMs } from "@bufbuild/protobuf/wkt";
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { RetryInfoSchema } from "../../proto/gen/google/rpc/error_details_pb.js";
import { type TranslateMessageResponse, TranslationService } from "../../proto/gen/meeshy/v1/translation_pb.js";
import { metrics } from "../telemetry/instruments.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import type { FleetNode } from "./directory.ts";

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
  /** The inference servers as they are now. */
  readonly nodes: () => Promise<readonly FleetNode[]>;
  readonly fetch: FleetFetch;
  readonly now: () => number;
  /** For whom this fleet is asked: nodes let callers take turns. Names nobody; undefined: all are one caller. */
  readonly caller?: string;
  /** Milliseconds that one node may take. */
  readonly timeoutMs?: number;
}

/** No node could answer; trying again later is worth it. */
export class FleetUnavailableError extends Error {
  override readonly name = "FleetUnavailableError";
}

interface Node {
  load: FleetNode["load"];
  readonly client: Client<typeof TranslationService>;
  readonly breaker: CircuitBreaker;
  inFlight: number;
  /** It has said that it is full until then, in milliseconds since the epoch. */
  fullUntil: number;
}

/** Failures that another node, or the same one later, may not have. */
const passing = new Set([Code.Unavailable, Code.ResourceExhausted, Code.DeadlineExceeded, Code.Unknown, Code.Internal]);
const breakerBounds = { failures: 3, openMs: 2_000 };
const nodesPerCall = 2;
/** Milliseconds that a node may be said to be full for, whatever it says. */
const longestFullMs = 10_000;
/** What nodes say of their queues is seconds old: waits that differ by less are equal, or all would run to the same node. */
const waitStepMs = 20;

/**
 * The inference servers as one. A call goes to the node with the shortest queue by its own account, among these to the one
 * with the fewest calls in flight, equals taking turns; when that one is down or full, once more to another. A node that
 * keeps failing is left alone for a while, one that is full for as long as it asks.
 */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #nodes = new Map<string, Node>();
  #turn = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /**
   * Translates one message.
   * @throws FleetUnavailableError when no node answered: try again later
   * @throws ConnectError when the nodes refused this request or broke on it: trying again helps little
   */
  async translate(request: FleetRequest): Promise<TranslateMessageResponse> {
    let lastError: ConnectError | undefined;
    for (const node of await this.#candidates()) {
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
    const idle =
      this.#nodes.size === 0 ? "there is no inference server" : "every node is full or resting after failures";
    const why = lastError === undefined ? idle : Code[lastError.code];
    throw new FleetUnavailableError(`No inference node could translate: ${why}.`, { cause: lastError });
  }

  async #call(node: Node, request: FleetRequest): Promise<TranslateMessageResponse> {
    const { now, caller, timeoutMs = 5_000 } = this.#options;
    const started = now();
    node.inFlight += 1;
    try {
      const message = {
        ...request,
        targetLanguages: [...request.targetLanguages],
        languageHints: [...request.languageHints],
      };
      const response = await node.client.translateMessage(message, {
        timeoutMs,
        headers: caller === undefined ? {} : { "meeshy-caller": caller },
      });
      node.breaker.succeeded();
      metrics.fleetAnswered(now() - started);
      return response;
    } catch (error) {
      const failure = ConnectError.from(error);
      const { code } = failure;
      node.fullUntil = now() + retryDelayOf(failure);
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
  async #candidates(): Promise<Node[]> {
    const nodes = this.#meet(await this.#options.nodes());
    const start = this.#turn++ % Math.max(1, nodes.length);
    const now = this.#options.now();
    return [...nodes.slice(start), ...nodes.slice(0, start)]
      .filter(({ breaker, fullUntil }) => breaker.isClosed && fullUntil <= now)
      .sort(
        (one, other) => waitOf(one) - waitOf(other) || one.inFlight / lanesOf(one) - other.inFlight / lanesOf(other),
      )
      .slice(0, nodesPerCall);
  }

  /** Keeps what it has learnt of nodes that are still there, and forgets the others. */
  #meet(current: readonly FleetNode[]): Node[] {
    const urls = new Set(current.map(({ url }) => url));
    for (const url of this.#nodes.keys()) if (!urls.has(url)) this.#nodes.delete(url);
    return current.map(({ url, load }) => {
      const node = this.#nodes.get(url) ?? this.#open(url);
      node.load = load;
      this.#nodes.set(url, node);
      return node;
    });
  }

  #open(baseUrl: string): Node {
    const { fetch, now } = this.#options;
    const transport = createConnectTransport({ baseUrl, useBinaryFormat: true, fetch: withoutRedirect(fetch) });
    return {
      load: undefined,
      client: createClient(TranslationService, transport),
      breaker: new CircuitBreaker(breakerBounds, now),
      inFlight: 0,
      fullUntil: 0,
    };
  }
}

const lanesOf = ({ load }: Node): number => load?.lanes ?? 1;

/** Steps of time that a sentence waits there, by what the node last said. */
const waitOf = ({ load }: Node): number =>
  load === undefined ? 0 : Math.floor((load.queued * load.msPerRow) / load.lanes / waitStepMs);

/** Milliseconds after which the node wants to be asked again (google.rpc.RetryInfo); 0 when it does not say. */
function retryDelayOf(error: ConnectError): number {
  const [retryInfo] = error.findDetails(RetryInfoSchema);
  const delay = retryInfo?.retryDelay;
  return delay === undefined ? 0 : Math.min(longestFullMs, Math.max(0, durationMs(delay)));
}

/** workerd's fetch knows no `redirect: "error"`, which Connect asks for. */
const withoutRedirect =
  (fetch: FleetFetch): typeof globalThis.fetch =>
  (input, init) => {
    const { redirect: _, ...rest } = init ?? {};
    return fetch(String(input), rest);
  };
