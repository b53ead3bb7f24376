/**
 * What the room needs of SQLite: the least that a Durable Object's storage and Node's SQLite have in common, so that the
 * same code runs in both. Everything is synchronous.
 */
export interface Database {
  /** Runs one statement and returns its rows. */
  all<T extends Record<string, SqlStorageValue>>(sql: string, ...bindings: readonly Binding[]): T[];
  /** Runs `work` as a whole or, when it throws, not at all. */
  transaction<T>(work: () => T): T;
}

export type Binding = string | number | Uint8Array | null;

/** The database inside a Durable Object. */
export function durableDatabase(storage: DurableObjectStorage): Database {
  return {
    all: (sql, ...bindings) => storage.sql.exec<never>(sql, ...bindings).toArray(),
    transaction: (work) => storage.transactionSync(work),
  };
}
