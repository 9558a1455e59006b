// Modules that cannot be used are refused before the first inference, and a changed one is not taken for the same.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeFailure, exitCodeOf, failuresOf } from '../../src/core/failure.ts';
import { quotePath } from '../../src/core/sql.ts';
import { readModel } from '../../src/model/model-file.ts';
import { openSession } from '../../src/model/session.ts';
import { transformFiles } from '../../src/transform/transform-files.ts';
import { resultOf } from '../end-to-end/result.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { withBench } from '../types/bench.ts';
import { scoreShard } from '../types/score-shard.ts';
import { tenfold, writeDouble, writeModule } from './modules.ts';

const bench = withBench();

/** How the refusal reads after the module's path, and its exit code. */
async function refusal(text: string, { rows = 100, suffix = 'mjs', transform = {} } = {}): Promise<string> {
  const workbench = bench();
  const { folder, reading } = workbench;
  const path = join(folder, 'rows.parquet');
  const select = `SELECT i AS id, i AS a, 'n' || i AS name, {'city': 'x'} AS address FROM range(${rows}) t(i)`;
  await reading.run(`COPY (${select}) TO ${quotePath(path)}`);
  const model = await readModel(writeDouble(folder));
  const session = await openSession(model, { threads: 1 });
  const module = writeModule(folder, text, suffix);
  const job = { transform: { before: module, ...transform }, keep: ['id'] };
  const error = await scoreShard(workbench, { path, format: 'parquet', model, session, job }).then(
    () => expect.unreachable(),
    (reason: unknown) => reason,
  );
  const [failure, ...others] = failuresOf(error);
  expect(others).toEqual([]);
  return `${exitCodeOf(failure)} ${describeFailure(failure).replace(`${module}: `, '').replaceAll(path, 'rows.parquet')}`;
}

const given = (returned: string): string =>
  `export const columns = ['a'];\nexport const transform = (batch) => (${returned});`;

test.each([
  [
    'export const x = 1;',
    '78 it exports no function; export one that takes a record batch: export function transform(batch) { ... }',
  ],
  ['export default 3', '78 it exports no function; export one'],
  ['export const transform = (batch', '78 it cannot be loaded: '],
  [
    "import 'no-such-package'; export const transform = () => {};",
    "78 it cannot be loaded: Cannot find package 'no-such-package'",
  ],
  [
    "export const columns = 'a'; export const transform = () => {};",
    '78 its export columns is no list of names; write export const columns = ',
  ],
  [
    "export const columns = ['A']; export const transform = () => {};",
    '78 transform.before (columns): no column "A" in rows.parquet (it has: id, a, name, address). Did you mean "a"?',
  ],
  [
    'export const transform = () => ({});',
    '78 it would be given the column "address", which is STRUCT(city VARCHAR); name the columns that it needs',
  ],
  [given('undefined'), '78 it gave nothing; return a record batch, or arrays by name'],
  [given('[1, 2]'), '78 it gave an array; return a record batch'],
  [given('({})'), '78 it gave no columns; return those that it adds or replaces'],
  [
    given('{ x: new Float32Array(batch.numRows - 1) }'),
    '78 its column "x" has 63 values for 64 rows; return one for each row, in the same order',
  ],
  [
    given("{ x: 'text' }"),
    '78 its column "x" is a string; give a typed array, an array of values, or a vector of one piece',
  ],
  [given("{ x: Array.from({ length: batch.numRows }, (_, row) => (row % 2 ? 1 : 'one')) }"), '78 its column "x" '],
  [
    given('{ x: new Array(batch.numRows).fill(null) }'),
    '78 its column "x" has no value in the first rows, so its type is not known; give a typed array',
  ],
  [
    given('{ scoremill_row: new Float32Array(batch.numRows) }'),
    '78 its column "scoremill_row" has a name that scoremill keeps to itself; rename it',
  ],
  [
    "export const columns = ['id', 'a']; export const transform = (batch) => batch.select(['a']);",
    '78 its column "a" is no whole Arrow array: an array has 0 values where 64 are needed; give a typed array or a whole vector, by name, as in { ratio: batch.getChild("ratio") }: apache-arrow\'s batch.select leaves columns without their values',
  ],
  [
    given('[...nothing]'),
    '78 it throws on each of the first 64 rows of rows.parquet: nothing is not defined; mend it, or see what it is given',
  ],
])('%s is refused', async (text, message) => {
  expect(await refusal(text)).toContain(message);
});

