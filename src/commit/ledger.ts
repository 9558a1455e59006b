// The append-only record of finished splits, which makes resume work: a split is done if and only if its line is whole.
// A line is `<bytes of JSON> <checksum> <JSON>\n`; the checksum is the CRC-32 of the JSON of this line and all before it.
// The first line that is not whole ends the ledger, be it torn at the end or damaged in the middle: nothing after it is
// believed, its splits run again, and it is cut off before the next append.
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { appendDurably, openForAppend, readIfPresent, writeFileDurably } from '../core/atomic-file.ts';
import { FailureError } from '../core/failure.ts';
import type { SplitOutcome } from '../core/outcome.ts';

export interface LedgerHeader {
  readonly format: 1;
  readonly runId: string;
  readonly createdMs: number;
  /** Version of scoremill. */
  readonly scoremill: string;
  readonly jobFingerprint: string;
  readonly modelSha256: string;
  readonly inputFingerprint: string;
  readonly splitsFingerprint: string;
  readonly batchRows: number;
  /** What was changed in the model, one sentence each. */
  readonly adaptations: readonly string[];
  /** What the fingerprints are made of, in words, so that a difference can be named: `dataset.where` -> `status = 'open'`. */
  readonly facts: Readonly<Record<string, string>>;
  /** Of a run of a growing dataset (`output.ifExists: append`). */
  readonly append?: AppendHeader;
}

/** What a run adds to a result, decided when it was first started: what comes to the dataset meanwhile is for the next run. */
export interface AppendHeader {
  /** SHA-256 of the manifest of the result that is added to; null: there is none yet. */
  readonly base: string | null;
  /** The number in the name of the first part. */
  readonly firstPart: number;
  /** The shards that are scored, as they were found. */
  readonly shards: readonly { readonly path: string; readonly fileBytes: number; readonly modifiedMs: number }[];
  /** Parts of the result that go when this run is published: they hold rows of shards that it scores anew. */
  readonly replaced: readonly string[];
}

export type LedgerEntry =
  | { readonly kind: 'done'; readonly outcome: SplitOutcome }
  | { readonly kind: 'attempt-failed'; readonly split: number; readonly attempt: number; readonly message: string }
  | {
      readonly kind: 'engine-death';
      /** The splits that were in flight. */
      readonly splits: readonly number[];
      readonly signal: string | null;
      readonly exitCode: number | null;
    }
  | {
      readonly kind: 'crashed-row';
      readonly split: number;
      readonly shard: number;
      readonly row: number;
      /** Absent in ledgers that older versions wrote: the row crashed. */
      readonly reason?: 'crashed' | 'stalled';
      readonly cause?: string;
    }
  /** The run was started again. */
  | { readonly kind: 'resumed'; readonly atMs: number }
  /** All splits are done and publishing has begun. */
  | { readonly kind: 'committing' };

type LedgerLine = ({ readonly kind: 'header' } & LedgerHeader) | LedgerEntry;

export interface LedgerContents {
  /** Null when not even the first line is whole. */
  readonly header: LedgerHeader | null;
  /** By split index; of several outcomes of one split the last. */
  readonly outcomes: ReadonlyMap<number, SplitOutcome>;
  /** All whole lines but the header, in order. */
  readonly entries: readonly LedgerEntry[];
  /** Bytes up to the end of the last whole line. */
  readonly wholeBytes: number;
  /** Bytes after it: torn or damaged. */
  readonly lostBytes: number;
  /** Of the last whole line; the next line's checksum continues it. */
  readonly checksum: number;
}

const newline = 0x0a;

/** Reads a ledger as far as it is whole; null when there is none. Fails with `io` or `permission-denied`. */
export async function readLedger(path: string): Promise<LedgerContents | null> {
  const bytes = await readIfPresent(path);
  if (bytes === null) return null;
  let header: LedgerHeader | null = null;
  const entries: LedgerEntry[] = [];
  const outcomes = new Map<number, SplitOutcome>();
  let wholeBytes = 0;
  let checksum = 0;
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, wholeBytes)) {
    const line = decodeLine(bytes.subarray(wholeBytes, end + 1), checksum);
    if (line === null || (line.value.kind === 'header') !== (wholeBytes === 0)) break;
    if (line.value.kind === 'header') {
      const { kind: _kind, ...rest } = line.value;
      header = rest;
    } else {
      const entry = withWritten(line.value);
      entries.push(entry);
      if (entry.kind === 'done') outcomes.set(entry.outcome.split, entry.outcome);
    }
    wholeBytes = end + 1;
    checksum = line.checksum;
  }
  return { header, outcomes, entries, wholeBytes, lostBytes: bytes.length - wholeBytes, checksum };
}

/** Outcomes of older versions: without `written` every scored row was, and there were no traces and sketches. */
const withWritten = (entry: LedgerEntry): LedgerEntry =>
  entry.kind === 'done'
    ? {
        ...entry,
        outcome: {
          ...entry.outcome,
          written: entry.outcome.written ?? entry.outcome.scored,
          trace: entry.outcome.trace ?? [],
          sketches: entry.outcome.sketches ?? null,
        },
      }
    : entry;

