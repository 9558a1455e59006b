import { existsSync, readdirSync, readFileSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { problemOfPart } from '../../src/commit/check-staged.ts';
import { discardUnfinished, type Publication, publish } from '../../src/commit/committer.ts';
import { inspectOutput } from '../../src/commit/inspect-output.ts';
import { layoutOf, type OutputLayout, type ResultFileName } from '../../src/commit/layout.ts';
import { readManifest, writeManifest } from '../../src/commit/manifest.ts';
import { FailureError } from '../../src/core/failure.ts';
import { arm, disarm, restoreDurable } from './failing-disk.ts';
import { freshPath, manifestOf, stageRun } from './fixtures.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const { wrap } = await import('./failing-disk.ts');
  return wrap(await importOriginal());
});

const all: ResultFileName[] = ['stats.parquet', 'run.parquet', 'rejects.parquet'];
const noRejects: ResultFileName[] = ['stats.parquet', 'run.parquet'];

interface Scenario {
  readonly title: string;
  /** The run whose result is there before. */
  readonly older: string | null;
}

const scenarios: readonly Scenario[] = [
  { title: 'an empty folder', older: null },
  { title: 'an older result', older: 'run-old' },
  { title: 'an older result with the same run id', older: 'run-new' },
];

/** Everything in an output folder, by path and content. */
function filesOf(root: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[path.slice(root.length + 1)] = readFileSync(path, 'utf8');
  }
  return files;
}

/** Without what is being written beside the file that it is to replace. */
const withoutDrafts = (files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).filter(([name]) => !name.endsWith('.writing')));

async function begin({ older }: Scenario, path = freshPath()): Promise<Publication> {
  const layout = layoutOf(path);
  const replaces = older === null ? null : await publishOlder(layout, older);
  return { ...(await stageRun(layout, { runId: 'run-new', content: 'new', names: noRejects })), replaces };
}

async function publishOlder(layout: OutputLayout, runId: string) {
  const publication = await stageRun(layout, { runId, content: 'older', partCount: 3, names: all });
  await publish(publication);
  return publication.manifest;
}

/** What a run that finds the folder does: nothing but what the folder says. */
async function resume(layout: OutputLayout, publication: Publication): Promise<void> {
  const state = await inspectOutput(layout);
  if (state.kind === 'complete') return;
  if (state.kind !== 'unfinished') throw new Error(`the run is lost: ${state.kind}`);
  expect({ outcomes: state.ledger.outcomes.size, foreign: state.foreign }).toEqual({ outcomes: 2, foreign: [] });
  await publish({ ...publication, layout, replaces: state.previous });
}

/** A manifest vouches for parts that are there; `_SUCCESS` for a manifest, and for parts of no other result beside them. */
async function expectNoMixture(layout: OutputLayout): Promise<void> {
  const files = filesOf(layout.root);
  const manifest = await readManifest(layout.manifest);
  const word = manifest?.parts.length === 2 ? 'new' : 'older';
  for (const [index, part] of (manifest?.parts ?? []).entries()) {
    expect(files[part.name]).toBe(`${word} of split ${index}`);
  }
  if (files._SUCCESS === undefined) return;
  const parts = Object.keys(files).filter((name) => name.startsWith('part-'));
  expect(parts.sort()).toEqual(manifest?.parts.map((part) => part.name));
}

const expected = async (scenario: Scenario): Promise<Record<string, string>> => {
  const publication = await begin(scenario);
  await publish(publication);
  return filesOf(publication.layout.root);
};

const operationsOf = async (scenario: Scenario): Promise<number> => {
  const publication = await begin(scenario);
  arm(publication.layout.root, Number.POSITIVE_INFINITY, 'killed');
  await publish(publication);
  return disarm();
};

