import { execFileSync } from "node:child_process";

/** An NVIDIA card, by the word of its driver's own tool. */
export interface Card {
  readonly name: string;
  readonly totalBytes: number;
  readonly freeBytes: number;
}

const query = ["--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"];
const mebibyte = 1_048_576;

/** The first card of this machine; undefined where there is none, or no `nvidia-smi` that answers within five seconds. */
export function readCard(): Card | undefined {
  try {
    const said = execFileSync("nvidia-smi", query, {
      encoding: "utf8",
      timeout: 5_000,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return parseCard(said);
  } catch {
    return undefined;
  }
}

/** @param said a line for each card: its name, MiB in all, MiB free */
export function parseCard(said: string): Card | undefined {
  const [, name, total, free] = /^(.+), (\d+), (\d+)$/m.exec(said) ?? [];
  if (name === undefined) return undefined;
  return { name, totalBytes: Number(total) * mebibyte, freeBytes: Number(free) * mebibyte };
}
