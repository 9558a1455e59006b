import { existsSync, mkdirSync, readdirSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { publish } from '../../src/commit/committer.ts';
import { inspectOutput } from '../../src/commit/inspect-output.ts';
import { layoutOf, type OutputLayout } from '../../src/commit/layout.ts';
import { prepareOutput, removeStrays } from '../../src/commit/prepare-output.ts';
import { freshPath, outcomeOf, stageRun } from './fixtures.ts';

const fresh = (): OutputLayout => layoutOf(freshPath());

async function published(): Promise<OutputLayout> {
  const publication = await stageRun(fresh(), { runId: 'run-1', content: 'new', names: [] });
  await publish(publication);
  return publication.layout;
}

describe('an output folder', () => {
  test('is absent, and stays so when looked at', async () => {
    const layout = fresh();
    expect(await inspectOutput(layout)).toEqual({ kind: 'absent' });
    expect(existsSync(layout.root)).toBe(false);
  });

  test('is empty when it holds nothing, hidden files, or what a run leaves that was killed before it began', async () => {
    const layout = fresh();
    mkdirSync(layout.root);
    expect(await inspectOutput(layout)).toEqual({ kind: 'empty' });
    mkdirSync(join(layout.root, 'lost+found'));
    writeFileSync(join(layout.root, '.DS_Store'), '');
    await prepareOutput(layout);
    expect(await inspectOutput(layout)).toEqual({ kind: 'empty' });
  });

  test('is foreign when it holds the result of something else', async () => {
    const layout = fresh();
    for (const name of ['_delta_log', 'part-00000-c000.snappy.parquet', '_SUCCESS']) {
      mkdirSync(join(layout.root, name), { recursive: true });
    }
    const foreign = ['_SUCCESS', '_delta_log', 'part-00000-c000.snappy.parquet'];
    expect(await inspectOutput(layout)).toEqual({ kind: 'foreign', foreign });
  });

  test('is unfinished while there is a ledger, with what the ledger says', async () => {
    const { layout } = await stageRun(fresh(), { runId: 'run-1', content: 'new', names: [] });
    writeFileSync(join(layout.root, 'part-00000-run-1.parquet'), 'published already');
    writeFileSync(join(layout.root, 'part-00000-run-12.parquet'), 'of another run');
    expect(await inspectOutput(layout)).toMatchObject({
      kind: 'unfinished',
      ledger: { header: { runId: 'run-1' }, outcomes: new Map([0, 1].map((split) => [split, outcomeOf(split)])) },
      previous: null,
      foreign: ['part-00000-run-12.parquet'],
    });
  });

  test('is complete with a manifest, and tells of parts and of a _SUCCESS that are gone', async () => {
    const layout = await published();
    unlinkSync(layout.success);
    unlinkSync(join(layout.root, 'part-00000-run-1.parquet'));
    truncateSync(join(layout.root, 'part-00001-run-1.parquet'), 3);
    expect(await inspectOutput(layout)).toMatchObject({
      kind: 'complete',
      manifest: { runId: 'run-1' },
      success: false,
      lost: ['part-00000-run-1.parquet', 'part-00001-run-1.parquet'],
      foreign: [],
    });
  });

  test('may itself be a link to a folder', async () => {
    const layout = await published();
    const linked = fresh();
    symlinkSync(layout.root, linked.root);
    expect(await inspectOutput(linked)).toMatchObject({ kind: 'complete', lost: [] });
    await prepareOutput(linked);
  });
});

describe('an output path is refused', () => {
  const cases: readonly [string, (layout: OutputLayout) => void, object][] = [
    ['when it is a file', ({ root }) => writeFileSync(root, ''), { reason: 'output-not-a-folder' }],
    [
      'when it is a link that leads nowhere',
      ({ root }) => symlinkSync('nowhere', root),
      { reason: 'output-not-a-folder' },
    ],
    [
      'when its _scoremill is a file',
      ({ root, metaFolder }) => {
        mkdirSync(root);
        writeFileSync(metaFolder, '');
      },
      { reason: 'output-not-a-folder' },
    ],
    ...(['metaFolder', 'staging', 'ledger', 'lock', 'manifest'] as const).map(
      (name): [string, (layout: OutputLayout) => void, object] => [
        `when its ${name} is a symbolic link`,
        (layout) => {
          mkdirSync(dirname(layout[name]), { recursive: true });
          symlinkSync('/tmp', layout[name]);
        },
        { reason: 'output-symlink' },
      ],
    ),
  ];

  test.each(cases)('%s', async (_title, make, failure) => {
    const layout = fresh();
    make(layout);
    await expect(prepareOutput(layout)).rejects.toMatchObject({ failures: [failure] });
    await expect(inspectOutput(layout)).rejects.toMatchObject({ failures: [failure] });
  });

  test('when a folder above it is a file, by the name of that file', async () => {
    const file = freshPath();
    writeFileSync(file, '');
    await expect(prepareOutput(layoutOf(join(file, 'a/b')))).rejects.toThrow(
      `output ${file}/a/b cannot be created: ${file} is not a folder; give another output folder`,
    );
  });
});

test('what an interrupted attempt left in the staging folder is removed, and nothing that a link there leads to', async () => {
  const layout = fresh();
  await prepareOutput(layout);
  const outside = freshPath();
  mkdirSync(outside);
  writeFileSync(join(outside, 'kept'), '');
  symlinkSync(outside, join(layout.staging, 'folder-link'));
  symlinkSync(join(outside, 'kept'), join(layout.staging, 'split-0.parquet'));
  mkdirSync(join(layout.staging, 'spill'));
  writeFileSync(join(layout.staging, 'spill', 'a'), '');
  writeFileSync(join(layout.staging, 'split-1.parquet'), '');
  writeFileSync(join(layout.staging, 'split-2.parquet'), '');
  await removeStrays(layout, new Set(['split-0.parquet', 'split-1.parquet']));
  expect([readdirSync(layout.staging), readdirSync(outside)]).toEqual([['split-1.parquet'], ['kept']]);
});
