// A model for somebody who has never seen it: what goes in, what comes out, whether it runs, and the command that runs it.

import { formatDuration } from '../report/format-duration.ts';
import { counted, formatBytes } from '../report/format-number.ts';
import type { ModelInspection } from '../run/inspect-model.ts';
import { aligned, fact, folded, section, shellWord, shortened } from './page.ts';

type Shape = ModelInspection['signature']['outputs'][number]['shape'];

/** The page; `path` is the model as the command should name it. */
export function modelPage(model: ModelInspection, path: string): readonly string[] {
  const { identity, signature, binding } = model;
  const inputs = signature.inputs.map(({ name, dtype, shape }, i) => [
    name,
    dtype,
    shapeText(shape),
    binding[i].advice,
  ]);
  const outputs = signature.outputs.map(({ name, dtype, shape, labels }) => [
    name,
    dtype,
    shapeText(shape),
    labels === undefined ? '' : `labels ${shortened(labels.join(', '), 80)}`,
  ]);
  return [
    ...fact(
      'model',
      path,
      `${formatBytes(identity.fileBytes)}, sha256 ${identity.sha256}`,
      ...identity.externalFiles.map(externalText),
    ),
    ...fact(
      'made by',
      [model.producer || 'not said', `IR version ${model.irVersion}`, `opset ${opsetsText(model)}`].join('; '),
    ),
    ...fact('weights', weightsText(model)),
    ...fact('batch', batchText(model)),
    ...fact('runtime', runtimeText(model)),
    ...section(`inputs (${inputs.length})`, aligned([['name', 'dtype', 'shape', 'takes'], ...inputs])),
    ...section(`outputs (${outputs.length})`, aligned([['name', 'dtype', 'shape', ''], ...outputs])),
    ...section('adaptations', model.adaptations),
    ...section('operators', folded(Object.entries(model.operators).map(operatorText))),
    ...section('metadata', aligned(Object.entries(model.metadata).map(([key, value]) => [key, shortened(value, 100)]))),
    ...(model.failures.length > 0
      ? []
      : [...section('score with it', commandLines(model, path)), ...section('or with a job file', jobLines(model))]),
  ];
}

function weightsText({ parameters, operators }: ModelInspection): string {
  const hasOwn = Object.keys(operators).some((name) => name.startsWith('ai.onnx.ml:'));
  return `${counted(parameters, 'parameter')} in tensors${hasOwn ? ' (operators of ai.onnx.ml keep theirs inside)' : ''}`;
}

/** What the first axes say of the rows of one call; the data decides where they can be read in two ways. */
function batchText({ signature }: ModelInspection): string {
  const shapes = signature.inputs.filter(({ optional }) => !optional).map(({ shape }) => shape);
  const fixed = shapes.map(([first]) => first).filter((size) => typeof size === 'number');
  if (shapes.some((shape) => shape.length === 0)) return 'one row a call: an input has no axis for rows';
  if (fixed.length === 0) return 'any number of rows a call';
  const rows = Math.min(...fixed);
  const isUnclear = rows > 1 && shapes.some((shape) => shape.length === 1);
  if (isUnclear) return `${rows} rows a call, or one row of ${rows} values: the data decides`;
  return `${counted(rows, 'row')} a call, fixed by the model; exported with an open first axis it would be faster`;
}

const shapeText = (shape: Shape): string =>
  shape === null ? 'not declared' : `[${shape.map((size) => size ?? '?').join(', ')}]`;

const externalText = ({ path, bytes, sha256 }: ModelInspection['identity']['externalFiles'][number]): string =>
  `with ${path}, ${formatBytes(bytes)}, sha256 ${sha256}`;

const opsetsText = ({ opsets }: ModelInspection): string =>
  Object.entries(opsets)
    .map(([domain, version]) => `${version} of ${domain}`)
    .join(', ');

const runtimeText = ({ loadMs }: ModelInspection): string =>
  loadMs === null ? 'REFUSED: see the error' : `accepted by ONNX Runtime, loaded in ${formatDuration(loadMs)}`;

const operatorText = ([name, count]: readonly [string, number]): string =>
  `${count} x ${name.replace(/^ai\.onnx:/, '')}`;

/** The command that scores with the model, and what has to be added where names are open. */
function commandLines({ binding }: ModelInspection, path: string): readonly string[] {
  const open = binding.filter(({ columns, optional }) => columns === null && !optional);
  const unknown = open
    .filter(({ values }) => values === null)
    .map(({ input }) => ` --inputs ${shellWord(`${input}=COLUMN,...`)}`);
  const command = `scoremill run --model ${shellWord(path)} --dataset 'DATA/*.parquet' --output scored${unknown.join('')}`;
  const known = open.filter(({ values }) => values !== null);
  return [
    command,
    ...known.map(
      ({ input, values }) =>
        `  with --keep ID,... for what is no feature, or --inputs ${shellWord(`${input}=COLUMN,...`)} for the ${values} that are`,
    ),
  ];
}

function jobLines({ identity, binding }: ModelInspection): readonly string[] {
  const bound = binding
    .filter(({ optional }) => !optional)
    .map(({ input, columns, values }) => {
      if (columns === null)
        return `  ${yamlText(input)}: [COLUMN, ...] # ${values === null ? 'as many as the model was trained with' : `${values} of them, or one list column`}`;
      return `  ${yamlText(input)}: ${columns.length === 1 ? yamlText(columns[0]) : `[${columns.map(yamlText).join(', ')}]`}`;
    });
  return [
    `model: { path: ${yamlText(identity.path)} }`,
    'dataset: { path: DATA/*.parquet }',
    ...(bound.length > 24 ? [] : ['inputs:', ...bound]),
    'output: { path: scored }',
  ];
}

const yamlText = (text: string): string =>
  /^[A-Za-z_/][\w/.-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text) ? text : JSON.stringify(text);
