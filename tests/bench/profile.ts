import { z } from "zod";

/** One line of a profile: a function, and its share of the time. */
export interface ProfileLine {
  readonly name: string;
  readonly percent: number;
}

const targets = z.array(z.object({ id: z.string(), webSocketDebuggerUrl: z.string() }));
const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});
const answerSchema = z.object({ id: z.number().optional(), result: z.object({ profile: profileSchema }).optional() });

/** Samples a Worker over its inspector for some seconds; `own` counts a function alone, `whole` with what it calls. */
export async function profileWorker(
  port: number,
  seconds: number,
): Promise<{ readonly own: ProfileLine[]; readonly whole: ProfileLine[] }> {
  const list = targets.parse(await (await fetch(`http://127.0.0.1:${port}/json`)).json());
  const worker = list.find(({ id }) => id.includes("user:"));
  if (worker === undefined) throw new Error("The inspector knows of no Worker.");
  const socket = new WebSocket(worker.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", reject, { once: true });
  });
  const profiled = new Promise<z.infer<typeof profileSchema>>((resolve) => {
    socket.addEventListener("message", ({ data }) => {
      const { result } = answerSchema.catch({}).parse(JSON.parse(String(data)));
      if (result !== undefined) resolve(result.profile);
    });
  });
  const say = (id: number, method: string, params = {}) => socket.send(JSON.stringify({ id, method, params }));
  say(1, "Profiler.enable");
  say(2, "Profiler.setSamplingInterval", { interval: 200 });
  say(3, "Profiler.start");
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  say(4, "Profiler.stop");
  const profile = await profiled;
  socket.close();
  return shares(profile);
}

function shares({ nodes, samples, timeDeltas }: z.infer<typeof profileSchema>) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.functionName || "(anonymous)"]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const own = new Map<string, number>();
  const whole = new Map<string, number>();
  let total = 0;
  samples.forEach((sample, index) => {
    const time = timeDeltas[index] ?? 0;
    total += time;
    add(own, names.get(sample) ?? "", time);
    const above = new Set<string>();
    for (let node: number | undefined = sample; node !== undefined; node = parents.get(node)) {
      above.add(names.get(node) ?? "");
    }
    for (const name of above) add(whole, name, time);
  });
  const sorted = (times: Map<string, number>): ProfileLine[] =>
    [...times]
      .map(([name, time]) => ({ name, percent: (100 * time) / total }))
      .toSorted((one, other) => other.percent - one.percent);
  return { own: sorted(own), whole: sorted(whole) };
}

const add = (times: Map<string, number>, name: string, time: number) => times.set(name, (times.get(name) ?? 0) + time);
