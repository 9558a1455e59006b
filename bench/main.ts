// `make bench`: runs the suite on the checkout that it is started in, and on another one if asked to. Tables go to stdout,
// progress to stderr. Exit codes: 0; 1 when a workload failed or an output is wrong; 64 for wrong options; 78 for a checkout that cannot be measured.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCheckout, openFolder, UnusableCheckout } from './open-checkout.ts';
import { suiteTables } from './performance-page.ts';
import { runSuite } from './run-suite.ts';
import { workloads } from './workloads.ts';
import { writeFigures } from './write-figures.ts';

const usage = `make bench [AGAINST=FOLDER-OR-REVISION] [ARGS='--rows N --runs N --only NAME,NAME']

  --rows N         size of the largest datasets; others are a share of it (1000000)
  --runs N         rounds that count (3)
  --only A,B       some workloads; nothing is written then. There are: ${workloads.map(({ name }) => name).join(', ')}
  --against WHAT   another checkout: a folder that is built, or a revision, which is built below bench/.data
  --data FOLDER    where data, models and outputs go (bench/.data)`;

class UsageError extends Error {}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        rows: { type: 'string', default: '1000000' },
        runs: { type: 'string', default: '3' },
        only: { type: 'string' },
        against: { type: 'string' },
        data: { type: 'string', default: join('bench', '.data') },
        help: { type: 'boolean', default: false },
      },
    });
    return {
      ...values,
      rows: atLeastOne('rows', values.rows),
      runs: atLeastOne('runs', values.runs),
      chosen: choose(values.only),
    };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function atLeastOne(option: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${option} ${text}: give a whole number of at least 1`);
  return Number(text);
}

function choose(only: string | undefined): typeof workloads {
  if (only === undefined) return workloads;
  return only.split(',').map((name) => {
    const workload = workloads.find((one) => one.name === name);
    if (workload === undefined) throw new Error(`--only ${name}: there is no workload of that name`);
    return workload;
  });
}

async function main(): Promise<number> {
  const { rows, runs, only, against, data, help, chosen } = readOptions();
  if (help) {
    console.log(usage);
    return 0;
  }
  const root = process.cwd();
  const ours = openFolder(root, 'this checkout');
  const checkouts = against === undefined ? [ours] : [ours, openCheckout(root, against, join(root, data, 'checkouts'))];
  const figures = await runSuite({
    checkouts,
    workloads: chosen,
    rows,
    runs,
    folder: join(root, data),
    onRun: (workload, { name }, wallMs) =>
      process.stderr.write(`${workload.name.padEnd(14)} ${name.padEnd(14)} ${(wallMs / 1000).toFixed(2)} s\n`),
  });
  console.log(suiteTables(figures));
  const isRight = figures.workloads.every(({ problems }) => problems.length === 0);
  if (only === undefined && isRight) {
    writeFigures(root, figures);
    process.stderr.write('written: docs/performance.md, bench/figures/suite.json\n');
  }
  return isRight ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${usage}`);
  else if (error instanceof UnusableCheckout) console.error(error.message);
  else throw error;
  process.exitCode = error instanceof UsageError ? 64 : 78;
}
