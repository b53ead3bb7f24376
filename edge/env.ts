import { z } from "zod";
import type { ConversationRelay } from "./conversation/conversation-relay.ts";
import type { ConversationRoom } from "./conversation/room.ts";
import type { FleetRegistry } from "./fleet/fleet-registry.ts";
import type { UserInbox } from "./inbox/user-inbox.ts";

/** What the Worker is given: bindings from wrangler.toml, settings and secrets from the environment. */
export interface Env {
  readonly CONVERSATION_ROOM: DurableObjectNamespace<ConversationRoom>;
  readonly CONVERSATION_RELAY: DurableObjectNamespace<ConversationRelay>;
  readonly USER_INBOX: DurableObjectNamespace<UserInbox>;
  readonly FLEET_REGISTRY: DurableObjectNamespace<FleetRegistry>;
  /** Static files of the web app; absent in tests of the edge alone. */
  readonly ASSETS?: Fetcher;
  /** Carries fetches to the inference fleet over HTTP/2 where the Worker's own fetch cannot (the local stack). */
  readonly INFERENCE?: Fetcher;
  readonly DATABASE_URL: string;
  /** host:port of a local stand-in for Neon's proxy; unset in production. */
  readonly NEON_LOCAL?: string;
  readonly UPSTASH_REDIS_REST_URL?: string;
  readonly UPSTASH_REDIS_REST_TOKEN?: string;
  /** Comma-separated base URLs of inference servers; may be empty where they register. */
  readonly INFERENCE_NODES: string;
  /** Lets inference servers register themselves; unset: none may. */
  readonly FLEET_SECRET?: string;
  readonly JWT_SECRET: string;
  readonly CACHE_KEY_SECRET: string;
  /** "BURST/PER_SECOND": what one person may write in one conversation; unset: 60/20. */
  readonly WRITE_RATE?: string;
  /** Sockets that a conversation's room holds itself; more go to relays. Unset: 250. */
  readonly ROOM_SOCKETS?: string;
  /** Sockets that one relay holds; unset: 1000. */
  readonly RELAY_SOCKETS?: string;
  /** JSON of the people whom a visitor of a local stack may sign in as; unset in production. */
  readonly DEMO_ACCOUNTS?: string;
}

const secret = z.string().min(32, "must be at least 32 characters");
const url = z.url();

const demoAccounts = z.object({
  password: z.string(),
  people: z.array(z.object({ username: z.string(), displayName: z.string(), readingLanguage: z.string() })),
});

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue("must be JSON");
    return z.NEVER;
  }
}

const count = (standard: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/, "must be a whole number")
    .default(String(standard))
    .transform(Number);

const settings = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, "must be a postgres:// URL"),
  NEON_LOCAL: z
    .string()
    .regex(/^[\w.-]+:\d+$/, "must be host:port")
    .optional(),
  UPSTASH_REDIS_REST_URL: url.optional(),
  UPSTASH_REDIS_REST_TOKEN: z.string().min(1).optional(),
  INFERENCE_NODES: z
    .string()
    .transform((nodes) =>
      nodes
        .split(",")
        .map((node) => node.trim())
        .filter((node) => node !== ""),
    )
    .pipe(z.array(url)),
  FLEET_SECRET: secret.optional(),
  JWT_SECRET: secret,
  CACHE_KEY_SECRET: secret,
  WRITE_RATE: z
    .string()
    .regex(/^\d{1,6}\/\d{1,6}$/, "must be BURST/PER_SECOND, such as 60/20")
    .transform((rate) => rate.split("/").map(Number))
    .transform(([burst = 0, perSecond = 0]) => ({ burst, perSecond }))
    .optional(),
  ROOM_SOCKETS: count(250),
  RELAY_SOCKETS: count(1_000).refine((sockets) => sockets > 0, "must be at least 1"),
  DEMO_ACCOUNTS: z.string().transform(parseJson).pipe(demoAccounts).optional(),
});

const schema = settings.refine(
  ({ INFERENCE_NODES: nodes, FLEET_SECRET: fleet }) => nodes.length > 0 || fleet !== undefined,
  {
    message: "must name at least one inference server, unless FLEET_SECRET lets them register",
    path: ["INFERENCE_NODES"],
  },
);

/** The settings, checked. */
export type Settings = z.infer<typeof schema>;

/** Checks the settings; throws one sentence that names every setting that is missing or wrong. */
export function parseSettings(env: Partial<Env>): Settings {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
  throw new Error(`Meeshy cannot start: ${problems.join("; ")}. See the configuration table in README.md.`);
}
