import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodeOf, FailureError, failuresOf } from '../../src/core/failure.ts';
import { type JobRequest, type LoadedJob, loadJob } from '../../src/job/load.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scoremill-job-'));
  await mkdir(join(folder, 'jobs'));
});
afterAll(() => rm(folder, { recursive: true }));

const minimal = `model: { path: ../m.onnx }
dataset: { path: ../data/*.parquet }
output: { path: ../out }
`;

async function load(text: string | Uint8Array | null, request: Partial<JobRequest> = {}): Promise<LoadedJob> {
  if (text !== null) await writeFile(join(folder, 'jobs/churn.yaml'), text);
  return loadJob({
    ...(text === null ? {} : { jobPath: 'jobs/churn.yaml' }),
    overrides: [],
    environment: {},
    params: {},
    workingFolder: folder,
    ...request,
  });
}

async function problemsOf(text: string | Uint8Array | null, request: Partial<JobRequest> = {}) {
  const error: unknown = await load(text, request).then(
    () => expect.unreachable('the job was accepted'),
    (reason) => reason,
  );
  if (!(error instanceof FailureError)) throw error;
  return { text: error.message, exitCodes: [...new Set(failuresOf(error).map(exitCodeOf))] };
}

const at = (source: string, path: string[], value: unknown) => ({ source, path, value });

