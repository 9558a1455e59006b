import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ParsedCommand, parseArguments } from '../../src/cli/arguments.ts';
import { optionsOf } from '../../src/cli/options.ts';
import { exitCodeOf, FailureError } from '../../src/core/failure.ts';

/** One word for each argument; words with spaces are given as a list. */
const parse = (line: string | readonly string[], environment: Record<string, string> = {}): Promise<ParsedCommand> =>
  parseArguments(typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line, environment);

async function refusal(line: string | readonly string[], environment: Record<string, string> = {}): Promise<string> {
  const error: unknown = await parse(line, environment).then(
    (command) => expect.unreachable(JSON.stringify(command)),
    (reason) => reason,
  );
  if (!(error instanceof FailureError)) throw error;
  expect(error.failures.map(({ reason }) => reason)).toEqual(error.failures.map(() => 'usage'));
  expect(error.failures.map(exitCodeOf)).toEqual(error.failures.map(() => 64));
  return error.message;
}

async function jobOf(line: string | readonly string[], environment: Record<string, string> = {}) {
  const command = await parse(line, environment);
  return 'job' in command ? command.job : expect.unreachable(command.command);
}

async function overridesOf(line: string | readonly string[], environment: Record<string, string> = {}) {
  return (await jobOf(line, environment)).overrides.map(({ source, path, value }) => [source, path.join('.'), value]);
}

afterEach(() => vi.unstubAllEnvs());

describe('commands', () => {
  it('run and plan take the same arguments', async () => {
    const line =
      'jobs/churn.yaml --fresh --steal-lock --json --quiet --log-format json --nothing-to-do-code 99 --run-id r1';
    const common = {
      job: { jobPath: 'jobs/churn.yaml', overrides: [], params: {}, date: undefined, runId: 'r1' },
      dates: undefined,
      stopOnFailure: false,
      runId: 'r1',
      fresh: true,
      stealLock: true,
      json: true,
      quiet: true,
      logFormat: 'json',
      nothingToDoCode: 99,
      warnings: [],
    };
    const ofRun = { resultLine: false, pingUrl: undefined };
    expect(await parse(`run ${line}`)).toEqual({ command: 'run', ...common, ...ofRun });
    expect(await parse(`plan ${line}`)).toEqual({ command: 'plan', ...common });
  });

  it('run without anything means its defaults', async () => {
    expect(await parse('run')).toEqual({
      command: 'run',
      job: { jobPath: undefined, overrides: [], params: {}, date: undefined, runId: undefined },
      dates: undefined,
      stopOnFailure: false,
      resultLine: false,
      pingUrl: undefined,
      runId: undefined,
      fresh: false,
      stealLock: false,
      json: false,
      quiet: false,
      logFormat: 'text',
      nothingToDoCode: 0,
      warnings: [],
    });
  });

  it.each<[string, object]>([
    ['inspect model.onnx', { command: 'inspect', path: 'model.onnx', overrides: [], json: false }],
    ['inspect --json out', { command: 'inspect', path: 'out', overrides: [], json: true }],
    [
      'inspect data.txt --format csv --delimiter \\t --model-version 3',
      {
        command: 'inspect',
        path: 'data.txt',
        overrides: [
          { source: '--model-version', path: ['model', 'version'], value: 3 },
          { source: '--format', path: ['dataset', 'format'], value: 'csv' },
          { source: '--delimiter', path: ['dataset', 'csv', 'delimiter'], value: '\t' },
        ],
        json: false,
      },
    ],
    [
      'init --model m --dataset d --output - --force',
      {
        command: 'init',
        overrides: [
          { source: '--model', path: ['model', 'path'], value: 'm' },
          { source: '--dataset', path: ['dataset', 'path'], value: ['d'] },
        ],
        output: '-',
        force: true,
      },
    ],
    ['verify out', { command: 'verify', folder: 'out', rescore: 0, json: false, quiet: false, logFormat: 'text' }],
    [
      'verify 007 --rescore 1000',
      { command: 'verify', folder: '007', rescore: 1000, json: false, quiet: false, logFormat: 'text' },
    ],
    ['schema', { command: 'schema' }],
    ['explain', { command: 'explain', code: undefined }],
    ['explain 65', { command: 'explain', code: '65' }],
    ['--version', { command: 'version' }],
    ['run --version', { command: 'version' }],
  ])('%s', async (line, command) => {
    expect(await parse(line)).toEqual({ ...command, warnings: [] });
  });

  it.each<[string | readonly string[], string]>([
    ['rnu', 'unknown command "rnu". Did you mean "run"?'],
    ['inspct model.onnx', 'unknown command "inspct". Did you mean "inspect"?'],
    [
      'init --output job.yaml',
      'init needs --model; scoremill init --help begins with examples\ninit needs --dataset; scoremill init --help begins with examples',
    ],
    [
      'frobnicate',
      'unknown command "frobnicate"; there are run, plan, init, inspect, verify, report, schema, completion, explain',
    ],
    [
      '--model m.onnx',
      'a command is missing before --model; scoremill run scores, scoremill --help lists the commands',
    ],
    ['inspect', 'inspect needs a PATH: a model, a dataset or an output folder, such as: scoremill inspect model.onnx'],
    ['verify', 'verify needs a DIR: a finished output folder, such as: scoremill verify scored'],
    ['schema job.yaml', 'unexpected "job.yaml": scoremill schema takes no argument'],
    [
      'run --dataset a.csv b.csv c.csv --output o',
      `unexpected "c.csv": scoremill run takes one JOB; quote a glob ('data/*.parquet') so that the shell leaves it alone`,
    ],
  ])('%j is refused', async (line, message) => {
    expect(await refusal(line)).toBe(message);
  });
});

