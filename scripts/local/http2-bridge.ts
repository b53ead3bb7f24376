import { readFileSync } from "node:fs";
import { getCACertificates } from "node:tls";
import { Response, type Request as WorkerRequest } from "miniflare";
import { Agent, fetch } from "undici";

/** Carries a Worker's fetches to inference servers over real HTTP/2, which workerd's own fetch does not speak locally. */
export interface Http2Bridge {
  fetch(request: WorkerRequest): Promise<Response>;
  close(): Promise<void>;
}

/** Headers of a body that `fetch` has unpacked: what they say of its length and its packing was true on the way only. */
const unpacked = (headers: Iterable<[string, string]>): [string, string][] =>
  [...headers].filter(([name]) => name !== "content-encoding" && name !== "content-length");

/**
 * Opens a pool of HTTP/2 connections that outlives single requests.
 *
 * @param certificatePath PEM file of a development certificate to trust besides the system's; undefined: none
 */
export function openHttp2Bridge(certificatePath?: string): Http2Bridge {
  const connect =
    certificatePath === undefined ? {} : { ca: [...getCACertificates(), readFileSync(certificatePath, "utf8")] };
  const agent = new Agent({ allowH2: true, connections: 2, pipelining: 128, connect });
  return {
    async fetch(request) {
      const body = request.body === null ? null : new Uint8Array(await request.arrayBuffer());
      const answer = await fetch(request.url, {
        method: request.method,
        headers: [...request.headers],
        body,
        dispatcher: agent,
      });
      const bytes = await answer.arrayBuffer();
      return new Response(bytes, { status: answer.status, headers: unpacked(answer.headers) });
    },
    close: () => agent.destroy(),
  };
}
