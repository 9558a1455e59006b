// A finished output folder as its readers see it: parts, rows in order, statistics and rejects, read by hyparquet, which is
// not what wrote them.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Manifest } from '../../src/commit/manifest.ts';

export type Row = Readonly<Record<string, unknown>>;

export const resultOf = (output: string) => ({
  /** File names of the parts, in order. */
  partNames: (): readonly string[] =>
    readdirSync(output)
      .filter((name) => name.startsWith('part-'))
      .sort(),
  rows: async (): Promise<readonly Row[]> => {
    const rows: Row[] = [];
    for (const name of resultOf(output).partNames()) rows.push(...(await readRows(join(output, name))));
    return rows;
  },
  stats: (): Promise<readonly Row[]> => readRows(join(output, '_scoremill/stats.parquet')),
  run: async (): Promise<Row> => (await readRows(join(output, '_scoremill/run.parquet')))[0],
  rejects: async (): Promise<readonly Row[]> => {
    const path = join(output, '_scoremill/rejects.parquet');
    return existsSync(path) ? readRows(path) : [];
  },
  manifest: (): Manifest => JSON.parse(readFileSync(join(output, '_scoremill/manifest.json'), 'utf8')) as Manifest,
  isPublished: (): boolean => existsSync(join(output, '_SUCCESS')),
  /** Everything in the folder by name, but for lock, ledger and staging of an unfinished run. */
  names: (): readonly string[] => readdirSync(output, { recursive: true, encoding: 'utf8' }).sort(),
  /** Name and SHA-256 of each part. */
  partHashes: (): readonly string[] =>
    resultOf(output)
      .partNames()
      .map(
        (name) =>
          `${name} ${createHash('sha256')
            .update(readFileSync(join(output, name)))
            .digest('hex')}`,
      ),
});

/** The rows of a Parquet file, lists as arrays. */
export async function readRows(path: string): Promise<Row[]> {
  return parquetReadObjects({ file: await asyncBufferFromFile(path), compressors });
}
