import { once } from "node:events";
import { createServer } from "node:http";
import { expect, it } from "vitest";
import { parseSamples, scrape, sumOf } from "./prometheus.ts";

const text = `# HELP things_total Things.
# TYPE things_total counter
things_total{kind="a",place="x"} 3
things_total{kind="b",place="x"} 4 1700000000000
things_total{kind="a",place="y"} 1.5e1
size_bucket{le="+Inf"} 2
lag_seconds Nan
`;

it("reads names, labels and values, and sums over the labels that are not asked for", () => {
  const samples = parseSamples(text);
  expect(samples).toHaveLength(5);
  expect(samples[3]).toEqual({ name: "size_bucket", labels: { le: "+Inf" }, value: 2 });
  expect(sumOf(samples, "things_total")).toBe(22);
  expect(sumOf(samples, "things_total", { kind: "a" })).toBe(18);
  expect(sumOf(samples, "things_total", { kind: "a", place: "y" })).toBe(15);
  expect(sumOf(samples, "nothing_total")).toBe(0);
});

it("asks a server for them, and says what it answered instead", async () => {
  const answers = [200, 503];
  const server = createServer((_, response) => response.writeHead(answers.shift() ?? 500).end(text));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  expect(sumOf(await scrape({ url }), "things_total")).toBe(22);
  await expect(scrape({ url })).rejects.toThrow("503");
  server.close();
});
