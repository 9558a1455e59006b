// `scoremill inspect` on models, datasets and output folders, whole and broken.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { layoutOf } from '../../src/commit/layout.ts';
import { acquireLock } from '../../src/commit/lock.ts';
import { buildModel, input, node, output, tensorOf } from '../model/build-onnx.ts';
import { runCli } from '../run-cli.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');
const inspect = (path: string, ...words: string[]) => runCli(['inspect', path, ...words]);
const json = async (path: string) => JSON.parse((await inspect(path, '--json')).stdout);
/** The line of a page that begins with a name, or the one after a title. */
const lineOf = (page: string, name: string): string | undefined =>
  page
    .split('\n')
    .find((line) => line.startsWith(name))
    ?.slice(name.length)
    .trim();

const float = (...dims: readonly (number | string | null)[]) => tensorOf(1, ...dims);

function modelFile(...graph: Parameters<typeof buildModel>[0]['graph']): string {
  const path = join(temporaryFolder(), 'model.onnx');
  writeFileSync(path, buildModel({ graph }));
  return path;
}

describe('a model', () => {
  test('is described by its signature, operators and adaptations, with the command that runs it', async () => {
    const { exitCode, stdout, stderr } = await inspect('sample-data/medical-diagnosis/model.onnx');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(lineOf(stdout, 'made by')).toBe('skl2onnx 1.20.0; IR version 8; opset 16 of ai.onnx, 1 of ai.onnx.ml');
    expect(lineOf(stdout, 'batch')).toBe('any number of rows a call');
    expect(lineOf(stdout, 'runtime')).toMatch(/^accepted by ONNX Runtime, loaded in \d+(\.\d)? m?s$/);
    const sections = stdout.split('\n\n').slice(1);
    expect(sections).toEqual([
      'inputs (1)\n' +
        '  name         dtype    shape    takes\n' +
        '  float_input  float32  [?, 30]  the 30 numeric columns beside those of --keep, in the order of the file, or a list column "float_input" of 30 values',
      'outputs (2)\n' +
        '  name                dtype    shape   becomes\n' +
        '  output_label        string   [?]     the column "output_label"\n' +
        '  output_probability  float32  [?, 2]  a column for each of its 2 classes: output_probability_benign, output_probability_malignant',
      'adaptations\n' +
        '  ZipMap "output_probability" removed: its values come as float [N, 2] for the labels benign, malignant',
      'operators\n' + '  1 x ai.onnx.ml:LinearClassifier, 1 x ai.onnx.ml:Scaler, 1 x ai.onnx.ml:ZipMap, 1 x Identity',
      'score with it\n' +
        "  scoremill run --model sample-data/medical-diagnosis/model.onnx --dataset 'DATA/*.parquet' --output scored\n" +
        '    with --keep ID,... for what is no feature, or --inputs float_input=COLUMN,... for the 30 that are\n' +
        "  a job file for your data: scoremill init --model sample-data/medical-diagnosis/model.onnx --dataset 'DATA/*.parquet'",
      'or with a job file\n' +
        `  model: { path: ${root}/sample-data/medical-diagnosis/model.onnx }\n` +
        '  dataset: { path: DATA/*.parquet }\n' +
        '  inputs:\n' +
        '    float_input: [COLUMN, ...] # 30 of them, or one list column\n' +
        '  output: { path: scored }\n',
    ]);
  });

  test('has the same in JSON', async () => {
    const { loadMs, sha256, binding, folder, results, ...rest } = await json(
      'sample-data/medical-diagnosis/model.onnx',
    );
    expect(loadMs).toBeGreaterThan(0);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(binding).toEqual([expect.objectContaining({ input: 'float_input', columns: null, values: 30 })]);
    expect(folder).toEqual({
      layout: 'file',
      path: join(root, 'sample-data/medical-diagnosis/model.onnx'),
      version: null,
      variant: null,
      versions: [],
      variants: [],
      columns: null,
      tokenizerPath: null,
      preprocessorPath: null,
    });
    expect(results.map(({ columns }: { columns: readonly string[] }) => columns)).toEqual([
      ['output_label'],
      ['output_probability_benign', 'output_probability_malignant'],
    ]);
    expect(rest).toEqual({
      kind: 'model',
      path: join(root, 'sample-data/medical-diagnosis/model.onnx'),
      fileBytes: readFileSync(join(root, 'sample-data/medical-diagnosis/model.onnx')).length,
      externalFiles: [],
      sidecars: [],
      producer: 'skl2onnx 1.20.0',
      irVersion: 8,
      opsets: { 'ai.onnx': 16, 'ai.onnx.ml': 1 },
      parameters: 0,
      trials: [],
      operators: {
        'ai.onnx.ml:LinearClassifier': 1,
        'ai.onnx.ml:Scaler': 1,
        'ai.onnx.ml:ZipMap': 1,
        'ai.onnx:Identity': 1,
      },
      metadata: {},
      inputs: [{ name: 'float_input', dtype: 'float32', shape: [null, 30], optional: false }],
      outputs: [
        { name: 'output_label', dtype: 'string', shape: [null], labels: null },
        { name: 'output_probability', dtype: 'float32', shape: [null, 2], labels: ['benign', 'malignant'] },
      ],
      featureNames: null,
      adaptations: [
        'ZipMap "output_probability" removed: its values come as float [N, 2] for the labels benign, malignant',
      ],
      accepted: true,
      failures: [],
    });
  });

  test('may be given as its folder, or as a file of another name', async () => {
    expect(await json('sample-data/digits')).toMatchObject({
      kind: 'model',
      path: join(root, 'sample-data/digits/model.onnx'),
    });
    const path = join(temporaryFolder(), 'model.bin');
    cpSync(join(root, 'sample-data/digits/model.onnx'), path);
    expect(await json(path)).toMatchObject({ kind: 'model', path });
  });

  test('in a folder is described with the folder: its layout, versions, labels and the files that say so', async () => {
    const folder = temporaryFolder();
    const scores = node('Identity', ['x'], ['scores']);
    const model = buildModel({ graph: [scores, input('x', float('N', 3)), output('scores', float('N', 3))] });
    for (const version of ['1', '2']) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'model.onnx'), model);
    }
    writeFileSync(
      join(folder, 'config.pbtxt'),
      'output { name: "scores" data_type: TYPE_FP32 label_filename: "l.txt" }',
    );
    writeFileSync(join(folder, 'l.txt'), 'ant\nbee\ncat\n');
    const { exitCode, stdout } = await inspect(folder, '--model-version', '1');
    expect(exitCode).toBe(0);
    expect(lineOf(stdout, 'folder')).toBe('Triton, version 1 of 1, 2 (--model-version)');
    expect(stdout).toContain('          with ../config.pbtxt, ../l.txt\n');
    expect(lineOf(stdout, '  scores')).toBe(
      'float32  [N, 3]  a column for each of its 3 classes: scores_ant, scores_bee, scores_cat',
    );
    expect(stdout).toContain(`scoremill run --model ${folder} --model-version 1 --dataset`);
    expect(stdout).toContain(`model: { path: ${folder}, version: 1 }`);
    expect(await json(folder)).toMatchObject({
      path: join(folder, '2/model.onnx'),
      sidecars: [{ path: '../config.pbtxt' }, { path: '../l.txt', fileBytes: 12 }],
      folder: { layout: 'triton', path: folder, version: 2, versions: [1, 2] },
      outputs: [{ name: 'scores', labels: ['ant', 'bee', 'cat'] }],
    });
  });

  test('that the runtime refuses is described all the same', async () => {
    const path = modelFile(
      node('Gather', ['x', 'i'], ['y']),
      input('x', float(3)),
      input('i', float(2)),
      output('y', float(2)),
    );
    const { exitCode, stdout, stderr } = await inspect(path);
    expect(exitCode).toBe(78);
    expect(lineOf(stdout, 'runtime')).toBe('REFUSED: see the error');
    expect(stdout).toContain('operators\n  1 x Gather\n');
    expect(stdout).not.toContain('score with it');
    expect(stderr).toMatch(/^error: \S+model\.onnx: ONNX Runtime refuses the model: .*tensor\(float\).*Gather.*\n$/);
    const refused = await json(path);
    expect(refused).toMatchObject({
      accepted: false,
      loadMs: null,
      failures: [{ reason: 'model-refused', exitCode: 78 }],
    });
  });

  test('that is none at all is refused with what it is', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'model.onnx');
    writeFileSync(path, '<!doctype html><title>404</title>');
    const { exitCode, stdout, stderr } = await inspect(path);
    expect([exitCode, stdout]).toEqual([78, '']);
    expect(stderr).toBe(
      `error: ${path} is not an ONNX model: it is a web page; download the file itself, not the page around it\n`,
    );
    expect(await inspect(join(folder, 'other.onnx'))).toMatchObject({ exitCode: 66 });
  });

  test('says how many rows a call takes', async () => {
    const batchOf = async (...dims: readonly (number | null)[]) => {
      const identity = node('Identity', ['x'], ['y']);
      const { stdout } = await inspect(modelFile(identity, input('x', float(...dims)), output('y', float(...dims))));
      return lineOf(stdout, 'batch');
    };
    expect(await batchOf(1, 4)).toBe('1 row a call, fixed by the model: see adaptations');
    expect(await batchOf(5)).toBe('5 rows a call, or one row of 5 values: the data decides');
    expect(await batchOf()).toBe('one row a call: an input has no axis for rows');
  });
});