describe.each(scenarios)('publishing over $title', (scenario) => {
  test('leaves the parts, the manifest, the files beside it and _SUCCESS, and nothing else', async () => {
    const publication = await begin(scenario);
    await publish(publication);
    const { layout, manifest } = publication;
    const { '_scoremill/manifest.json': manifestText, ...files } = filesOf(layout.root);
    expect(files).toEqual({
      'part-00000-run-new.parquet': 'new of split 0',
      'part-00001-run-new.parquet': 'new of split 1',
      _SUCCESS: '',
      '_scoremill/stats.parquet': 'new in stats.parquet',
      '_scoremill/run.parquet': 'new in run.parquet',
    });
    expect(manifestText).not.toBe('');
    expect(await inspectOutput(layout)).toEqual({ kind: 'complete', manifest, success: true, lost: [], foreign: [] });
  });

  test('does nothing more when the lock is found to be lost, at whichever step, and its next holder finishes', async () => {
    const whole = await expected(scenario);
    const lost = new FailureError({ reason: 'lock-lost', output: 'out', lock: 'lock' });
    for (let at = 1, asked = 0; asked >= at - 1; at++) {
      const publication = await begin(scenario);
      let before: Record<string, string> | null = null;
      asked = 0;
      const requireHeld = async (): Promise<void> => {
        if (++asked < at) return;
        before = withoutDrafts(filesOf(publication.layout.root));
        throw lost;
      };
      const published = publish({ ...publication, requireHeld });
      if (
        before === null &&
        (await published.then(
          () => true,
          () => false,
        ))
      ) {
        expect(asked).toBeGreaterThan(5);
        break;
      }
      await expect(published).rejects.toBe(lost);
      expect(withoutDrafts(filesOf(publication.layout.root))).toEqual(before);
      await expectNoMixture(publication.layout);
      await resume(publication.layout, publication);
      expect(filesOf(publication.layout.root)).toEqual(whole);
    }
  });

  test('ends in the same state when it is killed at any operation and done again', async () => {
    const whole = await expected(scenario);
    const operations = await operationsOf(scenario);
    expect(operations).toBeGreaterThan(20);
    for (let at = 1; at <= operations; at++) {
      const publication = await begin(scenario);
      arm(publication.layout.root, at, 'killed');
      await expect(publish(publication)).rejects.toThrow('killed');
      disarm();
      await expectNoMixture(publication.layout);
      await resume(publication.layout, publication);
      await expectNoMixture(publication.layout);
      if ((await inspectOutput(publication.layout)).kind === 'complete') {
        for (const [name, content] of Object.entries(whole)) {
          expect(readFileSync(join(publication.layout.root, name), 'utf8'), `${name} after a kill at ${at}`).toBe(
            content,
          );
        }
      }
    }
  });

  test('ends in the same state when the power fails at any operation and all that was not synced is lost', async () => {
    const whole = await expected(scenario);
    const operations = await operationsOf(scenario);
    for (let at = 1; at <= operations; at++) {
      const publication = await begin(scenario);
      const { root } = publication.layout;
      arm(root, at, 'killed');
      await expect(publish(publication)).rejects.toThrow('killed');
      disarm();
      const restored = freshPath();
      restoreDurable(root, restored);
      const layout = layoutOf(restored);
      await expectNoMixture(layout);
      await resume(layout, publication);
      const files = filesOf(restored);
      for (const [name, content] of Object.entries(whole)) expect(files[name], `${name} at ${at}`).toBe(content);
    }
  });

  test.each(['ENOSPC', 'EIO'] as const)(
    'names the operation when any of them fails with %s, and can be done again',
    async (code) => {
      const whole = await expected(scenario);
      const operations = await operationsOf(scenario);
      for (let at = 1; at <= operations; at++) {
        const publication = await begin(scenario);
        arm(publication.layout.root, at, code);
        const failure = await publish(publication).catch((error: unknown) => error);
        disarm();
        expect(failure).toBeInstanceOf(FailureError);
        expect((failure as FailureError).failures).toMatchObject([{ reason: 'io', code }]);
        await expectNoMixture(publication.layout);
        await resume(publication.layout, publication);
        const files = filesOf(publication.layout.root);
        for (const [name, content] of Object.entries(whole)) expect(files[name], `${name} at ${at}`).toBe(content);
      }
    },
  );

  test('can be given up at any operation, which leaves the older result whole or nothing', async () => {
    const operations = await operationsOf(scenario);
    for (let at = 1; at <= operations; at++) {
      const publication = await begin(scenario);
      const { layout } = publication;
      arm(layout.root, at, 'killed');
      await expect(publish(publication)).rejects.toThrow('killed');
      disarm();
      const state = await inspectOutput(layout);
      if (state.kind !== 'unfinished') continue;
      await discardUnfinished(layout, state.ledger, async () => {});
      const after = await inspectOutput(layout);
      if (state.previous === null) expect(after, `at ${at}`).toEqual({ kind: 'empty' });
      else expect(after).toEqual({ kind: 'complete', manifest: state.previous, success: true, lost: [], foreign: [] });
      await expectNoMixture(layout);
    }
  });
});

