// Who holds a lock, and whether that process still lives. A process is known by its number together with its start time,
// the boot of its machine and its process namespace; where one of them is unknown or another, nothing is concluded from a number.
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly createdMs: number;
  /** Of the machine's last boot; null where /proc does not say (macOS). */
  readonly bootId: string | null;
  /** Containers number their processes apart from each other, each in a namespace of its own. */
  readonly processNamespace: string | null;
  /** Clock ticks from the boot to the start of the process. */
  readonly startTicks: string | null;
  /** Its lock file gets a new time so often (lock-renewal.ts). Absent where that cannot be, and in locks of older versions. */
  readonly renewalMs?: number;
}

/**
 * `alive`: seen to run, not merely a process of the same number. `dead`: gone for certain. `unseen`: on another host, in
 * another container, or no telling.
 */
export type HolderState = 'alive' | 'dead' | 'unseen';

export async function thisProcess(): Promise<LockHolder> {
  return {
    pid: process.pid,
    host: hostname(),
    createdMs: Date.now(),
    bootId: await textOrNull(readFile('/proc/sys/kernel/random/boot_id', 'utf8')),
    processNamespace: await textOrNull(readlink('/proc/self/ns/pid')),
    startTicks: (await processStat(process.pid))?.startTicks ?? null,
  };
}

/** The holder that a lock file names; null when it names none. */
export function parseHolder(content: string): LockHolder | null {
  try {
    const holder = JSON.parse(content);
    const named = Number.isSafeInteger(holder.pid) && holder.pid > 0 && typeof holder.host === 'string';
    return named && Number.isFinite(holder.createdMs) ? holder : null;
  } catch {
    return null;
  }
}

export async function stateOfHolder(holder: LockHolder, observer: LockHolder): Promise<HolderState> {
  const sameBoot = holder.bootId === observer.bootId;
  const sameKernel = sameBoot && holder.bootId !== null;
  if (!sameKernel && holder.host !== observer.host) return 'unseen';
  if (!sameBoot) return holder.bootId === null || observer.bootId === null ? 'unseen' : 'dead';
  if (holder.processNamespace !== observer.processNamespace) return 'unseen';
  if (!answers(holder.pid)) return 'dead';
  const stat = await processStat(holder.pid);
  if (stat === null || holder.startTicks === null) return 'unseen';
  return stat.ended || stat.startTicks !== holder.startTicks ? 'dead' : 'alive';
}

/** Whether the number belongs to a process, be it another user's. */
function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Fields 3 (state) and 22 (start time) of proc(5) stat; the name before them is in parentheses and may hold anything. */
async function processStat(pid: number): Promise<{ ended: boolean; startTicks: string } | null> {
  const text = await textOrNull(readFile(`/proc/${pid}/stat`, 'utf8'));
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { ended: fields[0] === 'Z' || fields[0] === 'X', startTicks: fields[19] };
}

const textOrNull = (text: Promise<string>): Promise<string | null> =>
  text.then(
    (value) => value.trim(),
    () => null,
  );
