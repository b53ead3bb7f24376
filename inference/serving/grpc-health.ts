import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { type Health, HealthCheckResponse_ServingStatus as Status } from "../../proto/gen/grpc/health/v1/health_pb.js";

/** Whether the server takes calls, for whoever asks and whoever watches. */
export class ServingState {
  readonly #watchers = new Set<() => void>();
  #isServing = true;

  get isServing(): boolean {
    return this.#isServing;
  }

  /** The server is about to stop. */
  stop(): void {
    this.#isServing = false;
    for (const wake of this.#watchers) wake();
  }

  /** The state now and at every change, until the signal or the end: a watcher does not hold up the drain. */
  async *watch(signal: AbortSignal): AsyncGenerator<boolean> {
    while (!signal.aborted) {
      yield this.#isServing;
      if (!this.#isServing) return;
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#watchers.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        this.#watchers.add(wake);
        signal.addEventListener("abort", wake);
      });
    }
  }
}

/** grpc.health.v1.Health for these services; an empty name asks for the server as a whole. */
export function grpcHealth(state: ServingState, services: readonly string[]): ServiceImpl<typeof Health> {
  const isKnown = (service: string) => service === "" || services.includes(service);
  const statusOf = (isServing: boolean) => (isServing ? Status.SERVING : Status.NOT_SERVING);
  return {
    check({ service }) {
      if (!isKnown(service)) throw new ConnectError(`There is no service ${service} here.`, Code.NotFound);
      return { status: statusOf(state.isServing) };
    },
    async *watch({ service }, { signal }) {
      if (!isKnown(service)) yield { status: Status.SERVICE_UNKNOWN };
      for await (const isServing of state.watch(signal)) if (isKnown(service)) yield { status: statusOf(isServing) };
    },
  };
}
