// SHA-256 of files and texts, and the one JSON spelling that fingerprints are taken of.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { failureOfIo } from './atomic-file.ts';

/** SHA-256 of a file's bytes as hex, streamed: memory does not grow with the file. Fails with `io` or `permission-denied`. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(bytes);
  } catch (error) {
    throw failureOfIo('read', path, error);
  }
  return hash.digest('hex');
}

/** SHA-256 of a text's UTF-8 bytes as hex. */
export function sha256OfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON without spaces and with the keys of every object sorted, so that equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (isObject(inner) ? sorted(inner) : inner));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keys that look like array indexes come first in any JavaScript object, whatever the order of insertion: still one order. */
const sorted = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, value[key]]),
  );
