// Binding by the job, and by name alone.
import { describe, expect, test } from 'vitest';
import { resolveInputs } from '../../src/plan/resolve-inputs.ts';
import { type BindParts, guessed, jobOf, modelInput, openConnection, signatureOf, typed } from './plan-fixtures.ts';

async function resolve({ inputs, columns, job = jobOf(), featureNames }: BindParts) {
  const signature = signatureOf(inputs, featureNames === undefined ? {} : { featureNames });
  const found = await resolveInputs({
    connection: await openConnection(),
    signature,
    job,
    columns,
    shardPath: 'a.parquet',
    folder: { tokenizerPath: null, tokenizerConfigPath: null, preprocessorPath: null },
  });
  return found.failures.length > 0
    ? found.failures
    : Object.fromEntries(found.inputs.map(({ input, features }) => [input.name, features.map(({ label }) => label)]));
}

const x4 = modelInput('x', 'float32', ['N', 4]);
const four = { a: 'FLOAT', b: 'INTEGER', c: 'DOUBLE', d: 'DECIMAL(9,2)' };

describe('as the job says', () => {
  test('inputs come in the order of the model, features in that of the job', async () => {
    const job = jobOf({ inputs: { y: 'd', x: ['c', 'a + b', '[ab]'] } });
    expect(await resolve({ inputs: [x4, modelInput('y', 'float32', ['N'])], columns: typed(four), job })).toEqual({
      x: ['c', 'a + b', 'a', 'b'],
      y: ['d'],
    });
  });

  test('an input that is left out is bound to the column of its name, an optional one is left to the model', async () => {
    const inputs = [
      modelInput('a', 'float32', ['N']),
      modelInput('b', 'float32', ['N']),
      modelInput('c', 'float32', ['N'], true),
    ];
    expect(await resolve({ inputs, columns: typed(four), job: jobOf({ inputs: { a: 'd' } }) })).toEqual({
      a: ['d'],
      b: ['b'],
    });
    expect(await resolve({ inputs, columns: typed(four), job: jobOf({ inputs: { c: 'd' } }) })).toEqual({
      a: ['a'],
      b: ['b'],
      c: ['d'],
    });
  });

  test('everything that is wrong is told at once', async () => {
    const inputs = [x4, modelInput('z', 'float32', ['N'])];
    const job = jobOf({ inputs: { xx: 'a', x: ['aa', 'b'] } });
    expect(await resolve({ inputs, columns: typed(four), job })).toEqual([
      { reason: 'input-unknown', input: 'xx', known: ['x', 'z'], suggestion: 'x' },
      {
        reason: 'column-missing',
        where: 'inputs.x',
        column: 'aa',
        shard: 'a.parquet',
        known: ['a', 'b', 'c', 'd'],
        suggestion: 'a',
      },
      { reason: 'input-unbound', input: 'z', known: ['a', 'b', 'c', 'd'] },
    ]);
  });
});

