import { type AppLoadContext, data, redirect } from "@remix-run/cloudflare";
import type { ApiClient, ApiError, User } from "./load-context.ts";
import { refusalIn } from "./refusals.server.ts";
import { type Locale, localeOf } from "./strings.ts";

interface Call {
  readonly request: Request;
  readonly context: AppLoadContext;
}

export interface SignedIn {
  readonly client: ApiClient;
  /** To be returned with the response: cookies that keep the person signed in. */
  readonly headers: Headers;
  readonly me: User;
}

/** What a form shows after a refusal: a sentence per field, and one for the whole form. */
export interface FormErrors {
  readonly fields: Readonly<Record<string, string>>;
  /** Empty when every error belongs to a field. */
  readonly message: string;
}

/** Who is signed in; undefined for strangers. */
export async function findSignedIn({ request, context }: Call): Promise<SignedIn | undefined> {
  const { client, headers } = context.meeshy.api(request);
  try {
    return { client, headers, me: await client.me() };
  } catch (error) {
    if (isApiError(error) && error.status === 401) return undefined;
    throw error;
  }
}

/** Who is signed in; strangers are sent to sign in and come back. */
export async function requireSignedIn(call: Call): Promise<SignedIn> {
  const signedIn = await findSignedIn(call);
  if (signedIn !== undefined) return signedIn;
  const { pathname } = new URL(call.request.url);
  throw redirect(`/signin?next=${encodeURIComponent(pathname.replace(/\.data$/, ""))}`);
}

/** Where to go after signing in: a path of this site, never another site. */
export function nextPath(next: unknown): string {
  return typeof next === "string" && /^\/[\w\-./]*$/.test(next) && !next.startsWith("//") ? next : "/conversations";
}

/** Turns the API's refusal of a form into what the form shows, in the reader's words; anything else is thrown on. */
export function refusedForm(error: unknown, request: Request, usernameField = "username") {
  if (!isApiError(error) || error.status >= 500) throw error;
  if (error.status === 401 && error.code !== "invalid_credentials") throw redirect("/signin");
  const locale = localeOf(request);
  const message = refusalIn(locale, error.code, error.message);
  const isAboutPerson = error.code === "username_taken" || error.code === "user_not_found";
  const fields = isAboutPerson ? { [usernameField]: message } : fieldsOf(error, locale);
  const isAboutFields = Object.keys(fields).length > 0;
  return data<FormErrors>({ fields, message: isAboutFields ? "" : message }, { status: error.status });
}

/** A sentence per field of the form; "members.1" belongs to the field "members". */
function fieldsOf(error: ApiError, locale: Locale): Readonly<Record<string, string>> {
  const sentences = Object.entries(error.fields).map(([path, detail]) => {
    const [field = path] = path.split(".", 1);
    return [field, refusalIn(locale, field, detail)] as const;
  });
  return Object.fromEntries(sentences);
}

/** Throws the page "nothing here" for what the API does not know or show. */
export function orNotFound(error: unknown): never {
  if (isApiError(error) && [403, 404, 422].includes(error.status)) throw data(null, { status: 404 });
  throw error;
}

/** A text field of a form; empty when absent. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

/** By its name: the class itself lives in the edge, whose code the pages do not import. */
function isApiError(error: unknown): error is ApiError {
  return error instanceof Error && error.name === "ApiError" && "status" in error && "code" in error;
}
