import { expect, test } from 'vitest';
import { differences } from './differences.ts';

const within = (relative: number, ofColumn = false) => ({ relative, ofColumn });

test('labels must be equal, also in their types', () => {
  const wanted = [{ row: 4n, label: 1n, name: 'a' }];
  expect(differences(wanted, [{ label: 1n, name: 'a', id: 7 }], within(0.1))).toEqual([]);
  expect(differences(wanted, [{ label: 1, name: 'b' }], within(0.1))).toEqual([
    'row 4: label is 1, expected 1',
    'row 4: name is b, expected a',
  ]);
});

test('numbers must be within the tolerance of the larger, in lists too', () => {
  const wanted = [{ row: 0n, p: [1, 0.001] }];
  expect(differences(wanted, [{ p: [1.0000005, 0.001] }], within(1e-6))).toEqual([]);
  expect(differences(wanted, [{ p: [1, 0.00101] }], within(1e-6))).toHaveLength(1);
  expect(differences(wanted, [{ p: [1] }], within(1e-6))).toHaveLength(1);
  expect(differences(wanted, [{}], within(1e-6))).toHaveLength(1);
});

test('small numbers may differ by the last bits of the largest in their column, for a reference from elsewhere', () => {
  const wanted = [
    { row: 0n, logit: 100 },
    { row: 1n, logit: 0.001 },
  ];
  const found = [{ logit: 100 }, { logit: 0.00101 }];
  expect(differences(wanted, found, within(1e-6))).toHaveLength(1);
  expect(differences(wanted, found, within(1e-6, true))).toEqual([]);
});

test('a missing value is its own equal, and a missing row is a difference', () => {
  expect(differences([{ row: 0n, y: Number.NaN }], [{ y: Number.NaN }], within(0))).toEqual([]);
  expect(differences([{ row: 0n, y: 1 }], [], within(0))).toEqual(['1 rows expected, 0 found']);
});
