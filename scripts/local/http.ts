import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** A small HTTP server on this machine only. */
export interface LocalServer {
  readonly port: number;
  /** Answers what is under way, then stops. */
  close(): Promise<void>;
}

/** A refusal with a status of its own; anything else that a handler throws is answered with 500. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "HttpError";
    this.status = status;
  }
}

export type Handler = (request: IncomingMessage) => Promise<{ readonly status: number; readonly body: unknown }>;

/**
 * Serves JSON on 127.0.0.1.
 *
 * @param port 0: a free one
 */
export async function serveJson(port: number, handle: Handler): Promise<LocalServer> {
  const server = createServer((request, response) => {
    handle(request).then(
      ({ status, body }) => answer(response, status, body),
      (error: unknown) => answer(response, statusOf(error), { error: messageOf(error), message: messageOf(error) }),
    );
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  return {
    port: address.port,
    async close() {
      server.close();
      server.closeIdleConnections();
      await once(server, "close");
    },
  };
}

/** The request's JSON; throws HttpError 413 or 400. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxBytes) throw new HttpError(413, `The body is larger than ${maxBytes} bytes; send less at once.`);
    chunks.push(bytes);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new HttpError(400, "The body is not JSON.");
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const statusOf = (error: unknown): number => (error instanceof HttpError ? error.status : 500);
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
