import { jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { apiError } from "../api/error-codes.ts";
import type { Settings } from "../env.ts";

/** What proves who somebody is to another Worker request. */
export type TokenSettings = Pick<Settings, "JWT_SECRET">;

/** Somebody who is signed in. */
export interface Identity {
  readonly userId: string;
}

/** The right to open one socket. */
export interface SocketTicket extends Identity {
  readonly conversationId: string;
}

/** Seconds. A stolen access token is good for no longer; refreshing is cheap. */
export const accessTokenLifetime = 900;

/** Seconds. A ticket travels in an address, which may be logged, so it lives just long enough to connect. */
export const ticketLifetime = 60;

const issuer = "meeshy";
const algorithm = "HS256";

/** A JWT (RFC 7519) for `Authorization: Bearer`. */
export const issueAccessToken = ({ userId }: Identity, settings: TokenSettings, now: Date): Promise<string> =>
  sign("api", userId, {}, accessTokenLifetime, settings, now);

/** Throws `invalid_token`. */
export async function verifyAccessToken(token: string, settings: TokenSettings, now: Date): Promise<Identity> {
  const claims = await verify(token, "api", settings, now);
  if (claims === undefined) throw apiError("invalid_token");
  return { userId: claims.sub };
}

/** A JWT for `?ticket=` of the socket's address. */
export const issueSocketTicket = (ticket: SocketTicket, settings: TokenSettings, now: Date): Promise<string> =>
  sign("socket", ticket.userId, { conversation: ticket.conversationId }, ticketLifetime, settings, now);

/** Throws `invalid_ticket`. */
export async function verifySocketTicket(token: string, settings: TokenSettings, now: Date): Promise<SocketTicket> {
  const claims = await verify(token, "socket", settings, now);
  if (claims?.conversation === undefined) throw apiError("invalid_ticket");
  return { userId: claims.sub, conversationId: claims.conversation };
}

type Audience = "api" | "socket";

const key = ({ JWT_SECRET }: TokenSettings) => new TextEncoder().encode(JWT_SECRET);

function sign(
  audience: Audience,
  userId: string,
  claims: { readonly conversation?: string },
  lifetime: number,
  settings: TokenSettings,
  now: Date,
): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(userId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetime)
    .sign(key(settings));
}

const claimsSchema = z.object({ sub: z.uuid(), conversation: z.uuid().optional() });

async function verify(token: string, audience: Audience, settings: TokenSettings, now: Date) {
  try {
    const { payload } = await jwtVerify(token, key(settings), {
      algorithms: [algorithm],
      issuer,
      audience,
      currentDate: now,
      requiredClaims: ["exp"],
    });
    return claimsSchema.parse(payload);
  } catch {
    // Forged, expired, for another audience or no JWT at all: all the same to its bearer.
    return undefined;
  }
}
