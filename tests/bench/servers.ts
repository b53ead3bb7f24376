import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { ClientFrameSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { binaryFrame, textFrame } from "./raw-socket.ts";

export type TargetName = "meeshy" | "socket.io" | "ws";

/** How a client of a server speaks. */
export interface Dialect {
  readonly path: (room: string, user: string) => string;
  readonly protocol?: string;
  readonly hello?: string;
  readonly publish: (text: string, id: string) => Uint8Array;
  /** What a client says now and then to be known as not lagging. */
  readonly acknowledgement?: Uint8Array;
}

export const dialects: Readonly<Record<TargetName, Dialect>> = {
  meeshy: {
    path: (room, user) => `/socket?conversation=${room}&user=${user}`,
    protocol: "meeshy.v1.proto",
    publish: (text, clientMessageId) =>
      binaryFrame(
        toBinary(
          ClientFrameSchema,
          create(ClientFrameSchema, {
            events: [{ event: { case: "messageSend", value: { clientMessageId, text, language: "en" } } }],
          }),
        ),
      ),
    // The room takes an offset that is too high for the newest that there is.
    acknowledgement: binaryFrame(
      toBinary(
        ClientFrameSchema,
        create(ClientFrameSchema, { events: [{ event: { case: "ack", value: { offset: 0xffffffff } } }] }),
      ),
    ),
  },
  "socket.io": {
    path: (room) => `/socket.io/?EIO=4&transport=websocket&room=${room}`,
    hello: "40",
    publish: (text, id) => textFrame(`42["message",{"id":"${id}","text":"${text}"}]`),
  },
  ws: {
    path: (room) => `/?room=${room}`,
    publish: (text, id) => textFrame(`{"id":"${id}","text":"${text}"}`),
  },
};

/** A server under test, in a process of its own. */
export interface Target {
  readonly port: number;
  /** Seconds of processor time that its processes have used. */
  cpuSeconds(): number;
  /** Bytes of memory that they hold. */
  memoryBytes(): number;
  close(): Promise<void>;
}

/** Starts a server and waits until it says on which port it listens. @param more further arguments of its script */
export async function startTarget(name: TargetName, more: readonly string[] = []): Promise<Target> {
  const script = fileURLToPath(new URL(name === "meeshy" ? "./meeshy-server.ts" : "./peer-server.ts", import.meta.url));
  const child = spawn(process.execPath, [script, name, ...more], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const [line]: unknown[] = await Promise.race([once(lines, "line"), once(child, "exit").then(() => [])]);
  const port = Number(line);
  if (!Number.isInteger(port)) throw new Error(`The server ${name} did not start.`);
  const processes = () => family(child);
  return {
    port,
    cpuSeconds: () => processes().reduce((sum, pid) => sum + cpuOf(pid), 0),
    memoryBytes: () => processes().reduce((sum, pid) => sum + memoryOf(pid), 0),
    async close() {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** The process that serves: workerd where there is one, not the Node process that only started it. */
function family(child: ChildProcess): number[] {
  const root = child.pid ?? 0;
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => read(`/proc/${pid}/stat`).split(") ")[1]?.split(" ")[1] === String(root));
  const workerd = children.filter((pid) => read(`/proc/${pid}/cmdline`).includes("workerd"));
  return workerd.length > 0 ? workerd : [root];
}

const ticksPerSecond = 100;

function cpuOf(pid: number): number {
  const fields = read(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond;
}

function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process has ended.
    return "";
  }
}
