// Rejects are a dataset as well: rejects.parquet is scored by itself, with the values of its rows taken out of their JSON, and each
// result says which row of which file it belongs to. So what was mended in the model or in the job is tried on them alone.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { writeTinyJob } from '../safety/tiny-job.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { resultOf } from './result.ts';

test('rejects.parquet is scored again by itself, with values from the JSON of its rows', async () => {
  const here = temporaryFolder();
  const first = join(here, 'first');
  const words = writeTinyJob(join(here, 'job')).words(first);
  expect(await runCli(words)).toMatchObject({ exitCode: 0 });
  const rejects = await resultOf(first).rejects();
  expect(rejects.length).toBeGreaterThan(1);

  const again = join(here, 'again');
  const model = words[words.indexOf('--model') + 1];
  const input = "x=coalesce(try_cast(content->>'x' as float), (content->>'id')::float)";
  const { exitCode, stderr } = await runCli([
    ...['run', '--model', model, '--dataset', join(first, '_scoremill/rejects.parquet'), '--output', again],
    ...['--inputs', input, '--keep', 'shard,row'],
  ]);
  expect(exitCode, stderr).toBe(0);
  expect(await resultOf(again).rows()).toEqual(
    rejects.map(({ shard, row, content }) => ({ shard, row, y: 2 * JSON.parse(String(content)).id })),
  );
});
