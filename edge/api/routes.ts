import type { z } from "@hono/zod-openapi";
import { problem } from "./schemas.ts";

/** Parts of a route's description that many share. */

export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { "application/json": { schema } },
});

export const jsonAnswer = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { "application/json": { schema } },
});

/** Everything that is not the answer: a problem document with a stable code. */
export const problems = {
  default: { description: "A problem.", content: { "application/problem+json": { schema: problem } } },
} as const;

export const bearer = [{ bearer: [] }];