describe('options', () => {
  it('become overrides of the job, set last', async () => {
    const line =
      'run --set run.workers=3 --model m.onnx --dataset a --dataset b* --output o --format csv --delimiter \\t --no-header --keep id,cat --keep day ' +
      '--budget 1% --nulls nan --workers 2 --batch-rows auto --threads-per-worker 1 --memory 4GiB --retries 0 --stall-after 90s --take-over-after 5m ' +
      '--compression none --rows-per-file 1e6 --if-exists replace';
    expect(await overridesOf(line)).toEqual([
      ['--model', 'model.path', 'm.onnx'],
      ['--dataset', 'dataset.path', ['a', 'b*']],
      ['--output', 'output.path', 'o'],
      ['--format', 'dataset.format', 'csv'],
      ['--delimiter', 'dataset.csv.delimiter', '\t'],
      ['--no-header', 'dataset.csv.header', false],
      ['--keep', 'keep', ['id', 'cat', 'day']],
      ['--budget', 'rejects.budget', '1%'],
      ['--nulls', 'rejects.nulls', 'nan'],
      ['--compression', 'output.compression', 'none'],
      ['--rows-per-file', 'output.rowsPerFile', 1_000_000],
      ['--batch-rows', 'run.batchRows', 'auto'],
      ['--workers', 'run.workers', 2],
      ['--threads-per-worker', 'run.threadsPerWorker', 1],
      ['--memory', 'run.memory', '4GiB'],
      ['--retries', 'run.retries', 0],
      ['--stall-after', 'run.stallAfter', '90s'],
      ['--take-over-after', 'run.takeOverAfter', '5m'],
      ['--if-exists', 'output.ifExists', 'replace'],
      ['--set run.workers', 'run.workers', 3],
    ]);
  });

  it('that look like numbers stay text', async () => {
    const job = await jobOf(
      'run --run-id 007 --date 2026-01-01 --param x=1e3 --param y= --param x=0x10 --model 007 --keep 1,2 --where 1',
    );
    expect([job.runId, job.date, job.params]).toEqual(['007', '2026-01-01', { x: '0x10', y: '' }]);
    expect(job.overrides.map(({ value }) => value)).toEqual(['007', '1', ['1', '2']]);
  });

  it('bind inputs to columns, globs and SQL expressions', async () => {
    const words = ['run', '--inputs', 'x=a, f*,ln(amount, 2),"a,b",[p, q][1]', '--inputs', 'dense.1/in:0=age'];
    expect((await jobOf(words)).overrides).toEqual([
      { source: '--inputs x', path: ['inputs', 'x'], value: ['a', 'f*', 'ln(amount, 2)', '"a,b"', '[p, q][1]'] },
      { source: '--inputs dense.1/in:0', path: ['inputs', 'dense.1/in:0'], value: 'age' },
    ]);
  });

  it('take a value that begins with a dash after an equals sign', async () => {
    expect(await overridesOf(['run', '--where=-x > 3', '--delimiter=-'])).toEqual([
      ['--where', 'dataset.where', '-x > 3'],
      ['--delimiter', 'dataset.csv.delimiter', '-'],
    ]);
  });

  it('keep nothing when nothing is to be kept, and take the last of what is given twice', async () => {
    expect(await overridesOf(['run', '--keep', '', '--workers', '2', '--workers', '3'])).toEqual([
      ['--keep', 'keep', []],
      ['--workers', 'run.workers', 3],
    ]);
  });

  it.each<[string | readonly string[], string]>([
    ['run --wrokers 3', 'unknown option --wrokers. Did you mean "--workers"?'],
    ['run --batchRows 3', 'unknown option --batchRows. Did you mean "--batch-rows"?'],
    ['run --frobnicate', 'unknown option --frobnicate; scoremill run --help lists the options'],
    ['run -x', 'unknown option -x; scoremill run --help lists the options'],
    ['inspect m.onnx --workers 3', 'unknown option --workers; scoremill inspect --help lists the options'],
    ['run --nulls', '--nulls needs a value; one that begins with a dash is written --nulls=VALUE'],
    [['run', '--where', '-x > 3'], '--where needs a value; one that begins with a dash is written --where=VALUE'],
    ['run --workers x', '--workers: must be "auto" or a whole number, not "x"'],
    ['run --workers -1', '--workers: must be at least 0, not -1'],
    ['run --batch-rows 0', '--batch-rows: must be more than 0, not 0'],
    ['run --batch-rows 1.5', '--batch-rows: must be "auto" or a whole number, not 1.5'],
    ['run --threads-per-worker many', '--threads-per-worker: must be "auto" or a whole number, not "many"'],
    ['run --memory lots', '--memory: must be "auto", bytes, or a number with a unit such as 512MB or 4GiB, not "lots"'],
    ['run --retries few', '--retries: must be a whole number, not "few"'],
    ['run --rows-per-file 0', '--rows-per-file: must be more than 0, not 0'],
    ['run --budget some', '--budget: must be a number of rows or a percentage such as "1%", not "some"'],
    ['run --if-exists maybe', '--if-exists: must be "skip", "fail", "replace" or "append", not "maybe"'],
    ['run --nulls rejct', '--nulls: must be "reject" or "nan", not "rejct". Did you mean "reject"?'],
    [
      'run --compression zip',
      '--compression: must be "zstd", "snappy", "gzip", "lz4" or "none", not "zip". Did you mean "gzip"?',
    ],
    ['run --format xml', '--format: must be "auto", "parquet", "csv", "jsonl" or "arrow", not "xml"'],
    ['run --delimiter ||', '--delimiter: must be exactly one character, not "||"'],
    [['run', '--model', ''], '--model: must not be empty'],
    [['run', '--dataset', ''], '--dataset: dataset.path[0]: must not be empty'],
    [['run', '--where', ''], '--where: must not be empty'],
    ['run --inputs age,income', '--inputs: "age,income" is not of the form INPUT=COLUMN,...'],
    ['run --inputs x=', '--inputs: x has no columns'],
    ['run --inputs x=a,,b', '--inputs x: inputs.x[1]: must not be empty'],
    ['run --inputs x=a --inputs x=b', '--inputs: x is given twice; put its columns into one list, separated by commas'],
    ['run --param country', '--param: "country" is not of the form NAME=VALUE'],
    ['run --date 2026-02-30', '--date: must be a day such as 2026-01-31, not "2026-02-30"'],
    ['run --date yesterday', '--date: must be a day such as 2026-01-31, not "yesterday"'],
    [
      'run --run-id a/b',
      '--run-id: must be up to 128 letters, digits and _ . : + -, beginning with a letter or digit, not "a/b"',
    ],
    ['run --log-format xml', '--log-format: must be "text" or "json", not "xml"'],
    ['run --nothing-to-do-code 256', '--nothing-to-do-code: must be a whole number up to 255, not "256"'],
    ['verify out --rescore all', '--rescore: must be a whole number, not "all"'],
    ['run --set budget', '--set: "budget" is not of the form path.to.key=value'],
    ['run --set rejekts.budget=1', '--set rejekts.budget: rejekts: unknown key. Did you mean "rejects"?'],
    ['run --set batchRows=1', '--set batchRows: unknown key. Did you mean "run.batchRows"?'],
    ['run --set run.workers=many', '--set run.workers: must be "auto" or a whole number, not "many"'],
    ['run --set inputs.x={}', '--set inputs.x: must have exactly one of column, columns and value'],
    ['run --set run=fast', '--set run: must be a mapping of keys to values, not "fast"'],
  ])('%j is refused', async (line, message) => {
    expect(await refusal(line)).toBe(message);
  });

  it('leave to the job file what only it can complete', async () => {
    expect(await overridesOf('run job.yaml --set inputs.x.fill=0')).toEqual([
      ['--set inputs.x.fill', 'inputs.x.fill', 0],
    ]);
  });

  it('that are wrong are all reported at once', async () => {
    expect(
      await refusal('run --wrokers 3 --nulls maybe --date x --param y'),
    ).toBe(`unknown option --wrokers. Did you mean "--workers"?
--param: "y" is not of the form NAME=VALUE
--nulls: must be "reject" or "nan", not "maybe"
--date: must be a day such as 2026-01-31, not "x"`);
  });
});

