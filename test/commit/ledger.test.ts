import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { compareHeaders, Ledger, type LedgerEntry, readLedger } from '../../src/commit/ledger.ts';
import { FailureError } from '../../src/core/failure.ts';
import { arm, disarm } from './failing-disk.ts';
import { freshPath, headerOf, outcomeOf } from './fixtures.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const { wrap } = await import('./failing-disk.ts');
  return wrap(await importOriginal());
});

const header = headerOf('run-1');

const entries: readonly LedgerEntry[] = [
  { kind: 'done', outcome: outcomeOf(2) },
  { kind: 'attempt-failed', split: 0, attempt: 1, message: 'out of memory' },
  { kind: 'engine-death', splits: [0, 1], signal: 'SIGFPE', exitCode: null },
  { kind: 'crashed-row', split: 1, shard: 0, row: 17 },
  { kind: 'done', outcome: outcomeOf(0) },
  { kind: 'committing' },
];

async function writeLedger(path: string): Promise<Buffer> {
  await using ledger = await Ledger.create(path, header);
  for (const entry of entries) await ledger.append(entry);
  return readFileSync(path);
}

const append = async (path: string, entry: LedgerEntry): Promise<void> => {
  const contents = (await readLedger(path))!;
  await using ledger = await Ledger.resume(path, contents);
  await ledger.append(entry);
};

