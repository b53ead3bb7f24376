import { once } from "node:events";
import { createSecureServer, type ServerHttp2Session } from "node:http2";
import { createContextValues } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Health } from "../../proto/gen/grpc/health/v1/health_pb.js";
import { ServerReflection } from "../../proto/gen/grpc/reflection/v1/reflection_pb.js";
import { TranslationService } from "../../proto/gen/meeshy/v1/translation_pb.js";
import type { InferenceMetrics } from "../telemetry/metrics.ts";
import type { TranslationNode } from "../translation-node.ts";
import { grpcHealth, ServingState } from "./grpc-health.ts";
import { grpcReflection } from "./grpc-reflection.ts";
import { httpRoutes } from "./http-routes.ts";
import { translationService } from "./service.ts";
import { peerKey } from "./terms.ts";
import type { Certificate } from "./tls.ts";

export interface ServerOptions {
  readonly node: TranslationNode;
  readonly metrics: InferenceMetrics;
  readonly certificate: Certificate;
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Milliseconds that work under way may take once the server is to stop. */
  readonly drainTimeoutMs: number;
}

export interface InferenceServer {
  readonly port: number;
  /** Refuses what is new, answers what is under way, then stops. */
  drain(): Promise<void>;
}

/** Largest request: 256 messages of 10,000 characters of up to three bytes. */
const readMaxBytes = 8 * 1024 * 1024;

/** Serves gRPC, gRPC-web and Connect on one port, over HTTP/2 and HTTP/1.1, with health and metrics beside them. */
export async function startServer(options: ServerOptions): Promise<InferenceServer> {
  const { node, metrics, certificate, host, port, drainTimeoutMs } = options;
  const state = new ServingState();
  const services = [TranslationService, Health, ServerReflection];
  const handle = connectNodeAdapter({
    routes: (router) =>
      router
        .service(TranslationService, translationService({ node, metrics, isDraining: () => !state.isServing }))
        .service(Health, grpcHealth(state, [TranslationService.typeName]))
        .service(ServerReflection, grpcReflection(services)),
    fallback: httpRoutes({ node, metrics, isServing: () => state.isServing }),
    contextValues: ({ socket }) => createContextValues().set(peerKey, socket.remoteAddress ?? ""),
    readMaxBytes,
  });

  let underWay = 0;
  const idle = new Set<() => void>();
  const server = createSecureServer({ ...certificate, allowHTTP1: true }, (request, response) => {
    underWay += 1;
    response.once("close", () => {
      underWay -= 1;
      if (underWay === 0) for (const wake of idle) wake();
    });
    handle(request, response);
  });
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");

  return {
    port: address.port,
    async drain() {
      state.stop();
      if (underWay > 0) {
        const quiet = new Promise<void>((resolve) => idle.add(resolve));
        await Promise.race([quiet, new Promise((resolve) => setTimeout(resolve, drainTimeoutMs).unref())]);
      }
      server.close();
      // GOAWAY: streams that are open end first, unless they outlast the timeout.
      for (const session of sessions) session.close();
      setTimeout(() => {
        for (const session of sessions) session.destroy();
      }, 500).unref();
    },
  };
}
