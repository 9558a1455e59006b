// Admits one run per output folder. The lock is a file that says who holds it; it appears with its content in one step.
//
// States, L being the content of the lock file:
//   free      there is no lock file. Linking a claim to its name takes it; of several links one succeeds.
//   held      L names a holder that lives, or that cannot be seen from here. Everyone else is refused.
//   stale     L names a dead holder, or one that cannot be seen and has given no sign for long enough. Whoever links a claim to the name `lock.after-<hash of L>` may take over, and is alone
//             in that; should it die too, its claim is stale in turn and has a successor name of its own.
//   taken     the successor's name is renamed to that of the lock, and the names that led to it are removed after that.
// So a successor's name can be free again once the lock has changed; whoever links to it looks at the lock once more.
// A holder that was taken for dead and goes on (its machine was suspended) finds the lock to be another's before it publishes.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  entryAt,
  linkIfFree,
  namesIn,
  readIfPresent,
  readStamped,
  removeFile,
  renameDurably,
  writeNewFile,
} from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import { sha256OfText } from '../core/hash.ts';
import type { OutputLayout } from './layout.ts';
import { type HolderState, type LockHolder, parseHolder, stateOfHolder, thisProcess } from './lock-holder.ts';
import { canBeRenewed, LockRenewal, renewalMsFor, silenceMsFor, watchHolder } from './lock-renewal.ts';

/** A held lock, renewed while it is held. Disposing of it gives it back. */
export class Lock {
  readonly #layout: OutputLayout;
  readonly #content: string;
  readonly #renewal: LockRenewal | null;

  private constructor(layout: OutputLayout, content: string, renewal: LockRenewal | null) {
    this.#layout = layout;
    this.#content = content;
    this.#renewal = renewal;
  }

  static async hold(layout: OutputLayout, content: string, renewalMs: number | undefined): Promise<Lock> {
    const isHeld = (): Promise<boolean> => isContent(layout, content);
    if (renewalMs === undefined) return new Lock(layout, content, null);
    try {
      return new Lock(layout, content, await LockRenewal.start(layout.lock, renewalMs, isHeld));
    } catch (error) {
      // Suspended just here, it may have had a successor that is done.
      if (await isHeld()) throw error;
      throw lockLost(layout);
    }
  }

  /** Aborted when the lock turns out to be lost: what is being done then is in vain. */
  get lost(): AbortSignal {
    return this.#renewal?.lost ?? neverAborted;
  }

