// What `make score` hands to the command line, seen by a stand-in for node that prints its words.
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');
const isMakeHere = spawnSync('make', ['--version']).status === 0;
const ofMake = [
  'MAKEFLAGS',
  'MFLAGS',
  'MAKELEVEL',
  'MAKEOVERRIDES',
  'JOB',
  'MODEL',
  'DATASET',
  'OUTPUT',
  'ARGS',
  'AGAINST',
];

/** Runs make with these words; nothing is installed or built. */
function make(...words: string[]): { readonly exitCode: number | null; readonly stdout: string } {
  const folder = temporaryFolder();
  const node = join(folder, 'node');
  writeFileSync(node, `#!/bin/sh\nfor word in "$@"; do printf '%s\\n' "$word"; done\n`);
  chmodSync(node, 0o755);
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofMake.includes(name)));
  const { status, stdout } = spawnSync('make', ['--no-print-directory', '-o', 'dist/.built', ...words], {
    cwd: root,
    env: { ...environment, PATH: `${folder}${delimiter}${process.env.PATH}` },
    encoding: 'utf8',
  });
  return { exitCode: status, stdout };
}

const score = (...words: string[]): readonly string[] =>
  make('score', ...words)
    .stdout.trimEnd()
    .split('\n');

describe.skipIf(!isMakeHere)('make', () => {
  it('shows every target with a line of its own', () => {
    const { exitCode, stdout } = make();
    expect(exitCode).toBe(0);
    expect([...stdout.matchAll(/^ {2}make (\w+) {2,}\S/gm)].map(([, target]) => target)).toEqual(
      expect.arrayContaining(['score', 'test', 'check', 'build', 'schema', 'clean']),
    );
  });

  it('scores the credit-risk job when nothing is said', () => {
    expect(score()).toEqual(['dist/cli/main.js', 'run', 'jobs/credit-risk.yaml']);
  });

  it('lays a dataset over the default job', () => {
    expect(score('DATASET=data/*.parquet')).toEqual([
      'dist/cli/main.js',
      'run',
      'jobs/credit-risk.yaml',
      '--dataset=data/*.parquet',
    ]);
  });

  it('takes no job file when it is given a model and a dataset', () => {
    expect(score('MODEL=model.onnx', 'DATASET=data')).toEqual([
      'dist/cli/main.js',
      'run',
      '--model=model.onnx',
      '--dataset=data',
      '--output=out/score',
    ]);
  });

  it('passes all four variables one to one, and further options', () => {
    expect(score('JOB=job.yaml', 'MODEL=m', 'DATASET=d', 'OUTPUT=o', "ARGS=--budget 1% --keep 'a b'")).toEqual([
      'dist/cli/main.js',
      'run',
      'job.yaml',
      '--model=m',
      '--dataset=d',
      '--output=o',
      '--budget',
      '1%',
      '--keep',
      'a b',
    ]);
  });

  it('passes blanks, quotes and dollar signs as they are', () => {
    const strange = `it's "a" $HOME $(shell echo no) \`echo no\`; # \\ *`;
    expect(score('JOB=my job.yaml', `DATASET=${strange}`, 'OUTPUT=x  y')).toEqual([
      'dist/cli/main.js',
      'run',
      'my job.yaml',
      `--dataset=${strange}`,
      '--output=x  y',
    ]);
  });

  it('hands what to compare with to the benchmark, and further options', () => {
    const words = make('bench', "AGAINST=../it's another", 'ARGS=--runs 5').stdout.trimEnd().split('\n');
    expect(words.slice(-4)).toEqual(['bench/.built/bench/main.js', "--against=../it's another", '--runs', '5']);
  });
});
