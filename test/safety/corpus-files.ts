// Every data file of the corpora, with the format it is given to the scorer as.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Format } from '../../src/core/split.ts';
import { corpora } from '../corpora.ts';

export interface CorpusFile {
  /** Relative to the corpora. */
  readonly name: string;
  readonly format: 'auto' | Format;
}

const formatOf = (name: string): CorpusFile['format'] | undefined => {
  if (name.startsWith('jsontestsuite/')) return name.endsWith('.json') ? 'jsonl' : undefined;
  if (name.startsWith('csv-spectrum/csvs/') || name.startsWith('arrow-testing/csv/')) return 'csv';
  if (/^(parquet-testing|arrow-testing\/parquet)\//.test(name))
    return /\.(md|txt|json|csv|bin)$/.test(name) ? undefined : 'parquet';
  if (/^arrow-testing\/(arrow-ipc-|forward)/.test(name)) return /\.(json|gz|md|txt)$/.test(name) ? undefined : 'arrow';
  if (name.startsWith('refuse/')) return /\.(parquet|csv|jsonl|arrow|arrows|gz|zst)$/.test(name) ? 'auto' : undefined;
  return undefined;
};

export const corpusFiles = (): readonly CorpusFile[] =>
  ['parquet-testing', 'arrow-testing', 'csv-spectrum', 'jsontestsuite', 'refuse'].flatMap((top) =>
    readdirSync(corpora.path(top), { recursive: true, encoding: 'utf8' })
      .map((name) => join(top, name))
      .filter((name) => statSync(corpora.path(name)).isFile())
      .sort()
      .flatMap((name) => {
        const format = formatOf(name);
        return format === undefined ? [] : [{ name, format }];
      }),
  );
