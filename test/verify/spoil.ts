// Ways to spoil a result that its own hashes do not show: other values in a part, with a manifest that vouches for them.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { layoutOf } from '../../src/commit/layout.ts';
import { type Manifest, readManifest, writeManifest } from '../../src/commit/manifest.ts';
import { Database } from '../../src/core/duckdb-database.ts';
import { sha256OfFile } from '../../src/core/hash.ts';
import { quotePath } from '../../src/core/sql.ts';
import { writePart } from '../../src/sink/parquet.ts';

export async function manifestOf(output: string): Promise<Manifest> {
  const manifest = await readManifest(layoutOf(output).manifest);
  if (manifest === null) throw new Error(`no manifest in ${output}`);
  return manifest;
}

/** Changes a manifest and gives it a checksum that fits. */
export async function rewriteManifest(output: string, change: (manifest: Manifest) => Manifest): Promise<void> {
  await writeManifest(layoutOf(output).manifest, change(await manifestOf(output)));
}

/** Changes the text of a manifest and leaves its checksum as it was. */
export const manifestText = (output: string): string => readFileSync(layoutOf(output).manifest, 'utf8');

/** Rewrites a part with a query over the old one, `part`, and its entry in the manifest with what came of it. */
export async function rewritePart(output: string, index: number, query: string, metadata = {}): Promise<string> {
  const { name } = (await manifestOf(output)).parts[index];
  const path = join(output, name);
  const database = await Database.open({ threads: 1, memoryBytes: 2 ** 28, temporaryFolder: output });
  const connection = await database.connect();
  await connection.run(`CREATE TABLE part AS SELECT * FROM read_parquet(${quotePath(path)})`);
  const footer = { 'scoremill.run': 'made-for-tests', ...metadata };
  await writePart({ connection, query, path, compression: 'zstd', metadata: footer });
  connection.close();
  database.close();
  const entry = { bytes: statSync(path).size, sha256: await sha256OfFile(path) };
  await rewriteManifest(output, (manifest) => ({
    ...manifest,
    parts: manifest.parts.map((part) => (part.name === name ? { ...part, ...entry } : part)),
  }));
  return name;
}
