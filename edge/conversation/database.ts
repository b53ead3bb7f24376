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

/** Bindings that one statement may have inside a Durable Object. */
const mostBindings = 100;

/**
 * Inserts rows, several a statement. A statement's text depends on the number of its rows, so rows go in groups of 16, 8, 4, 2 and 1: few
 * texts, each of which SQLite compiles once.
 */
export function insertAll(database: Database, table: string, rows: readonly (readonly Binding[])[]): void {
  let at = 0;
  for (let size = 16; size >= 1; size /= 2) {
    const columns = rows[0]?.length ?? 0;
    if (size * columns > mostBindings || rows.length - at < size) continue;
    const group = `(${Array(columns).fill("?").join(", ")})`;
    const statement = `INSERT INTO ${table} VALUES ${Array(size).fill(group).join(", ")}`;
    for (; rows.length - at >= size; at += size) database.all(statement, ...rows.slice(at, at + size).flat());
  }
}

/** The database inside a Durable Object. */
export function durableDatabase(storage: DurableObjectStorage): Database {
  return {
    all: (sql, ...bindings) => storage.sql.exec<never>(sql, ...bindings).toArray(),
    transaction: (work) => storage.transactionSync(work),
  };
}