describe('a dataset', () => {
  test('is described by its columns with first values, its shards and splits', async () => {
    const { exitCode, stdout, stderr } = await inspect('sample-data/digits/images/*.arrow');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'dataset   sample-data/digits/images/*.arrow',
      expect.stringMatching(/^ {10}3 arrow files, 1,797 rows, 129 kB on disk, about \d+ kB in memory$/),
      'splits    1 of at most 1,797 rows, as a run with default settings would cut it',
    ]);
    expect(lineOf(stdout, '  image_id')).toBe('INTEGER       1 | 2 | 3');
    expect(stdout).toContain(`   600               3  42.9 kB  ${root}/sample-data/digits/images/digits-0.arrow\n`);
    expect(stdout).toContain(
      "scoremill run --model MODEL.onnx --dataset 'sample-data/digits/images/*.arrow' --output scored\n",
    );
  });

  test('of text has the first values as they stand in the file, compressed or not', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.csv'), 'id,when,n\n007,2024-01-02,\n008,,1.5\n');
    const { columns, rows, shards, failures } = await json(folder);
    expect([rows, failures]).toEqual([2, []]);
    expect(
      columns.map(({ name, isGuess, firstValues }: Record<string, unknown>) => [name, isGuess, firstValues]),
    ).toEqual([
      ['id', true, ['007', '008']],
      ['when', true, ['2024-01-02', null]],
      ['n', true, [null, '1.5']],
    ]);
    expect(shards).toEqual([
      expect.objectContaining({
        path: join(folder, 'a.csv'),
        compression: 'none',
        rows: 2,
        starts: [0],
        partition: {},
      }),
    ]);
    const { stdout } = await inspect('sample-data/text-classification/data');
    expect(stdout).toContain('4 jsonl files (2 compressed: gzip), 2,000 rows');
    expect(lineOf(stdout, '  team')).toContain('billing | delivery | praise');
  });

  test('is read as its options say, where its name or its first line do not tell', async () => {
    const path = join(temporaryFolder(), 'data.txt');
    writeFileSync(path, '1;2,5\n3;4,5\n');
    const { exitCode, stdout } = await inspect(path, '--format', 'csv', '--delimiter', ';', '--no-header', '--json');
    expect(exitCode).toBe(0);
    const { rows, columns } = JSON.parse(stdout);
    expect([rows, columns.map(({ name }: { name: string }) => name)]).toEqual([2, ['column0', 'column1']]);
    expect(await inspect(path, '--format', 'cvs')).toMatchObject({
      exitCode: 64,
      stderr: expect.stringContaining('Did you mean "csv"?'),
    });
  });

  test('has the columns of key=value folders', async () => {
    const folder = temporaryFolder();
    for (const day of ['1', '2']) {
      mkdirSync(join(folder, `day=${day}`));
      writeFileSync(join(folder, `day=${day}/a.csv`), 'x\n1\n');
    }
    const { stdout } = await inspect(folder);
    expect(lineOf(stdout, '  day')).toMatch(/^BIGINT \(from the folder name\) {2}1/);
  });

  test('with broken shards tells of the others, and names what is wrong with each', async () => {
    const folder = temporaryFolder();
    cpSync(join(root, 'sample-data/digits/pixels'), folder, { recursive: true });
    writeFileSync(join(folder, 'digits-1.parquet'), '');
    writeFileSync(join(folder, 'digits-3.parquet'), 'text');
    const { exitCode, stdout, stderr } = await inspect(folder);
    expect(exitCode).toBe(66);
    expect(lineOf(stdout, 'PROBLEM')).toBe('2 of 4 shards cannot be read: see the errors');
    expect(stdout).toContain('2 parquet files, 1,197 rows');
    expect(stdout.split('\n').filter((line) => line.includes('BROKEN'))).toHaveLength(2);
    expect(stdout).not.toContain('score it');
    expect(stderr.split('\n')).toEqual([
      `error: ${folder}/digits-1.parquet: is empty (0 bytes), not a Parquet file; write the file anew or take it out of the dataset`,
      `error: ${folder}/digits-3.parquet: is not a Parquet file: it does not begin with PAR1; write the file anew or take it out of the dataset`,
      '',
    ]);
    const { rows, shards, failures } = await json(folder);
    expect([rows, shards.map((shard: { rows: number | null }) => shard.rows), failures.length]).toEqual([
      1197,
      [600, null, 597, null],
      2,
    ]);
  });

  test('without one readable shard still lists them', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.csv'), '');
    const { exitCode, stdout, stderr } = await inspect(folder);
    expect([exitCode, stderr]).toEqual([
      66,
      `error: ${folder}/a.csv is empty: no header, no rows; write the file anew or take it out of the dataset\n`,
    ]);
    expect(lineOf(stdout, 'PROBLEM')).toBe('the only shard cannot be read: see the errors');
  });

  test('tells where shards differ in their columns', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.csv'), 'id,tax\n1,2\n');
    writeFileSync(join(folder, 'b.csv'), 'id,tax2\n1,2\n');
    const { differences } = await json(folder);
    expect(differences).toEqual([
      `${folder}/b.csv has no column "tax"`,
      `${folder}/b.csv has a column "tax2" that the first shard has not`,
    ]);
  });

  test('that is not there is refused with where it was looked for', async () => {
    const folder = temporaryFolder();
    const { exitCode, stderr } = await inspect(join(folder, '*.parquet'));
    expect([exitCode, stderr]).toEqual([
      66,
      `error: no file matches ${folder}/*.parquet (looked in ${folder}, which exists); check the dataset path\n`,
    ]);
    expect(await json(join(folder, '*.parquet'))).toMatchObject({
      kind: 'refused',
      failures: [{ reason: 'dataset-missing' }],
    });
  });
});