describe('by name alone', () => {
  test('1. every input has a column of its name', async () => {
    const inputs = [modelInput('c', 'float32', ['N']), modelInput('a', 'float32', ['N', 1])];
    expect(await resolve({ inputs, columns: typed(four) })).toEqual({ c: ['c'], a: ['a'] });
    expect(
      await resolve({ inputs: [...inputs, modelInput('d', 'float32', ['N'], true)], columns: typed(four) }),
    ).toEqual({ c: ['c'], a: ['a'] });
  });

  test('1. some have none: those are told', async () => {
    const inputs = [
      modelInput('a', 'float32', ['N']),
      modelInput('y', 'float32', ['N']),
      modelInput('B', 'float32', ['N']),
    ];
    expect(await resolve({ inputs, columns: typed(four) })).toEqual([
      { reason: 'input-unbound', input: 'y', known: ['a', 'b', 'c', 'd'] },
      { reason: 'input-unbound', input: 'B', known: ['a', 'b', 'c', 'd'] },
    ]);
  });

  test("2. the model's metadata names the features, in its order, whatever else the data has", async () => {
    const columns = typed({ id: 'BIGINT', ...four, other: 'FLOAT' });
    expect(await resolve({ inputs: [x4], columns, featureNames: ['d', 'c', 'b', 'a'] })).toEqual({
      x: ['d', 'c', 'b', 'a'],
    });
  });

  test('2. names that the data does not have decide nothing', async () => {
    expect(await resolve({ inputs: [x4], columns: typed(four), featureNames: ['f0', 'f1', 'f2', 'f3'] })).toEqual({
      x: ['a', 'b', 'c', 'd'],
    });
  });

  test('3. exactly as many numeric columns are left as the model takes', async () => {
    const columns = typed({ name: 'VARCHAR', id: 'BIGINT', ...four, flag: 'BOOLEAN', day: 'DATE' });
    expect(await resolve({ inputs: [x4], columns, job: jobOf({ keep: ['id'] }) })).toEqual({ x: ['a', 'b', 'c', 'd'] });
  });

  test('3. one too many is refused with the numbers, and what was kept', async () => {
    const columns = typed({ name: 'VARCHAR', id: 'BIGINT', ...four });
    expect(await resolve({ inputs: [x4], columns })).toEqual([
      {
        reason: 'columns-by-name',
        input: 'x',
        kind: 'numeric',
        wanted: 4,
        columns: ['id', 'a', 'b', 'c', 'd'],
        kept: [],
        feed: ['a', 'b', 'c', 'd'],
        keep: ['id'],
      },
    ]);
    expect(await resolve({ inputs: [x4], columns, job: jobOf({ keep: ['id', 'a'] }) })).toMatchObject([
      { reason: 'columns-by-name', columns: ['b', 'c', 'd'], kept: ['id', 'a'], feed: ['b', 'c', 'd'], keep: [] },
    ]);
  });

  test('3. where the model leaves the number open, what is kept tells that the rest is meant', async () => {
    const open = modelInput('x', 'float32', ['N', null]);
    expect(await resolve({ inputs: [open], columns: typed({ ...four, user_id: 'BIGINT' }) })).toMatchObject([
      { columns: ['a', 'b', 'c', 'd', 'user_id'], wanted: null, feed: ['a', 'b', 'c', 'd'], keep: ['user_id'] },
    ]);
    expect(await resolve({ inputs: [open], columns: typed(four), job: jobOf({ keep: ['a'] }) })).toEqual({
      x: ['b', 'c', 'd'],
    });
  });

  test('3. the only list column feeds the only input', async () => {
    expect(await resolve({ inputs: [x4], columns: typed({ name: 'VARCHAR', vector: 'FLOAT[]' }) })).toEqual({
      x: ['vector'],
    });
    expect(await resolve({ inputs: [x4], columns: typed({ one: 'FLOAT[]', two: 'FLOAT[4]' }) })).toMatchObject([
      { reason: 'columns-by-name', columns: [] },
    ]);
    expect(await resolve({ inputs: [x4], columns: typed({ id: 'BIGINT', vector: 'FLOAT[]' }) })).toEqual({
      x: ['vector'],
    });
    const one = modelInput('x', 'float32', [null, 1]);
    expect(
      await resolve({ inputs: [one], columns: typed({ a: 'FLOAT', b: 'FLOAT', vector: 'FLOAT[]' }) }),
    ).toMatchObject([{ reason: 'columns-by-name', columns: ['a', 'b'] }]);
  });

  test('3. an input of texts takes text columns, and any column of a text file', async () => {
    const text = modelInput('x', 'string', ['N', 2]);
    expect(await resolve({ inputs: [text], columns: typed({ id: 'BIGINT', one: 'VARCHAR', two: 'VARCHAR' }) })).toEqual(
      { x: ['one', 'two'] },
    );
    expect(await resolve({ inputs: [text], columns: guessed({ zip: 'BIGINT', name: 'VARCHAR' }) })).toEqual({
      x: ['zip', 'name'],
    });
    const one = modelInput('message', 'string', ['N', 1]);
    expect(await resolve({ inputs: [one], columns: guessed({ ticket: 'BIGINT', text: 'VARCHAR' }) })).toEqual({
      message: ['text'],
    });
    expect(
      await resolve({ inputs: [text], columns: typed({ a: 'VARCHAR', b: 'VARCHAR', doc_id: 'VARCHAR' }) }),
    ).toEqual([
      {
        reason: 'columns-by-name',
        input: 'x',
        kind: 'text',
        wanted: 2,
        columns: ['a', 'b', 'doc_id'],
        kept: [],
        feed: ['a', 'b'],
        keep: ['doc_id'],
      },
    ]);
  });

  test('3. a fixed batch and a model without an axis of rows count the same', async () => {
    expect(await resolve({ inputs: [modelInput('x', 'float32', [1, 4])], columns: typed(four) })).toEqual({
      x: ['a', 'b', 'c', 'd'],
    });
    expect(await resolve({ inputs: [modelInput('x', 'float32', [8, 4])], columns: typed(four) })).toEqual({
      x: ['a', 'b', 'c', 'd'],
    });
    expect(await resolve({ inputs: [modelInput('x', 'float32', [4])], columns: typed(four) })).toEqual({
      x: ['a', 'b', 'c', 'd'],
    });
    expect(await resolve({ inputs: [modelInput('x', 'float32', ['N', 2, 2])], columns: typed(four) })).toEqual({
      x: ['a', 'b', 'c', 'd'],
    });
  });
});
