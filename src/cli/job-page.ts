// A proposed job as the text of a job file: what is known is said, what else is possible stands in comments beside it.
import { basename, dirname, relative } from 'node:path';
import { describeFailure, type Failure } from '../core/failure.ts';
import type { Mapping } from '../job/overrides.ts';
import { yamlKey, yamlText } from '../job/yaml-text.ts';
import { counted } from '../report/format-number.ts';
import type { JobProposal } from '../run/propose-job.ts';
import { aligned, firstOf, shortened } from './page.ts';

const mostColumns = 200;
/** Result columns of one output that are named in the file; more are left to the model's labels. */
const mostResults = 32;
const longestLine = 110;

/** The lines of the job file. Its paths start at `folder`; `path` is the file as commands name it. */
export function jobPage(proposal: JobProposal, folder: string, path: string): readonly string[] {
  const name = nameOf(proposal);
  const place = pathFrom(folder);
  return [
    `# Written by scoremill init. To check it: scoremill plan ${path}; to score: scoremill run ${path}.`,
    '# Paths start at this file. Every key: scoremill schema.',
    `name: ${yamlText(name)}`,
    '',
    ...modelLines(proposal, place),
    '',
    ...datasetLines(proposal, place),
    '',
    ...inputLines(proposal),
    '',
    ...outputLines(proposal),
    '',
    ...keepLines(proposal),
    '',
    '# Rows that cannot be scored are written down with their reason; more of them than the budget end the run.',
    ...(sectionOf(proposal, 'rejects') ?? ['# rejects: { budget: 1%, nulls: reject, fill: { COLUMN: 0 } }']),
    '',
    'output:',
    `  path: ${yamlText(`out/${name}`)}`,
    '  # ifExists: replace     # skip (default), fail, replace',
    '',
    ...(sectionOf(proposal, 'run') ?? ['# run: { workers: auto, batchRows: auto, threadsPerWorker: auto }']),
  ];
}

/** After the model's file, or its folder where all files are called model.onnx. */
function nameOf({ prepared }: JobProposal): string {
  const { path, modelPath } = prepared.folder;
  const stem = basename(modelPath).replace(/\.\w+$/, '');
  const isUsual = /^model(_|$)/.test(stem);
  const folder = path === modelPath ? dirname(path) : path;
  const text = isUsual ? basename(folder) : stem;
  return text.replace(/[^\w.-]+/g, '-').replace(/^-+|-+$/g, '') || 'score';
}

const pathFrom =
  (folder: string) =>
  (path: string): string => {
    const isFar = path.split('/')[1] !== folder.split('/')[1];
    return isFar ? path : relative(folder, path) || '.';
  };

function modelLines({ prepared, settings }: JobProposal, place: (path: string) => string): readonly string[] {
  const { path, versions, variants } = prepared.folder;
  const given = mapping(settings.model);
  return [
    'model:',
    `  path: ${yamlText(place(path))}`,
    ...entries(given, ['path']),
    ...(versions.length > 0 && given.version === undefined
      ? [`  # version: ${versions.at(-1)}     # there are ${versions.join(', ')}; latest by default`]
      : []),
    ...(variants.length > 0 && given.variant === undefined
      ? [`  # variant: ${variants[0]}     # there are ${variants.join(', ')}`]
      : []),
  ];
}

function datasetLines(
  { prepared, settings, dataset }: JobProposal,
  place: (path: string) => string,
): readonly string[] {
  const given = mapping(settings.dataset);
  const paths = prepared.job.dataset.path.map(place);
  const rows = `${counted(dataset.rows, 'row')} in ${counted(dataset.shards.length, `${dataset.format} file`)}`;
  const isGuessed = dataset.columns.some(({ isGuess }) => isGuess);
  const columns = dataset.columns.map(({ name, type, firstValues }) => [
    shortened(name, 60),
    type,
    shortened(firstValues.map((value) => value ?? 'NULL').join(' | '), 60),
  ]);
  return [
    `dataset: # ${paths.length > 1 ? 'of the first path: ' : ''}${rows}`,
    `  path: ${yamlText(paths.length === 1 ? paths[0] : paths)}`,
    ...entries(given, ['path']),
    ...(given.where === undefined ? ['  # where: "COLUMN > 0"     # SQL: score only these rows'] : []),
    ...(isGuessed && given.types === undefined
      ? ['  # types: { COLUMN: string }     # where a type below is not what is meant']
      : []),
    ...firstOf(aligned(columns), mostColumns).map((line) => `  #   ${line}`),
  ];
}

