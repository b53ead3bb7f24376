import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { RetryInfoSchema } from "../../proto/gen/google/rpc/error_details_pb.js";
import { type ItemError, ItemErrorSchema } from "../../proto/gen/meeshy/v1/translation_pb.js";
import { DeadlineError, OverloadedError } from "../batching/errors.ts";
import { EngineError } from "../engine/pool.ts";
import { UnknownPairError } from "../translation-node.ts";

/** The node is about to stop. */
export const draining = (): ConnectError =>
  new ConnectError("This node is shutting down; ask another.", Code.Unavailable);

/** What went wrong, as a status that tells the caller what to do. */
export function asStatus(error: unknown, signal: AbortSignal): ConnectError {
  if (error instanceof ConnectError) return error;
  if (error instanceof OverloadedError) {
    const { message, retryAfterMs } = error;
    const retryInfo = { desc: RetryInfoSchema, value: { retryDelay: durationFromMs(retryAfterMs) } };
    return new ConnectError(message, Code.ResourceExhausted, { "retry-after-ms": String(retryAfterMs) }, [retryInfo]);
  }
  if (error instanceof DeadlineError) return new ConnectError(error.message, Code.DeadlineExceeded);
  if (error instanceof UnknownPairError) return new ConnectError(error.message, Code.InvalidArgument);
  if (error instanceof EngineError) return new ConnectError("The model could not run; try again.", Code.Internal);
  if (signal.aborted) return ConnectError.from(signal.reason, Code.Canceled);
  return new ConnectError("Something broke in this node; ask another.", Code.Internal, undefined, undefined, error);
}

/** What went wrong with one item among many. */
export function asItemError(error: unknown, signal: AbortSignal): ItemError {
  const { code, rawMessage: message } = asStatus(error, signal);
  const retryAfterMs = error instanceof OverloadedError ? error.retryAfterMs : 0;
  return create(ItemErrorSchema, { code: snakeCase(Code[code]), message, retryAfterMs });
}

const snakeCase = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