describe('a job file', () => {
  it('needs a model, a dataset and an output; the rest has defaults', async () => {
    const { job, jobPath } = await load(minimal);
    expect(job).toEqual({
      name: 'score',
      model: { path: join(folder, 'm.onnx'), version: 'latest', rebuild: 'auto' },
      dataset: {
        path: [join(folder, 'data/*.parquet')],
        format: 'auto',
        csv: { header: true, quote: '"', escape: '"', nullValues: [''], encoding: 'utf-8', decimal: '.' },
        types: {},
      },
      rejects: { budget: 0, nulls: 'reject', fill: {} },
      output: {
        path: join(folder, 'out'),
        compression: 'zstd',
        rowsPerFile: 1_000_000,
        ifExists: 'skip',
        report: true,
        columnSummary: 'sample',
      },
      run: {
        workers: 'auto',
        batchRows: 'auto',
        threadsPerWorker: 'auto',
        memory: 'auto',
        retries: 2,
        stallAfter: 'auto',
        takeOverAfter: '60s',
      },
      observe: { namespace: 'scoremill' },
    });
    expect(jobPath).toBe(join(folder, 'jobs/churn.yaml'));
  });

  it('brings the short forms of an input into one form', async () => {
    const { job } = await load(
      `${minimal}inputs: { a: x, b: [y, "f*"], c: { value: 16000 }, d: { column: h, shape: [5, 7] } }`,
    );
    expect(job.inputs).toEqual({
      a: { column: 'x' },
      b: { columns: ['y', 'f*'] },
      c: { value: 16000 },
      d: { column: 'h', shape: [5, 7] },
    });
  });

  it('reports every problem at once, in the order of the file, with line, column and path', async () => {
    const problems = await problemsOf(`name: my job
model: { version: newest }
dataset:
  path: []
  csv: { delimiter: ";;", encoding: klingon }
inputs:
  age: { column: age, fil: 0 }
  sex: 5
  x: { fill: 0 }
  y: [a, ""]
outputs: { p: { as: a, columns: [b] } }
rejects: { budget: "1,5%", nulls: rejct }
output: { path: ../out, rowsPerFile: 0 }
run: { workers: many, memory: 3 bananas, retries: null }
batchRows: 5
colour: red
`);
    expect(problems).toEqual({
      exitCodes: [78],
      text: `jobs/churn.yaml:1:1: name: must have only letters, digits, dots, hyphens and underscores, not "my job"
jobs/churn.yaml:2:1: model.path: is missing
jobs/churn.yaml:2:10: model.version: must be "latest" or a whole number, not "newest"
jobs/churn.yaml:4:3: dataset.path: must have at least one item
jobs/churn.yaml:5:10: dataset.csv.delimiter: must be exactly one character, not ";;"
jobs/churn.yaml:5:27: dataset.csv.encoding: must be the name of an encoding, such as utf-8, latin1 or utf-16le
jobs/churn.yaml:7:23: inputs.age.fil: unknown key. Did you mean "fill"?
jobs/churn.yaml:8:3: inputs.sex: must be a column, a list of columns, or a mapping with column, columns or value, not 5
jobs/churn.yaml:9:3: inputs.x: must have exactly one of column, columns and value
jobs/churn.yaml:10:10: inputs.y[1]: must not be empty
jobs/churn.yaml:11:12: outputs.p: must have at most one of as, columns and pick
jobs/churn.yaml:12:12: rejects.budget: must be a number of rows or a percentage such as "1%", not "1,5%"
jobs/churn.yaml:12:28: rejects.nulls: must be "reject" or "nan", not "rejct". Did you mean "reject"?
jobs/churn.yaml:13:25: output.rowsPerFile: must be more than 0, not 0
jobs/churn.yaml:14:8: run.workers: must be "auto" or a whole number, not "many"
jobs/churn.yaml:14:23: run.memory: must be "auto", bytes, or a number with a unit such as 512MB or 4GiB, not "3 bananas"
jobs/churn.yaml:14:42: run.retries: must be a whole number, not empty
jobs/churn.yaml:15:1: batchRows: unknown key. Did you mean "run.batchRows"?
jobs/churn.yaml:16:1: colour: unknown key; there are name, model, dataset, transform, inputs, outputs, keep, rejects, output, run, observe`,
    });
  });

  it.each([
    ['', 'jobs/churn.yaml: the job file is empty'],
    ['# nothing but a comment\n', 'jobs/churn.yaml: the job file is empty'],
    ['- a\n- b\n', 'jobs/churn.yaml:1:1: a job file is a mapping of keys to values, such as "model:" and "dataset:"'],
    ['model: a\n---\nmodel: b\n', 'jobs/churn.yaml:2:1: a job file holds one document; remove what follows the ---'],
    ['name: a\nname: b\n', 'jobs/churn.yaml:2:1: this key is already given above'],
    [
      'name: !!js/function "x"\n',
      'jobs/churn.yaml:1:7: unknown tag tag:yaml.org,2002:js/function; tags have no meaning in a job file',
    ],
    ['name: *nowhere\n', 'jobs/churn.yaml:1:7: there is no &nowhere above for this alias'],
    ['a: &a [*a]\n', 'jobs/churn.yaml: an alias (*name) stands inside the value it names'],
    ['output:\n\tpath: x\n', 'jobs/churn.yaml:2:1: a tab cannot indent; use spaces'],
  ])('refuses %j', async (text, message) => {
    expect(await problemsOf(text)).toEqual({ text: message, exitCodes: [78] });
  });

  it('refuses aliases that blow up', async () => {
    const levels = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [name, inner] of ['ba', 'cb', 'dc', 'ed'].map((pair) => [...pair])) {
      levels.push(`${name}: &${name} [${Array(9).fill(`*${inner}`).join(', ')}]`);
    }
    const message = 'jobs/churn.yaml: aliases (*name) repeat more than 100 values; write them out';
    expect(await problemsOf(levels.join('\n'))).toEqual({ text: message, exitCodes: [78] });
  });

  it('names the line of a value that an alias brings in', async () => {
    const { text } = await problemsOf(`${minimal}inputs: { a: &shared { colum: x }, b: *shared }`);
    expect(text.split('\n')).toContain('jobs/churn.yaml:4:24: inputs.b.colum: unknown key. Did you mean "column"?');
  });

  it('refuses what is no job file at all', async () => {
    expect(await problemsOf(null, { jobPath: 'jobs/chrun.yaml' })).toEqual({
      text: 'jobs/chrun.yaml: no such job file. Did you mean "churn.yaml"? Without a job file, give --model, --dataset and --output',
      exitCodes: [66],
    });
    expect(await problemsOf(null, { jobPath: 'jobs' })).toEqual({ text: 'jobs: is a folder', exitCodes: [66] });
    await writeFile(join(folder, 'b.parquet'), new Uint8Array([80, 65, 82, 49, 0, 255]));
    expect(await problemsOf(null, { jobPath: 'b.parquet' })).toEqual({
      text: 'b.parquet: is not a text file in UTF-8; a dataset is given with --dataset, and its glob in quotes',
      exitCodes: [66],
    });
    await writeFile(join(folder, 'm.onnx'), new Uint8Array(2 << 20));
    expect(await problemsOf(null, { jobPath: 'm.onnx' })).toEqual({
      text: 'm.onnx: has more than 1 MiB, too much for a job file; a model is given with --model',
      exitCodes: [66],
    });
    expect(await problemsOf(Buffer.from('name: a\0b'))).toEqual({
      text: 'jobs/churn.yaml: is not a text file in UTF-8',
      exitCodes: [66],
    });
    await symlink('loop', join(folder, 'loop'));
    expect((await problemsOf(null, { jobPath: 'loop' })).exitCodes).toEqual([74]);
  });

  it('refuses paths that are not local, by the name of their scheme', async () => {
    const text = minimal.replace('../m.onnx', 's3://models/m.onnx').replace('../out', 'https://host/out');
    expect(await problemsOf(text)).toEqual({
      text: `jobs/churn.yaml:1:10: model.path: s3:// is not supported in this version; copy the files and give a local path
jobs/churn.yaml:3:11: output.path: https:// is not supported in this version; copy the files and give a local path`,
      exitCodes: [78],
    });
  });
});

