// Files of a run that are cut short, changed or gone: the ledger, the manifest, the lock, staged and published parts. A run that
// finds them recovers, or refuses and names the way out; it never ends with a wrong result or a stack trace.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { inspectOutput } from '../../src/commit/inspect-output.ts';
import { layoutOf } from '../../src/commit/layout.ts';
import { acquireLock } from '../../src/commit/lock.ts';
import { readManifest } from '../../src/commit/manifest.ts';
import { FailureError } from '../../src/core/failure.ts';
import { checkParts } from '../../src/run/check-files.ts';
import { runCli } from '../run-cli.ts';
import { publishedIn } from './published.ts';
import { prepareScenario, type Scenario } from './scenarios.ts';
import { eachOf, sampled, sweep } from './sweep.ts';
import { writeTinyJob } from './tiny-job.ts';

let folder = '';
let resumed: Scenario;
let replacing: Scenario;
beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  const job = writeTinyJob(join(folder, 'job'));
  resumed = await prepareScenario('a resumed run', job, join(folder, 'resumed'));
  replacing = await prepareScenario('a run that replaces a result', job, join(folder, 'replacing'));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One way to damage a file: cut before a byte, or one bit of a byte flipped. */
interface Damage {
  readonly kind: 'cut' | 'flipped';
  readonly byte: number;
}

const damages = (bytes: number): readonly Damage[] =>
  Array.from({ length: bytes }, (_, byte) => (['cut', 'flipped'] as const).map((kind) => ({ kind, byte }))).flat();

function damaged(content: Buffer, { kind, byte }: Damage): Buffer {
  if (kind === 'cut') return content.subarray(0, byte);
  const copy = Buffer.from(content);
  copy[byte] ^= 1 << (byte % 8);
  return copy;
}

/** What an action comes to: its value, or the reasons of its FailureError. Any other error is a bug. */
async function valueOrReason<Value>(action: Promise<Value>): Promise<Value | string> {
  try {
    return await action;
  } catch (error) {
    if (error instanceof FailureError) return error.failures[0].reason;
    throw error;
  }
}

describe.skipIf(process.platform !== 'linux')('a file that is cut at any byte, or has a flipped bit in it:', () => {
  sweep('A damaged ledger is believed up to the damage, and a damaged manifest not at all', async (counts) => {
    Object.assign(counts, { ledgers: 0, manifests: 0 });
    const unfinished = layoutOf(join(folder, 'ledger'));
    resumed.prepare(unfinished.root);
    const ledger = readFileSync(unfinished.ledger);
    const whole = await inspectOutput(unfinished);
    if (whole.kind !== 'unfinished') throw new Error(whole.kind);
    for (const damage of sampled(damages(ledger.length), 300)) {
      writeFileSync(unfinished.ledger, damaged(ledger, damage));
      const found = await inspectOutput(unfinished);
      if (found.kind !== 'unfinished') throw new Error(`${found.kind} after ${JSON.stringify(damage)}`);
      for (const [split, outcome] of found.ledger.outcomes) {
        expect(outcome, JSON.stringify(damage)).toEqual(whole.ledger.outcomes.get(split));
      }
      expect([null, 'same']).toContain(found.ledger.header?.runId ?? null);
      counts.ledgers++;
    }
    const complete = layoutOf(join(folder, 'manifest'));
    replacing.prepare(complete.root);
    const manifest = readFileSync(complete.manifest);
    const right = await readManifest(complete.manifest);
    for (const damage of sampled(damages(manifest.length), 300)) {
      writeFileSync(complete.manifest, damaged(manifest, damage));
      const found = await valueOrReason(inspectOutput(complete));
      if (found === 'manifest-damaged') counts.manifests++;
      // White space between the values says nothing.
      else expect(found, JSON.stringify(damage)).toMatchObject({ kind: 'complete', manifest: right });
    }
  });

  sweep(
    'A damaged lock of a dead holder is taken over, or said to be in the way until it is stolen',
    async (counts) => {
      Object.assign(counts, { locks: 0, takenOver: 0, refused: 0 });
      const layout = layoutOf(join(folder, 'lock'));
      resumed.prepare(layout.root);
      const lock = readFileSync(layout.lock);
      for (const damage of sampled(damages(lock.length), 200)) {
        writeFileSync(layout.lock, damaged(lock, damage));
        counts.locks++;
        const found = await valueOrReason(acquireLock(layout));
        if (typeof found !== 'string') {
          counts.takenOver++;
          await found[Symbol.asyncDispose]();
          continue;
        }
        expect(found).toBe('locked');
        counts.refused++;
        await using stolen = await acquireLock(layout, { steal: true });
        await stolen.requireHeld();
      }
      expect(readdirSync(layout.metaFolder).sort()).toEqual(['ledger.jsonl', 'staging']);
    },
  );

  sweep('A damaged part of a finished result is found by its check', async (counts) => {
    counts.parts = 0;
    const layout = layoutOf(join(folder, 'parts'));
    replacing.prepare(layout.root);
    const manifest = (await readManifest(layout.manifest))!;
    const signal = new AbortController().signal;
    for (const { name } of manifest.parts) {
      const path = join(layout.root, name);
      const content = readFileSync(path);
      for (const damage of sampled(damages(content.length), 40)) {
        writeFileSync(path, damaged(content, damage));
        const { problems } = await checkParts(layout, manifest, signal);
        expect(problems, JSON.stringify(damage)).toEqual([expect.stringContaining(name)]);
        counts.parts++;
      }
      writeFileSync(path, content);
    }
    expect((await checkParts(layout, manifest, signal)).problems).toEqual([]);
  });
});