describe('publishing', () => {
  const first = scenarios[0];

  test('changes nothing when a staged part is cut short', async () => {
    const publication = await begin({ title: '', older: 'run-old' });
    writeFileSync(join(publication.layout.staging, 'split-1.parquet'), 'new');
    const before = filesOf(publication.layout.root);
    await expect(publish(publication)).rejects.toMatchObject({
      failures: [
        {
          reason: 'parts-lost',
          problems: ['part-00001-run-new.parquet: 3 bytes staged instead of 14'],
        },
      ],
    });
    expect(filesOf(publication.layout.root)).toEqual(before);
  });

  test('changes nothing when an older result is there that it was not told to replace', async () => {
    const publication = { ...(await begin({ title: '', older: 'run-old' })), replaces: null };
    const before = filesOf(publication.layout.root);
    await expect(publish(publication)).rejects.toMatchObject({
      failures: [{ reason: 'output-complete', runId: 'run-old' }],
    });
    expect(filesOf(publication.layout.root)).toEqual(before);
  });

  test('leaves files alone that it did not write', async () => {
    const publication = await begin({ title: '', older: 'run-old' });
    const { root } = publication.layout;
    const strangers = { 'part-00000-other.parquet': 'a', 'part-00007-run-old.parquet': 'b', 'notes.txt': 'c' };
    for (const [name, content] of Object.entries(strangers)) writeFileSync(join(root, name), content);
    await publish(publication);
    expect(filesOf(root)).toMatchObject(strangers);
    expect(await inspectOutput(publication.layout)).toMatchObject({ foreign: Object.keys(strangers).sort() });
  });

  test('replaces a symbolic link with the name of a part instead of following it', async () => {
    const publication = await begin(first);
    const outside = join(publication.layout.root, '..', 'outside');
    writeFileSync(outside, 'untouched');
    symlinkSync(outside, join(publication.layout.root, 'part-00000-run-new.parquet'));
    symlinkSync(outside, publication.layout.success);
    await publish(publication);
    expect(readFileSync(outside, 'utf8')).toBe('untouched');
    expect(filesOf(publication.layout.root)).toMatchObject({
      'part-00000-run-new.parquet': 'new of split 0',
      _SUCCESS: '',
    });
  });

  test('finds the parts that have to be scored again: gone, cut short, a link, or with other bytes', async () => {
    const { layout, parts } = await stageRun(layoutOf(freshPath()), {
      runId: 'r',
      content: 'new',
      partCount: 7,
      names: [],
    });
    const staged = (index: number) => join(layout.staging, `split-${index}.parquet`);
    unlinkSync(staged(0));
    writeFileSync(staged(1), 'short');
    renameSync(staged(2), join(layout.root, parts[2].name));
    unlinkSync(staged(3));
    writeFileSync(join(layout.root, parts[3].name), 'old of split 3');
    unlinkSync(staged(4));
    symlinkSync(staged(5), staged(4));
    writeFileSync(staged(6), 'new of split 7');
    expect(await Promise.all(parts.map((part) => problemOfPart(layout, part)))).toEqual([
      'missing',
      '5 bytes staged instead of 14',
      null,
      'not what its split wrote',
      'staged as a link, not as a file',
      null,
      'staged with other bytes than its split wrote',
    ]);
  });

  test('never removes what a manifest names outside of the folder, because it does not believe such a manifest', async () => {
    const publication = await begin(first);
    const { layout } = publication;
    const outside = join(layout.root, '..', 'part-00000-x.parquet');
    writeFileSync(outside, 'untouched');
    const evil = manifestOf('x', [
      { name: '../part-00000-x.parquet', split: 0, rows: 0, bytes: 0, sha256: '0'.repeat(64), pieces: [] },
    ]);
    await writeManifest(layout.replacedManifest, evil);
    await expect(publish(publication)).rejects.toMatchObject({ failures: [{ reason: 'manifest-damaged' }] });
    expect(existsSync(outside)).toBe(true);
  });
});
