// Without a job file the options must name a model, a dataset and an output folder. What is missing is said once, with a
// command that can be pasted and completed.
import { FailureError } from '../core/failure.ts';
import { applyOverrides, type Override, type Path, valueAt } from './overrides.ts';

const needed: readonly { readonly option: string; readonly path: Path; readonly example: string }[] = [
  { option: '--model', path: ['model', 'path'], example: 'model.onnx' },
  { option: '--dataset', path: ['dataset', 'path'], example: 'data/*.parquet' },
  { option: '--output', path: ['output', 'path'], example: 'scored' },
];

/** Throws when there is no job file and the overrides do not name all three. */
export function refuseIncomplete(overrides: readonly Override[]): void {
  const value = applyOverrides({}, overrides);
  const missing = needed.filter(({ path }) => valueAt(value, path) === undefined).map(({ option }) => option);
  if (missing.length === 0) return;
  const options = needed.flatMap(({ option, path, example }) =>
    [valueAt(value, path) ?? example].flat().map((given) => `${option} ${quoted(String(given))}`),
  );
  throw new FailureError({ reason: 'job-incomplete', missing, command: `scoremill run ${options.join(' ')}` });
}

/** The text as one word of a shell command. */
const quoted = (text: string): string => (/^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
