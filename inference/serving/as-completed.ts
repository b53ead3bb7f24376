export interface AsCompletedOptions<Item, Result> {
  readonly items: readonly Item[];
  /** Items under way or finished but not yet read, at most. */
  readonly ahead: number;
  /** False: begin no more; what is under way is still given out. */
  readonly mayBegin: () => boolean;
  readonly work: (item: Item, index: number) => Promise<Result>;
}

/**
 * Gives out results as they come, in any order. No more is begun than the reader can soon read, so memory is bounded however
 * long the list is, and who stops reading lets nothing new begin.
 *
 * @throws what `work` throws first
 */
export async function* asCompleted<Item, Result>(options: AsCompletedOptions<Item, Result>): AsyncGenerator<Result> {
  const { items, ahead, mayBegin, work } = options;
  const ready: Result[] = [];
  let failure: { readonly error: unknown } | undefined;
  let underWay = 0;
  let next = 0;
  let settled = Promise.withResolvers<void>();

  const begin = async (item: Item, index: number): Promise<void> => {
    underWay += 1;
    try {
      ready.push(await work(item, index));
    } catch (error) {
      failure ??= { error };
    } finally {
      underWay -= 1;
      settled.resolve();
    }
  };

  while (true) {
    while (underWay + ready.length < ahead && mayBegin()) {
      const item = items[next];
      if (item === undefined) break;
      void begin(item, next++);
    }
    if (failure !== undefined) throw failure.error;
    const result = ready.shift();
    if (result !== undefined) yield result;
    else if (underWay === 0) return;
    else await settled.promise;
    // What came meanwhile is in `ready`: a new promise misses nothing.
    settled = Promise.withResolvers<void>();
  }
}
