import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { HttpError, type LocalServer, readJson, serveJson } from "./http.ts";
import type { SqlDatabase, StatementResult, TransactionMode } from "./sql-database.ts";

/** Neon's own limit of a request over HTTP is 64 MiB; nothing of ours comes near a quarter of it. */
const maxBodyBytes = 16 * 1024 * 1024;

const statement = z.object({
  query: z.string(),
  params: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).default([]),
});
const requestBody = z.union([z.object({ queries: z.array(statement) }), statement]);

const isolationLevels = new Map([
  ["ReadUncommitted", "READ UNCOMMITTED"],
  ["ReadCommitted", "READ COMMITTED"],
  ["RepeatableRead", "REPEATABLE READ"],
  ["Serializable", "SERIALIZABLE"],
]);

/**
 * Serves a database with the HTTP protocol of Neon's serverless driver: `POST /sql` with one statement, or with
 * `queries`, which run in one transaction whose mode comes in `Neon-Batch-*` headers. WebSockets (the driver's Pool and
 * Client) are not served: the Worker does not use them.
 */
export function serveNeon(database: SqlDatabase, port: number): Promise<LocalServer> {
  return serveJson(port, async (request) => {
    if (request.method !== "POST" || request.url !== "/sql") throw new HttpError(404, "Only POST /sql is served here.");
    // The driver always sends it. A web page cannot without asking first, so none can reach into the database.
    if (request.headers["neon-connection-string"] === undefined) {
      throw new HttpError(400, "The header Neon-Connection-String is missing.");
    }
    const body = requestBody.safeParse(await readJson(request, maxBodyBytes));
    if (!body.success) throw new HttpError(400, "The body is neither a statement nor a list of statements.");
    const shape = request.headers["neon-array-mode"] === "true" ? asArrays : asObjects;
    const mode = transactionMode(request);
    try {
      if ("queries" in body.data) {
        const results = await database.transaction(body.data.queries, mode);
        return { status: 200, body: { results: results.map(shape) } };
      }
      return { status: 200, body: shape(await database.run(body.data)) };
    } catch (error) {
      return { status: 400, body: errorFields(error) };
    }
  });
}

function transactionMode({ headers }: IncomingMessage): TransactionMode {
  const level = headers["neon-batch-isolation-level"];
  const isolation = typeof level === "string" ? isolationLevels.get(level) : undefined;
  if (level !== undefined && isolation === undefined) throw new HttpError(400, "Unknown Neon-Batch-Isolation-Level.");
  return {
    isolation,
    readOnly: headers["neon-batch-read-only"] === "true",
    deferrable: headers["neon-batch-deferrable"] === "true",
  };
}

const asArrays = (result: StatementResult): object => ({ ...result, rowAsArray: true });

const asObjects = (result: StatementResult): object => ({
  ...result,
  rowAsArray: false,
  rows: result.rows.map((row) => Object.fromEntries(result.fields.map(({ name }, index) => [name, row[index]]))),
});

/** What NeonDbError takes over from PostgreSQL's error. */
const errorField = z.object({
  message: z.string(),
  severity: z.string().optional(),
  code: z.string().optional(),
  detail: z.string().optional(),
  hint: z.string().optional(),
  position: z.string().optional(),
  internalPosition: z.string().optional(),
  internalQuery: z.string().optional(),
  where: z.string().optional(),
  schema: z.string().optional(),
  table: z.string().optional(),
  column: z.string().optional(),
  dataType: z.string().optional(),
  constraint: z.string().optional(),
  file: z.string().optional(),
  line: z.string().optional(),
  routine: z.string().optional(),
});

function errorFields(error: unknown): z.infer<typeof errorField> {
  const fields = errorField.safeParse(error);
  return fields.success ? fields.data : { message: String(error) };
}
