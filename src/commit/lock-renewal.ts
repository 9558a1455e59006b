// Signs of life of a lock's holder: it sets the modification time of the lock file anew every few seconds. Whoever cannot see the
// holder's process, on another host or in another container, looks whether that time changes. Only that it changes counts:
// what the time says, and how it compares to other clocks, plays no part.
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readStamped } from '../core/atomic-file.ts';
import { FailureError, isSystemError } from '../core/failure.ts';

/** How often a holder renews its lock, unless it is told to be quicker. */
export const usualRenewalMs = 5000;
const quickestRenewalMs = 100;
/** So many signs of a holder that gives one every `renewalMs` have to be missed before it may count as dead. */
const missedSigns = 4;
const renewalsWhileWaiting = 12;
const mostPollMs = 1000;

/** How often the lock of a run is renewed whose successors wait `takeOverAfterMs`; 0: they do not take over. */
export const renewalMsFor = (takeOverAfterMs: number): number =>
  takeOverAfterMs === 0
    ? usualRenewalMs
    : Math.max(quickestRenewalMs, Math.min(usualRenewalMs, takeOverAfterMs / renewalsWhileWaiting));

/** For how long a holder that renews its lock every `renewalMs` must give no sign. */
export const silenceMsFor = (takeOverAfterMs: number, renewalMs: number): number =>
  Math.max(takeOverAfterMs, missedSigns * renewalMs);

/** Whether setting the time of a file is seen by others who open it: some file systems accept it and forget it. */
export async function canBeRenewed(path: string): Promise<boolean> {
  const earlier = new Date(Date.now() - 60_000);
  const modifiedNs = async (): Promise<bigint | undefined> => (await readStamped(path))?.modifiedNs;
  try {
    await using file = await open(path);
    const before = await modifiedNs();
    await file.utimes(earlier, earlier);
    const between = await modifiedNs();
    await renew(file);
    return between !== before && (await modifiedNs()) !== between;
  } catch (error) {
    if (isSystemError(error) || error instanceof FailureError) return false;
    throw error;
  }
}

/** Renews a lock until it is disposed of, and tells when it is no longer there or another's. */
export class LockRenewal implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #timer: NodeJS.Timeout;
  readonly #lost = new AbortController();
  #running: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, everyMs: number, isHeld: () => Promise<boolean>) {
    this.#file = file;
    let isBusy = false;
    const once = async (): Promise<void> => {
      try {
        if (!(await isHeld())) this.#lost.abort();
        // The open file is ours whoever has its name by now.
        else await renew(file);
      } catch {
        // A disk that fails may come back; if it does so too late, somebody else has the lock, and that is seen.
      } finally {
        isBusy = false;
      }
    };
    this.#timer = setInterval(() => {
      if (isBusy || this.#lost.signal.aborted) return;
      isBusy = true;
      this.#running = once();
    }, everyMs).unref();
  }

  /** For the holder of the lock at `path`. */
  static async start(path: string, everyMs: number, isHeld: () => Promise<boolean>): Promise<LockRenewal> {
    return new LockRenewal(await open(path), everyMs, isHeld);
  }

  /** Aborted when the lock was found to be lost. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
    await this.#file.close();
  }
}

/** What came of watching a holder: it gave a sign, it gave none, or its file is another by now. */
export type Observation = 'alive' | 'silent' | 'changed';

/**
 * Watches the file of a holder that renews it, until it gives a sign or has given none for `silenceMs` of this process's own
 * time, in which it was looked at steadily: of a pause of the watcher itself, little counts. Fails with `interrupted`.
 */
export async function watchHolder(
  path: string,
  content: string,
  { silenceMs, signal }: { readonly silenceMs: number; readonly signal: AbortSignal | undefined },
): Promise<Observation> {
  const pollMs = Math.min(mostPollMs, silenceMs / 8);
  let first: bigint | null = null;
  let silentMs = 0;
  for (let lastMs = performance.now(); ; ) {
    const seen = await readStamped(path);
    if (seen === null || seen.bytes.toString() !== content) return 'changed';
    if (first !== null && seen.modifiedNs !== first) return 'alive';
    first = seen.modifiedNs;
    const nowMs = performance.now();
    silentMs += Math.min(nowMs - lastMs, 2 * pollMs);
    lastMs = nowMs;
    if (silentMs >= silenceMs) return 'silent';
    await sleep(pollMs, undefined, { signal }).catch(() => {
      throw new FailureError({ reason: 'interrupted' });
    });
  }
}

function renew(file: FileHandle): Promise<void> {
  const now = new Date();
  return file.utimes(now, now);
}
