// The names of classes as the files of a model folder list them: one a line, or `id2label` in a Hugging Face config.json.
import { readFile } from 'node:fs/promises';
import { failureOfIo } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';

export interface ClassLabels {
  /** Of the file that lists them. */
  readonly path: string;
  /** In the order of the classes, no two alike. */
  readonly labels: readonly string[];
}

/** Labels of a file with one a line. */
export async function readLabelFile(path: string): Promise<ClassLabels> {
  const lines = (await textOf(path)).replace(/^\uFEFF/, '').split(/\r?\n/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  return { path, labels: distinct(lines.map((line) => line.trim())) };
}

/** What a config.json says of its classes; null when it is none of Hugging Face's, or lists fewer than two. */
export async function readConfigLabels(path: string): Promise<ClassLabels | null> {
  const config = await parsed(path);
  const names = config.id2label;
  if (typeof names !== 'object' || names === null) return null;
  const labels = Object.entries(names).toSorted(([one], [other]) => Number(one) - Number(other));
  if (labels.some(([id], index) => Number(id) !== index)) {
    const message = `the classes of id2label are not numbered from 0 to ${labels.length - 1}`;
    throw new FailureError({ reason: 'model-folder-unreadable', path, message });
  }
  return labels.length < 2 ? null : { path, labels: distinct(labels.map(([, label]) => String(label))) };
}

async function parsed(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await textOf(path);
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch (error) {
    const message = `not JSON: ${(error as Error).message}`;
    throw new FailureError({ reason: 'model-folder-unreadable', path, message });
  }
}

/** Labels become names of columns, which must differ in more than case: those that do not get the number of their class. */
function distinct(labels: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label.toLowerCase(), (counts.get(label.toLowerCase()) ?? 0) + 1);
  return labels.map((label, index) => {
    if (label === '') return String(index);
    return counts.get(label.toLowerCase()) === 1 ? label : `${label}_${index}`;
  });
}

const textOf = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    throw failureOfIo('read', path, error);
  });
