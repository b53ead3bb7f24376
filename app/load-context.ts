import "@remix-run/cloudflare";
import type { ApiClient } from "../edge/api/client.ts";

export type { ApiClient, ApiError, InviteInput } from "../edge/api/client.ts";
export type { Ban, Invite, InvitePreview } from "../edge/api/entry-schemas.ts";
export type { MessageJson } from "../edge/api/message-schemas.ts";
export type { Conversation, ConversationMember, User } from "../edge/api/schemas.ts";

/** What the Worker lends to the loaders and actions of the pages. */
export interface Meeshy {
  /** A client of the API that acts for the sender of `request`; `headers` collects the Set-Cookie of its answers. */
  api(request: Request): { readonly client: ApiClient; readonly headers: Headers };
  /** People whom a visitor may sign in as; only on a local stack. */
  readonly demo: Demo | undefined;
}

export interface Demo {
  readonly password: string;
  readonly people: readonly {
    readonly username: string;
    readonly displayName: string;
    readonly readingLanguage: string;
  }[];
}

declare module "@remix-run/cloudflare" {
  interface AppLoadContext {
    readonly meeshy: Meeshy;
  }
  /** Matches the flag in vite.config.ts: loader data keep their types. */
  interface Future {
    v3_singleFetch: true;
  }
}
