// Inputs that are made of images: the column must hold encoded bytes or text, and every setting is decided here.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { failureOfIo } from '../core/atomic-file.ts';
import type { Failure } from '../core/failure.ts';
import { planImage } from '../image/plan-image.ts';
import type { BoundColumn, Preparation, WantedColumn } from '../scoring/binding.ts';
import { type BindRequest, type BoundPreparations, featureType } from './bind-request.ts';
import type { Feature } from './features.ts';
import { imageStruct } from './image-by-name.ts';
import type { InputLayout } from './input-shape.ts';
import type { ResolvedInput } from './resolve-inputs.ts';

export async function bindImages(
  resolved: readonly ResolvedInput[],
  request: BindRequest,
  wanted: readonly WantedColumn[],
): Promise<BoundPreparations> {
  const images = resolved.filter(({ spec }) => spec.image !== undefined);
  const preparations: Preparation[] = [];
  const layouts: InputLayout[] = [];
  const failures: Failure[] = [];
  if (images.length === 0) return { preparations, layouts, failures };
  const config = await readConfig(request.folder.preprocessorPath);
  for (const { input, spec, features } of images) {
    const { name, dtype, shape } = input;
    const refuse = (...messages: readonly string[]): void => {
      for (const message of messages) failures.push({ reason: 'image-settings', input: name, message });
    };
    const column = await imageColumn(name, features, request, wanted);
    if ('reason' in column) failures.push(column);
    if (spec.fill !== undefined) refuse('fill is a value, and the column holds images; leave it out');
    if (spec.shape !== undefined)
      refuse('shape is given by the image settings; leave it out, or give image: { size: ... }');
    if (spec.nulls === 'nan') refuse('nulls: nan is for numbers; a row without an image is a reject');
    const planned = planImage({ dtype, shape, spec: spec.image!, config, folders: datasetFolders(request) });
    if ('problems' in planned) refuse(...planned.problems);
    if ('problems' in planned || 'reason' in column) continue;
    const { plan, rows, rowShape } = planned;
    const tensor = { name, dtype, rowShape, hasRowAxis: rows !== 'one', nulls: 'reject' } as const;
    preparations.push({ columns: [column], inputs: [tensor], plan });
    layouts.push({ rows, rowShape });
  }
  return { preparations, layouts, failures };
}

async function readConfig(path: string | null): Promise<{ readonly path: string; readonly text: string } | null> {
  if (path === null) return null;
  try {
    return { path, text: await readFile(path, 'utf8') };
  } catch (error) {
    throw failureOfIo('read', path, error);
  }
}

async function imageColumn(
  input: string,
  features: readonly Feature[],
  request: BindRequest,
  wanted: readonly WantedColumn[],
): Promise<BoundColumn | Failure> {
  const [feature, second] = features;
  if (feature === undefined || second !== undefined) {
    const message = `takes one column of images, not ${features.length === 0 ? 'none' : features.map(({ label }) => label).join(', ')}`;
    return { reason: 'image-settings', input, message };
  }
  const type = await featureType(input, feature, request, wanted);
  if (typeof type !== 'string') return type;
  const { label, column } = feature;
  const sql = column === null ? `TRY(${feature.sql})` : feature.sql;
  if (type === 'BLOB' || type === 'VARCHAR') return { label, sql, type };
  if (imageStruct.test(type)) return { label, sql: `struct_extract(${sql}, 'bytes')`, type: 'BLOB' };
  const message = `column "${label}" in ${request.shardPath} is ${type}; images are bytes (BLOB) or text (VARCHAR): paths, data: URIs, or an expression such as from_base64(${label})`;
  return { reason: 'image-settings', input, message };
}

/** The folders that the job names as the dataset: of a glob, what comes before it. */
function datasetFolders({ job, shardPath }: BindRequest): readonly string[] {
  return [
    ...new Set(
      job.dataset.path.map((path) => {
        const magic = path.search(/[*?[{]/);
        if (magic !== -1) return resolve(path.slice(0, path.lastIndexOf('/', magic)) || '/');
        return shardPath.startsWith(`${path}/`) ? path : dirname(path);
      }),
    ),
  ];
}
