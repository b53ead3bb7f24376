import type { Env as Bindings } from "../../env.ts";

/** What the tests inside workerd are given: the Worker's own bindings, and edge/test-worker.ts as the Worker. */
declare global {
  namespace Cloudflare {
    interface Env extends Bindings {}
    interface GlobalProps {
      mainModule: typeof import("../../test-worker.ts");
    }
  }
}
