// Which rows of a dataset are looked at for the summaries of columns: a decision of the plan that depends on the input alone, so
// that every execution, resumed or not and with any number of workers, looks at the same ones.

export interface RowSample {
  /** Of so many places of the grid that follow each other one is taken. 1: all. */
  readonly everyPlaces: number;
  /** In a place that is taken, the rows whose number in the shard is a multiple of this. */
  readonly everyRows: number;
  /** By shard: how many places of the grid lie before its first. */
  readonly firstPlaces: readonly number[];
  /** The most points that a split tells of the distribution of one column. */
  readonly points: number;
}

/** Whether a place of the grid of a shard is taken: each group of places has one, at a place that follows no period. */
export function isTaken({ everyPlaces, firstPlaces }: RowSample, shard: number, grid: number): boolean {
  if (everyPlaces === 1) return true;
  const place = firstPlaces[shard] + grid;
  const group = Math.floor(place / everyPlaces);
  return place - group * everyPlaces === scattered(group) % everyPlaces;
}

/** A whole number that looks like chance, the same for the same group. */
function scattered(group: number): number {
  let hash = Math.imul(group + 1, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
