// Label files, read when the job is loaded: from then on a job holds the labels themselves, so that its fingerprint changes
// with them and a result can be scored again when the file is gone.
import { readFile } from 'node:fs/promises';
import { failureOfIo } from '../core/atomic-file.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import { isMapping } from './overrides.ts';
import type { Job } from './schema.ts';

/** The job with the labels of every file in place of its absolute path. Fails with `labels-missing` and `labels-invalid`, all at once. */
export async function readLabels(job: Job): Promise<Job> {
  const failures: Failure[] = [];
  const outputs = await Promise.all(
    Object.entries(job.outputs ?? {}).map(async ([name, spec]) => {
      if (typeof spec.labels !== 'string') return [name, spec];
      const where = `outputs.${name}.labels`;
      const labels = await labelsIn(spec.labels, where);
      if (!('reason' in labels)) return [name, { ...spec, labels }];
      failures.push(labels);
      return [name, spec];
    }),
  );
  if (failures.length > 0) throw new FailureError(failures[0], ...failures.slice(1));
  return job.outputs === undefined ? job : { ...job, outputs: Object.fromEntries(outputs) };
}

async function labelsIn(path: string, where: string): Promise<readonly string[] | Failure> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { reason: 'labels-missing', where, path };
    if (code === 'EISDIR') return { reason: 'labels-invalid', where, path, message: 'it is a folder' };
    throw failureOfIo('read', path, error);
  }
  const labels = parseLabels(text, path);
  return typeof labels === 'string' ? { reason: 'labels-invalid', where, path, message: labels } : labels;
}

/** The labels of a file in the order of their indices, or what is wrong with it. A name in `.json` is JSON, any other a label a line. */
export function parseLabels(text: string, path: string): readonly string[] | string {
  const content = text.replace(/^\uFEFF/, '');
  if (content.includes('\0') || content.includes('\uFFFD')) return 'it is not a text file in UTF-8';
  return /\.json$/i.test(path) ? jsonLabels(content) : lineLabels(content);
}

function lineLabels(text: string): readonly string[] | string {
  const lines = text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trim());
  const empty = lines.indexOf('');
  if (empty === -1) return lines;
  return lines.length === 1 ? 'it is empty' : `line ${empty + 1} is empty`;
}

const jsonForms = 'a list of labels, or a mapping of every index from 0 to its label (also under id2label)';

function jsonLabels(text: string): readonly string[] | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `it is not JSON: ${(error as Error).message}`;
  }
  if (isMapping(value) && Object.hasOwn(value, 'id2label')) value = value.id2label;
  if (isMapping(value)) {
    const byIndex = value;
    const indices = Object.keys(byIndex).map((_, index) => String(index));
    const missing = indices.find((index) => !Object.hasOwn(byIndex, index));
    if (missing !== undefined) return `it has no label for index ${missing}; it must hold ${jsonForms}`;
    value = indices.map((index) => byIndex[index]);
  }
  const isLabel = (label: unknown): boolean => typeof label === 'string' || typeof label === 'number';
  if (!Array.isArray(value) || value.length === 0 || !value.every(isLabel)) return `it must hold ${jsonForms}`;
  return value.map(String);
}
