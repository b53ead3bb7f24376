import { z } from "zod";
import * as entry from "./entry-schemas.ts";
import * as messageSchemas from "./message-schemas.ts";
import * as schemas from "./schemas.ts";

/** Carries a request to the API: the Hono app itself inside the Worker, `fetch` elsewhere. */
export type Fetcher = (request: Request) => Promise<Response>;

/** On whose behalf the client calls. */
export interface Caller {
  /** Scheme, host and port of the site: "https://meeshy.example". */
  readonly origin: string;
  /** The person's own request headers: cookies, origin, address and authorisation are passed on, nothing else. */
  readonly headers: Headers;
  /** Called with every Set-Cookie header that the API answers with. */
  readonly onSetCookie?: (cookie: string) => void;
}

export type RegisterInput = z.input<typeof schemas.registerInput>;
export type LoginInput = z.input<typeof schemas.loginInput>;
export type ProfileInput = z.input<typeof schemas.profileInput>;
export type CreateConversationInput = z.input<typeof schemas.createConversationInput>;
export type RoleInput = z.input<typeof schemas.roleInput>;
export type InviteInput = z.input<typeof entry.inviteInput>;
export type GuestInput = z.input<typeof entry.guestInput>;
export type BanInput = z.input<typeof entry.banInput>;
export type AddMemberInput = z.input<typeof schemas.addMemberInput>;

/** One method per use that the web app makes of the API. Each throws ApiError when the API refuses. */
export interface ApiClient {
  /** Creates a person and signs them in: later calls of this client are theirs. */
  register(input: RegisterInput): Promise<schemas.Session>;
  /** Signs in: later calls of this client are that person's. */
  login(input: LoginInput): Promise<schemas.Session>;
  /** Joins by invite without an account: later calls of this client are that guest's. */
  joinAsGuest(input: GuestInput): Promise<entry.GuestSession>;
  logout(): Promise<void>;
  me(): Promise<schemas.User>;
  updateMe(input: ProfileInput): Promise<schemas.User>;
  searchUsers(query: string, page?: PageInput): Promise<schemas.UserPage>;
  /** The most recently active first. */
  listConversations(page?: PageInput): Promise<schemas.ConversationPage>;
  createConversation(input: CreateConversationInput): Promise<schemas.Conversation>;
  getConversation(id: string): Promise<schemas.Conversation>;
  renameConversation(id: string, title: string): Promise<schemas.Conversation>;
  /** Has the conversation translated, or not any more. */
  setTranslates(id: string, translates: boolean): Promise<schemas.Conversation>;
  /** @param until ISO 8601 time in UTC; null: for good */
  mute(id: string, until: string | null): Promise<schemas.Conversation>;
  unmute(id: string): Promise<void>;
  createInvite(id: string, input?: InviteInput): Promise<entry.Invite>;
  /** Those by which people can join, the newest first: all for owners and admins, for members their own. */
  listInvites(id: string): Promise<entry.InviteList>;
  revokeInvite(id: string, code: string): Promise<void>;
  /** Needs no sign-in: whoever has the code may see where it leads. */
  previewInvite(code: string): Promise<entry.InvitePreview>;
  /** Joins; for who is a member already, nothing changes. */
  acceptInvite(code: string): Promise<schemas.Conversation>;
  addMember(id: string, input: AddMemberInput): Promise<schemas.Conversation>;
  /** Makes somebody an admin, or a member again. */
  changeRole(id: string, userId: string, input: RoleInput): Promise<schemas.Conversation>;
  removeMember(id: string, userId: string): Promise<void>;
  leave(id: string): Promise<void>;
  /** Removes somebody and keeps them out. */
  ban(id: string, input: BanInput): Promise<entry.Ban>;
  listBans(id: string): Promise<entry.BanList>;
  unban(id: string, userId: string): Promise<void>;
  /** Messages as they stand now, oldest first, with the translations into the caller's reading language. */
  history(id: string, page?: HistoryInput): Promise<messageSchemas.MessagePage>;
  /** Every text that a message had, oldest first; none once it is deleted. */
  revisions(id: string, messageId: string): Promise<messageSchemas.RevisionList>;
  /** Opens `/ws?ticket=` once, within the seconds it says. */
  socketTicket(id: string): Promise<schemas.SocketTicket>;
}

export interface PageInput {
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

export interface HistoryInput {
  /** Only messages older than this offset. */
  readonly before?: number | undefined;
  /** 1 to 100; 50 when absent. */
  readonly limit?: number | undefined;
}

/** The API's refusal. `message` says what to do; `fields` names what was wrong with each field of the input. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  /** 0: waiting does not help. */
  readonly retryAfterMs: number;
  readonly fields: Readonly<Record<string, string>>;

  constructor(problem: schemas.Problem) {
    super(problem.detail);
    this.name = "ApiError";
    this.code = problem.code;
    this.status = problem.status;
    this.retryAfterMs = problem.retryAfterMs ?? 0;
    this.fields = Object.fromEntries((problem.errors ?? []).map(({ field, detail }) => [field, detail]));
  }
}

