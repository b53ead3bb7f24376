import { bucketOf, type FairQueue, type Queued } from "./fair-queue.ts";

export interface BatchBounds {
  readonly batchSize: number;
  readonly batchTokens: number;
}

/**
 * Takes a batch out of queues, the first of them first: the row whose turn it is, then those of its length bucket, then of
 * the buckets beside it, while they fit.
 *
 * @param isWanted false for a row that is to be left out
 */
export function fillBatch<Work extends Queued>(
  queues: readonly FairQueue<Work>[],
  { batchSize, batchTokens }: BatchBounds,
  isWanted: (work: Work) => boolean,
): Work[] {
  const wanted = (take: () => Work | undefined): Work | undefined => {
    let work = take();
    while (work !== undefined && !isWanted(work)) work = take();
    return work;
  };
  const batch: Work[] = [];
  let longest = 0;
  const add = (work: Work): void => {
    batch.push(work);
    longest = Math.max(longest, work.cost);
  };
  const fits = ({ cost }: Work) => Math.max(longest, cost) * (batch.length + 1) <= batchTokens;

  for (const queue of queues) {
    const first = batch[0] ?? wanted(() => queue.takeNext());
    if (first === undefined) continue;
    if (batch.length === 0) add(first);
    const bucket = bucketOf(first.cost);
    for (const near of [bucket, bucket - 1, bucket + 1]) {
      while (batch.length < batchSize) {
        const work = wanted(() => queue.takeOf(near, fits));
        if (work === undefined) break;
        add(work);
      }
    }
  }
  return batch;
}
