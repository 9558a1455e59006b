// A model for somebody who has never seen it: what goes in, what comes out, whether it runs, and the command that runs it.
import { relative } from 'node:path';
import { yamlKey, yamlText } from '../job/yaml-text.ts';
import { formatDuration } from '../report/format-duration.ts';
import { counted, formatBytes } from '../report/format-number.ts';
import type { ModelInspection } from '../run/inspect-model.ts';
import { aligned, fact, firstOf, folded, section, shellWord, shortened } from './page.ts';

type Shape = ModelInspection['signature']['outputs'][number]['shape'];

const mostTensors = 60;
const mostColumns = 40;
const longestAdvice = 180;

const layoutNames = {
  file: null,
  plain: null,
  versions: 'numbered versions (TensorFlow Serving)',
  triton: 'Triton',
  mlflow: 'MLflow',
  'hugging-face': 'Hugging Face',
} as const;

/** The page; `path` is the model, or its folder, as the command should name it. */
export function modelPage(model: ModelInspection, path: string): readonly string[] {
  const { identity, signature, folder, binding, results } = model;
  const inputs = signature.inputs.map((input, i) => tensorCells(input, binding[i].advice));
  const outputs = signature.outputs.map((output, i) => tensorCells(output, results[i].advice));
  const file = relative(folder.path, identity.path);
  return [
    ...fact(
      'model',
      path,
      `${file === '' ? '' : `${file}, `}${formatBytes(identity.fileBytes)}, sha256 ${identity.sha256}`,
      ...identity.externalFiles.map(externalText),
    ),
    ...fact('folder', ...folderLines(model)),
    ...fact(
      'made by',
      [model.producer || 'not said', `IR version ${model.irVersion}`, `opset ${opsetsText(model)}`].join('; '),
    ),
    ...fact('weights', weightsText(model)),
    ...fact('batch', batchText(model)),
    ...fact('runtime', runtimeText(model)),
    ...section(
      `inputs (${inputs.length})`,
      firstOf(aligned([['name', 'dtype', 'shape', 'takes'], ...inputs]), mostTensors),
    ),
    ...section(
      `outputs (${outputs.length})`,
      firstOf(aligned([['name', 'dtype', 'shape', 'becomes'], ...outputs]), mostTensors),
    ),
    ...section('columns by MLmodel', firstOf(aligned(mlflowCells(model)), mostColumns)),
    ...section('adaptations', [...model.adaptations, ...model.trials]),
    ...section('operators', folded(Object.entries(model.operators).map(operatorText))),
    ...section('metadata', aligned(Object.entries(model.metadata).map(([key, value]) => [key, shortened(value, 100)]))),
    ...(model.failures.length > 0
      ? []
      : [...section('score with it', commandLines(model, path)), ...section('or with a job file', jobLines(model))]),
  ];
}

const tensorCells = (
  { name, dtype, shape }: { readonly name: string; readonly dtype: string; readonly shape: Shape },
  advice: string,
): readonly string[] => [name, dtype, shapeText(shape), shortened(advice, longestAdvice)];

/** What the folder is laid out as, what else could be chosen in it, and which of its files were read. */
function folderLines({ folder, identity }: ModelInspection): readonly string[] {
  const { version, variant, versions, variants } = folder;
  const choices = [
    layoutNames[folder.layout],
    version === null
      ? null
      : `version ${version}${versions.length > 1 ? ` of ${versions.join(', ')} (--model-version)` : ''}`,
    variants.length === 0
      ? null
      : `${variant === null ? 'the plain model' : `variant ${variant}`}; variants are ${variants.join(', ')} (--variant)`,
  ].filter((text) => text !== null);
  const files = identity.sidecars.map(({ path }) => path);
  return [
    ...(choices.length === 0 ? [] : [choices.join(', ')]),
    ...(files.length === 0 ? [] : [`with ${files.join(', ')}`]),
  ];
}

const mlflowCells = ({ folder }: ModelInspection): readonly (readonly string[])[] =>
  (folder.mlflow?.inputs ?? []).map(({ name, type, shape }) => [
    name ?? '(no name)',
    type,
    shape === null ? '' : shapeText(shape),
  ]);

function weightsText({ parameters, operators }: ModelInspection): string {
  const hasOwn = Object.keys(operators).some((name) => name.startsWith('ai.onnx.ml:'));
  const hasConstants = Object.hasOwn(operators, 'ai.onnx:Constant');
  const others = hasOwn
    ? ' (operators of ai.onnx.ml keep theirs inside)'
    : hasConstants
      ? ' (Constant nodes hold others)'
      : '';
  return `${counted(parameters, 'parameter')} in tensors${parameters === 0 ? others : ''}`;
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
  return `${counted(rows, 'row')} a call, fixed by the model: see adaptations`;
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
function commandLines({ binding, folder }: ModelInspection, path: string): readonly string[] {
  const open = binding.filter(({ columns, optional, isState }) => columns === null && !optional && !isState);
  const unknown = open
    .filter(({ values }) => values === null)
    .map(({ input }) => ` --inputs ${shellWord(`${input}=COLUMN,...`)}`);
  const states = binding
    .filter(({ isState }) => isState)
    .map(({ input }) => ` --set ${shellWord(`inputs.${input}.value=0`)}`);
  const { version, variant } = chosen(folder);
  const choice = `${version === null ? '' : ` --model-version ${version}`}${variant === null ? '' : ` --variant ${shellWord(variant)}`}`;
  const command = `scoremill run --model ${shellWord(path)}${choice} --dataset 'DATA/*.parquet' --output scored${[...unknown, ...states].join('')}`;
  const known = open.filter(({ values }) => values !== null);
  return [
    command,
    ...known.map(
      ({ input, values }) =>
        `  with --keep ID,... for what is no feature, or --inputs ${shellWord(`${input}=COLUMN,...`)} for the ${values} that are`,
    ),
    `a job file for your data: scoremill init --model ${shellWord(path)}${choice} --dataset 'DATA/*.parquet'`,
  ];
}

function jobLines({ folder, binding }: ModelInspection): readonly string[] {
  const bound = binding
    .filter(({ optional }) => !optional)
    .map(({ input, columns, values, isState }) => {
      if (isState) return `  ${yamlKey(input)}: { value: 0 }`;
      if (columns === null)
        return `  ${yamlKey(input)}: [COLUMN, ...] # ${values === null ? 'as many as the model was trained with' : `${values} of them, or one list column`}`;
      return `  ${yamlKey(input)}: ${yamlText(columns.length === 1 ? columns[0] : columns)}`;
    });
  const { version, variant } = chosen(folder);
  const choice = { path: folder.path, ...(version !== null && { version }), ...(variant !== null && { variant }) };
  return [
    `model: ${yamlText(choice)}`,
    'dataset: { path: DATA/*.parquet }',
    ...(bound.length > 24 ? [] : ['inputs:', ...bound]),
    'output: { path: scored }',
  ];
}

/** What must be said to get the same file out of the folder again. */
const chosen = ({ version, versions, variant }: ModelInspection['folder']) => ({
  version: version === versions.at(-1) ? null : version,
  variant,
});
