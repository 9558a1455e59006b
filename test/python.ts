// A Python with pyarrow, as a second opinion on files: SCOREMILL_PYTHON, then .venv in the checkout, then python3.
// Tests that need it are skipped, and say so, when there is none.
import { execFileSync, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const candidates = [process.env.SCOREMILL_PYTHON, resolve(import.meta.dirname, '../.venv/bin/python'), 'python3'];
const executable = candidates.find((candidate) => candidate !== undefined && canImport(candidate, 'pyarrow'));

/** A script that answers each line it reads with one line. */
export interface Conversation {
  /** Questions are asked one after the other; an answer is one line. */
  ask(question: string): Promise<string>;
  end(): void;
}

export const python = {
  available: executable !== undefined,
  /** Its path. */
  executable,
  /** Whether a module is there beside pyarrow. */
  has: (name: string): boolean => executable !== undefined && canImport(executable, name),
  /** Runs a script with arguments (`sys.argv[1:]`) and returns what it prints; throws with its error output when it fails. */
  run: (script: string, ...args: string[]): string =>
    execFileSync(executable!, ['-c', script, ...args], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }),
  /** Starts a script that goes on until `end`: its imports are paid for once. */
  converse: (script: string, ...args: string[]): Conversation => {
    const child = spawn(executable!, ['-u', '-c', script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return {
      ask: async (question) => {
        child.stdin.write(`${question}\n`);
        const { value, done } = await answers.next();
        if (done) throw new Error(`the script ended instead of answering ${question}`);
        return value;
      },
      end: () => child.stdin.end(),
    };
  },
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
