import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

const schema = z.object({ JWT_SECRET: z.string().min(32), CACHE_KEY_SECRET: z.string().min(32) });

/** Secrets of one local stack. */
export type LocalSecrets = z.infer<typeof schema>;

/** The secrets kept in the data folder, made at its first start: sign-ins survive a restart, nothing secret is in the repository. */
export function localSecrets(dataDirectory: string): LocalSecrets {
  const file = join(dataDirectory, "secrets.json");
  if (existsSync(file)) return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  const fresh = {
    JWT_SECRET: randomBytes(32).toString("base64url"),
    CACHE_KEY_SECRET: randomBytes(32).toString("base64url"),
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600 });
  return fresh;
}
