// Runs a conformance case as scoremill runs a job. Where the tensors can be rows of a dataset, they become an Arrow shard and go
// through preflight, binding, scoring and the part file; otherwise they are fed to the session as they are.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FailureError } from '../../src/core/failure.ts';
import { type Model, readModel } from '../../src/model/model-file.ts';
import { decodeModel, type OnnxModel, type OnnxValue } from '../../src/model/onnx.ts';
import { openSession, type Session, type TensorData } from '../../src/model/session.ts';
import { scoreShard, type Workbench } from '../types/score-shard.ts';
import { arrowShard } from './arrow-shard.ts';
import type { BackendCase, DataSet } from './backend-cases.ts';
import { differenceOf, plainValues } from './compare-tensors.ts';
import { layOut, type Rows } from './lay-out.ts';

export interface Outcome {
  readonly way: 'rows' | 'session' | null;
  /** `equal`, `differs`, `left out`, or the reason of the refusal. */
  readonly result: string;
  readonly detail: string;
}

export async function runBackendCase({ modelPath, dataSets }: BackendCase, bench: Workbench): Promise<Outcome> {
  let way: Outcome['way'] = null;
  try {
    const onnx = decodeModel(readFileSync(modelPath));
    const declared = feedable(onnx);
    const fed = declared.slice(0, Math.max(0, ...dataSets.map(({ inputs }) => inputs)));
    const model = await readModel(modelPath, { fed: fed.map(({ name = '' }) => name) });
    const outputs = onnx.graph?.output ?? [];
    const fetches = model.signature.outputs.map(({ name }) => name);
    const missing = outputs.filter(({ name }) => !fetches.includes(name!) && !fetches.includes(`${name}_0`));
    await using session = await openSession(model, { threads: 1 });
    for (const dataSet of dataSets) {
      const feeds = Object.fromEntries(fed.map((one, index) => [one.name, dataSet.input(index, one)]));
      const run = { model, session, feeds, fetches, published: publishedIn(dataSet, outputs), bench };
      const rows = layOut(model.signature, feeds);
      way = rows === null ? 'session' : 'rows';
      const difference = await (rows === null ? runSession(run) : runRows(run, rows));
      if (difference !== null) return { way, result: 'differs', detail: difference };
    }
    return missing.length === 0
      ? { way, result: 'equal', detail: '' }
      : { way, result: 'left out', detail: missing.map(({ name }) => name).join() };
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    return { way, result: error.failures[0].reason, detail: error.message };
  }
}

/** The graph's inputs that can be fed: in early versions of the format, weights are listed among them. */
function feedable({ graph, irVersion }: OnnxModel): readonly OnnxValue[] {
  const weights = new Set((graph?.initializer ?? []).map(({ name = '' }) => name));
  const inputs = graph?.input ?? [];
  return (irVersion?.toNumber() ?? 0) < 4 ? inputs.filter(({ name = '' }) => !weights.has(name)) : inputs;
}

/** The published tensor for an output of the adapted model; those of a sequence are numbered: `name_0`, `name_1`. */
const publishedIn =
  (dataSet: DataSet, outputs: readonly OnnxValue[]) =>
  (wanted: string): TensorData => {
    const index = outputs.findIndex(({ name = '' }) => name === wanted || wanted.replace(/_\d+$/, '') === name);
    const tensors = dataSet.output(index, outputs[index]);
    return outputs[index].name === wanted ? tensors[0] : tensors[Number(/\d+$/.exec(wanted)![0])];
  };

interface Run {
  readonly model: Model;
  readonly session: Session;
  readonly feeds: Readonly<Record<string, TensorData>>;
  readonly fetches: readonly string[];
  readonly published: (output: string) => TensorData;
  readonly bench: Workbench;
}

async function runSession({ session, feeds, fetches, published }: Run): Promise<string | null> {
  const results = session.run(feeds, fetches);
  for (const name of fetches) {
    const expected = published(name);
    const { dtype, dims } = results[name];
    if (dtype !== expected.dtype) return `${name} is ${dtype} instead of ${expected.dtype}`;
    if (dims.join() !== expected.dims.join()) return `${name} is [${dims}] instead of [${expected.dims}]`;
    const difference = differenceOf(plainValues(results[name]), plainValues(expected), dtype);
    if (difference !== null) return `${name}: ${difference}`;
  }
  return null;
}

async function runRows({ model, session, fetches, published, bench }: Run, rows: Rows): Promise<string | null> {
  const path = join(bench.folder, 'case.arrow');
  writeFileSync(path, arrowShard(rows.columns, rows.rows));
  const job = {
    inputs: rows.inputs,
    outputs: Object.fromEntries(fetches.map((name, index) => [name, { as: `r${index}` }])),
    keep: [],
  };
  const { plan, rows: found, rejects } = await scoreShard(bench, { path, format: 'arrow', model, session, job });
  if (rejects.length > 0) return `${rejects.length} rows are rejects: ${rejects[0].message}`;
  for (const [index, name] of fetches.entries()) {
    const expected = published(name);
    const { dtype } = plan.binding.results[index];
    if (dtype !== expected.dtype) return `${name} is ${dtype} instead of ${expected.dtype}`;
    const cells = found.map((row) => flattened(row[`r${index}`]));
    const shapes = [...new Set(cells.map(({ shape }) => shape.join()))];
    const wanted = rows.isByRow ? expected.dims.slice(1) : expected.dims;
    if (shapes.join('; ') !== cellShape(wanted).join())
      return `${name} has rows of [${shapes.join('; ')}] instead of [${cellShape(wanted)}]`;
    const difference = differenceOf(
      cells.flatMap(({ values }) => values),
      plainValues(expected),
      dtype,
    );
    if (difference !== null) return `${name}: ${difference}`;
  }
  return null;
}

/** What can be seen of a shape in nested lists: nothing inside an empty one. One value is a value or a list of one. */
function cellShape(dims: readonly number[]): readonly number[] {
  const empty = dims.indexOf(0);
  const seen = empty === -1 ? dims : dims.slice(0, empty + 1);
  return seen.filter((size) => size !== 1);
}

interface Cell {
  readonly shape: readonly number[];
  readonly values: readonly unknown[];
}

function flattened(cell: unknown): Cell {
  const shape: number[] = [];
  let values: readonly unknown[] = [cell];
  while (isList(values[0])) {
    shape.push(values[0].items.length);
    values = values.flatMap((list) => (list as List).items);
  }
  return { shape: shape.filter((size) => size !== 1), values };
}

/** As DuckDB's client gives a list or a fixed-size list. */
interface List {
  readonly items: readonly unknown[];
}
const isList = (value: unknown): value is List => Array.isArray((value as List | null)?.items);