/** Damage to a file under the output folder, done to the real thing before the real command. `null`: the file is gone. */
interface Case {
  readonly of: 'unfinished' | 'complete';
  readonly path: string;
  readonly damage: Damage | null;
}

describe.skipIf(process.platform !== 'linux')('the command', () => {
  sweep('The command on damaged files ends with the right bytes, or refuses and its way out works', async (counts) => {
    Object.assign(counts, { cases: 0, recovered: 0, refused: 0 });
    const scenarios = { unfinished: resumed, complete: replacing };
    const casesOf = (of: Case['of']): readonly Case[] => {
      const out = join(folder, `files of ${of}`);
      scenarios[of].prepare(out);
      const isState = (path: string): boolean =>
        existsSync(join(out, path)) && /\.(jsonl|json|parquet)$|lock$/.test(path);
      return readdirSync(out, { recursive: true, encoding: 'utf8' })
        .filter(isState)
        .flatMap((path) => {
          const bytes = readFileSync(join(out, path)).length;
          const places = [0, bytes >> 2, bytes >> 1, bytes - 1];
          const some = places.flatMap((byte) => (['cut', 'flipped'] as const).map((kind) => ({ kind, byte })));
          return [null, ...some].map((damage) => ({ of, path, damage }));
        });
    };
    const cases = sampled([...casesOf('unfinished'), ...casesOf('complete')], 6);
    await eachOf(cases, async ({ of, path, damage }, index) => {
      const scenario = scenarios[of];
      const here = join(folder, `case-${index}`);
      const out = join(here, 'out');
      mkdirSync(here);
      scenario.prepare(out);
      const content = readFileSync(join(out, path));
      if (damage === null) rmSync(join(out, path));
      else writeFileSync(join(out, path), damaged(content, damage));

      const words = scenario.words(out);
      const { exitCode, stderr } = await runCli(words);
      counts.cases++;
      if (exitCode === 0) counts.recovered++;
      else {
        counts.refused++;
        expect([73, 74, 75]).toContain(exitCode);
        expect(stderr).toMatch(/^error: /m);
        expect(stderr).not.toMatch(/^ +at /m);
        await followAdvice(stderr, out, words);
      }
      expect(publishedIn(out)).toEqual(scenario.expected);
      rmSync(here, { recursive: true });
    });
  });
});

/** Does what the message says, word for word. */
async function followAdvice(stderr: string, out: string, words: readonly string[]): Promise<void> {
  const flag = /run with (--[a-z-]+)/.exec(stderr)?.[1];
  if (flag === undefined) {
    expect(stderr).toMatch(/move (the folder|them) away/);
    const away = `${out}-away`;
    cpSync(out, away, { recursive: true });
    for (const name of readdirSync(out)) {
      if (stderr.includes('move the folder away') || stderr.includes(basename(name))) {
        rmSync(join(out, name), { recursive: true });
      }
    }
  }
  const { exitCode, stderr: said } = await runCli(flag === undefined ? words : [...words, flag]);
  expect(exitCode, said).toBe(0);
}
