import { apiError } from "../api/error-codes.ts";
import { uuidv7 } from "../ids.ts";
import type { Store } from "../store/index.ts";
import { refreshTokenLifetime, type SessionTokens } from "./cookies.ts";
import { issueAccessToken, type TokenSettings } from "./tokens.ts";

/** A sign-in: a short-lived access token and a refresh token that is replaced each time it is used (RFC 9700, 4.14). */
export interface Sessions {
  begin(userId: string): Promise<SessionTokens>;
  /**
   * The next tokens of a sign-in. Throws `session_expired`; or `refresh_token_reused` when the token was replaced more
   * than 30 s ago: then somebody else may hold it, and the whole sign-in is over. Within them, two tabs may both refresh.
   */
  refresh(refreshToken: string): Promise<SessionTokens & { readonly userId: string }>;
  /** Ends the sign-in; an unknown token is nothing to end. */
  end(refreshToken: string): Promise<void>;
}

export interface SessionDependencies {
  readonly refreshTokens: Store["refreshTokens"];
  readonly settings: TokenSettings;
  readonly now: () => Date;
}

const graceMs = 30_000;

export function openSessions({ refreshTokens, settings, now }: SessionDependencies): Sessions {
  const expiry = () => new Date(now().getTime() + refreshTokenLifetime * 1000);
  return {
    async begin(userId) {
      const refreshToken = randomToken();
      await refreshTokens.issue({
        tokenHash: await hashToken(refreshToken),
        family: uuidv7(),
        userId,
        now: now(),
        expiresAt: expiry(),
      });
      return { accessToken: await issueAccessToken({ userId }, settings, now()), refreshToken };
    },

    async refresh(presented) {
      const refreshToken = randomToken();
      const rotation = await refreshTokens.rotate({
        presentedHash: await hashToken(presented),
        nextHash: await hashToken(refreshToken),
        now: now(),
        expiresAt: expiry(),
        graceMs,
      });
      switch (rotation.outcome) {
        case "rotated": {
          const { userId } = rotation;
          return { userId, accessToken: await issueAccessToken({ userId }, settings, now()), refreshToken };
        }
        case "reused":
          throw apiError("refresh_token_reused");
        case "unknown":
        case "expired":
        case "revoked":
          throw apiError("session_expired");
      }
    },

    async end(refreshToken) {
      await refreshTokens.revoke(await hashToken(refreshToken), now());
    },
  };
}

/** 256 random bits: nothing can be guessed, so a fast hash is enough to store it. */
const randomToken = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

const hashToken = async (token: string): Promise<string> =>
  base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token))));

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
