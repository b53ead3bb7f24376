import { NeonDbError } from "@neondatabase/serverless";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ZodError } from "zod";
import { errorCodes as roomErrorCodes } from "../conversation/error-codes.ts";
import { AppError, type ErrorStatus } from "../errors.ts";
import { apiError, errorCodes } from "./error-codes.ts";
import type { Problem } from "./schemas.ts";

/** Answers any error as an RFC 9457 problem document; what nobody foresaw is logged, without its message. */
export function answerError(error: unknown, c: Context): Response {
  const known = asAppError(error);
  if (known.code === "internal_error") logUnexpected(error, c);
  return problemResponse(known);
}

/** Answers a request whose parameters or body do not fit the route's schema. */
export function answerInvalid(error: ZodError): Response {
  const errors = error.issues.map((issue) => ({ field: issue.path.join("."), detail: issue.message }));
  const code = error.issues.map(codeOf).find((found) => found !== undefined);
  const refusal = code === undefined ? apiError("invalid_request") : known(code);
  return problemResponse(refusal, errors);
}

/** The refusal of a code of the API's or the room's list. */
export function known(code: string, retryAfterMs = 0): AppError {
  const { status, message } = lookUp(code) ?? roomErrorCodes.internal_error;
  return new AppError(code, status, message, retryAfterMs);
}

const lists: Readonly<Record<string, { readonly status: ErrorStatus; readonly message: string }>> = {
  ...roomErrorCodes,
  ...errorCodes,
};

const lookUp = (code: string) => (Object.hasOwn(lists, code) ? lists[code] : undefined);

/** A schema may name the code of its own failure. */
function codeOf(issue: ZodError["issues"][number]): string | undefined {
  const code: unknown = issue.code === "custom" ? issue.params?.code : undefined;
  return typeof code === "string" ? code : undefined;
}

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  // Hono's validator throws it for a body that cannot be parsed, and for nothing else here.
  if (error instanceof HTTPException && error.status === 400) return apiError("invalid_json");
  // Without a code of PostgreSQL's it comes from the way there.
  if (error instanceof NeonDbError && error.code === undefined) return apiError("database_unavailable", 1000);
  return known("internal_error");
}

/** Messages of errors may quote what people wrote, so only names, codes and places are logged. */
function logUnexpected(error: unknown, c: Context): void {
  const stack = error instanceof Error ? error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) : undefined;
  const details = error instanceof NeonDbError ? { code: error.code, constraint: error.constraint } : {};
  const name = error instanceof Error ? error.name : typeof error;
  console.error(JSON.stringify({ event: "unexpected_error", method: c.req.method, name, ...details, stack }));
}

function problemResponse(error: AppError, errors?: Problem["errors"]): Response {
  const problem: Problem = {
    type: `/api/docs#${error.code}`,
    title: error.code.replaceAll("_", " "),
    status: error.status,
    code: error.code,
    detail: error.message,
    ...(error.retryAfterMs > 0 ? { retryAfterMs: error.retryAfterMs } : {}),
    ...(errors === undefined ? {} : { errors }),
  };
  const headers = new Headers({ "content-type": "application/problem+json" });
  if (error.retryAfterMs > 0) headers.set("retry-after", String(Math.ceil(error.retryAfterMs / 1000)));
  if (error.status === 401) headers.set("www-authenticate", "Bearer");
  return new Response(JSON.stringify(problem), { status: error.status, headers });
}
