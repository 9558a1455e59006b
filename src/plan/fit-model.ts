// Fits the model to calls of many rows: rows that lie on another axis than the first are moved to it, and a fixed batch is opened.
// A changed model is taken only when it gives what the unchanged one gives on the first rows of the dataset, so the decision
// belongs to the input and is written into the plan; workers and later attempts carry it out.

import { FailureError } from '../core/failure.ts';
import type { Job } from '../job/schema.ts';
import { threadsOf } from '../job/threads-of.ts';
import { type Model, readModel } from '../model/model-file.ts';
import type { ModelRewrite } from '../model/rewrite.ts';
import { openSession, type Session } from '../model/session.ts';
import type { Signature } from '../model/signature.ts';
import type { Binding } from '../scoring/binding.ts';
import type { Scorer } from '../scoring/score-batch.ts';
import { autoBatchRows } from './batch-rows.ts';
import type { BoundInputs } from './bind.ts';
import { isUnclear, outputAxes, suggestedInputAxes } from './find-row-axes.ts';
import type { Preview } from './preview.ts';
import { resultEntries } from './result-entries.ts';
import { sameResults } from './same-results.ts';
import { stateOf } from './state-input.ts';

export interface FitRequest {
  readonly job: Job;
  readonly model: Model;
  readonly session: Session;
  readonly preview: Preview;
  readonly bindTo: (signature: Signature) => Promise<BoundInputs>;
}

export interface FittedModel {
  readonly model: Model;
  readonly session: Session;
  readonly bound: BoundInputs;
  readonly rewrite: ModelRewrite;
  /** What was decided, beside the adaptations of the model. */
  readonly notices: readonly string[];
}

/** The model as it will be called, bound. Fails with whatever stands against the binding. */
export async function fitModel(request: FitRequest): Promise<FittedModel> {
  const { model, session, bindTo } = request;
  const moved = await withRowsInFront(request);
  if (moved !== null) return moved;
  const bound = await bindTo(model.signature);
  const asItIs = { model, session, bound, rewrite: {}, notices: [] };
  if (bound.callRows !== null) return withOpenBatch(request, asItIs, bound.callRows);
  return (await withOutputsInFront(request, asItIs)) ?? asItIs;
}

/** What a call needs before anything is known of results. */
export function draftBinding(bound: BoundInputs, signature: Signature, job: Job): Binding {
  const { outputs } = resultEntries(signature, job.outputs);
  // Of names that are all wrong nothing can be fetched, and a call must fetch something.
  const fetched = outputs.length > 0 ? outputs.map(({ output }) => output) : signature.outputs;
  return {
    ...bound,
    applied: [],
    results: [],
    computed: [],
    writeWhere: null,
    fetches: [...new Set(fetched.map(({ name }) => name))],
    callRows: bound.callRows ?? 1,
    isFixedBatch: bound.callRows !== null,
  };
}

const scorerOf = (session: Session, binding: Binding): Scorer => ({ session, binding, onCall: () => {} });

const singly = (binding: Binding): Binding => ({ ...binding, callRows: 1, isFixedBatch: true });
const together = (binding: Binding): Binding => ({
  ...binding,
  callRows: Number.MAX_SAFE_INTEGER,
  isFixedBatch: false,
});

/** The first rows that a change is tried on: fewer where a row is large. */
function trialRows({ inputs, preparations }: BoundInputs): number {
  const values = [...inputs, ...preparations.flatMap((one) => one.inputs)].reduce(
    (sum, { rowShape }) => sum + rowShape.reduce<number>((product, size) => product * (size ?? 64), 1),
    0,
  );
  return values > 16_384 ? 16 : 64;
}

const constantsOf = ({ inputs = {} }: Job): readonly string[] =>
  Object.keys(inputs).filter((name) => inputs[name].value !== undefined);

async function reread({ job, model }: FitRequest, rewrite: ModelRewrite): Promise<Model> {
  const { identity, folder } = model;
  return readModel(identity.path, { identity, folder, fed: Object.keys(job.inputs ?? {}), rewrite });
}

/** Undefined when what is tried fails in an expected way; a bug is still thrown. */
async function attempt<Value>(work: () => Promise<Value> | Value): Promise<Value | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    return undefined;
  }
}

/** The model with the rows of its inputs moved to axis 0, where the declared shapes suggest that and the first rows bear it out. */
async function withRowsInFront(request: FitRequest): Promise<FittedModel | null> {
  const { job, model, bindTo } = request;
  const inputs = suggestedInputAxes(model.signature, constantsOf(job));
  if (Object.keys(inputs).length === 0) return null;
  const fitted = await attempt(async () => {
    const candidate = await reread(request, { rowAxes: { inputs, outputs: {} } });
    const bound = await bindTo(candidate.signature);
    if (bound.callRows !== null) return null;
    const session = await openSession(candidate, { threads: threadsOf(job.run) });
    const rewrite = { rowAxes: { inputs, outputs: {} } };
    return withOutputsInFront(request, { model: candidate, session, bound, rewrite, notices: [] }, true);
  });
  return fitted ?? null;
}

