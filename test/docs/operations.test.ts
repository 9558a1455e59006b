// What docs/operations.md shows must be what the program takes and what the examples say.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { optionsOf } from '../../src/cli/options.ts';

const docs = resolve(import.meta.dirname, '../../docs');
const page = readFileSync(join(docs, 'operations.md'), 'utf8');
const example = (name: string): string => readFileSync(join(docs, '../examples', name), 'utf8');

describe('docs/operations.md', () => {
  it('links to files that are there', () => {
    const links = [...page.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path);
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((path) => !existsSync(join(docs, path)))).toEqual([]);
  });

  it('shows commands and options that are understood', async () => {
    const commands = [...page.matchAll(/\bscoremill (run .*)$/gm)].map(([, words]) => words.replace(/\s+#.*$/, ''));
    expect(commands.length).toBe(3);
    for (const words of commands)
      expect(await parseArguments(words.split(' '), {})).toMatchObject({ command: 'run', warnings: [] });
    const known = optionsOf.run.map(({ name }) => `--${name}`);
    const listed = [...page.matchAll(/^\| `(--[\w-]+)/gm)].map(([, name]) => name);
    expect(listed.length).toBe(6);
    expect(listed.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('says of every exit code what to do', () => {
    const [, table] = /### Exit codes to act on\n([\s\S]*?)\n## /.exec(page)!;
    const codes = [...table.matchAll(/^\| ([\d, ]+)/gm)].flatMap(([, list]) => list.split(',').map(Number));
    const known = Object.keys(exitCodes).map(Number);
    expect(codes.toSorted((a, b) => a - b)).toEqual(
      [...known.filter((code) => code !== 69), 137].toSorted((a, b) => a - b),
    );
  });

  it('shows lines of the examples as they stand', () => {
    const [, cron] = /```\n(10 3 .*)\n```/.exec(page)!;
    expect(example('cron/scoremill')).toContain(cron);
    const [, python] = /```python\n([\s\S]*?)```/.exec(page)!;
    const dag = example('airflow/score_nightly.py').replace(/\s+/g, ' ');
    for (const part of [
      'exec node dist/cli/main.js run examples/nightly.yaml --date {{ ds }} --run-id',
      '--quiet --result-line --nothing-to-do-code 99',
      'skip_on_exit_code=99',
      'output_processor=json.loads',
    ]) {
      expect(python).toContain(part);
      expect(dag).toContain(part);
    }
  });
});
