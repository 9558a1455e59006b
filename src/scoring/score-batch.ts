// One batch through the model. When a call fails, its halves are run, and their halves, until every row that fails is alone;
// then the call is run again as it was, with copies of a good row in their places. So the other rows are computed as if
// nothing had happened, and to find a few bad rows costs a few small calls instead of many whole ones.
import { FailureError } from '../core/failure.ts';
import type { Session, TensorData } from '../model/session.ts';
import type { Batch } from './batch.ts';
import type { Binding } from './binding.ts';
import { halvesOf, planCalls } from './call-plan.ts';
import { feedsOf } from './feeds.ts';
import { rowsIn, type Slots, standsIn, withoutRows } from './slots.ts';

/** One output of one call. Row i of the call has `rowValues` values from i * rowValues. */
export interface CallOutput {
  readonly tensor: TensorData;
  readonly rowShape: readonly number[];
  readonly rowValues: number;
}

export interface ScoredBatch {
  /** By fetch, then by call. */
  readonly outputs: Readonly<Record<string, readonly CallOutput[]>>;
  /** The call that scored each row of the batch, and its place there; -1 for a row that was not scored. */
  readonly callOf: Int32Array;
  readonly placeOf: Int32Array;
}

export interface Scorer {
  readonly session: Session;
  readonly binding: Binding;
  /** Told how long each `session.run` took whose results count. */
  readonly onCall: (elapsedMs: number) => void;
}

type Outputs = Readonly<Record<string, TensorData>>;

/** What a call gave, or what the runtime said when it failed. */
type Attempt =
  | { readonly ok: true; readonly outputs: Outputs; readonly elapsedMs: number }
  | { readonly ok: false; readonly message: string };

/** Scores the rows of a batch that have no fault; rows that the model fails on become faults. */
export function scoreBatch(batch: Batch, scorer: Scorer): ScoredBatch {
  const { binding, onCall } = scorer;
  const outputs: Record<string, CallOutput[]> = Object.fromEntries(binding.fetches.map((name) => [name, []]));
  const callOf = new Int32Array(batch.rows).fill(-1);
  const placeOf = new Int32Array(batch.rows);
  let calls = 0;
  const pending = planCalls(batch, binding);
  for (let slots = pending.shift(); slots !== undefined; slots = pending.shift()) {
    const attempt = call(batch, scorer, slots);
    if (!attempt.ok) {
      pending.unshift(...callsInstead(batch, scorer, slots, attempt.message));
      continue;
    }
    onCall(attempt.elapsedMs);
    for (const name of binding.fetches)
      outputs[name].push(callOutput(name, attempt.outputs[name], slots.length, batch));
    for (let place = 0; place < slots.length; place++) {
      const row = slots[place];
      if (row === standsIn) continue;
      callOf[row] = calls;
      placeOf[row] = place;
    }
    calls++;
  }
  return { outputs, callOf, placeOf };
}

function call(batch: Batch, { session, binding }: Scorer, slots: Slots): Attempt {
  const feeds = feedsOf(batch, binding, slots);
  const startedMs = performance.now();
  try {
    const outputs = session.run(feeds, binding.fetches);
    return { ok: true, outputs, elapsedMs: performance.now() - startedMs };
  } catch (error) {
    if (!(error instanceof FailureError) || error.failures[0].reason !== 'inference-failed') throw error;
    return { ok: false, message: error.failures[0].message };
  }
}

/** The calls to make in place of one that failed: without the rows that fail alone or, when none does, two smaller ones. */
function callsInstead(batch: Batch, scorer: Scorer, slots: Slots, message: string): Slots[] {
  const failing = failingRows(batch, scorer, slots, message);
  for (const [row, reason] of failing) batch.fault(row, 'inference-failed', null, reason);
  if (failing.size === 0) return halvesOf(slots, scorer.binding);
  const others = withoutRows(slots, new Set(failing.keys()));
  return others.some((row) => row !== standsIn) ? [others] : [];
}

/** The rows of a call that failed on which the model fails also when they are alone, with what the runtime said. */
function failingRows(batch: Batch, scorer: Scorer, slots: Slots, message: string): ReadonlyMap<number, string> {
  const rows = rowsIn(slots);
  if (rows.length === 1) return new Map([[rows[0], message]]);
  const failing = new Map<number, string>();
  for (const half of halvesOf(slots, scorer.binding)) {
    const attempt = call(batch, scorer, half);
    if (attempt.ok) continue;
    for (const [row, reason] of failingRows(batch, scorer, half, attempt.message)) failing.set(row, reason);
  }
  return failing;
}

function callOutput(name: string, tensor: TensorData, rows: number, batch: Batch): CallOutput {
  const { dims } = tensor;
  const isByRow = batch.inputs.some(({ input }) => input.hasRowAxis) && dims.length > 0 && dims[0] === rows;
  if (!isByRow && rows !== 1) throw new FailureError({ reason: 'result-rows', output: name, shape: dims, rows });
  const rowShape = isByRow ? dims.slice(1) : dims;
  return { tensor, rowShape, rowValues: rowShape.reduce((product, size) => product * size, 1) };
}
