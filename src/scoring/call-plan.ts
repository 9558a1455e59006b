// Which rows of a batch go into which call, and at which place. A row that cannot be scored keeps its place: a copy of a good
// row stands in for it, so that every other row is computed in a call of the same size at the same position.

import type { Batch } from './batch.ts';
import type { Binding } from './binding.ts';
import { callsByLength } from './length-calls.ts';
import { rowsIn, type Slots, standsIn, withoutRows } from './slots.ts';

/** Whether a call has rows that follow one another in the batch, and nothing else. */
export function isRun(slots: Slots): boolean {
  for (let place = 0; place < slots.length; place++) if (slots[place] !== slots[0] + place) return false;
  return slots[0] !== standsIn;
}

/** Two calls with half of the rows each: at their places where the model fixes the size of a call, else side by side. */
export function halvesOf(slots: Slots, { isFixedBatch }: Binding): [Slots, Slots] {
  const rows = rowsIn(slots);
  const middle = rows.length >> 1;
  const halves: [Slots, Slots] = [rows.slice(0, middle), rows.slice(middle)];
  if (!isFixedBatch) return halves;
  return [withoutRows(slots, new Set(halves[1])), withoutRows(slots, new Set(halves[0]))];
}

/** The calls for the rows that have no fault; a call without any is left out. */
export function planCalls(batch: Batch, { callRows, isFixedBatch }: Binding): Slots[] {
  if (batch.inputs.some(({ filledTo }) => filledTo.length > 0)) return callsByLength(batch, callRows, isFixedBatch);
  if (batch.inputs.some(({ rowValues }) => rowValues === null)) return callsByShape(batch, callRows, isFixedBatch);
  return isFixedBatch ? callsByWindow(batch, callRows) : wholeCall(batch);
}

function wholeCall(batch: Batch): Slots[] {
  if (batch.faults.size === batch.rows) return [];
  const slots = new Int32Array(batch.rows);
  for (let row = 0; row < batch.rows; row++) slots[row] = row;
  for (const row of batch.faults.keys()) slots[row] = standsIn;
  return [slots];
}

/** A row's number in its shard decides its call and its place there, whatever was filtered out or rejected around it. */
function callsByWindow(batch: Batch, callRows: number): Slots[] {
  const windows = new Map<number, Slots>();
  for (let row = 0; row < batch.rows; row++) {
    if (batch.faults.has(row)) continue;
    const window = Math.floor(batch.rowNumbers[row] / callRows);
    let slots = windows.get(window);
    if (slots === undefined) windows.set(window, (slots = new Int32Array(callRows).fill(standsIn)));
    slots[batch.rowNumbers[row] - window * callRows] = row;
  }
  return [...windows.values()];
}

/** Rows of one shape share a call. */
function callsByShape(batch: Batch, callRows: number, isFixedBatch: boolean): Slots[] {
  const calls: Slots[] = [];
  for (const rows of rowsByShape(batch)) {
    for (let from = 0; from < rows.length; from += callRows) {
      const some = rows.slice(from, from + callRows);
      const slots = new Int32Array(isFixedBatch ? callRows : some.length).fill(standsIn);
      slots.set(some);
      calls.push(slots);
    }
  }
  return calls;
}

function rowsByShape(batch: Batch): Iterable<number[]> {
  const groups = new Map<string, number[]>();
  for (let row = 0; row < batch.rows; row++) {
    if (batch.faults.has(row)) continue;
    const key = batch.inputs.map(({ uneven }) => uneven[row]?.shape.join('x') ?? '').join('|');
    const rows = groups.get(key);
    if (rows === undefined) groups.set(key, [row]);
    else rows.push(row);
  }
  return groups.values();
}