describe('an output folder', () => {
  const words = ['run', 'jobs/recommendation.yaml', '--run-id', 'first', '--quiet'];

  test('that is complete says so, and what to do next; also when it is damaged', async () => {
    const path = join(temporaryFolder(), 'scored');
    await runCli([...words, '--output', path]);
    const { exitCode, stdout } = await inspect(path);
    expect(exitCode).toBe(0);
    expect(lineOf(stdout, 'state')).toBe('COMPLETE');
    expect(lineOf(stdout, 'run')).toBe('first of job recommendation');
    expect(lineOf(stdout, 'rows')).toBe(
      '50,000 in = 49,997 scored + 3 rejected, the rejects are in _scoremill/rejects.parquet',
    );
    expect(lineOf(stdout, 'speed')).toMatch(/^[\d,]+ rows\/s with \d+ workers?(; held back by: [\w-]+)?$/);
    expect(lineOf(stdout, 'next')).toBe(`scoremill verify ${path} checks every file`);
    expect(stdout).toMatch(
      /columns \(4\)\n {2}user_id +BIGINT\n {2}item_id +BIGINT\n {2}source +VARCHAR\n {2}score +FLOAT\n/,
    );
    const { manifest, run, ...rest } = await json(join(path, '_scoremill'));
    expect(rest).toEqual({ kind: 'output', path, state: 'complete', lock: null, foreign: [], lost: [], success: true });
    expect([manifest.runId, run.run_id, run.rows]).toEqual(['first', 'first', 50_000]);

    rmSync(join(path, '_SUCCESS'));
    rmSync(join(path, manifest.parts[0].name));
    writeFileSync(join(path, 'extra.parquet'), '');
    const damaged = (await inspect(path)).stdout;
    expect(lineOf(damaged, 'state')).toBe('DAMAGED: it was complete, and files are missing or have another size');
    expect(damaged).toContain(`missing   _SUCCESS\n          ${manifest.parts[0].name}\n`);
    expect(damaged).toContain('readers will take for data:\n          extra.parquet\n');
  });

  test('that is unfinished says how far it is, who holds it and how to go on', async () => {
    const path = join(temporaryFolder(), 'scored');
    expect(await runCli([...words, '--output', path, '--budget', '0'])).toMatchObject({ exitCode: 65 });
    const { exitCode, stdout } = await inspect(path);
    expect(exitCode).toBe(0);
    expect(lineOf(stdout, 'state')).toBe('UNFINISHED');
    expect(lineOf(stdout, 'run')).toMatch(
      /^first, first started \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, 1 execution so far$/,
    );
    expect(lineOf(stdout, 'job')).toBe(`model.path "${root}/sample-data/recommendation/model.onnx"`);
    expect(lineOf(stdout, 'done')).toMatch(/^\d+ splits?: [\d,]+ rows in = [\d,]+ scored \+ [123] rejected/);
    expect(lineOf(stdout, 'next')).toBe(
      'start the same run again: it goes on from here; or with --fresh to throw this away',
    );
    await using _lock = await acquireLock(layoutOf(path));
    const held = (await inspect(path)).stdout;
    expect(lineOf(held, 'state')).toBe('RUNNING: a run is writing to this folder now');
    expect(lineOf(held, 'lock')).toMatch(
      new RegExp(`^held by process ${process.pid} on host \\S+ since .* UTC, which is running$`),
    );
    expect(await json(path)).toMatchObject({
      state: 'unfinished',
      runId: 'first',
      lock: { state: 'alive', pid: process.pid },
      replaces: null,
    });
  });

  test('in which nothing was scored, or which holds other files, is told apart', async () => {
    const path = temporaryFolder();
    mkdirSync(join(path, '_scoremill/staging'), { recursive: true });
    expect(lineOf((await inspect(path)).stdout, 'state')).toMatch(/^EMPTY: /);
    writeFileSync(join(path, 'a.parquet'), '');
    expect(lineOf((await inspect(path)).stdout, 'state')).toMatch(/^FOREIGN: /);
    expect(await json(path)).toMatchObject({ kind: 'output', state: 'foreign', foreign: ['a.parquet'] });
  });
});

