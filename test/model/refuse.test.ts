// Every model of the corpora that must be refused: one clear failure that names what is wrong, and the right exit code.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exitCodeOf, failuresOf } from '../../src/core/failure.ts';
import { readModel } from '../../src/model/model-file.ts';
import { openSession } from '../../src/model/session.ts';
import { corpora } from '../corpora.ts';

interface Case {
  readonly case: string;
  readonly refuse: { readonly what: string; readonly message_has: readonly string[] };
  readonly model: { readonly file: string };
}

// What is wrong with these shows only when rows run.
const later = ['output-rows-do-not-match', 'runtime-reads-more-features'];
// More is done than the corpus asks for: the tensors of its sequence are its outputs.
const adapted = ['sequence-output-only'];

const casesOf = (): readonly Case[] =>
  readdirSync(corpora.path('refuse'))
    .map((name) => JSON.parse(readFileSync(corpora.path('refuse', name, 'case.json'), 'utf8')) as Case)
    .filter((one) => one.refuse.what === 'model' && ![...later, ...adapted].includes(one.case));

const load = async (path: string): Promise<void> => {
  await using _session = await openSession(await readModel(path), { threads: 1 });
};

describe.skipIf(!corpora.available)('every model that must be refused', () => {
  test.for(corpora.available ? casesOf() : [])('$case', async ({ case: name, model, refuse }) => {
    const error = await load(corpora.path('refuse', name, model.file)).catch((thrown: unknown) => thrown);
    const failures = failuresOf(error);
    const { message } = error as Error;
    for (const words of refuse.message_has) expect(message).toContain(words);
    expect(failures.map(exitCodeOf)).toEqual(failures.map(() => (name === 'missing-model' ? 66 : 78)));
    expect(message).toContain(model.file);
    expect(message).not.toMatch(/onnxruntime_src|\.cc:|\n\n/);
  });
});
