// Admits one run per output folder. The lock is a file that says who holds it; it appears with its content in one step.
//
// States, L being the content of the lock file:
//   free      there is no lock file. Linking a claim to its name takes it; of several links one succeeds.
//   held      L names a holder that lives, or that cannot be seen from here. Everyone else is refused.
//   stale     L names a dead holder. Whoever links a claim to the name `lock.after-<hash of L>` may take over, and is alone
//             in that; should it die too, its claim is stale in turn and has a successor name of its own.
//   taken     the successor's name is renamed to that of the lock, and the names that led to it are removed after that.
// So a successor's name can be free again once the lock has changed; whoever links to it looks at the lock once more.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  entryAt,
  linkIfFree,
  namesIn,
  readIfPresent,
  removeFile,
  renameDurably,
  writeNewFile,
} from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import { sha256OfText } from '../core/hash.ts';
import type { OutputLayout } from './layout.ts';
import { type HolderState, type LockHolder, parseHolder, stateOfHolder, thisProcess } from './lock-holder.ts';

/** A held lock. Disposing of it gives it back. */
export class Lock {
  readonly #layout: OutputLayout;
  readonly #content: string;

  constructor(layout: OutputLayout, content: string) {
    this.#layout = layout;
    this.#content = content;
  }

  /** Fails with `lock-lost` when the lock was stolen or removed meanwhile: to be asked before anything is published. */
  async requireHeld(): Promise<void> {
    if (await this.#isHeld()) return;
    throw new FailureError({ reason: 'lock-lost', output: this.#layout.root, lock: this.#layout.lock });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (await this.#isHeld()) await removeFile(this.#layout.lock);
  }

  async #isHeld(): Promise<boolean> {
    return (await readText(this.#layout.lock)) === this.#content;
  }
}

/**
 * Takes the lock of an output folder that is prepared (`prepareOutput`), or fails with `locked`. A holder that is dead for
 * certain is taken over. `steal` also takes over one that cannot be seen from here (another host, another container, a
 * lock that cannot be read), never one that is seen to be alive.
 */
export async function acquireLock(
  layout: OutputLayout,
  { steal = false }: { readonly steal?: boolean } = {},
): Promise<Lock> {
  const self = await thisProcess();
  const content = JSON.stringify({ ...self, token: randomUUID() });
  const claim = { path: join(layout.metaFolder, `lock.claim-${randomUUID()}`), self, steal };
  do await writeNewFile(claim.path, content);
  while (!(await isTaken(layout, claim)));
  await removeLeftovers(layout, self);
  return new Lock(layout, content);
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
  readonly steal: boolean;
}

async function tryToTake(layout: OutputLayout, claim: Claim): Promise<boolean> {
  if (await linkIfFree(claim.path, layout.lock)) return true;
  const stale = await readText(layout.lock);
  const passed: string[] = [];
  for (let current = stale; current !== null; ) {
    await requireGone(layout, current, claim);
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

/** Fails with `locked` unless whoever wrote the content may be taken over. */
async function requireGone(layout: OutputLayout, content: string, { self, steal }: Claim): Promise<void> {
  const holder = parseHolder(content);
  const state = holder === null ? 'unseen' : await stateOfHolder(holder, self);
  if (state === 'dead' || (state === 'unseen' && steal)) return;
  throw new FailureError({
    reason: 'locked',
    output: layout.root,
    lock: layout.lock,
    holder: holder && { pid: holder.pid, host: holder.host, createdMs: holder.createdMs },
    alive: state === 'alive',
  });
}

/**
 * Removes claims whose makers were killed before they could do so. One that cannot be read was left while it was written, or is
 * being written: then its maker makes another.
 */
async function removeLeftovers(layout: OutputLayout, self: LockHolder): Promise<void> {
  for (const name of await namesIn(layout.metaFolder)) {
    if (!name.startsWith('lock.')) continue;
    const path = join(layout.metaFolder, name);
    const holder = parseHolder((await readText(path)) ?? '');
    const isLeft = holder === null ? name.startsWith('lock.claim-') : (await stateOfHolder(holder, self)) === 'dead';
    if (isLeft) await removeFile(path);
  }
}

async function readText(path: string): Promise<string | null> {
  return (await readIfPresent(path))?.toString() ?? null;
}
