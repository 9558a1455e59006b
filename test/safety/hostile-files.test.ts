// Every data file of the corpora, most of them made to break readers, is scored with all its columns kept: none may crash or hang
// the engine, and each is refused or stands in accepted.tsv with its rows and the reason why it may be scored. A crash of the
// engine would cost a run that file and nothing else; none of these does even that.
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { corpora } from '../corpora.ts';
import { runCli } from '../run-cli.ts';
import { corpusFiles } from './corpus-files.ts';
import { writeDoubling } from './format-job.ts';
import { type ShardAnswer, ShardScorer } from './shard-scorer.ts';
import { sampled, sweep } from './sweep.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'scoremill-'));
  writeDoubling(join(folder, 'double.onnx'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `rows scored rejected` by file. */
const accepted = new Map(
  readFileSync(join(import.meta.dirname, 'accepted.tsv'), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .map(([name, ...counts]) => [name, counts.slice(0, 3).join(' ')]),
);

const inWords = (answer: ShardAnswer): string => {
  if (answer.outcome === 'scored') return `${answer.rows} ${answer.scored} ${answer.rejected}`;
  return answer.outcome === 'refused' && answer.reason !== 'internal'
    ? 'refused'
    : `${answer.outcome}: ${answer.message}`;
};

describe.skipIf(!corpora.available)('files that were made to break readers', () => {
  sweep(
    'a damaged or hostile file is refused by name, or scored for a reason that was written down; none crashes or hangs the engine',
    async (counts) => {
      const files = sampled(corpusFiles(), 80);
      Object.assign(counts, { files: files.length, refused: 0, accepted: 0 });
      await using scorer = new ShardScorer(join(folder, 'double.onnx'), folder);
      const found: Record<string, string> = {};
      for (const { name, format } of files) {
        const answer = await scorer.ask({ path: corpora.path(name), format, input: '0.5' });
        found[name] = inWords(answer);
        if (answer.outcome === 'refused') counts.refused++;
        else counts.accepted++;
        if (answer.outcome === 'refused') expect(answer.message).not.toMatch(/\n {4}at /);
      }
      expect(found).toEqual(Object.fromEntries(files.map(({ name }) => [name, accepted.get(name) ?? 'refused'])));
    },
  );

  sweep('the command itself refuses such a file with one sentence and its exit code', async (counts) => {
    const refused = corpusFiles().filter(({ name }) => !accepted.has(name));
    const files = sampled(refused, 5);
    Object.assign(counts, { files: files.length });
    const jobPath = join(folder, 'job.yaml');
    for (const [index, { name, format }] of files.entries()) {
      const out = join(folder, `out-${index}`);
      const dataset = JSON.stringify({ path: corpora.path(name), format });
      writeFileSync(
        jobPath,
        `name: hostile\nmodel: { path: double.onnx }\ndataset: ${dataset}\ninputs: { x: "0.5" }\noutput: { path: ${out} }\n`,
      );
      const { exitCode, stderr } = await runCli(['run', jobPath, '--quiet', '--memory', '1GB'], { timeoutMs: 30_000 });
      expect([66, 78], `${name}: ${stderr}`).toContain(exitCode);
      expect(stderr).toMatch(/^error: /);
      expect(stderr).not.toMatch(/\n {4}at |internal/);
    }
  });
});
