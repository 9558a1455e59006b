// Every scoring case of the corpora: the signature is the one that was declared, and the runtime loads the model.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readModel } from '../../src/model/model-file.ts';
import { openSession } from '../../src/model/session.ts';
import type { Dimension } from '../../src/model/signature.ts';
import { corpora } from '../corpora.ts';

interface Case {
  readonly model: { readonly file: string };
  readonly needs?: readonly string[];
  readonly signature: {
    readonly inputs: readonly { readonly name: string; readonly dtype: string; readonly shape: Dimension[] }[];
    readonly outputs: readonly { readonly name: string; readonly dtype: string; readonly shape: Dimension[] }[];
  };
  readonly outputs: Readonly<Record<string, { readonly kind: string; readonly columns: readonly string[] }>>;
}

const hasLocale =
  execFileSync('locale', ['charmap'], {
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, LC_ALL: 'en_US.UTF-8' },
  }) === 'UTF-8\n';
const dtypeNames: Readonly<Record<string, string>> = { 'tensor(float)': 'float32', 'tensor(double)': 'float64' };
const dtypeOf = (type: string): string => dtypeNames[type] ?? /^tensor\((.*)\)$/.exec(type)![1];

/** The labels of a removed ZipMap, as the names of its result columns tell them. */
const labelsOf = (output: string, columns: readonly string[]): readonly string[] =>
  columns.map((column) => column.slice(output.length + 1)).toSorted();

/** The cases hold what the runtime infers: it may know a size for which the model declares a name. */
const asDeclared =
  (shape: readonly Dimension[] | null) =>
  (size: Dimension, axis: number): Dimension => {
    const declared = shape?.[axis];
    return typeof size === 'number' && typeof declared === 'string' ? declared : size;
  };

describe.skipIf(!corpora.available)('every model of the scoring cases', () => {
  const names = corpora.available ? readdirSync(corpora.path('cases')) : [];
  test.for(names)('%s', async (name, { skip }) => {
    const expected = JSON.parse(readFileSync(corpora.path('cases', name, 'case.json'), 'utf8')) as Case;
    const model = await readModel(corpora.path('cases', name, expected.model.file));
    const { inputs, outputs } = model.signature;

    expect(
      inputs.filter(({ optional }) => !optional).map(({ name, dtype, shape }) => ({ name, dtype, shape })),
    ).toEqual(expected.signature.inputs.map(({ name, dtype, shape }) => ({ name, dtype: dtypeOf(dtype), shape })));
    expect(outputs.map(({ name, dtype, labels }) => ({ name, dtype, labels: labels?.toSorted() }))).toEqual(
      expected.signature.outputs.map(({ name, dtype }) =>
        dtype.startsWith('seq(map')
          ? { name, dtype: 'float32', labels: labelsOf(name, expected.outputs[name].columns) }
          : { name, dtype: dtypeOf(dtype), labels: undefined },
      ),
    );
    for (const [i, { labels, shape }] of outputs.entries()) {
      if (labels) expect(shape?.at(-1)).toBe(labels.length);
      else expect(shape ?? []).toEqual(expected.signature.outputs[i].shape.map(asDeclared(shape)));
    }

    if (expected.needs?.some((need) => need.includes('locale')) && !hasLocale) skip('needs the en_US.UTF-8 locale');
    await using _session = await openSession(model, { threads: 1 });
  });
});