describe('overrides', () => {
  const three = [
    at('--model', ['model', 'path'], 'm.onnx'),
    at('--dataset', ['dataset', 'path'], ['~/a*.csv', '/data/b.csv']),
    at('--output', ['output', 'path'], 'out'),
  ];

  it('are a job by themselves when they name a model, a dataset and an output', async () => {
    const { job, jobPath } = await load(null, { overrides: three });
    expect([job.name, job.model.path, job.dataset.path, job.output.path, jobPath]).toEqual([
      'score',
      join(folder, 'm.onnx'),
      [join(folder, '~/a*.csv'), '/data/b.csv'],
      join(folder, 'out'),
      null,
    ]);
  });

  it('that name too little are refused once, with a command to complete', async () => {
    expect(await problemsOf(null, { overrides: three.slice(1, 2) })).toEqual({
      text: `--model and --output are missing, and there is no job file; for example:
  scoremill run --model model.onnx --dataset '~/a*.csv' --dataset /data/b.csv --output scored`,
      exitCodes: [64],
    });
    expect((await problemsOf(null, { overrides: three.slice(0, 2) })).text).toContain('--output is missing, and');
  });

  it('make up for what the job file lacks, and start at the working folder', async () => {
    const { job } = await load('output: { path: ../out }', { overrides: three.slice(0, 2) });
    expect([job.model.path, job.output.path]).toEqual([join(folder, 'm.onnx'), join(folder, 'out')]);
  });

  it('cannot ask for a slice of a dataset that grows', async () => {
    const overrides = [
      at('--slice-index', ['dataset', 'slice', 'index'], 0),
      at('--slice-count', ['dataset', 'slice', 'count'], 2),
      at('--if-exists', ['output', 'ifExists'], 'append'),
    ];
    expect(await problemsOf(minimal, { overrides })).toEqual({
      text: '--if-exists: append goes with a whole dataset, not with a slice of it: slices of a dataset that grows would be others',
      exitCodes: [64],
    });
  });

  it('win over the job file, the later over the earlier', async () => {
    const overrides = [
      at('SCOREMILL_BUDGET', ['rejects', 'budget'], 1),
      at('--budget', ['rejects', 'budget'], '2%'),
      at('--inputs x', ['inputs', 'x'], ['a', 'b']),
    ];
    const { job } = await load(`${minimal}rejects: { budget: 5, nulls: nan }\ninputs: { x: q, y: r }`, { overrides });
    expect(job.rejects).toEqual({ budget: '2%', nulls: 'nan', fill: {} });
    expect(job.inputs).toEqual({ x: { columns: ['a', 'b'] }, y: { column: 'r' } });
  });

  it('hide what is wrong in the part of the job file they replace', async () => {
    const { job } = await load(`${minimal}rejects: { budget: "\${NOT_SET}" }`, {
      overrides: [at('--budget', ['rejects', 'budget'], 3)],
    });
    expect(job.rejects.budget).toBe(3);
  });

  it('that are wrong are named by what was typed, as a usage error', async () => {
    const overrides = [
      at('--nulls', ['rejects', 'nulls'], 'maybe'),
      at('--set inputs.x', ['inputs', 'x'], { colum: 'a' }),
    ];
    expect(await problemsOf(minimal, { overrides })).toEqual({
      text: `--set inputs.x: inputs.x.colum: unknown key. Did you mean "column"?
--nulls: must be "reject" or "nan", not "maybe"`,
      exitCodes: [64],
    });
  });

  it('cannot reach the prototype of anything', async () => {
    const overrides = [at('--set __proto__.x', ['__proto__', 'x'], 1)];
    expect((await problemsOf(minimal, { overrides })).exitCodes).toEqual([64]);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it('with a wrong date are refused', async () => {
    expect(await problemsOf(minimal, { date: '2026-02-30' })).toEqual({
      text: 'the date must be a day such as 2026-01-31, not "2026-02-30"',
      exitCodes: [64],
    });
  });
});

it('keeps a glob a glob below a folder whose name holds glob characters', async () => {
  const workingFolder = join(folder, 'year=[2026]');
  const paths = async (...path: string[]) => {
    const overrides = [
      at('--model', ['model', 'path'], 'm.onnx'),
      at('--dataset', ['dataset', 'path'], path),
      at('--output', ['output', 'path'], 'out'),
    ];
    return (await load(null, { overrides, workingFolder })).job.dataset.path;
  };
  expect(await paths('a.csv', '*.csv', '../b/*.csv', '/c/*.csv')).toEqual([
    join(workingFolder, 'a.csv'),
    `${folder}/year=\\[2026\\]/*.csv`,
    `${folder}/b/*.csv`,
    '/c/*.csv',
  ]);
});
