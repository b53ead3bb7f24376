import { writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { table } from "../../scripts/bench/quantiles.ts";
import { type Crowd, Load, type Measurement } from "./load.ts";
import { type ProfileLine, profileWorker } from "./profile.ts";
import { startTarget, type TargetName } from "./servers.ts";

const usage = `Loads the room with sockets and messages, and beside it, in the same run, Socket.IO and ws as they ship. Those relay only; the
room stores every message on disk before anybody sees it.

  npm run bench:realtime -- [--scenario NAME] [--runs N] [--seconds N] [--storage DIR] [--json FILE]

  --scenario NAME   one of: rooms (50 x 10), hundred (1 x 100), thousand (1 x 1,000, through relays), many (500 x 10), quiet, idle, reconnect, or
                    profile (where the time goes at 50 x 10); default: all but profile
  --runs N          runs of each rate; the median counts (default 3)
  --seconds N       length of a run (default 6)
  --storage DIR     where the room's disks are (default: the system's folder for temporary files). A folder in memory shows
                    what the disk costs; it keeps nothing
  --json FILE       the same numbers for machines`;

const { values } = parseArgs({
  options: {
    scenario: { type: "string" },
    runs: { type: "string", default: "3" },
    seconds: { type: "string", default: "6" },
    storage: { type: "string", default: tmpdir() },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [runs, seconds] = [Number(values.runs), Number(values.seconds)];
const start = (name: TargetName) => startTarget(name, [values.storage]);
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

/** Whether what is asked for gets through: 97 % sent, nothing lost, and not later and later. */
const carries = ({ asked, publishes, p99, loss }: Measurement): boolean =>
  publishes > asked * 0.97 && p99 < 500 && loss === 0;

const keepsUp = (measured: Measurement): boolean => carries(measured) && measured.p99 < 50;

/** Each server at the rates, from low to high, until it no longer carries them. */
async function ladder(name: string, crowd: Crowd, rates: readonly number[], only = targets): Promise<void> {
  console.log(`\n${name}: ${crowd.rooms} rooms of ${crowd.members}`);
  const rows: Measurement[] = [];
  for (const targetName of only) {
    const target = await start(targetName);
    const load = new Load(target, targetName);
    await load.connect(crowd);
    for (const rate of rates) {
      const measured = await measure(load, rate, crowd.members);
      rows.push(measured);
      if (!carries(measured)) break;
    }
    await target.close();
  }
  results[name] = rows;
  console.log(describe(rows));
  for (const target of only) {
    const most = (holds: (row: Measurement) => boolean) =>
      Math.max(0, ...rows.filter((row) => row.target === target && holds(row)).map(({ asked }) => asked));
    console.log(`${target}: ${most(keepsUp)} publishes/s with a p99 below 50 ms, ${most(carries)} carried`);
  }
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
    const target = await start(name);
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
    const target = await start(name);
    const load = new Load(target, name);
    await load.connect({ rooms: clients / 10, members: 10 }, 100);
    for (const { socket } of load.sockets.splice(0)) socket.destroy();
    const took = await load.connect({ rooms: clients / 10, members: 10 }, 500);
    results[`reconnect ${name}`] = took;
    console.log(`${name}: all back after ${took.toFixed(1)} s`);
    await target.close();
  }
}

/** Where the Worker's time goes while it is busy. */
async function profile(): Promise<void> {
  const inspectorPort = 9_339;
  const target = await startTarget("meeshy", [values.storage, String(inspectorPort)]);
  const load = new Load(target, "meeshy");
  await load.connect({ rooms: 50, members: 10 });
  const rate = 4_000;
  const [measured, { own, whole }] = await Promise.all([
    load.run(rate, seconds + 4, 10),
    pause(2_000).then(() => profileWorker(inspectorPort, seconds)),
  ]);
  await target.close();
  console.log(`\nprofile: 50 rooms of 10 at ${rate} publishes/s, ${seconds} s\n${describe([measured])}`);
  const lines = (shares: readonly ProfileLine[]) =>
    shares.slice(0, 25).map(({ name, percent }) => `${percent.toFixed(1).padStart(6)} %  ${name}`);
  console.log(["", "alone", ...lines(own), "", "with what it calls", ...lines(whole)].join("\n"));
  results.profile = { measured, own: own.slice(0, 100), whole: whole.slice(0, 100) };
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
  profile,
};
const chosen =
  values.scenario === undefined ? Object.keys(scenarios).filter((name) => name !== "profile") : [values.scenario];
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
