import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type NeonQueryFunction, neon, neonConfig } from "@neondatabase/serverless";
import { z } from "zod";

/** The database to bring up to date. */
export interface MigrationTarget {
  readonly url: string;
  /** host:port of a local bridge that stands in for Neon's proxy. */
  readonly neonAddress?: string | undefined;
}

export interface Migration {
  readonly version: number;
  /** File name without its ending: "0001_people". */
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

const directory = fileURLToPath(new URL("../migrations", import.meta.url));

/** Key of the advisory lock that keeps two runs apart; any number that nothing else uses. */
const lockKey = 5_177_326_110_841;

/**
 * Applies the migrations that the database lacks, in order, each in a transaction of its own. Running it again, or twice
 * at the same time, changes nothing more.
 *
 * @returns names of the migrations applied now
 * @throws Error when a migration that was applied has changed since, or is no longer there: they only ever grow in number
 */
export async function migrate(
  target: MigrationTarget,
  migrations: readonly Migration[] = readMigrations(directory),
): Promise<readonly string[]> {
  const { neonAddress } = target;
  if (neonAddress !== undefined) neonConfig.fetchEndpoint = `http://${neonAddress}/sql`;
  const sql = neon(target.url);
  await sql.query(createTable);
  const before = await readApplied(sql);
  for (const applied of before) requireUnchanged(applied, migrations);
  const missing = migrations.filter(({ version }) => !before.some((applied) => applied.version === version));
  for (const migration of missing) await sql.query(applyOnce(migration));
  return missing.map(({ name }) => name);
}

/** The migrations of a folder, in order; throws when a name or number is not as it should be. */
export function readMigrations(folder: string): readonly Migration[] {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".sql"))
    .sort();
  return files.map((file, index) => {
    const version = index + 1;
    const number = String(version).padStart(4, "0");
    if (!file.startsWith(`${number}_`) || !fileName.test(file)) {
      throw new Error(`migrations/${file} is out of line: the next one is called ${number}_lower_case_words.sql.`);
    }
    const sql = readFileSync(`${folder}/${file}`, "utf8");
    return { version, name: file.slice(0, -".sql".length), sql, checksum: checksumOf(sql) };
  });
}

const fileName = /^\d{4}_[a-z0-9_]+\.sql$/;

const checksumOf = (sql: string): string => createHash("sha256").update(sql).digest("hex");

// Two runs at once may both find the table missing, and PostgreSQL then fails one of them without the lock.
const createTable = `do $migrate$ begin
  perform pg_advisory_xact_lock(${lockKey});
  create table if not exists schema_migrations (
    version integer primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
  );
end $migrate$`;

/**
 * One statement, hence one transaction, that applies a migration unless another run did so meanwhile: Neon's HTTP driver
 * cannot take a decision inside a transaction, so PostgreSQL takes it.
 */
function applyOnce({ version, name, sql, checksum }: Migration): string {
  const quote = `$sql_${checksum}$`;
  return `do $migrate$ begin
    perform pg_advisory_xact_lock(${lockKey});
    if exists (select from schema_migrations where version = ${version}) then return; end if;
    execute ${quote}${sql}${quote};
    insert into schema_migrations (version, name, checksum) values (${version}, '${name}', '${checksum}');
  end $migrate$`;
}

const appliedRow = z.object({ version: z.int(), name: z.string(), checksum: z.string() });

async function readApplied(sql: NeonQueryFunction<false, false>): Promise<readonly z.infer<typeof appliedRow>[]> {
  return z.array(appliedRow).parse(await sql`select version, name, checksum from schema_migrations order by version`);
}

function requireUnchanged(applied: z.infer<typeof appliedRow>, migrations: readonly Migration[]): void {
  const migration = migrations.find(({ version }) => version === applied.version);
  if (migration?.checksum === applied.checksum) return;
  const what = migration === undefined ? "is missing here" : "has changed since it was applied";
  throw new Error(`Migration ${applied.name} ${what}: restore the file, and put what is new into a new one.`);
}

if (import.meta.main) {
  const url = process.env.DATABASE_URL;
  if (url === undefined || url === "") {
    console.error("Set DATABASE_URL to the database to migrate (and NEON_LOCAL to host:port of a local bridge).");
    process.exit(2);
  }
  const applied = await migrate({ url, neonAddress: process.env.NEON_LOCAL });
  console.log(applied.length === 0 ? "The database is up to date." : `Applied ${applied.join(", ")}.`);
}