  /** Fails with `lock-lost` when the lock was taken over or removed meanwhile: to be asked before anything is published. */
  async requireHeld(): Promise<void> {
    if (await this.isHeld()) return;
    throw lockLost(this.#layout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#renewal?.[Symbol.asyncDispose]();
    if (await this.isHeld()) await removeFile(this.#layout.lock);
  }

  isHeld(): Promise<boolean> {
    return isContent(this.#layout, this.#content);
  }
}

const lockLost = ({ root, lock }: OutputLayout): FailureError =>
  new FailureError({ reason: 'lock-lost', output: root, lock });

const neverAborted = new AbortController().signal;

const isContent = async ({ lock }: OutputLayout, content: string): Promise<boolean> =>
  (await readText(lock)) === content;

export interface LockRequest {
  /** Also take over a holder that cannot be seen from here (another host, another container, a lock that cannot be read). */
  readonly steal?: boolean;
  /** A holder that cannot be seen, but says that it renews its lock, is watched, and taken over when it gave no sign for so long; 0: never. */
  readonly takeOverAfterMs?: number;
  /** Called when watching begins, and when it ended without a sign. */
  readonly onWatch?: (watched: Watched) => void;
  readonly signal?: AbortSignal;
}

export interface Watched {
  readonly holder: LockHolder;
  readonly silenceMs: number;
  readonly isOver: boolean;
}

/**
 * Takes the lock of an output folder that is prepared (`prepareOutput`), or fails with `locked`, or `interrupted` while it waits.
 * A holder that is dead for certain is taken over, one that is seen to be alive never.
 */
export async function acquireLock(layout: OutputLayout, request: LockRequest = {}): Promise<Lock> {
  const self = await thisProcess();
  const wanted = { ...self, renewalMs: renewalMsFor(request.takeOverAfterMs ?? 0), token: randomUUID() };
  const claim = { path: join(layout.metaFolder, `lock.claim-${randomUUID()}`), self, request };
  let holder: LockHolder;
  do {
    await writeNewFile(claim.path, JSON.stringify(wanted));
    holder = wanted;
    if (await canBeRenewed(claim.path)) continue;
    holder = { ...wanted, renewalMs: undefined };
    await removeFile(claim.path);
    await writeNewFile(claim.path, JSON.stringify(holder));
  } while (!(await isTaken(layout, claim)));
  await removeLeftovers(layout, self);
  return Lock.hold(layout, JSON.stringify(holder), holder.renewalMs);
}

/** False when the claim was taken for a leftover and removed. */
async function isTaken(layout: OutputLayout, claim: Claim): Promise<boolean> {
  try {
    // Each round that ends without an answer saw the lock change hands.
    while (!(await tryToTake(layout, claim)));
    return true;
  } catch (error) {
    if ((await entryAt(claim.path)).kind === 'absent') return false;
    throw error;
  } finally {
    await removeFile(claim.path);
  }
}

/** Who holds the lock of an output folder, without touching it; null when it is free. `holder` is null when the lock does not say. */
export async function lockOf(
  layout: OutputLayout,
): Promise<{ readonly holder: LockHolder | null; readonly state: HolderState } | null> {
  const content = await readText(layout.lock);
  if (content === null) return null;
  const holder = parseHolder(content);
  return { holder, state: holder === null ? 'unseen' : await stateOfHolder(holder, await thisProcess()) };
}

interface Claim {
  readonly path: string;
  readonly self: LockHolder;
  readonly request: LockRequest;
}

async function tryToTake(layout: OutputLayout, claim: Claim): Promise<boolean> {
  if (await linkIfFree(claim.path, layout.lock)) return true;
  const stale = await readText(layout.lock);
  const passed: string[] = [];
  for (let current = stale; current !== null; ) {
    const path = passed.at(-1) ?? layout.lock;
    if (!(await isGone(layout, { path, content: current }, claim))) return false;
    const successor = join(layout.metaFolder, `lock.after-${sha256OfText(current).slice(0, 32)}`);
    if (await linkIfFree(claim.path, successor)) {
      if ((await readText(layout.lock)) !== stale) {
        await removeFile(successor);
        return false;
      }
      await renameDurably(successor, layout.lock);
      for (const path of passed) await removeFile(path);
      return true;
    }
    passed.push(successor);
    current = await readText(successor);
  }
  return false;
}

/**
 * True when whoever wrote the content of the file may be taken over; false when the file is another by now. Fails with `locked`
 * otherwise.
 */
async function isGone(
  layout: OutputLayout,
  { path, content }: { readonly path: string; readonly content: string },
  { self, request }: Claim,
): Promise<boolean> {
  const holder = parseHolder(content);
  const state = holder === null ? 'unseen' : await stateOfHolder(holder, self);
  if (state === 'dead' || (state === 'unseen' && request.steal)) return true;
  let alive = state === 'alive';
  const { takeOverAfterMs = 0, onWatch, signal } = request;
  if (!alive && holder?.renewalMs !== undefined && takeOverAfterMs > 0) {
    const silenceMs = silenceMsFor(takeOverAfterMs, holder.renewalMs);
    onWatch?.({ holder, silenceMs, isOver: false });
    const found = await watchHolder(path, content, { silenceMs, signal });
    if (found === 'silent') onWatch?.({ holder, silenceMs, isOver: true });
    if (found !== 'alive') return found === 'silent';
    alive = true;
  }
  throw new FailureError({
    reason: 'locked',
    output: layout.root,
    lock: layout.lock,
    holder: holder && { pid: holder.pid, host: holder.host, createdMs: holder.createdMs },
    alive,
  });
}

/** A claim is there for milliseconds. */
const abandonedAfterMs = 10 * 60_000;

/**
 * Removes claims whose makers were killed before they could do so: dead ones for certain, and after a while those that cannot be
 * seen from here. One that cannot be read was left while it was written, or is being written. Whose claim goes all the same
 * makes another.
 */
async function removeLeftovers(layout: OutputLayout, self: LockHolder): Promise<void> {
  for (const name of await namesIn(layout.metaFolder)) {
    if (!name.startsWith('lock.')) continue;
    const path = join(layout.metaFolder, name);
    const found = await readStamped(path);
    const holder = parseHolder(found?.bytes.toString() ?? '');
    const state = holder === null ? 'unseen' : await stateOfHolder(holder, self);
    const isClaim = name.startsWith('lock.claim-');
    const isOld = Date.now() - Number((found?.modifiedNs ?? 0n) / 1_000_000n) > abandonedAfterMs;
    if (state === 'dead' || (isClaim && state === 'unseen' && (holder === null || isOld))) await removeFile(path);
  }
}

async function readText(path: string): Promise<string | null> {
  return (await readIfPresent(path))?.toString() ?? null;
}
