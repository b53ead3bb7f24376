import { SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import { uuidv7 } from "../ids.ts";
import {
  accessTokenLifetime,
  issueAccessToken,
  issueSocketTicket,
  ticketLifetime,
  verifyAccessToken,
  verifySocketTicket,
} from "./tokens.ts";

const settings = { JWT_SECRET: "tests sign tokens with this and nothing else" };
const now = new Date("2026-11-24T12:00:00.500Z");
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const userId = uuidv7();
const conversationId = uuidv7();

const verify = (token: string, at = now) => verifyAccessToken(token, settings, at);
const invalidToken = { code: "invalid_token", status: 401 };
const invalidTicket = { code: "invalid_ticket", status: 401 };

describe("an access token", () => {
  it("says who its bearer is, for 15 minutes", async () => {
    const token = await issueAccessToken({ userId }, settings, now);
    expect(await verify(token)).toEqual({ userId });
    expect(await verify(token, later(accessTokenLifetime - 1))).toEqual({ userId });
    await expect(verify(token, later(accessTokenLifetime))).rejects.toMatchObject(invalidToken);
  });

  it("counts only with the secret that signed it", async () => {
    const token = await issueAccessToken({ userId }, { JWT_SECRET: `${settings.JWT_SECRET}!` }, now);
    await expect(verify(token)).rejects.toMatchObject(invalidToken);
  });

  it("counts only as it was signed", async () => {
    const [header, , signature] = (await issueAccessToken({ userId }, settings, now)).split(".");
    const [, claims] = (await issueAccessToken({ userId: uuidv7() }, settings, now)).split(".");
    await expect(verify([header, claims, signature].join("."))).rejects.toMatchObject(invalidToken);
  });

  it.each(["", "a.b.c", "not a token"])("is not %j", async (token) => {
    await expect(verify(token)).rejects.toMatchObject(invalidToken);
  });

  it("is never unsigned", async () => {
    const claims = { sub: userId, iss: "meeshy", aud: "api", exp: now.getTime() / 1000 + 60 };
    await expect(verify(new UnsecuredJWT(claims).encode())).rejects.toMatchObject(invalidToken);
  });

  const sign = (claims: object, algorithm = "HS256") =>
    new SignJWT({ sub: userId, iss: "meeshy", aud: "api", exp: Math.floor(now.getTime() / 1000) + 60, ...claims })
      .setProtectedHeader({ alg: algorithm })
      .sign(new TextEncoder().encode(settings.JWT_SECRET.repeat(2)));
  const verifyDoubled = (token: string) => verifyAccessToken(token, { JWT_SECRET: settings.JWT_SECRET.repeat(2) }, now);

  it.each([
    ["no end", { exp: undefined }],
    ["another issuer", { iss: "elsewhere" }],
    ["another audience", { aud: "socket" }],
    ["nobody for a subject", { sub: undefined }],
    ["a subject that is no user's id", { sub: "admin" }],
  ])("is refused with %s, though the signature is right", async (_, claims) => {
    expect(await verifyDoubled(await sign({}))).toEqual({ userId });
    await expect(verifyDoubled(await sign(claims))).rejects.toMatchObject(invalidToken);
  });

  it("is refused when it was signed in another way, though with the right secret", async () => {
    await expect(verifyDoubled(await sign({}, "HS512"))).rejects.toMatchObject(invalidToken);
  });
});

describe("a socket ticket", () => {
  it("says whose it is and for which conversation, for a minute", async () => {
    const ticket = await issueSocketTicket({ userId, conversationId }, settings, now);
    expect(await verifySocketTicket(ticket, settings, later(ticketLifetime - 1))).toEqual({ userId, conversationId });
    const tooLate = verifySocketTicket(ticket, settings, later(ticketLifetime));
    await expect(tooLate).rejects.toMatchObject(invalidTicket);
  });

  it("opens no more than a socket, and an access token opens none in its place", async () => {
    const ticket = await issueSocketTicket({ userId, conversationId }, settings, now);
    await expect(verify(ticket)).rejects.toMatchObject(invalidToken);
    const token = await issueAccessToken({ userId }, settings, now);
    await expect(verifySocketTicket(token, settings, now)).rejects.toMatchObject(invalidTicket);
  });
});