/** The model with the rows of its outputs on axis 0, found by calls and shown by rows that are scored singly and together. */
async function withOutputsInFront(
  request: FitRequest,
  fitted: FittedModel,
  isTrial = false,
): Promise<FittedModel | null> {
  const { job, preview } = request;
  const { model, session, bound, rewrite } = fitted;
  if (!isTrial && !model.signature.outputs.some(({ shape }) => isUnclear(shape))) return null;
  const binding = draftBinding(bound, model.signature, job);
  const found = await preview.withBatch(binding, bound.wanted, trialRows(bound), async (batch) =>
    attempt(() => outputAxes(session, together(binding), batch)),
  );
  if (found === null || found === undefined) return null;
  const states = job.outputs === undefined ? stateOutputs(request, Object.keys(found)) : [];
  const outputs = Object.fromEntries(Object.entries(found).filter(([name]) => !states.includes(name)));
  const notices = states.map(
    (name) => `output "${name}" left out: it is the state after the row; name it in outputs to have it`,
  );
  const inputs = rewrite.rowAxes?.inputs ?? {};
  if (Object.keys(outputs).length === 0 && !isTrial)
    return { ...fitted, model: withoutOutputs(model, states), notices };
  const rowAxes = { inputs, outputs };
  const moved = withoutOutputs(await reread(request, { rowAxes }), states);
  const movedSession = await openSession(moved, { threads: threadsOf(job.run) });
  const movedBinding = draftBinding(bound, moved.signature, job);
  const isSame = await preview.withBatch(movedBinding, bound.wanted, trialRows(bound), async (batch) => {
    batch.addBlankRow();
    const one = scorerOf(movedSession, singly(movedBinding));
    const agreement = sameResults(batch, one, scorerOf(movedSession, together(movedBinding)));
    return typeof agreement !== 'string' && agreement.rows > 1;
  });
  return isSame ? { model: moved, session: movedSession, bound, rewrite: { rowAxes }, notices } : null;
}

/** Of the outputs, those that are the next value of a state that gets a constant. */
function stateOutputs({ job, model: { signature } }: FitRequest, names: readonly string[]): readonly string[] {
  const constants = constantsOf(job);
  const states = signature.inputs
    .filter(({ name }) => constants.includes(name))
    .map((input) => stateOf(input, signature)?.name);
  const left = signature.outputs.some(({ name }) => !states.includes(name));
  return left ? names.filter((name) => states.includes(name)) : [];
}

const withoutOutputs = (model: Model, names: readonly string[]): Model => ({
  ...model,
  signature: { ...model.signature, outputs: model.signature.outputs.filter(({ name }) => !names.includes(name)) },
});

/** The model with an open batch, where its operators allow that and the first rows get the same results. */
async function withOpenBatch(request: FitRequest, fitted: FittedModel, rows: number): Promise<FittedModel> {
  const { job, model, session, preview, bindTo } = request;
  const { bound } = fitted;
  if (job.model.rebuild === 'never')
    return { ...fitted, notices: ['model.rebuild is never: the model is called as it is'] };
  const tensors = [...bound.inputs, ...bound.preparations.flatMap(({ inputs }) => inputs)];
  // Rows that are large, or a job that asks for few, leave nothing to gain.
  if (autoBatchRows(job, tensors, null, 0) <= rows) return fitted;
  const inputs = tensors.map(({ name }) => name);
  const sizes = model.signature.inputs.filter(({ name }) => inputs.includes(name)).map(({ shape }) => shape[0]);
  if (tensors.some(({ hasRowAxis }) => !hasRowAxis) || sizes.some((size) => size !== rows)) return fitted;
  const notice = (why: string): FittedModel => ({ ...fitted, notices: [`the batch of the model stays fixed: ${why}`] });
  const rewrite = { openBatch: { rows, inputs } };
  try {
    const opened = await reread(request, rewrite);
    const openedSession = await openSession(opened, { threads: threadsOf(job.run) });
    const openedBound = await bindTo(opened.signature);
    const binding = draftBinding(openedBound, opened.signature, job);
    const declared = draftBinding(bound, model.signature, job);
    const trial = await preview.withBatch(binding, openedBound.wanted, trialRows(bound), async (batch) => {
      batch.addBlankRow();
      return sameResults(batch, scorerOf(session, declared), scorerOf(openedSession, together(binding)));
    });
    if (trial === null) return fitted;
    if (typeof trial === 'string') return notice(`rebuilt for any number of rows, ${trial}`);
    if (trial.rows < 2) return notice('the dataset has no two rows to try another on');
    const { largestUnits } = trial;
    const same =
      largestUnits === 0
        ? 'the same bits'
        : `the same within ${Math.ceil(largestUnits)} units in the last place of a row's largest value`;
    const said = `${trial.rows} rows gave ${same} in one call as ${rows === 1 ? 'one by one' : `in calls of ${rows}`}; model.rebuild: never keeps the model as it is`;
    return { model: opened, session: openedSession, bound: openedBound, rewrite, notices: [said] };
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    const [first] = error.failures;
    return notice(first.reason === 'model-batch-fixed' ? first.why : error.message);
  }
}
