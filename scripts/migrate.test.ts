import { neon } from "@neondatabase/serverless";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalPostgres, startLocalPostgres } from "./local/postgres.ts";
import { type Migration, migrate, readMigrations } from "./migrate.ts";

const migration = (version: number, sql: string, checksum = `c${version}`): Migration => ({
  version,
  name: `000${version}_step`,
  sql,
  checksum,
});

describe("migrate", () => {
  let postgres: LocalPostgres;
  beforeAll(async () => {
    postgres = await startLocalPostgres();
  });
  afterAll(() => postgres.close());

  it("applies several statements per migration, once, even when two runs start together", async () => {
    const steps = [
      migration(1, "create table steps (n integer); create index steps_n on steps (n); insert into steps values (1)"),
    ];
    await Promise.all([migrate(postgres, steps), migrate(postgres, steps)]);
    expect(await migrate(postgres, steps)).toEqual([]);
    expect(await neon(postgres.url)`select n from steps`).toEqual([{ n: 1 }]);
  });

  it("leaves nothing of a migration that fails, and goes on once it is mended", async () => {
    const first = migration(1, "", "c1");
    const broken = migration(2, "insert into steps values (2); insert into nowhere values (1)");
    await expect(migrate(postgres, [first, broken])).rejects.toThrow(/nowhere/);
    expect(await neon(postgres.url)`select n from steps`).toEqual([{ n: 1 }]);
    expect(await migrate(postgres, [first, migration(2, "insert into steps values (2)")])).toEqual(["0002_step"]);
  });

  it("refuses a migration that changed after it was applied", async () => {
    await expect(migrate(postgres, [migration(1, "select 1", "other")])).rejects.toThrow(/0001_step has changed/);
  });
});

describe("the migrations of this repository", () => {
  it("apply to an empty database and are then up to date", async () => {
    const postgres = await startLocalPostgres();
    try {
      const migrations = readMigrations(new URL("../migrations", import.meta.url).pathname);
      expect(await migrate(postgres)).toEqual(migrations.map(({ name }) => name));
      expect(await migrate(postgres)).toEqual([]);
    } finally {
      await postgres.close();
    }
  });
});