test('anything else is refused with what it seems to be', async () => {
  const folder = temporaryFolder();
  const refusal = async (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    const { exitCode, stderr } = await inspect(path);
    expect(exitCode).toBe(78);
    return stderr.replaceAll(`${dirname(path)}/`, '');
  };
  const takes =
    'inspect takes an ONNX model (a file or the folder of one), data (.parquet .csv .jsonl .arrow files, a folder or a glob of them), or an output folder\n';
  expect(await refusal('job.yaml', 'model: x\n')).toBe(
    `error: job.yaml: this looks like a job file; "scoremill plan" with it shows what it would do; ${takes}`,
  );
  expect(await refusal('model.pkl', Buffer.from([0x80, 4, 0x95, 1]))).toBe(
    `error: model.pkl: this is a Python pickle; ${takes}`,
  );
  expect(await refusal('notes.txt', 'hello')).toBe(
    `error: notes.txt: cannot tell by its suffix or its first bytes what this is; ${takes}`,
  );
  expect(await refusal('nothing', '')).toBe(`error: nothing: the file is empty (0 bytes); ${takes}`);
  const empty = await inspect(temporaryFolder());
  expect(empty).toMatchObject({
    exitCode: 78,
    stderr: expect.stringContaining(': the folder is empty; inspect takes'),
  });
});
