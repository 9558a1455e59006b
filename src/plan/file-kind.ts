// What the name of a file says about its content.
import { basename } from 'node:path';
import type { Compression, Format } from '../core/split.ts';

const formatOfSuffix: Readonly<Record<string, Format>> = {
  parquet: 'parquet',
  parq: 'parquet',
  pq: 'parquet',
  csv: 'csv',
  tsv: 'csv',
  tab: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  arrow: 'arrow',
  feather: 'arrow',
  ipc: 'arrow',
  arrows: 'arrow',
};

/** Format and compression of a file, by suffix; a given format holds for any suffix. Only text is compressed as a whole. */
export function fileKind(
  path: string,
  format: 'auto' | Format,
): { readonly format: Format; readonly compression: Compression } | undefined {
  const match = /(?:\.(\w+))??(?:\.(gz|zst))?$/i.exec(basename(path))!;
  const byName = formatOfSuffix[match[1]?.toLowerCase() ?? ''];
  const ofText: Compression = match[2] === undefined ? 'none' : match[2].toLowerCase() === 'gz' ? 'gzip' : 'zstd';
  const known = format === 'auto' ? byName : format;
  if (known === 'csv' || known === 'jsonl') return { format: known, compression: ofText };
  if (known === undefined || (format === 'auto' && ofText !== 'none')) return undefined;
  return { format: known, compression: 'none' };
}
