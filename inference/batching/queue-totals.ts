import type { QueueStats } from "./scheduler.ts";
import { priorities } from "./work.ts";

const counted = ["refused", "canceled", "expired", "shared"] as const;
const summed = [...counted, "callers", "lanes", "running", "maxQueue"] as const;

/** The queues of one name. */
interface Named {
  readonly open: Set<() => QueueStats>;
  /** Of those that have closed. */
  readonly past: Record<(typeof counted)[number], number>;
}

/** What the queues of a node say, by name and all together. */
export class QueueTotals {
  readonly #queues = new Map<string, Named>();

  /**
   * Takes a queue in. To be told when it closes: what it has counted stays, so that totals never fall.
   *
   * @param name the model's; the queue of a model that is loaded again counts on
   */
  add(name: string, stats: () => QueueStats): () => void {
    const named = this.#queues.get(name) ?? {
      open: new Set(),
      past: { refused: 0, canceled: 0, expired: 0, shared: 0 },
    };
    this.#queues.set(name, named);
    named.open.add(stats);
    return () => {
      if (!named.open.delete(stats)) return;
      const last = stats();
      for (const count of counted) named.past[count] += last[count];
    };
  }

  /** Of every name there has been. One without an open queue has no lanes, and what it has counted. */
  get byName(): readonly ({ readonly name: string } & QueueStats)[] {
    return Array.from(this.#queues, ([name, named]) => ({ name, ...sumOf([named]) }));
  }

  /** Sums over the queues: a caller counts once in each. Their oldest row is the oldest of all. */
  get stats(): QueueStats {
    return sumOf([...this.#queues.values()]);
  }
}

function sumOf(named: readonly Named[]): QueueStats {
  const queues = named.flatMap(({ open }) => Array.from(open, (stats) => stats()));
  const sum = { refused: 0, canceled: 0, expired: 0, shared: 0, callers: 0, lanes: 0, running: 0, maxQueue: 0 };
  const waiting = { live: 0, batch: 0 };
  const oldestMs = { live: 0, batch: 0 };
  for (const { past } of named) for (const count of counted) sum[count] += past[count];
  for (const queue of queues) {
    for (const name of summed) sum[name] += queue[name];
    for (const priority of priorities) {
      waiting[priority] += queue.waiting[priority];
      oldestMs[priority] = Math.max(oldestMs[priority], queue.oldestMs[priority]);
    }
  }
  return { waiting, oldestMs, msPerRow: meanMsPerRow(queues), ...sum };
}

/** Of the rows that wait, so that their number times it is the work there is; with none, of the queues. */
function meanMsPerRow(queues: readonly QueueStats[]): number {
  const rows = queues.map(({ waiting: { live, batch }, msPerRow }) => ({ rows: live + batch, msPerRow }));
  const total = rows.reduce((sum, queue) => sum + queue.rows, 0);
  if (total > 0) return rows.reduce((sum, queue) => sum + queue.rows * queue.msPerRow, 0) / total;
  return rows.reduce((sum, queue) => sum + queue.msPerRow, 0) / Math.max(1, rows.length);
}
