import { readFileSync } from "node:fs";
import { Agent, request } from "undici";

/** One value of a metric. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads what a server exposes in Prometheus' text format, version 0.0.4; label values without escapes only, as ours are. */
export function parseSamples(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const [, name, labels = "", value] = /^([a-z_:][\w:]*)(?:\{(.*)\})? (\S+)/i.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = Array.from(labels.matchAll(/(\w+)="([^"]*)"/g), ([, label, of]) => [label, of] as const);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

/** Sum of a metric over all series that carry these labels; 0 when there is none. */
export const sumOf = (
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number =>
  samples
    .filter((sample) => sample.name === name && Object.entries(labels).every(([key, of]) => sample.labels[key] === of))
    .reduce((sum, { value }) => sum + value, 0);

/** Milliseconds that a server may take to accept a connection, and to answer. */
const patienceMs = 60_000;

/**
 * What a server says of itself now.
 *
 * @param server base URL, and the certificate to trust when it has one of its own
 */
export async function scrape(server: { readonly url: string; readonly certificatePath?: string }): Promise<Sample[]> {
  const { url, certificatePath } = server;
  const connect = certificatePath === undefined ? {} : { ca: readFileSync(certificatePath, "utf8") };
  // A busy server may take its time: what is late is still a sample.
  const dispatcher = new Agent({ connect: { ...connect, timeout: patienceMs }, headersTimeout: patienceMs });
  try {
    const { statusCode, body } = await request(`${url}/metrics`, { dispatcher });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${url}/metrics: ${statusCode} ${text}`);
    return parseSamples(text);
  } finally {
    await dispatcher.destroy();
  }
}