export function createApiClient(fetcher: Fetcher, caller: Caller): ApiClient {
  const call = createCaller(fetcher, caller);
  const conversationPath = (id: string, rest = "") => `/conversations/${encodeURIComponent(id)}${rest}`;
  const memberPath = (id: string, userId: string) => conversationPath(id, `/members/${encodeURIComponent(userId)}`);
  const invitePath = (code: string, rest = "") => `/conversations/invites/${encodeURIComponent(code)}${rest}`;

  const client: ApiClient = {
    register: (input) => call(schemas.session, "POST", "/auth/register", input),
    login: (input) => call(schemas.session, "POST", "/auth/login", input),
    joinAsGuest: (input) => call(entry.guestSession, "POST", "/auth/guests", input),
    logout: () => call(nothing, "POST", "/auth/logout"),
    me: () => call(schemas.user, "GET", "/users/me"),
    updateMe: (input) => call(schemas.user, "PUT", "/users/me", input),
    searchUsers: (query, page = {}) => call(schemas.userPage, "GET", `/users${search({ query, ...page })}`),
    listConversations: (page = {}) => call(schemas.conversationPage, "GET", `/conversations${search({ ...page })}`),
    createConversation: (input) => call(schemas.conversation, "POST", "/conversations", input),
    getConversation: (id) => call(schemas.conversation, "GET", conversationPath(id)),
    renameConversation: (id, title) => call(schemas.conversation, "PUT", conversationPath(id), { title }),
    setTranslates: (id, translates) => call(schemas.conversation, "PATCH", conversationPath(id), { translates }),
    mute: (id, until) => call(schemas.conversation, "PUT", conversationPath(id, "/mute"), { until }),
    unmute: (id) => call(nothing, "DELETE", conversationPath(id, "/mute")),
    createInvite: (id, input = {}) => call(entry.invite, "POST", conversationPath(id, "/invites"), input),
    listInvites: (id) => call(entry.inviteList, "GET", conversationPath(id, "/invites")),
    revokeInvite: (id, code) => call(nothing, "DELETE", conversationPath(id, `/invites/${encodeURIComponent(code)}`)),
    previewInvite: (code) => call(entry.invitePreview, "GET", invitePath(code)),
    acceptInvite: (code) => call(schemas.conversation, "POST", invitePath(code, "/accept")),
    addMember: (id, input) => call(schemas.conversation, "POST", conversationPath(id, "/members"), input),
    changeRole: (id, userId, input) => call(schemas.conversation, "PATCH", memberPath(id, userId), input),
    removeMember: (id, userId) => call(nothing, "DELETE", memberPath(id, userId)),
    leave: (id) => call(nothing, "DELETE", memberPath(id, "me")),
    ban: (id, input) => call(entry.ban, "POST", conversationPath(id, "/bans"), input),
    listBans: (id) => call(entry.banList, "GET", conversationPath(id, "/bans")),
    unban: (id, userId) => call(nothing, "DELETE", conversationPath(id, `/bans/${encodeURIComponent(userId)}`)),
    history: (id, page = {}) =>
      call(messageSchemas.messagePage, "GET", conversationPath(id, `/messages${search({ ...page })}`)),
    revisions: (id, messageId) =>
      call(
        messageSchemas.revisionList,
        "GET",
        conversationPath(id, `/messages/${encodeURIComponent(messageId)}/revisions`),
      ),
    socketTicket: (id) => call(schemas.socketTicket, "POST", conversationPath(id, "/ticket")),
  };
  return client;
}

const nothing = z.void();

const passedOn = ["authorization", "origin", "sec-fetch-site", "cf-connecting-ip", "user-agent"];

function createCaller(fetcher: Fetcher, caller: Caller) {
  const cookies = new Map(parseCookies(caller.headers.get("cookie") ?? ""));

  async function send(method: string, path: string, body: unknown): Promise<Response> {
    const headers = new Headers({ accept: "application/json" });
    for (const name of passedOn) {
      const value = caller.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
    if (cookies.size > 0) headers.set("cookie", Array.from(cookies, ([name, value]) => `${name}=${value}`).join("; "));
    if (body !== undefined) headers.set("content-type", "application/json");
    const response = await fetcher(
      new Request(`${caller.origin}/api${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    for (const cookie of response.headers.getSetCookie()) {
      for (const [name, value] of parseCookies(cookie.split(";", 1)[0] ?? "")) {
        if (value === "") cookies.delete(name);
        else cookies.set(name, value);
      }
      caller.onSetCookie?.(cookie);
    }
    if (response.ok) return response;
    throw new ApiError(await readProblem(response));
  }

  return async function call<Result>(
    answer: z.ZodType<Result>,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Result> {
    const response = await send(method, path, body);
    return answer.parse(response.status === 204 ? undefined : await response.json());
  };
}

async function readProblem(response: Response): Promise<schemas.Problem> {
  const parsed = schemas.problem.safeParse(await response.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  const detail = "The server did not answer as it should; try again.";
  return { type: "about:blank", title: "Bad answer", status: response.status, code: "bad_answer", detail };
}

function parseCookies(header: string): [name: string, value: string][] {
  return header
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.includes("="))
    .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]);
}

function search(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value));
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
