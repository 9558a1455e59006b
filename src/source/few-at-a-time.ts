// Files that are looked at side by side: enough of them to hide the latency of a network file system, and not more.

const inFlight = 16;

/** Visits every item; results come in the order of the items. The first failure ends it. */
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
