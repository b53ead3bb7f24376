import { expect, it } from "vitest";
import protocol from "../../docs/protocol.md?raw";
import { ClientEventSchema, ServerEventSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { closeCodes } from "./close-codes.ts";
import { errorCodes } from "./error-codes.ts";
import { limits, subprotocols } from "./limits.ts";
import { rates } from "./rate-limit.ts";

const section = (heading: string) => protocol.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
const rows = (heading: string) =>
  section(heading)
    .split("\n")
    // The formatter pads the cells of a table.
    .map((line) => line.replace(/ +/g, " "))
    .filter((line) => /^\| (`|4\d{3} )/.test(line));

it("documents every error code with its status and sentence, and no other", () => {
  const expected = Object.entries(errorCodes).map(
    ([code, { status, message }]) => `| \`${code}\` | ${status} | ${message} |`,
  );
  expect(rows("Error codes")).toEqual(expected);
});

it("documents every close code and whether to come back, and no other", () => {
  const expected = Object.entries(closeCodes).map(
    ([name, { code, reconnect, reason }]) => `| ${code} | \`${name}\` | ${reconnect ? "yes" : "no"} | ${reason} |`,
  );
  expect(rows("Close codes")).toEqual(expected);
});

it("documents every limit with its value", () => {
  const documented = rows("Limits").map((row) => row.match(/^\| `(\w+)` \| (\d+)/)?.slice(1, 3));
  expect(documented).toEqual(Object.entries(limits).map(([name, value]) => [name, String(value)]));
  for (const { burst, perSecond } of Object.values(rates)) {
    expect(section("Limits")).toContain(`${burst} at once and ${perSecond} per second`);
  }
});

it("names every event and subprotocol", () => {
  for (const { jsonName } of [...ClientEventSchema.fields, ...ServerEventSchema.fields]) {
    if (jsonName !== "offset") expect(protocol).toMatch(new RegExp(`^### .*\`${jsonName}\``, "m"));
  }
  for (const name of Object.values(subprotocols)) expect(protocol).toContain(`\`${name}\``);
});

it("gives examples that are JSON, of events that exist", () => {
  const names = new Set([...ClientEventSchema.fields, ...ServerEventSchema.fields].map(({ jsonName }) => jsonName));
  const examples = [...protocol.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => JSON.parse(json ?? ""));
  expect(examples.length).toBeGreaterThan(15);
  for (const event of examples.flat()) for (const name of Object.keys(event)) expect(names).toContain(name);
});
