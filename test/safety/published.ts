// What a run leaves when it is done, without what differs from one execution to the next.
import { resultOf } from '../end-to-end/result.ts';

export interface Published {
  readonly names: readonly string[];
  readonly isPublished: boolean;
  readonly parts: readonly string[];
  readonly manifest: unknown;
}

/** Names of everything, hashes of the parts, and the manifest but for the folder's own path, times, attempts and statistics. */
export function publishedIn(out: string): Published {
  const result = resultOf(out);
  const manifest = result.manifest() as unknown as Record<string, unknown>;
  const of: Record<string, unknown> = { ...manifest, files: result.manifest().files.map(({ name }) => name) };
  const untimed = ({ startedMs: _start, finishedMs: _end, attempts: _attempts, ...rest }: Record<string, unknown>) =>
    rest;
  of.runs = result.manifest().runs.map(untimed);
  for (const key of ['startedMs', 'finishedMs', 'attempts', 'checksum']) delete of[key];
  return {
    names: result.names(),
    isPublished: result.isPublished(),
    parts: result.partHashes(),
    manifest: JSON.parse(JSON.stringify(of).replaceAll(out, 'OUT')),
  };
}
