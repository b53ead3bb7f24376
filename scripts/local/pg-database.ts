import pg from "pg";
import { type SqlDatabase, type Statement, type StatementResult, setTransaction } from "./sql-database.ts";

/** A PostgreSQL server, reached over its own protocol through a small pool. */
export function openPostgres(url: string): SqlDatabase {
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  // An idle connection that breaks is replaced by the pool; the next statement tells whether the server is gone.
  pool.on("error", () => {});

  return {
    run: (statement) => run(pool, statement),
    async transaction(statements, mode) {
      const client = await pool.connect();
      try {
        await client.query("BEGIN");
        const set = setTransaction(mode);
        if (set !== undefined) await client.query(set);
        const results: StatementResult[] = [];
        for (const statement of statements) results.push(await run(client, statement));
        await client.query("COMMIT");
        return results;
      } catch (error) {
        await client.query("ROLLBACK");
        throw error;
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}

/** Text as PostgreSQL wrote it: the driver at the other end converts. */
const asText = { getTypeParser: () => (value: string) => value };

async function run(runner: pg.Pool | pg.PoolClient, { query, params }: Statement): Promise<StatementResult> {
  const result = await runner.query<(string | null)[]>({
    text: query,
    values: [...params],
    rowMode: "array",
    types: asText,
  });
  const fields = result.fields.map(({ name, dataTypeID }) => ({ name, dataTypeID }));
  return { command: result.command, rowCount: result.rowCount ?? 0, fields, rows: result.rows };
}
