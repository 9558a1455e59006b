// What one command costs, with everything that it starts: time on the clock, processor time, and the most memory that all of
// its processes held at once. Linux only: it reads /proc (man 5 proc).
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Cost {
  readonly wallMs: number;
  /** User and system time, in steps of 10 ms, of all processes that were waited for. */
  readonly cpuMs: number;
  /** Resident, files that are mapped among it; pages shared by processes count in each. */
  readonly residentBytes: number;
  /** What the processes allocated themselves. */
  readonly anonymousBytes: number;
}

export interface Ended extends Cost {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stderr: string;
}

export interface Command {
  readonly program: string;
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

const samplePauseMs = 20;
/** Of /proc/PID/stat; a constant of Linux's interface to programs. */
const tickMs = 10;

/** Runs the command to its end, however it ends. Nothing else that this process starts may end meanwhile. */
export async function measureProcess({ program, words, environment }: Command): Promise<Ended> {
  const cpuBeforeMs = waitedForCpuMs();
  const startedMs = performance.now();
  const child = spawn(program, words, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const tree = child.pid === undefined ? undefined : new ProcessTree(child.pid);
  const timer = setInterval(() => tree?.sample(), samplePauseMs);
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    const wallMs = performance.now() - startedMs;
    const cpuMs = waitedForCpuMs() - cpuBeforeMs;
    await closed;
    return {
      wallMs,
      cpuMs,
      residentBytes: tree?.residentBytes ?? 0,
      anonymousBytes: tree?.anonymousBytes ?? 0,
      exitCode,
      stderr,
    };
  } finally {
    clearInterval(timer);
  }
}

/** A process and its descendants, as they come and go. Every other process is looked at once. */
class ProcessTree {
  residentBytes = 0;
  anonymousBytes = 0;
  readonly #members: Set<string>;
  readonly #others = new Set<string>();

  constructor(root: number) {
    this.#members = new Set([String(root)]);
  }

  sample(): void {
    // In the order of their numbers, so that a parent mostly comes before its child; the next sample finds the rest.
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    for (const pid of pids.sort((a, b) => Number(a) - Number(b))) {
      if (this.#members.has(pid) || this.#others.has(pid)) continue;
      const parent = statFields(pid)?.[1];
      (parent !== undefined && this.#members.has(parent) ? this.#members : this.#others).add(pid);
    }
    let resident = 0;
    let anonymous = 0;
    for (const pid of this.#members) {
      const status = textOf(`/proc/${pid}/status`);
      resident += kilobytesIn(status, 'VmRSS') * 1024;
      anonymous += kilobytesIn(status, 'RssAnon') * 1024;
    }
    this.residentBytes = Math.max(this.residentBytes, resident);
    this.anonymousBytes = Math.max(this.anonymousBytes, anonymous);
  }
}

const kilobytesIn = (status: string | undefined, key: string): number =>
  Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status ?? '')?.[1] ?? 0);

/** Of all processes that this one started and that have ended, with what they themselves waited for. */
function waitedForCpuMs(): number {
  const fields = statFields('self');
  if (fields === undefined) throw new Error('/proc/self/stat cannot be read: costs are measured on Linux only');
  const [userTicks, systemTicks] = fields.slice(13, 15).map(Number);
  return (userTicks + systemTicks) * tickMs;
}

/** The fields of /proc/PID/stat from the third, the state, on: the second may hold blanks. Undefined when it has ended. */
function statFields(pid: string): readonly string[] | undefined {
  const text = textOf(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
