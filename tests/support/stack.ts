import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Stack, type StackOptions, startStack } from "../../scripts/local/stack.ts";

/** A whole Meeshy of a test's own, on free ports and with an empty data folder that is removed at its end. */
export async function newStack(options: Partial<StackOptions> = {}): Promise<Stack> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "meeshy-test-"));
  const stack = await startStack({
    dataDirectory,
    port: 0,
    inferencePort: 0,
    reset: false,
    demo: false,
    environment: {},
    ...options,
  });
  return {
    ...stack,
    async close() {
      await stack.close();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}
