import { z } from "zod";
import type { ConversationCursor } from "../store/conversations.ts";
import { apiError } from "./error-codes.ts";
import { isPrintable } from "./schemas.ts";

/** Cursors are opaque to callers: base64url of JSON. */
const encode = (value: unknown): string =>
  btoa(encodeURIComponent(JSON.stringify(value)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

function decode<Output>(cursor: string, schema: z.ZodType<Output>): Output {
  try {
    return schema.parse(JSON.parse(decodeURIComponent(atob(cursor.replaceAll("-", "+").replaceAll("_", "/")))));
  } catch {
    throw apiError("invalid_cursor");
  }
}

/** Milliseconds since the epoch, up to the year 9999: beyond, neither Date nor PostgreSQL knows every whole number. */
const conversationCursor = z.tuple([z.int().min(0).max(Date.UTC(9999, 0)), z.uuid()]);

export const encodeConversationCursor = ({ activeAt, id }: ConversationCursor): string =>
  encode([activeAt.getTime(), id]);

/** Throws `invalid_cursor`. */
export function decodeConversationCursor(cursor: string): ConversationCursor {
  const [time, id] = decode(cursor, conversationCursor);
  return { activeAt: new Date(time), id };
}

export const encodeUserCursor = (username: string): string => encode(username);

/** Throws `invalid_cursor`. */
export const decodeUserCursor = (cursor: string): string => decode(cursor, z.string().max(64).refine(isPrintable));

/** A page out of `limit + 1` rows, and the last of it when there is more. */
export function paginate<Row>(
  rows: readonly Row[],
  limit: number,
): { readonly page: readonly Row[]; readonly last?: Row } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return rows.length > limit && last !== undefined ? { page, last } : { page };
}
