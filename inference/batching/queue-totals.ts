import type { QueueStats } from "./scheduler.ts";
import { priorities } from "./work.ts";

const counted = ["refused", "canceled", "expired", "shared"] as const;
const summed = [...counted, "callers", "lanes", "running", "maxQueue"] as const;

/** What all queues of a node say together. */
export class QueueTotals {
  readonly #queues = new Set<() => QueueStats>();
  /** Of queues that have closed. */
  readonly #past = { refused: 0, canceled: 0, expired: 0, shared: 0 };

  /** Takes a queue in. To be told when it closes: what it has counted stays, so that totals never fall. */
  add(stats: () => QueueStats): () => void {
    this.#queues.add(stats);
    return () => {
      if (!this.#queues.delete(stats)) return;
      const last = stats();
      for (const name of counted) this.#past[name] += last[name];
    };
  }

  /** Sums over the queues: a caller counts once in each. Their oldest row is the oldest of all. */
  get stats(): QueueStats {
    const queues = Array.from(this.#queues, (stats) => stats());
    const sum = { ...this.#past, callers: 0, lanes: 0, running: 0, maxQueue: 0 };
    const waiting = { live: 0, batch: 0 };
    const oldestMs = { live: 0, batch: 0 };
    for (const queue of queues) {
      for (const name of summed) sum[name] += queue[name];
      for (const priority of priorities) {
        waiting[priority] += queue.waiting[priority];
        oldestMs[priority] = Math.max(oldestMs[priority], queue.oldestMs[priority]);
      }
    }
    return { waiting, oldestMs, msPerRow: meanMsPerRow(queues), ...sum };
  }
}

/** Of the rows that wait, so that their number times it is the work there is; with none, of the queues. */
function meanMsPerRow(queues: readonly QueueStats[]): number {
  const rows = queues.map(({ waiting: { live, batch }, msPerRow }) => ({ rows: live + batch, msPerRow }));
  const total = rows.reduce((sum, queue) => sum + queue.rows, 0);
  if (total > 0) return rows.reduce((sum, queue) => sum + queue.rows * queue.msPerRow, 0) / total;
  return rows.reduce((sum, queue) => sum + queue.msPerRow, 0) / Math.max(1, rows.length);
}