describe('SCOREMILL_ variables', () => {
  it('stand in for every option, and options win', async () => {
    const environment = {
      SCOREMILL_MODEL: 'm.onnx',
      SCOREMILL_DATASET: 'a.csv\nb.csv\n',
      SCOREMILL_INPUTS: 'x=a,b\ny=c',
      SCOREMILL_NO_HEADER: '1',
      SCOREMILL_BATCH_ROWS: '64',
      SCOREMILL_SET: 'run.retries=5',
      SCOREMILL_OUTPUT: '',
    };
    expect(await overridesOf('run --retries 1 --dataset c.csv', environment)).toEqual([
      ['SCOREMILL_MODEL', 'model.path', 'm.onnx'],
      ['SCOREMILL_DATASET', 'dataset.path', ['a.csv', 'b.csv']],
      ['SCOREMILL_NO_HEADER', 'dataset.csv.header', false],
      ['SCOREMILL_INPUTS x', 'inputs.x', ['a', 'b']],
      ['SCOREMILL_INPUTS y', 'inputs.y', 'c'],
      ['SCOREMILL_BATCH_ROWS', 'run.batchRows', 64],
      ['SCOREMILL_SET run.retries', 'run.retries', 5],
      ['--dataset', 'dataset.path', ['c.csv']],
      ['--retries', 'run.retries', 1],
    ]);
  });

  it('give what is no part of the job, too', async () => {
    const command = await parse('run --param x=2 --quiet=false', {
      SCOREMILL_PARAM: 'x=1\ny=1',
      SCOREMILL_RUN_ID: '007',
      SCOREMILL_DATE: '2026-01-31',
      SCOREMILL_FRESH: 'true',
      SCOREMILL_QUIET: 'yes',
      SCOREMILL_JSON: 'no',
      SCOREMILL_LOG_FORMAT: 'json',
      SCOREMILL_NOTHING_TO_DO_CODE: '99',
    });
    expect(command).toMatchObject({
      job: { params: { x: '2', y: '1' }, date: '2026-01-31', runId: '007' },
      runId: '007',
      fresh: true,
      quiet: false,
      json: false,
      logFormat: 'json',
      nothingToDoCode: 99,
    });
  });

  it('are named when their value is wrong', async () => {
    const environment = {
      SCOREMILL_NULLS: 'maybe',
      SCOREMILL_JSON: 'perhaps',
      SCOREMILL_NO_HEADER: 'x',
      SCOREMILL_RETRIES: '-1',
    };
    expect(await refusal('run', environment)).toBe(`SCOREMILL_NO_HEADER: must be true or false, not "x"
SCOREMILL_NULLS: must be "reject" or "nan", not "maybe"
SCOREMILL_RETRIES: must be at least 0, not -1
SCOREMILL_JSON: must be true or false, not "perhaps"`);
  });

  it('that no option has are warned of, but for those that Kubernetes and the tests set', async () => {
    const environment = {
      SCOREMILL_BATCHROWS: '5',
      SCOREMILL_ZZZZZZZZZ: '',
      SCOREMILL_CORPORA: '/x',
      SCOREMILL_SERVICE_HOST: '10.0.0.1',
      SCOREMILL_PORT: 'tcp://10.0.0.1:80',
      SCOREMILL_PORT_80_TCP_ADDR: '10.0.0.1',
      PATH: '/bin',
    };
    expect((await parse('schema', environment)).warnings).toEqual([
      'SCOREMILL_BATCHROWS is ignored: no option has that variable. Did you mean "SCOREMILL_BATCH_ROWS"?',
      'SCOREMILL_ZZZZZZZZZ is ignored: no option has that variable',
    ]);
  });
});

