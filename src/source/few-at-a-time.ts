// Files that are looked at one after the other while the file system answers at once, as a local one does from its cache: to hand
// each call to another thread would take three to twenty times as long. Otherwise side by side: enough of them to hide the
// latency of a network file system, and not more.
import { setImmediate } from 'node:timers/promises';

const inFlight = 16;
/** Above this a call waits for something. */
const quickMs = 0.25;
/** So long other work on this thread may have to wait. */
const turnMs = 20;

/** How to look at a file: both ways give the same and fail alike. */
export interface FileVisit<Item, Result> {
  readonly now: (item: Item) => Result;
  readonly later: (item: Item) => Promise<Result>;
}

/** Visits every item; results come in the order of the items. The first failure ends it. */
export async function visitFiles<Item, Result>(
  items: readonly Item[],
  { now, later }: FileVisit<Item, Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let turn = 0; results.length < items.length; turn++) {
    const startedMs = performance.now();
    let endedMs = startedMs;
    let [quick, slow] = [0, 0];
    while (results.length < items.length && endedMs - startedMs < turnMs) {
      const visitedMs = endedMs;
      results.push(now(items[results.length]));
      endedMs = performance.now();
      if (endedMs - visitedMs < quickMs) quick++;
      else slow++;
    }
    // In the first turn the code is new to the engine of JavaScript, and slow in any case.
    if (turn > 0 && slow > quick) return [...results, ...(await fewAtATime(items.slice(results.length), later))];
    if (results.length < items.length) await setImmediate();
  }
  return results;
}

/** As `visitFiles`, side by side from the first item on. */
export async function fewAtATime<Item, Result>(
  items: readonly Item[],
  visit: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const visitWaiting = async (): Promise<void> => {
    for (const [i, item] of waiting) results[i] = await visit(item);
  };
  await Promise.all(Array.from({ length: inFlight }, visitWaiting));
  return results;
}
