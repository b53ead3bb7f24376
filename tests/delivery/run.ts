import { parseArgs } from "node:util";
import { simulate } from "./simulation.ts";

const usage = `Simulates people whose connections break while the room loses its memory or its storage and its services come and go, and checks that
everybody ends up seeing the same.

  npm run test:delivery -- [--seeds N] [--seed S]

  --seeds N   that many simulations, with the seeds from 1 on (default 50)
  --seed S    only the one with this seed`;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "50" },
    seed: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const seeds =
  values.seed === undefined
    ? Array.from({ length: Number(values.seeds) }, (_, index) => index + 1)
    : [Number(values.seed)];

let failed = 0;
for (const seed of seeds) {
  const { messages, events, evictions, losses, released, disconnects, problems } = await simulate({ seed });
  const verdict = problems.length === 0 ? "well" : "BROKEN";
  console.log(
    `seed ${seed}: ${messages} messages (${released} released), ${events} events, ${evictions} evictions, ${losses} losses of storage, ${disconnects} disconnects: ${verdict}`,
  );
  for (const problem of problems.slice(0, 20)) console.log(`  ${problem}`);
  if (problems.length > 0) failed += 1;
}
console.log(`${seeds.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
