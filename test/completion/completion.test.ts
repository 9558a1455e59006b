// Completion in real shells, on a terminal: what a user gets who presses TAB.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';

const main = resolve(import.meta.dirname, '../../dist/cli/main.js');
const typeInShell = resolve(import.meta.dirname, 'type_in_shell.py');
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

/** What the words of a line have become after TAB. */
function typed(shell: 'bash' | 'zsh', lines: readonly string[]): readonly (readonly string[])[] {
  const folder = temporaryFolder();
  const rc = join(folder, '.zshrc');
  const program = join(folder, 'bin/scoremill');
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'work/jobs'), { recursive: true });
  writeFileSync(join(folder, 'work/jobs/churn.yaml'), '');
  writeFileSync(join(folder, 'work/model.onnx'), '');
  writeFileSync(join(folder, 'work/last year.csv'), '');
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(program, 0o755);
  const start = [
    `export PATH="${join(folder, 'bin')}:$PATH"`,
    ...(shell === 'zsh' ? ['autoload -Uz compinit && compinit -u -D', 'PROMPT=""'] : ['PS1=""']),
    // As the help of `scoremill completion` says: the script at the end of the start file.
    `eval "$(SHELL=/bin/${shell} scoremill completion)"`,
    `show_words() { printf '<words>'; "${process.execPath}" -p 'JSON.stringify(process.argv.slice(1))' -- "$@"; printf '</words>\\n'; }`,
    'echo "<""ready>"',
  ];
  writeFileSync(rc, `${start.join('\n')}\n`);
  const input = JSON.stringify(lines);
  return JSON.parse(
    execFileSync('python3', ['-B', typeInShell, shell, rc, join(folder, 'work')], { input, encoding: 'utf8' }),
  );
}

describe.each(['bash', 'zsh'] as const)('in %s', (shell) => {
  it.skipIf(!has(shell) || !has('python3'))('completes commands, options, their choices and files', () => {
    const lines = [
      ['scoremill ver\t', ['scoremill', 'verify']],
      ['scoremill run --write\t', ['scoremill', 'run', '--write-where']],
      ['scoremill run --nulls na\t', ['scoremill', 'run', '--nulls', 'nan']],
      ['scoremill plan --if-exists rep\t', ['scoremill', 'plan', '--if-exists', 'replace']],
      ['scoremill run jobs/\t', ['scoremill', 'run', 'jobs/churn.yaml']],
      ['scoremill run --model m\t', ['scoremill', 'run', '--model', 'model.onnx']],
      ['scoremill run --dataset la\t', ['scoremill', 'run', '--dataset', 'last year.csv']],
    ] as const;
    expect(
      typed(
        shell,
        lines.map(([line]) => line),
      ),
    ).toEqual(lines.map(([, words]) => words));
  });
});
