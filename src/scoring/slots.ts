// One call of the model: which row of the batch is at which place.

/** The row at each place of a call, or `standsIn`. */
export type Slots = Int32Array;

/** A place at which a copy of the call's first row stands. */
export const standsIn = -1;

export const rowsIn = (slots: Slots): Int32Array => slots.filter((row) => row !== standsIn);

/** The same call without some of its rows. */
export const withoutRows = (slots: Slots, rows: { has: (row: number) => boolean }): Slots =>
  slots.map((row) => (rows.has(row) ? standsIn : row));
