import { neon } from "@neondatabase/serverless";
import { beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../store/index.ts";
import { createAccount, testDatabases } from "../store/testing.ts";
import { refreshTokenLifetime } from "./cookies.ts";
import { openSessions, type Sessions } from "./sessions.ts";
import { verifyAccessToken } from "./tokens.ts";

const settings = { JWT_SECRET: "tests sign tokens with this and nothing else" };

describe.each(testDatabases)("sessions on $engine", ({ settings: database }) => {
  const clock = { now: 0 };
  const now = () => new Date(clock.now);
  let sessions: Sessions;
  let userId: string;
  beforeEach(async () => {
    clock.now = Date.UTC(2026, 10, 24, 12);
    const store = openStore(database);
    sessions = openSessions({ refreshTokens: store.refreshTokens, settings, now });
    userId = (await createAccount(store, "alice")).id;
  });

  const outcome = (refreshToken: string) =>
    sessions.refresh(refreshToken).then(
      () => "refreshed",
      (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
    );

  it("begin with an access token that says who it is, and tokens that nobody can guess", async () => {
    const { accessToken, refreshToken } = await sessions.begin(userId);
    expect(await verifyAccessToken(accessToken, settings, now())).toEqual({ userId });
    expect(refreshToken).toMatch(/^[\w-]{43}$/);
    expect((await sessions.begin(userId)).refreshToken).not.toBe(refreshToken);
  });

  it("go on with the next token for the same person", async () => {
    const { refreshToken } = await sessions.begin(userId);
    clock.now += 1000;
    const next = await sessions.refresh(refreshToken);
    expect(next.userId).toBe(userId);
    expect(await verifyAccessToken(next.accessToken, settings, now())).toEqual({ userId });
    expect(await outcome(next.refreshToken)).toBe("refreshed");
  });

  it("store of a refresh token only what does not let anybody in", async () => {
    const { refreshToken } = await sessions.begin(userId);
    const rows = await neon(database.DATABASE_URL)`select * from refresh_tokens where user_id = ${userId}`;
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(refreshToken);
    expect(await outcome(String(rows[0]?.token_hash))).toBe("session_expired");
  });

  it("take an old token for 30 seconds, then end with everything that came of it", async () => {
    const { refreshToken } = await sessions.begin(userId);
    const first = await sessions.refresh(refreshToken);
    clock.now += 30_000;
    const second = await sessions.refresh(refreshToken);
    clock.now += 1;
    expect(await outcome(refreshToken)).toBe("refresh_token_reused");
    expect(await outcome(first.refreshToken)).toBe("session_expired");
    expect(await outcome(second.refreshToken)).toBe("session_expired");
  });

  it("are separate: one that was stolen ends alone", async () => {
    const [stolen, other] = [await sessions.begin(userId), await sessions.begin(userId)];
    await sessions.refresh(stolen.refreshToken);
    clock.now += 31_000;
    expect(await outcome(stolen.refreshToken)).toBe("refresh_token_reused");
    expect(await outcome(other.refreshToken)).toBe("refreshed");
  });

  it("end 30 days after they were last used", async () => {
    const [used, unused] = [await sessions.begin(userId), await sessions.begin(userId)];
    clock.now += refreshTokenLifetime * 1000 - 1;
    const { refreshToken } = await sessions.refresh(used.refreshToken);
    clock.now += 1;
    expect(await outcome(unused.refreshToken)).toBe("session_expired");
    expect(await outcome(refreshToken)).toBe("refreshed");
  });

  it("end with any token of theirs, and ending what is unknown is nothing", async () => {
    const { refreshToken } = await sessions.begin(userId);
    const next = await sessions.refresh(refreshToken);
    await sessions.end("unknown");
    expect(await outcome(next.refreshToken)).toBe("refreshed");
    await sessions.end(refreshToken);
    expect(await outcome(next.refreshToken)).toBe("session_expired");
    await sessions.end(refreshToken);
  });
});
