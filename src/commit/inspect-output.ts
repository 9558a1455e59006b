// What an output folder holds, as a plain value: the supervisor decides on it, and `scoremill inspect` shows it.
import { entryAt, namesIn } from '../core/atomic-file.ts';
import { isPartOfRun, type OutputLayout, partPath } from './layout.ts';
import { type LedgerContents, readLedger } from './ledger.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { requireUsable } from './prepare-output.ts';

/** `foreign` are names in the output folder that are not ours and that a reader might take for part of the result. */
export type OutputState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'foreign'; readonly foreign: readonly string[] }
  | {
      readonly kind: 'complete';
      readonly manifest: Manifest;
      /** False when somebody removed `_SUCCESS`. */
      readonly success: boolean;
      /** Parts that are gone or have another size than the manifest says. */
      readonly lost: readonly string[];
      readonly foreign: readonly string[];
    }
  | {
      readonly kind: 'unfinished';
      readonly ledger: LedgerContents;
      /** The result that was there before and is still whole, or that of this run when only the clean-up is missing. */
      readonly previous: Manifest | null;
      readonly foreign: readonly string[];
    };

/**
 * Looks without touching anything. Fails with `manifest-damaged`, and as `prepareOutput` does. Without the lock the answer
 * may be out of date when it arrives.
 */
export async function inspectOutput(layout: OutputLayout): Promise<OutputState> {
  await requireUsable(layout);
  const names = await namesIn(layout.root);
  const ledger = await readLedger(layout.ledger);
  const manifest = await readManifest(layout.manifest);
  const replaced = await readManifest(layout.replacedManifest);
  const isOurs = namesOfOurs(ledger, manifest, replaced);
  const foreign = names.filter((name) => !isOurs(name) && !isIgnored(name));
  if (ledger !== null) return { kind: 'unfinished', ledger, previous: manifest, foreign };
  if (manifest !== null) {
    const success = names.includes('_SUCCESS');
    return { kind: 'complete', manifest, success, lost: await lostNames(layout, manifest), foreign };
  }
  if (foreign.length > 0) return { kind: 'foreign', foreign };
  return { kind: names.length === 0 && !(await exists(layout.root)) ? 'absent' : 'empty' };
}

function namesOfOurs(
  ledger: LedgerContents | null,
  manifest: Manifest | null,
  replaced: Manifest | null,
): (name: string) => boolean {
  const named = new Set(['_scoremill']);
  for (const result of [manifest, replaced]) for (const part of result?.parts ?? []) named.add(part.name);
  // Once the manifest of both is in place, it does not name what goes with the shards that changed.
  for (const name of ledger?.header?.append?.replaced ?? []) named.add(name);
  if (ledger !== null || manifest !== null || replaced !== null) named.add('_SUCCESS').add('_SUCCESS.writing');
  const runId = ledger?.header?.runId;
  return (name) => named.has(name) || (runId !== undefined && isPartOfRun(name, runId));
}

/** Hidden files, and what a freshly made volume holds. */
const isIgnored = (name: string): boolean => name.startsWith('.') || name === 'lost+found';

async function lostNames(layout: OutputLayout, manifest: Manifest): Promise<readonly string[]> {
  const lost: string[] = [];
  for (const { name, bytes } of manifest.parts) {
    const entry = await entryAt(partPath(layout, name));
    if (entry.kind !== 'file' || entry.bytes !== bytes) lost.push(name);
  }
  return lost;
}

const exists = async (path: string): Promise<boolean> => (await entryAt(path)).kind !== 'absent';