/** What keeps an unfinished run from being resumed by the wanted one, one line each; empty when nothing does. */
export function compareHeaders(old: LedgerHeader, wanted: LedgerHeader): readonly string[] {
  const changes: string[] = [];
  const names = [...new Set([...Object.keys(old.facts), ...Object.keys(wanted.facts)])];
  for (const name of names) {
    const before = old.facts[name];
    const now = wanted.facts[name];
    if (before === now) continue;
    if (before === undefined) changes.push(`${name}: ${now} (was not there)`);
    else if (now === undefined) changes.push(`${name}: gone (was ${before})`);
    else changes.push(`${name}: ${now} (was ${before})`);
  }
  const compare = (name: string, before: string | number, now: string | number): void => {
    if (before !== now) changes.push(`${name}: ${now} (was ${before})`);
  };
  compare('ledger format', old.format, wanted.format);
  compare('scoremill version', old.scoremill, wanted.scoremill);
  compare('batch rows', old.batchRows, wanted.batchRows);
  compare('adaptations of the model', inWords(old.adaptations), inWords(wanted.adaptations));
  if (changes.length > 0) return changes;
  compare('job fingerprint', old.jobFingerprint, wanted.jobFingerprint);
  compare('model sha256', old.modelSha256, wanted.modelSha256);
  compare('input fingerprint', old.inputFingerprint, wanted.inputFingerprint);
  compare('fingerprint of the splits', old.splitsFingerprint, wanted.splitsFingerprint);
  return changes;
}

const inWords = (adaptations: readonly string[]): string => adaptations.join('; ') || 'none';

/** A ledger open for appending. One per output folder, by the holder of its lock. */
export class Ledger {
  readonly #path: string;
  readonly #file: FileHandle;
  #checksum: number;
  #lastAppend: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle, checksum: number) {
    this.#path = path;
    this.#file = file;
    this.#checksum = checksum;
  }

  /** Begins a new ledger in place of any older one, unless `requireHeld` throws; the header is durable when this resolves. */
  static async create(path: string, header: LedgerHeader, requireHeld?: () => Promise<void>): Promise<Ledger> {
    const line = encodeLine({ kind: 'header', ...header }, 0);
    await writeFileDurably(path, line.bytes, requireHeld);
    return new Ledger(path, await openForAppend(path), line.checksum);
  }

  /**
   * Continues a ledger that `readLedger` found to have a header, in a copy that takes its place: what follows its last whole
   * line is not in it, nor is what an earlier holder of the lock, who may still have the old file open, appends from now on.
   */
  static async resume(path: string, contents: LedgerContents, requireHeld?: () => Promise<void>): Promise<Ledger> {
    const bytes = (await readIfPresent(path))?.subarray(0, contents.wholeBytes);
    if (bytes?.length !== contents.wholeBytes) {
      const message = 'it became shorter while this run held its lock';
      throw new FailureError({ reason: 'io', operation: 'read', path, code: 'EIO', message });
    }
    await writeFileDurably(path, bytes, requireHeld);
    return new Ledger(path, await openForAppend(path), contents.checksum);
  }

  /**
   * Resolves when the entry is on the disk; entries get there in the order of the calls. After one failure every later
   * append fails the same way, because nobody knows how much of the failed line was written.
   */
  append(entry: LedgerEntry): Promise<void> {
    const written = this.#lastAppend.then(() => this.#write(entry));
    this.#lastAppend = written;
    written.catch(() => {});
    return written;
  }

  async #write(entry: LedgerEntry): Promise<void> {
    const line = encodeLine(entry, this.#checksum);
    await appendDurably(this.#file, this.#path, line.bytes);
    this.#checksum = line.checksum;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lastAppend.catch(() => {});
    await this.#file.close();
  }
}

function encodeLine(value: LedgerLine, previousChecksum: number): { bytes: Buffer; checksum: number } {
  const json = Buffer.from(JSON.stringify(value));
  const checksum = crc32(json, previousChecksum);
  return { bytes: frame(json, checksum), checksum };
}

/** Null when the line is not exactly what `encodeLine` makes of its JSON. */
function decodeLine(bytes: Buffer, previousChecksum: number): { value: LedgerLine; checksum: number } | null {
  const start = bytes.indexOf(0x7b /* { */);
  if (start < 0) return null;
  const json = bytes.subarray(start, -1);
  const checksum = crc32(json, previousChecksum);
  if (!frame(json, checksum).equals(bytes)) return null;
  return { value: JSON.parse(json.toString()), checksum };
}

function frame(json: Buffer, checksum: number): Buffer {
  const head = `${String(json.length).padStart(6, '0')} ${checksum.toString(16).padStart(8, '0')} `;
  return Buffer.concat([Buffer.from(head), json, Buffer.from('\n')]);
}
