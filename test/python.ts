// A Python with pyarrow, as a second opinion on files: SCOREMILL_PYTHON, then .venv in the checkout, then python3.
// Tests that need it are skipped, and say so, when there is none.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

const candidates = [process.env.SCOREMILL_PYTHON, resolve(import.meta.dirname, '../.venv/bin/python'), 'python3'];
const executable = candidates.find((candidate) => candidate !== undefined && canImport(candidate, 'pyarrow'));

export const python = {
  available: executable !== undefined,
  /** Runs a script with arguments (`sys.argv[1:]`) and returns what it prints; throws with its error output when it fails. */
  run: (script: string, ...args: string[]): string =>
    execFileSync(executable!, ['-c', script, ...args], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }),
};

function canImport(candidate: string, name: string): boolean {
  try {
    execFileSync(candidate, ['-c', `import ${name}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

if (!python.available) {
  console.warn('skipped: tests that need Python with pyarrow (set SCOREMILL_PYTHON to an interpreter that has it)');
}
