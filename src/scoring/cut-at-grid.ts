// Cuts the rows of a chunk at the grid: a batch holds rows of one shard whose numbers lie in [grid * batchRows, (grid + 1) *
// batchRows), so that batches never depend on how the rows were split or resumed.

/** Rows [from, to) of a chunk that lie in one place of the grid. */
export interface GridRows {
  readonly shard: number;
  readonly grid: number;
  readonly from: number;
  readonly to: number;
}

/** Cuts `rows` rows, given the shard of each and its number in the shard, ascending within a shard. */
export function* cutAtGrid(
  shards: Int32Array,
  numbers: Float64Array,
  rows: number,
  batchRows: number,
): Generator<GridRows, void, undefined> {
  for (let from = 0; from < rows; ) {
    const shard = shards[from];
    const grid = Math.floor(numbers[from] / batchRows);
    const gridEnd = (grid + 1) * batchRows;
    let to = from + 1;
    while (to < rows && numbers[to] < gridEnd && shards[to] === shard) to++;
    yield { shard, grid, from, to };
    from = to;
  }
}