function inputLines({ plan, settings, signature, binding, open }: JobProposal): readonly string[] {
  const given = mapping(settings.inputs);
  if (plan === null) {
    return [
      '# What feeds the model is not settled. Complete this and take the # away:',
      ...open.flatMap((failure) => commented(describeFailure(failure))),
      '# inputs:',
      ...signature.inputs.map(({ name, dtype, shape }, i) => {
        const { optional, isState, advice } = binding[i];
        const value = isState
          ? '{ value: 0 }'
          : given[name] === undefined
            ? yamlText(candidates(name, open))
            : yamlText(given[name]);
        return `#   ${yamlKey(name)}: ${value}${noteOf(dtype, shape)}; ${optional ? 'optional' : shortened(advice, 120)}`;
      }),
    ];
  }
  const { inputs, preparations } = plan.binding;
  const bound = new Map<string, unknown>(inputs.map(({ name, columns }) => [name, oneOrAll(columns)]));
  for (const { columns, inputs: prepared, plan: how } of preparations) {
    const source = columns.length === 1 ? { column: columns[0].label } : { columns: columns.map(({ label }) => label) };
    for (const { name } of prepared) bound.set(name, { ...source, [how.kind]: 'auto' });
  }
  const lines = signature.inputs.flatMap(({ name, dtype, shape }) => {
    const value = given[name] ?? bound.get(name);
    const note = noteOf(dtype, shape);
    if (value !== undefined) return listLines(name, value, note);
    return [`  # ${yamlKey(name)}: COLUMN${note}; optional: the model has a default`];
  });
  return ['inputs: # model input: the columns, globs or SQL expressions that feed it', ...lines];
}

const oneOrAll = (columns: readonly { readonly label: string }[]): string | readonly string[] =>
  columns.length === 1 ? columns[0].label : columns.map(({ label }) => label);

/** Columns that an input may take: those that are likely, or all. */
function candidates(input: string, open: readonly Failure[]): string | readonly string[] {
  for (const failure of open) {
    if (failure.reason === 'columns-by-name' && failure.input === input && failure.feed.length > 0) return failure.feed;
    if (failure.reason === 'input-unbound' && failure.input === input) return 'COLUMN';
  }
  return input;
}

function outputLines({ plan, settings, signature, results }: JobProposal): readonly string[] {
  if (settings.outputs !== undefined) return sectionOf({ settings }, 'outputs')!;
  const made = new Map<string, string[]>();
  for (const { name, output } of plan?.binding.results ?? []) made.set(output, [...(made.get(output) ?? []), name]);
  const lines = signature.outputs.map(({ name, dtype, shape }, i) => {
    const columns = made.get(name) ?? results[i].columns;
    const note = noteOf(dtype, shape);
    const values = (shape ?? [])
      .slice(1)
      .reduce<number>((all, size) => (typeof size === 'number' ? all * size : NaN), 1);
    const other = values > 1 && values <= mostResults ? `, one list; columns: [NAME, ...] makes ${values} columns` : '';
    if (columns.length === 1) return `${yamlKey(name)}: { as: ${yamlText(columns[0])} }${note}${other}`;
    if (columns.length > mostResults) return `${yamlKey(name)}: {}${note}: ${shortened(results[i].advice, 120)}`;
    return `${yamlKey(name)}: ${yamlText({ columns })}${note}`;
  });
  const isKnown = plan !== null;
  return [
    `${isKnown ? '' : '# '}outputs: # model output: its result columns; an output that is left out is not computed`,
    ...lines.map((line) => `${isKnown ? '  ' : '#   '}${line}`),
  ];
}

function keepLines({ plan, settings, open }: JobProposal): readonly string[] {
  const about = '# Columns of the dataset that go to the result unchanged, such as the key to join on.';
  if (settings.keep !== undefined) return [about, ...listLines('keep', settings.keep, '', '')];
  if (plan !== null) return [about, ...listLines('keep', plan.binding.kept, '', '')];
  const keep = open.flatMap((failure) => (failure.reason === 'columns-by-name' ? failure.keep : []));
  return [about, `# keep: ${yamlText(keep)}`];
}

const noteOf = (dtype: string, shape: readonly (string | number | null)[] | null): string =>
  ` # ${dtype}${shape === null ? '' : ` [${shape.map((size) => size ?? '?').join(', ')}]`}`;

/** `key: value` on one line, or a long list in several. */
function listLines(key: string, value: unknown, note: string, indent = '  '): readonly string[] {
  const line = `${indent}${yamlKey(key)}: ${yamlText(value)}`;
  if (!Array.isArray(value) || line.length <= longestLine) return [`${line}${note}`];
  const items = value.map((item) => yamlText(item));
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + item.length + 3 < longestLine) lines[lines.length - 1] = `${last} ${item},`;
    else lines.push(`${indent}  ${item},`);
  }
  return [`${indent}${yamlKey(key)}: [${note}`, ...lines, `${indent}]`];
}

const mapping = (value: unknown): Mapping => (typeof value === 'object' && value !== null ? (value as Mapping) : {});

const entries = (given: Mapping, without: readonly string[]): readonly string[] =>
  Object.entries(given)
    .filter(([key]) => !without.includes(key))
    .map(([key, value]) => `  ${yamlKey(key)}: ${yamlText(value)}`);

/** A section as it was given, or undefined. */
function sectionOf({ settings }: Pick<JobProposal, 'settings'>, key: string): readonly string[] | undefined {
  return settings[key] === undefined ? undefined : [`${key}:`, ...entries(mapping(settings[key]), [])];
}

const commented = (text: string): readonly string[] => text.split('\n').map((line) => `#   ${line}`);
