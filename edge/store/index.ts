import { type Bans, openBans } from "./bans.ts";
import { type Conversations, openConversations } from "./conversations.ts";
import { type Invites, openInvites } from "./invites.ts";
import { type Messages, openMessages } from "./messages.ts";
import { type Mutes, openMutes } from "./mutes.ts";
import { openRefreshTokens, type RefreshTokens } from "./refresh-tokens.ts";
import { openSql, type StoreSettings } from "./sql.ts";
import { openUsers, type Users } from "./users.ts";

/** The system of record, by aggregate. Every method is one round trip to PostgreSQL. */
export interface Store {
  readonly users: Users;
  readonly refreshTokens: RefreshTokens;
  readonly conversations: Conversations;
  readonly bans: Bans;
  readonly mutes: Mutes;
  readonly invites: Invites;
  readonly messages: Messages;
}

/** Opens nothing yet: a Worker may call it for every request. */
export function openStore(settings: StoreSettings): Store {
  const sql = openSql(settings);
  return {
    users: openUsers(sql),
    refreshTokens: openRefreshTokens(sql),
    conversations: openConversations(sql),
    bans: openBans(sql),
    mutes: openMutes(sql),
    invites: openInvites(sql),
    messages: openMessages(sql),
  };
}
