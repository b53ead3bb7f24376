import { DatabaseSync } from "node:sqlite";
import type { Database } from "../database.ts";

/** An empty in-memory database over Node's SQLite, for tests without workerd. */
export function nodeDatabase(): Database {
  const sqlite = new DatabaseSync(":memory:");
  let depth = 0;
  return {
    all(sql, ...bindings) {
      const rows = sqlite.prepare(sql).all(...bindings);
      for (const row of rows) {
        for (const [name, value] of Object.entries(row)) {
          if (value instanceof Uint8Array) Object.assign(row, { [name]: value.slice().buffer });
        }
      }
      return rows as never;
    },
    transaction(work) {
      const name = `level_${depth++}`;
      sqlite.exec(`SAVEPOINT ${name}`);
      try {
        const result = work();
        sqlite.exec(`RELEASE ${name}`);
        return result;
      } catch (error) {
        sqlite.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
        throw error;
      } finally {
        depth--;
      }
    },
  };
}
