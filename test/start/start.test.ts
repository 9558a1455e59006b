// What makes a run start soon, and what must hold all the same: bundles with compiled code, and one engine that is gone with the command.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { usableCores } from '../../src/core/resources.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { writeDouble, writeModule } from '../transform/modules.ts';

const root = resolve(import.meta.dirname, '../..');

interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a file of dist with a script loaded before it. The engine is given `options` of Node. */
function start(
  path: string,
  words: readonly string[],
  script: string,
  environment = {},
  options: string[] = [],
): Finished {
  const before = join(temporaryFolder(), 'before.cjs');
  writeFileSync(before, script);
  const { status, stdout, stderr } = spawnSync(process.execPath, [...options, '--require', before, path, ...words], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return { exitCode: status, stdout, stderr };
}

const tellsCode = `
  const vm = require('node:vm');
  vm.Script = class extends vm.Script {
    constructor(text, options) {
      super(text, options);
      if (options?.cachedData) process.stderr.write(this.cachedDataRejected ? 'refused' : 'taken');
    }
  };`;

describe('compiled code', () => {
  it('is taken by the Node that built it', () => {
    const { exitCode, stderr } = start(join(root, 'dist/cli/main.js'), ['--version'], tellsCode);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'taken' });
    const engine = start(join(root, 'dist/engine/engine-process.js'), [], tellsCode, {}, ['--expose-gc']);
    expect({ exitCode: engine.exitCode, stderr: engine.stderr }).toEqual({ exitCode: 0, stderr: 'taken' });
  });

  it('is not needed: with a part of it, or none, the program does the same', () => {
    const copy = temporaryFolder();
    mkdirSync(join(copy, 'dist'));
    cpSync(join(root, 'dist/cli'), join(copy, 'dist/cli'), { recursive: true });
    cpSync(join(root, 'package.json'), join(copy, 'package.json'));
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const main = join(copy, 'dist/cli/main.js');
    const whole = start(main, ['explain', '65'], tellsCode);
    expect(whole.stderr).toBe('taken');
    truncateSync(join(copy, 'dist/cli/main.bundle.code'), 100_000);
    expect(start(main, ['explain', '65'], tellsCode)).toEqual({ ...whole, stderr: 'refused' });
    rmSync(join(copy, 'dist/cli/main.bundle.code'));
    expect(start(main, ['explain', '65'], tellsCode)).toEqual({ ...whole, stderr: '' });
  });
});

it('starts one engine, which writes nothing into the home folder and is gone with the command, also when all is done', async () => {
  const [output, home] = [join(temporaryFolder(), 'scored'), temporaryFolder()];
  const tellsForks = `
    const processes = require('node:child_process');
    const { fork } = processes;
    processes.fork = (...words) => {
      const engine = fork(...words);
      process.stderr.write('engine ' + engine.pid + ';');
      return engine;
    };`;
  const words = ['run', join(root, 'jobs/medical-diagnosis.yaml'), '--output', output, '--quiet'];
  const run = () => start(join(root, 'dist/cli/main.js'), words, tellsForks, { HOME: home, TMPDIR: home });
  const [scored, again] = [run(), run()];
  // With one core, the engine is started when there is something to score.
  const most = [1, usableCores() > 1 ? 1 : 0];
  for (const [index, { exitCode, stderr }] of [scored, again].entries()) {
    const engines = [...stderr.matchAll(/engine (\d+);/g)].map(([, pid]) => Number(pid));
    expect({ exitCode, engines: engines.length, others: stderr.replaceAll(/engine \d+;/g, '') }).toEqual({
      exitCode: 0,
      engines: most[index],
      others: '',
    });
    for (const pid of engines) await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 5000 }).toBe(false);
  }
  expect(readdirSync(home)).toEqual([]);
});

describe('certificates of a user, which Node reads at every start', () => {
  const told = `
    const processes = require('node:child_process');
    const { fork } = processes;
    processes.fork = (path, options) => {
      process.stderr.write('NODE_EXTRA_CA_CERTS' in JSON.parse(JSON.stringify(options.env)) ? 'with;' : 'without;');
      return fork(path, options);
    };`;
  /** Runs a model over a row; a module of the user's is given its text. */
  const run = (moduleFor?: (certificates: string) => string) => {
    const folder = temporaryFolder();
    const certificates = join(folder, 'certificates.pem');
    writeFileSync(certificates, '');
    writeFileSync(join(folder, 'rows.csv'), 'id,x\n1,2\n');
    const words = ['run', '--model', writeDouble(folder), '--dataset', join(folder, 'rows.csv'), '--quiet'];
    words.push('--output', join(folder, 'scored'));
    if (moduleFor !== undefined) words.push('--set', `transform=${writeModule(folder, moduleFor(certificates))}`);
    return start(join(root, 'dist/cli/main.js'), words, told, { NODE_EXTRA_CA_CERTS: certificates });
  };

  it('are not read by an engine that starts ahead', () => {
    const { exitCode, stderr } = run();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: usableCores() < 2 ? 'with;' : 'without;' });
  });

  it('are there for a module of theirs', () => {
    const { exitCode, stderr } = run(
      (certificates) => `export function transform(batch) {
        if (process.env.NODE_EXTRA_CA_CERTS !== ${JSON.stringify(certificates)}) throw new Error('no certificates');
        return batch;
      }`,
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: usableCores() < 2 ? 'with;' : 'without;with;' });
  });
});