describe('a ledger', () => {
  test('gives back what was appended, in order, and the outcomes by split', async () => {
    const path = freshPath();
    const bytes = await writeLedger(path);
    const { checksum: _checksum, ...contents } = (await readLedger(path))!;
    expect(contents).toEqual({
      header,
      entries,
      outcomes: new Map([
        [2, outcomeOf(2)],
        [0, outcomeOf(0)],
      ]),
      wholeBytes: bytes.length,
      lostBytes: 0,
    });
  });

  test('that knew no written rows is read as one of a run that wrote all', async () => {
    const path = freshPath();
    const { written: _written, ...outcome } = outcomeOf(3);
    const entry = { kind: 'done', outcome } as LedgerEntry;
    {
      await using ledger = await Ledger.create(path, header);
      await ledger.append(entry);
    }
    const contents = (await readLedger(path))!;
    expect(contents.outcomes).toEqual(new Map([[3, outcomeOf(3)]]));
    expect(contents.entries).toEqual([{ kind: 'done', outcome: outcomeOf(3) }]);
  });

  test('that is continued is out of reach for whoever had it open before', async () => {
    const path = freshPath();
    await writeLedger(path);
    const contents = (await readLedger(path))!;
    await using earlier = await Ledger.resume(path, contents);
    await using later = await Ledger.resume(path, contents);
    await earlier.append({ kind: 'done', outcome: outcomeOf(8) });
    await later.append({ kind: 'done', outcome: outcomeOf(9) });
    const found = (await readLedger(path))!;
    expect(found.entries).toEqual([...contents.entries, { kind: 'done', outcome: outcomeOf(9) }]);
    expect(found.lostBytes).toBe(0);
  });

  test('is null where there is none', async () => {
    expect(await readLedger(freshPath())).toBe(null);
  });

  test('holds the lines that are whole when it is cut at any byte, and continues there', async () => {
    const path = freshPath();
    const bytes = await writeLedger(path);
    const ends = [...bytes.entries()].filter(([, byte]) => byte === 0x0a).map(([index]) => index + 1);
    for (let length = 0; length <= bytes.length; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      const lines = ends.filter((end) => end <= length).length;
      const contents = (await readLedger(path))!;
      expect([contents.header, contents.entries, contents.wholeBytes, contents.lostBytes]).toEqual([
        lines === 0 ? null : header,
        entries.slice(0, Math.max(0, lines - 1)),
        ends[lines - 1] ?? 0,
        length - (ends[lines - 1] ?? 0),
      ]);
      if (lines === 0 || length % 29 !== 0) continue;
      await append(path, { kind: 'done', outcome: outcomeOf(9) });
      expect((await readLedger(path))?.entries).toEqual([...contents.entries, { kind: 'done', outcome: outcomeOf(9) }]);
    }
  });

  test('holds the lines before the damage when any byte has flipped, and never another one', async () => {
    const path = freshPath();
    const bytes = await writeLedger(path);
    let line = 0;
    for (let index = 0; index < bytes.length; index++) {
      const damaged = Buffer.from(bytes);
      damaged[index] ^= 1 << (index % 8);
      writeFileSync(path, damaged);
      const contents = (await readLedger(path))!;
      expect(contents.entries, `byte ${index}`).toEqual(entries.slice(0, Math.max(0, line - 1)));
      expect(contents.header).toEqual(line === 0 ? null : header);
      if (bytes[index] === 0x0a) line++;
    }
  });

  test('believes nothing after a line that is missing, doubled, or from another ledger', async () => {
    const path = freshPath();
    const lines = (await writeLedger(path)).toString().split(/(?<=\n)/);
    const entriesOf = async (changed: readonly string[]) => {
      writeFileSync(path, changed.join(''));
      return (await readLedger(path))?.entries.length;
    };
    expect(await entriesOf(lines.toSpliced(2, 1))).toBe(1);
    expect(await entriesOf(lines.toSpliced(2, 0, lines[1]))).toBe(1);
    expect(await entriesOf(lines.toSpliced(1, 1, lines[3]))).toBe(0);
    expect(await entriesOf([...lines, lines[0]])).toBe(entries.length);
  });

  test('holds zeros and garbage at its end for a torn line', async () => {
    const path = freshPath();
    const bytes = await writeLedger(path);
    for (const tail of ['\0'.repeat(4096), '\n\n', '000002 00000000 {}\n', '000000 00000000 \n', 'null\n']) {
      writeFileSync(path, Buffer.concat([bytes, Buffer.from(tail)]));
      expect((await readLedger(path))?.entries).toEqual(entries);
    }
  });

  test('keeps the order of appends that were not waited for', async () => {
    const path = freshPath();
    const splits = Array.from({ length: 50 }, (_, split) => split);
    {
      await using ledger = await Ledger.create(path, header);
      await Promise.all(splits.map((split) => ledger.append({ kind: 'done', outcome: outcomeOf(split) })));
    }
    expect([...(await readLedger(path))!.outcomes.keys()]).toEqual(splits);
  });

  test('takes the last outcome of a split that ran twice', async () => {
    const path = freshPath();
    await writeLedger(path);
    await append(path, { kind: 'done', outcome: { ...outcomeOf(0), attempt: 2 } });
    expect((await readLedger(path))?.outcomes.get(0)?.attempt).toBe(2);
  });

  test('accepts nothing more once an append failed, and resumes without the torn line', async () => {
    const path = freshPath();
    const ledger = await Ledger.create(path, header);
    await ledger.append(entries[0]);
    arm(path, 1, 'ENOSPC');
    const failed = ledger.append(entries[1]);
    await expect(failed).rejects.toMatchObject({
      failures: [{ reason: 'io', operation: 'append', code: 'ENOSPC', path }],
    });
    disarm();
    await expect(ledger.append(entries[2])).rejects.toBeInstanceOf(FailureError);
    await ledger[Symbol.asyncDispose]();
    const contents = (await readLedger(path))!;
    expect([contents.entries, contents.lostBytes > 0]).toEqual([[entries[0]], true]);
    await append(path, entries[1]);
    expect((await readLedger(path))?.entries).toEqual(entries.slice(0, 2));
    expect((await readLedger(path))?.wholeBytes).toBe(statSync(path).size);
  });

  test('is not opened through a symbolic link', async () => {
    const outside = freshPath();
    await writeLedger(outside);
    const path = freshPath();
    symlinkSync(outside, path);
    await expect(readLedger(path)).rejects.toMatchObject({ failures: [{ reason: 'io', code: 'ELOOP' }] });
  });
});

describe('two headers', () => {
  test('agree when only the run id and the time differ', () => {
    expect(compareHeaders(header, { ...header, runId: 'run-2', createdMs: 5 })).toEqual([]);
  });

  test('differ fact by fact', () => {
    const wanted = {
      ...header,
      jobFingerprint: 'other',
      batchRows: 2048,
      facts: { model: 'm2.onnx', 'dataset.where': "status = 'open'", 'shard b.csv': '5 bytes' },
    };
    expect(compareHeaders(header, wanted)).toEqual([
      'model: m2.onnx (was m.onnx)',
      'shard a.csv: gone (was 12 bytes)',
      'shard b.csv: 5 bytes (was not there)',
      'batch rows: 2048 (was 1024)',
    ]);
  });

  test('differ by fingerprint when no fact says why', () => {
    expect(compareHeaders(header, { ...header, inputFingerprint: 'x', splitsFingerprint: 'y' })).toEqual([
      'input fingerprint: x (was input)',
      'fingerprint of the splits: y (was splits)',
    ]);
  });
});
