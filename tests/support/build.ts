import { buildIfStale } from "../../scripts/local/build.ts";

/** Builds the web app and the Worker once, before any test starts a stack of its own. */
export default async function setup(): Promise<void> {
  await buildIfStale();
}