describe('help', () => {
  const textOf = async (line: string): Promise<string> => {
    const command = await parse(line);
    return 'text' in command ? command.text : expect.unreachable(command.command);
  };

  it('starts with examples and lists the commands', async () => {
    const text = await textOf('--help');
    expect(text.split('\n').slice(0, 6)).toEqual([
      'scoremill COMMAND',
      '',
      'Scores large datasets with ONNX models, offline.',
      '',
      'Examples:',
      "  scoremill run --model model.onnx --dataset 'data/*.parquet' --output scored",
    ]);
    for (const name of ['run', 'plan', 'init', 'inspect', 'verify', 'report', 'schema', 'completion', 'explain']) {
      expect(text).toMatch(new RegExp(`^  scoremill ${name} `, 'm'));
    }
    expect(await textOf('')).toBe(text);
    expect(await textOf('-h')).toBe(text);
  });

  it('of a command starts with its examples and describes every option once', async () => {
    const text = await textOf('run --help');
    expect(text.split('\n').slice(0, 6)).toEqual([
      'scoremill run [JOB] [OPTION]...',
      '',
      'Score a dataset with a model.',
      '',
      'Examples:',
      "  scoremill run --model model.onnx --dataset 'data/*.parquet' --output scored",
    ]);
    const options = [...text.matchAll(/^ +(?:-h, )?--([a-z-]+)/gm)].map(([, name]) => name);
    expect(new Set(options).size).toBe(options.length);
    expect(options).toHaveLength(optionsOf.run.length);
    expect(await textOf('help run')).toBe(text);
    expect(await textOf('run job.yaml --nulls maybe --help')).toBe(text);
  });

  it('is the same whatever the terminal', async () => {
    for (const line of (await textOf('run --help')).split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });
});

describe('completion', () => {
  const textOf = async (...words: string[]): Promise<string> => {
    const command = await parse(words);
    return command.command === 'completion' ? command.text : expect.unreachable(command.command);
  };

  it('prints the script of the shell', async () => {
    vi.stubEnv('SHELL', '/bin/bash');
    expect(await textOf('completion')).toContain(
      'complete -o bashdefault -o default -F _scoremill_yargs_completions scoremill',
    );
    vi.stubEnv('SHELL', '/usr/bin/zsh');
    expect(await textOf('completion')).toContain('#compdef scoremill');
  });

  it('completes commands, options and values', async () => {
    vi.stubEnv('SHELL', '/bin/bash');
    const ask = async (...words: string[]) =>
      (await textOf('--get-yargs-completions', 'scoremill', ...words)).split('\n');
    expect(await ask('')).toEqual([
      'run',
      'plan',
      'init',
      'inspect',
      'verify',
      'report',
      'schema',
      'completion',
      'explain',
    ]);
    expect(await ask('run', '--')).toEqual(expect.arrayContaining(['--model', '--dataset', '--batch-rows', '--set']));
    expect(await ask('verify', '--')).toEqual(expect.arrayContaining(['--rescore', '--json']));
    expect(await ask('verify', '--')).not.toContain('--model');
    expect(await ask('run', '--if-exists', '')).toEqual(['skip', 'fail', 'replace', 'append']);
    // Nothing: the shell offers files.
    expect(await ask('run', '')).toEqual(['']);
    expect(await ask('run', '--model', '')).toEqual(['']);
  });
});

it('never prints, exits or changes the exit code', async () => {
  const calls = [
    vi.spyOn(process.stdout, 'write').mockReturnValue(true),
    vi.spyOn(process.stderr, 'write').mockReturnValue(true),
    vi.spyOn(console, 'log').mockReturnValue(),
    vi.spyOn(console, 'error').mockReturnValue(),
    vi.spyOn(process, 'exit').mockReturnValue(undefined as never),
    vi.spyOn(process, 'emitWarning').mockReturnValue(),
  ];
  const lines = [
    '',
    '--help',
    'run --help',
    '--version',
    'completion',
    '--get-yargs-completions scoremill run --',
    'run --nulls',
    'x',
    'run --y',
  ];
  for (const line of lines) await parse(line).catch(() => {});
  const counts = calls.map((spy) => spy.mock.calls.length);
  vi.restoreAllMocks();
  expect(counts).toEqual([0, 0, 0, 0, 0, 0]);
  expect(process.exitCode).toBeUndefined();
});
