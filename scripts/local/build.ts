import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What the Worker is built from. */
const sources = ["app", "edge", "proto", "package-lock.json", "wrangler.toml"];
const stamp = "build/.built";

/** Builds the web app and the Worker unless what is there is newer than every source. Returns whether it built. */
export async function buildIfStale(): Promise<boolean> {
  if (existsSync(stamp) && statSync(stamp).mtimeMs > newest(sources)) return false;
  const startedAt = new Date();
  const child = spawn("npm", ["run", "--silent", "build"], {
    // Whoever starts it, tests included: other values bundle React's development build.
    env: { ...process.env, NODE_ENV: "production" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
  }
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`The build failed (npm run build):\n${output}`);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, `${startedAt.toISOString()}\n`);
  return true;
}

function newest(paths: readonly string[]): number {
  let latest = 0;
  for (const path of paths) {
    const stat = statSync(path);
    const time = stat.isDirectory()
      ? newest(
          readdirSync(path)
            .filter((name) => name !== "node_modules")
            .map((name) => join(path, name)),
        )
      : stat.mtimeMs;
    latest = Math.max(latest, time);
  }
  return latest;
}
