import { createRequestHandler } from "@remix-run/cloudflare";
import type { Context } from "hono";
import * as build from "../build/server/index.js";
import { type ApiClient, createApiClient } from "./api/client.ts";
import { type Env, parseSettings } from "./env.ts";

/** Of the Worker's ExecutionContext, as Hono hands it on. */
type Lifetime = Context["executionCtx"];

/** Answers a request with a page of the web app. */
export type PageHandler = (request: Request, env: Env, context: Lifetime) => Promise<Response>;

/**
 * The web app, built by Remix. Its loaders and actions use the API as any client would, through the Worker itself: the
 * pages can do nothing that the API does not allow.
 *
 * @param callWorker answers a request to the API
 */
export function openPages(
  callWorker: (request: Request, env: Env, context: Lifetime) => Response | Promise<Response>,
): PageHandler {
  const handle = createRequestHandler(build);
  return (request, env, context) => {
    const { origin } = new URL(request.url);
    const api = (from: Request): { client: ApiClient; headers: Headers } => {
      const headers = new Headers();
      const client = createApiClient(async (call) => callWorker(call, env, context), {
        origin,
        headers: from.headers,
        onSetCookie: (cookie) => headers.append("set-cookie", cookie),
      });
      return { client, headers };
    };
    return handle(request, { meeshy: { api, demo: parseSettings(env).DEMO_ACCOUNTS } });
  };
}
