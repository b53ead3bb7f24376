import { errorCodes as roomErrorCodes } from "../conversation/error-codes.ts";
import { AppError, type ErrorStatus } from "../errors.ts";

/** Every way in which the API refuses a request, besides those of the room (edge/conversation/error-codes.ts). */
export const errorCodes = {
  route_not_found: { status: 404, message: "There is nothing here; /api/docs lists what there is." },
  invalid_json: { status: 400, message: "Send a body that is JSON." },
  unsupported_media_type: { status: 415, message: "Send the body as application/json." },
  body_too_large: { status: 413, message: "Send a body of at most 64 KiB." },
  invalid_request: { status: 422, message: "Mend the fields that `errors` names." },
  invalid_cursor: { status: 422, message: "Pass `nextCursor` of the page before, as it is." },
  password_too_short: { status: 422, message: "Choose a password of at least 8 characters." },
  password_too_long: { status: 422, message: "Choose a password of at most 72 bytes." },
  username_taken: { status: 409, message: "Choose another username; this one is taken." },
  not_signed_in: { status: 401, message: "Sign in, and send the access token as a bearer token or cookie." },
  invalid_token: { status: 401, message: "The access token is wrong or has expired; refresh it or sign in again." },
  invalid_credentials: { status: 401, message: "Username or password is wrong." },
  session_expired: { status: 401, message: "This sign-in is over; sign in again." },
  refresh_token_reused: {
    status: 401,
    message: "This refresh token was used before, so everyone signed in with it was signed out; sign in again.",
  },
  invalid_ticket: { status: 401, message: "The socket ticket is wrong or has expired; ask for a new one." },
  too_many_attempts: { status: 429, message: "Too many attempts to sign in; wait and try again." },
  cross_site_request: {
    status: 403,
    message: "Requests that change something with cookies must come from this site's own pages; use a bearer token.",
  },
  not_permitted: roomErrorCodes.not_permitted,
  not_yourself: { status: 403, message: "You can change your own profile only." },
  user_not_found: { status: 404, message: "Nobody has that username or id." },
  conversation_not_found: { status: 404, message: "You are in no such conversation." },
  member_not_found: { status: 404, message: "That person is not in the conversation." },
  invite_not_found: { status: 404, message: "This invite is unknown or no longer valid; ask for a new one." },
  banned: {
    status: 403,
    message: "This person is banned from the conversation; its owner or an admin can lift the ban.",
  },
  ban_not_found: { status: 404, message: "That person is not banned from the conversation." },
  conversation_full: { status: 409, message: "The conversation has 256 members already." },
  fleet_closed: { status: 404, message: "No inference node may register here; set FLEET_SECRET to let them." },
  invalid_fleet_secret: { status: 401, message: "Send FLEET_SECRET as a bearer token." },
  fleet_full: { status: 409, message: "So many inference nodes are registered already that no more can be." },
  database_unavailable: { status: 503, message: "The database does not answer; try again in a moment." },
} as const satisfies Record<string, { readonly status: ErrorStatus; readonly message: string }>;

export type ApiErrorCode = keyof typeof errorCodes;

/** The refusal of this code, to be thrown. */
export function apiError(code: ApiErrorCode, retryAfterMs = 0): AppError {
  const { status, message } = errorCodes[code];
  return new AppError(code, status, message, retryAfterMs);
}
