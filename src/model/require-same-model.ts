// Every process of a run reads the model for itself, the last one perhaps hours after the first: a model that was exchanged
// meanwhile must not score the rest of the rows.
import { FailureError } from '../core/failure.ts';
import type { ModelIdentity } from './model-file.ts';

/** What a run knows of the model it began with; weights in files of their own count like those in the model. */
export interface KnownModel {
  readonly path: string;
  readonly sha256: string;
  readonly externalSha256: readonly string[];
}

export const knownModel = ({ path, sha256, externalFiles }: ModelIdentity): KnownModel => ({
  path,
  sha256,
  externalSha256: externalFiles.map((file) => file.sha256),
});

/** Fails with `model-changed` unless both are the same model. */
export function requireSameModel(before: KnownModel, now: KnownModel): void {
  const hashesOf = ({ sha256, externalSha256 }: KnownModel): string => [sha256, ...externalSha256].join('\n');
  if (hashesOf(before) === hashesOf(now)) return;
  throw new FailureError({ reason: 'model-changed', path: now.path });
}
