import { PGlite, type Results, types } from "@electric-sql/pglite";
import { type SqlDatabase, type Statement, type StatementResult, setTransaction } from "./sql-database.ts";

type Runner = Pick<PGlite, "query">;

/**
 * PostgreSQL compiled to WebAssembly, inside this process: one connection, so statements and transactions take turns
 * (PGlite queues them), and session state (SET, temporary tables) is shared by everybody.
 *
 * @param dataDir folder that keeps the data; undefined: in memory
 */
export async function openPglite(dataDir?: string): Promise<SqlDatabase> {
  const database = await PGlite.create(dataDir === undefined ? {} : { dataDir });
  // As for results: parameters come in the text form in which PostgreSQL reads them.
  database.serializers = {};
  database.parsers = {};

  return {
    run: (statement) => run(database, statement),
    transaction: (statements, mode) =>
      database.transaction(async (open) => {
        const set = setTransaction(mode);
        if (set !== undefined) await open.query(set);
        const results: StatementResult[] = [];
        for (const statement of statements) results.push(await run(open, statement));
        return results;
      }),
    close: () => database.close(),
  };
}

/** The driver at the other end converts: values pass as the text that PostgreSQL wrote. */
const parsers = Object.fromEntries(Object.keys(types.parsers).map((type) => [type, (value: string) => value]));

async function run(runner: Runner, { query, params }: Statement): Promise<StatementResult> {
  const result: Results<(string | null)[]> = await runner.query(query, [...params], { rowMode: "array", parsers });
  const { fields, rows } = result;
  return { command: result.command ?? "", rowCount: result.rowCount ?? rows.length, fields, rows };
}
