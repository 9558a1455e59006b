import { expect, test } from 'vitest';
import { likelyFeatures } from '../../src/plan/likely-features.ts';

test('ids and targets are proposed to be kept, whatever their place', () => {
  expect(likelyFeatures(['id', 'age', 'income', 'target'], 2)).toEqual({
    feed: ['age', 'income'],
    keep: ['id', 'target'],
  });
  expect(likelyFeatures(['customer_id', 'humid', 'visitId', 'grid'], 2)).toEqual({
    feed: ['humid', 'grid'],
    keep: ['customer_id', 'visitId'],
  });
});

test('so are the columns that pandas writes for its index', () => {
  expect(likelyFeatures(['Unnamed: 0', '_index_', 'a', 'b'], 2)).toEqual({
    feed: ['a', 'b'],
    keep: ['Unnamed: 0', '_index_'],
  });
});

test('they are features where the model takes that many', () => {
  expect(likelyFeatures(['id', 'age', 'y'], 2)).toEqual({ feed: ['id', 'age'], keep: ['y'] });
});

test('nothing is proposed to be kept where names do not tell what', () => {
  expect(likelyFeatures(['a', 'b', 'c'], 2)).toEqual({ feed: ['a', 'b'], keep: [] });
});

test('any number: all that are no ids and no targets', () => {
  expect(likelyFeatures(['a', 'Label', 'b'], null)).toEqual({ feed: ['a', 'b'], keep: ['Label'] });
});
