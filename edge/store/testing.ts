import { inject } from "vitest";
import { uuidv7 } from "../ids.ts";
import type { Store } from "./index.ts";
import type { StoreSettings } from "./sql.ts";
import type { Account } from "./users.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Empty, migrated databases: tests/support/databases.ts. */
    readonly databases: readonly { readonly engine: string; readonly url: string; readonly neonAddress: string }[];
  }
}

export interface TestDatabase {
  readonly engine: string;
  readonly settings: StoreSettings;
}

/** The databases that tests of the store run against: PGlite always, PostgreSQL when TEST_POSTGRES_URL is set. */
export const testDatabases: readonly TestDatabase[] = inject("databases").map(({ engine, url, neonAddress }) => ({
  engine,
  settings: { DATABASE_URL: url, NEON_LOCAL: neonAddress },
}));

/** A username that no other test uses. */
export const freshUsername = (name: string): string => `${name}-${uuidv7().slice(-12)}`;

/** A person of their own for this test. */
export async function createAccount(store: Store, name: string, readingLanguage = "en"): Promise<Account> {
  const account: Account = {
    id: uuidv7(),
    username: freshUsername(name),
    displayName: name,
    passwordHash: "$2b$04$not.a.hash",
    readingLanguage,
    alsoReads: [],
    isGuest: false,
    createdAt: new Date(),
  };
  await store.users.create(account);
  return account;
}

/** A conversation of these people; the first owns it. */
export async function createConversation(store: Store, [owner, ...others]: readonly Account[]): Promise<string> {
  if (owner === undefined) throw new Error("A conversation needs an owner.");
  const id = uuidv7();
  const memberIds = others.map((member) => member.id);
  await store.conversations.create({ id, title: "Weekend", ownerId: owner.id, memberIds, now: new Date() });
  return id;
}
