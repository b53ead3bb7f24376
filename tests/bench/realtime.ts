import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { table } from "../../scripts/bench/quantiles.ts";
import { type Crowd, Load, type Measurement } from "./load.ts";
import { startTarget, type TargetName } from "./servers.ts";

const usage = `Loads the room with sockets and messages, and beside it, in the same run, Socket.IO and ws as they ship. Those relay only; the
room stores every message on disk before anybody sees it.

  npm run bench:realtime -- [--scenario NAME] [--runs N] [--seconds N] [--json FILE]

  --scenario NAME   one of: rooms (50 x 10), hundred (1 x 100), thousand (1 x 1,000, through relays), many (500 x 10), quiet, idle, reconnect; default: all
  --runs N          runs of each rate; the median counts (default 3)
  --seconds N       length of a run (default 6)
  --json FILE       the same numbers for machines`;

const { values } = parseArgs({
  options: {
    scenario: { type: "string" },
    runs: { type: "string", default: "3" },
    seconds: { type: "string", default: "6" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [runs, seconds] = [Number(values.runs), Number(values.seconds)];
const targets: readonly TargetName[] = ["meeshy", "socket.io", "ws"];
const results: Record<string, unknown> = { cores: cpus().length, cpu: cpus()[0]?.model, seconds, runs };

/** Runs a rate several times; the run with the median p99 stands for them. */
async function measure(load: Load, rate: number, members: number): Promise<Measurement> {
  const measured: Measurement[] = [];
  for (let run = 0; run < runs; run++) measured.push(await load.run(rate, seconds, members));
  const sorted = measured.toSorted((one, other) => one.p99 - other.p99);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median === undefined) throw new Error("Measure at least once.");
  return { ...median, loss: Math.max(...measured.map(({ loss }) => loss)) };
}

const keepsUp = ({ asked, publishes, p99, loss }: Measurement): boolean =>
  publishes > asked * 0.97 && p99 < 50 && loss === 0;

/** Each server at the rates, from low to high, until it no longer keeps up: 97 % sent, nothing lost, p99 below 50 ms. */
async function ladder(name: string, crowd: Crowd, rates: readonly number[], only = targets): Promise<void> {
  console.log(`\n${name}: ${crowd.rooms} rooms of ${crowd.members}`);
  const rows: Measurement[] = [];
  for (const targetName of only) {
    const target = await startTarget(targetName);
    const load = new Load(target, targetName);
    await load.connect(crowd);
    for (const rate of rates) {
      const measured = await measure(load, rate, crowd.members);
      rows.push(measured);
      if (!keepsUp(measured)) break;
    }
    await target.close();
  }
  results[name] = rows;
  console.log(describe(rows));
  const capacity = (target: TargetName) =>
    Math.max(0, ...rows.filter((row) => row.target === target && keepsUp(row)).map(({ asked }) => asked));
  const mine = capacity("meeshy");
  const against = only.filter((target) => target !== "meeshy").map((target) => `${target} ${capacity(target)}`);
  console.log(`keeps up with ${mine} publishes/s${against.length > 0 ? `; ${against.join(", ")}` : ""}`);
}

function describe(rows: readonly Measurement[]): string {
  return table([
    ["server", "asked/s", "publish/s", "deliver/s", "p50 ms", "p95 ms", "p99 ms", "loss %", "cores", "generator", "MB"],
    ...rows.map((row) => [
      row.target,
      row.asked,
      Math.round(row.publishes),
      Math.round(row.deliveries),
      row.p50,
      row.p95,
      row.p99,
      row.loss * 100,
      row.serverCores,
      row.generatorCores,
      Math.round(row.memory / 1e6),
    ]),
  ]);
}

/** Many sockets that hardly do anything. */
async function idle(sockets: number): Promise<void> {
  console.log(`\nidle: ${sockets} sockets in rooms of 10, 100 publishes/s`);
  const rows: (Measurement & { connectSeconds: number; bytesPerSocket: number })[] = [];
  for (const name of targets) {
    const target = await startTarget(name);
    const load = new Load(target, name);
    const before = target.memoryBytes();
    const connectSeconds = await load.connect({ rooms: sockets / 10, members: 10 }, 100);
    const bytesPerSocket = (target.memoryBytes() - before) / sockets;
    rows.push({ ...(await measure(load, 100, 10)), connectSeconds, bytesPerSocket });
    await target.close();
  }
  results.idle = rows;
  console.log(describe(rows));
  for (const { target, connectSeconds, bytesPerSocket } of rows) {
    console.log(
      `${target}: connected in ${connectSeconds.toFixed(1)} s, ${Math.round(bytesPerSocket / 1_000)} KB a socket`,
    );
  }
}

/** Everybody loses the connection and comes back at once. */
async function reconnect(clients: number): Promise<void> {
  console.log(`\nreconnect: ${clients} clients in rooms of 10 all at once`);
  for (const name of targets) {
    const target = await startTarget(name);
    const load = new Load(target, name);
    await load.connect({ rooms: clients / 10, members: 10 }, 100);
    for (const { socket } of load.sockets.splice(0)) socket.destroy();
    const took = await load.connect({ rooms: clients / 10, members: 10 }, 500);
    results[`reconnect ${name}`] = took;
    console.log(`${name}: all back after ${took.toFixed(1)} s`);
    await target.close();
  }
}

const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  quiet: () => ladder("quiet", { rooms: 1, members: 2 }, [2], ["meeshy", "socket.io", "ws"]),
  rooms: () =>
    ladder(
      "rooms",
      { rooms: 50, members: 10 },
      [500, 1_000, 2_000, 4_000, 6_000, 8_000, 10_000, 12_000, 15_000, 20_000],
    ),
  hundred: () => ladder("hundred", { rooms: 1, members: 100 }, [200, 500, 1_000, 2_000, 4_000, 8_000]),
  thousand: () => ladder("thousand", { rooms: 1, members: 1_000 }, [20, 50, 100, 200, 400, 800]),
  many: () => ladder("many", { rooms: 500, members: 10 }, [500, 1_000, 2_000, 3_000, 4_000]),
  idle: () => idle(10_000),
  reconnect: () => reconnect(5_000),
};
const chosen = values.scenario === undefined ? Object.keys(scenarios) : [values.scenario];
for (const name of chosen) {
  const scenario = scenarios[name];
  if (scenario === undefined) {
    console.error(`There is no scenario ${name}; choose among ${Object.keys(scenarios).join(", ")}.`);
    process.exit(2);
  }
  await scenario();
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
process.exit(0);
