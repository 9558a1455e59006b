// examples/custom-transform as a user has it: TypeScript compiled against a packed install, and the job run by its command.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { readRows, resultOf } from '../end-to-end/result.ts';
import { packedInstall } from '../packed-install.ts';

const sample = resolve(import.meta.dirname, '../../sample-data/credit-risk');
const folder = packedInstall('custom-transform');

it('adds features before scoring and columns to the results', async () => {
  const paths = [
    '--model',
    join(sample, 'model.onnx'),
    '--dataset',
    join(sample, 'data/*-0.parquet'),
    '--output',
    'out',
  ];
  const main = 'node_modules/scoremill/dist/cli/main.js';
  const { status, stderr } = spawnSync(process.execPath, [main, 'run', 'job.yaml', '--quiet', ...paths], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const rows = await resultOf(join(folder, 'out')).rows();
  expect(Object.keys(rows[0])).toEqual([
    'customer_id',
    'amount',
    'amount_to_income',
    'decision',
    'p_good',
    'p_bad',
    'expected_loss',
    'priority',
  ]);
  // Numbered through all files, of which this is the first.
  const expected = new Map(
    (await readRows(join(sample, 'expected.parquet'))).map((row) => [Number(row.row), row.p_bad]),
  );
  const ids = await readRows(join(sample, 'data/applications-0.parquet'));
  const chanceOf = new Map(ids.map(({ customer_id }, row) => [customer_id, expected.get(row)]));
  expect(rows.length).toBeGreaterThan(10_000);
  for (const { customer_id, amount, p_bad, expected_loss, priority } of rows as Record<string, number>[]) {
    expect(expected_loss).toBeCloseTo(Number(amount) * p_bad, 6);
    expect(priority).toBe(expected_loss > 500 ? 'review' : 'automatic');
    expect(p_bad).toBeCloseTo(Number(chanceOf.get(customer_id as unknown)), 5);
  }
});
