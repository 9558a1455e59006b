// A dataset for somebody who has never seen it: how much there is, what the columns hold, and which files are broken.
import type { Format } from '../core/split.ts';
import { counted, formatBytes, formatNumber } from '../report/format-number.ts';
import type { DatasetInspection, InspectedColumn, InspectedShard } from '../run/inspect-dataset.ts';
import { aligned, fact, firstOf, section, shellWord, shortened } from './page.ts';

const mostShards = 20;
const mostDifferences = 20;
const startsOf: Readonly<Record<Format, string>> = {
  parquet: 'row groups',
  arrow: 'record batches',
  csv: 'starts',
  jsonl: 'starts',
};

/** The page; `path` is the dataset as a command should name it. */
export function datasetPage(dataset: DatasetInspection, path: string): readonly string[] {
  const { shards, columns, differences, splits, format, failures } = dataset;
  const readable = shards.filter(({ profile }) => profile !== null);
  const broken = shards.length - readable.length;
  const isGuessed = columns.some(({ isGuess }) => isGuess);
  return [
    ...fact('dataset', path, ...(readable.length > 0 ? [sizeText(dataset, readable.length)] : [])),
    ...(failures.length > 0 ? fact('PROBLEM', problemText(broken, shards.length)) : []),
    ...(readable.length > 0 ? fact('splits', splitsText(splits)) : []),
    ...section(
      `columns (${columns.length})${isGuessed ? ', types told from the first rows: dataset.types declares others' : ''}`,
      columns.length === 0 ? [] : aligned([['name', 'type', 'first values'], ...columns.map(columnCells)]),
    ),
    ...section('differences between shards', firstOf(differences, mostDifferences)),
    ...section(`shards (${shards.length})`, shardLines(shards, startsOf[format])),
    ...(failures.length > 0
      ? []
      : section('score it', [`scoremill run --model MODEL.onnx --dataset ${shellWord(path)} --output scored`])),
  ];
}

const problemText = (broken: number, all: number): string =>
  `${broken === 0 ? 'the first rows' : all === 1 ? 'the only shard' : `${broken} of ${all} shards`} cannot be read: see the errors`;

function sizeText({ format, shards, rows, fileBytes, decodedBytes }: DatasetInspection, readable: number): string {
  const kinds = shards.map(({ shard }) => shard.compression).filter((compression) => compression !== 'none');
  const compressed = kinds.length === 0 ? '' : ` (${kinds.length} compressed: ${[...new Set(kinds)].join(', ')})`;
  const files = counted(readable, `${format} file`);
  return `${files}${compressed}, ${counted(rows, 'row')}, ${formatBytes(fileBytes)} on disk, about ${formatBytes(decodedBytes)} in memory`;
}

const splitsText = ({ count, mostRows }: DatasetInspection['splits']): string =>
  count === 0
    ? 'none: there are no rows'
    : `${formatNumber(count)} of at most ${counted(mostRows, 'row')}, as a run with default settings would cut it`;

const columnCells = ({ name, type, isFromFolder, firstValues }: InspectedColumn): readonly string[] => [
  name,
  `${type}${isFromFolder ? ' (from the folder name)' : ''}`,
  shortened(
    firstValues.map((value) => (value === null ? 'NULL' : value === '' ? '""' : shortened(value, 40))).join(' | '),
    100,
  ),
];

function shardLines(shards: readonly InspectedShard[], starts: string): readonly string[] {
  const broken = shards.filter(({ profile }) => profile === null);
  const readable = shards.filter(({ profile }) => profile !== null).slice(0, mostShards);
  const rows = [...broken, ...readable].sort((a, b) => a.shard.index - b.shard.index);
  const cells = rows.map(({ shard, profile }) => [
    profile === null ? 'BROKEN' : formatNumber(profile.rows),
    profile === null ? '' : formatNumber(profile.starts.length),
    formatBytes(shard.fileBytes),
    shard.path,
  ]);
  const left = shards.length - rows.length;
  return [
    ...aligned([['rows', starts, 'size', 'path'], ...cells], [0, 1, 2]),
    ...(left > 0 ? [`... and ${left} more`] : []),
  ];
}
