// What the README shows must be what the program takes: its job file, its commands, its exit codes, its files.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { loadJob } from '../../src/job/load.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

const blocks = (language: string): readonly string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text]) => text);

describe('the README', () => {
  it('shows a job file that loads as it stands', async () => {
    const [text] = blocks('yaml');
    const path = join(temporaryFolder(), 'job.yaml');
    writeFileSync(path, text);
    const { job } = await loadJob({
      jobPath: path,
      overrides: [],
      environment: {},
      params: {},
      workingFolder: root,
      date: '2026-01-31',
    });
    expect(job.dataset.path[0]).toMatch(/\/data\/2026-01-31\/\*\.parquet$/);
    expect(job.inputs?.float_input).toEqual({ columns: ['age', 'income', 'ln(amount + 1)'] });
    expect(job.rejects).toEqual({ budget: '1%', nulls: 'reject', fill: { age: 0 } });
  });

  it('shows commands that are understood', async () => {
    const lines = blocks('sh').join('').split('\n');
    const commands = lines.filter((line) => line.startsWith('node dist/cli/main.js '));
    expect(commands.length).toBeGreaterThan(3);
    for (const line of commands) {
      const words = line
        .replace(/\s+#.*$/, '')
        .split(' ')
        .slice(2)
        .map((word) => word.replaceAll("'", ''));
      expect((await parseArguments(words, {})).warnings).toEqual([]);
    }
  });

  it('shows commands for a first model that are understood', async () => {
    const text = readFileSync(join(root, 'docs/first-model.md'), 'utf8');
    const commands = text.split('\n').filter((line) => line.startsWith('npx scoremill '));
    expect(commands).toHaveLength(3);
    for (const line of commands) expect((await parseArguments(line.split(' ').slice(2), {})).command).toBe('run');
  });

  it('lists the exit codes that there are', () => {
    const listed = [...readme.matchAll(/^\| (\d+(?:, \d+)?) \|/gm)].flatMap(([, codes]) =>
      codes.split(', ').map(Number),
    );
    expect(listed).toEqual(
      Object.keys(exitCodes)
        .map(Number)
        .filter((code) => code !== 69),
    );
  });

  it('links to files that are there', () => {
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path);
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
