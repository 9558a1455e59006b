import { expect, test } from 'vitest';
import { formatDuration } from '../../src/report/format-duration.ts';
import { counted, formatBytes, formatNumber, formatShare } from '../../src/report/format-number.ts';

test.each([
  [0, '0 ms'],
  [0.42, '0.4 ms'],
  [9.96, '10 ms'],
  [850.4, '850 ms'],
  [999.6, '1.0 s'],
  [12_400, '12.4 s'],
  [59_960, '1 min 00 s'],
  [185_000, '3 min 05 s'],
  [3_599_600, '1 h 00 min'],
  [7_620_000, '2 h 07 min'],
  [86_399_999, '1 d 00 h'],
  [356_400_000, '4 d 03 h'],
])('%d ms read %s', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});

test.each([
  [0, '0'],
  [0.123, '0.12'],
  [9.5, '9.5'],
  [12.34, '12.3'],
  [123.4, '123'],
  [1_234_567, '1,234,567'],
])('the number %d reads %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1 kB'],
  [999_499, '999 kB'],
  [999_500, '1 MB'],
  [12_345_678, '12.3 MB'],
  [5e12, '5 TB'],
  [2.5e18, '2,500 PB'],
])('%d bytes read %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, '0 %'],
  [0.0001, '<1 %'],
  [0.834, '83 %'],
  [0.9999, '99 %'],
  [1, '100 %'],
])('a share of %d reads %s: all and nothing are said only of all and nothing', (share, text) => {
  expect(formatShare(share)).toBe(text);
});

test('a count has its noun in the right number', () => {
  expect([counted(0, 'row'), counted(1, 'row'), counted(1_000, 'row')]).toEqual(['0 rows', '1 row', '1,000 rows']);
});