test('TypeScript is refused where Node cannot run it', async () => {
  const runs = Boolean((process.features as { readonly typescript?: unknown }).typescript);
  if (runs) return;
  expect(await refusal('export const transform = 1', { suffix: 'ts' })).toMatch(
    /^78 it is TypeScript, which Node 20\.\S+ cannot run; compile it \(npx tsc\), and name the \.js file in the job$/,
  );
});

test('what changes after the first rows ends the run, and blames no row', async () => {
  const later = (returned: string): string =>
    given(`Number(batch.getChild('a').get(0)) < 2048 ? { x: new Float32Array(batch.numRows) } : ${returned}`);
  const rows = 3000;
  expect(await refusal(later('{ x: new Float64Array(batch.numRows) }'), { rows })).toBe(
    '78 its column "x" is DOUBLE for some rows and FLOAT for the first; return one type, such as that of a typed array',
  );
  expect(await refusal(later('{ z: new Float32Array(batch.numRows) }'), { rows })).toMatch(
    /^78 it gave no column "x" for some/,
  );
});

test('a column of results that a kept one has the name of is refused', async () => {
  const after = writeModule(
    bench().folder,
    'export const transform = (batch) => ({ id: new Float32Array(batch.numRows) });',
  );
  const text = given('{ x: new Float32Array(batch.numRows) }');
  expect(await refusal(text, { transform: { after } })).toMatch(
    /^78 two result columns would be named "id"; .*leave it out of keep/,
  );
});

test('a module is what it imports, too', async () => {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'a.mjs'),
    "import { b } from './b.mjs';\nexport * from './c.mjs';\nimport 'apache-arrow';\n",
  );
  writeFileSync(join(folder, 'b.mjs'), "const a = await import('./a.mjs');\n");
  const names = ['a.mjs', 'b.mjs'].map((name) => join(folder, name));
  expect(await transformFiles(join(folder, 'a.mjs'))).toEqual(names);
});

test('a run is the same for any number of workers, and a changed module is another run', async () => {
  const folder = temporaryFolder();
  writeDouble(folder);
  for (const shard of [0, 1, 2]) {
    const lines = Array.from({ length: 50 }, (_, row) => `${shard * 50 + row},n\n`);
    writeFileSync(join(folder, `rows-${shard}.csv`), `a,name\n${lines.join('')}`);
  }
  writeFileSync(join(folder, 'offset.mjs'), 'export const offset = 0;\n');
  writeFileSync(
    join(folder, 'features.mjs'),
    `import { offset } from './offset.mjs';\n${tenfold.replace('10 *', 'offset + 10 *')}`,
  );
  writeFileSync(
    join(folder, 'job.yaml'),
    [
      'model: { path: double.onnx }',
      "dataset: { path: 'rows-*.csv' }",
      "transform: { before: features.mjs, params: { doom: '{{ params.doom }}' } }",
      'keep: [tag]',
      'output: { path: out, rowsPerFile: 50 }',
      '',
    ].join('\n'),
  );
  const run = (...words: string[]) =>
    runCli(['run', 'job.yaml', '--param', 'doom=none', '--run-id', 'same', ...words], { folder });
  expect((await run('--workers', '2', '--quiet')).stderr).toBe('');
  expect((await run('--workers', '0', '--output', 'other', '--quiet')).stderr).toBe('');
  const out = resultOf(join(folder, 'out'));
  expect(out.partHashes()).toEqual(resultOf(join(folder, 'other')).partHashes());
  const rows = await out.rows();
  expect(rows.slice(49, 51)).toEqual([
    { tag: 'n@49', y: 980 },
    { tag: 'n@0', y: 1000 },
  ]);
  writeFileSync(join(folder, 'offset.mjs'), 'export const offset = 1;\n');
  const changed = await run();
  expect(changed.exitCode).toBe(73);
  expect(changed.stderr).toContain(`transform: offset.mjs`);
  const missing = await run('--set', 'transform.before=nowhere.mjs');
  expect(missing).toMatchObject({
    exitCode: 66,
    stderr: `error: no module at ${join(folder, 'nowhere.mjs')}; check transform in the job file\n`,
  });
});
