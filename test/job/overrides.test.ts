import { describe, expect, it } from 'vitest';
import { applyOverrides, formatPath, readSetting } from '../../src/job/overrides.ts';

describe('a setting', () => {
  it.each([
    ['rejects.budget=1%', ['rejects', 'budget'], '1%'],
    ['run.workers=4', ['run', 'workers'], 4],
    ['dataset.csv.header=false', ['dataset', 'csv', 'header'], false],
    ['keep=[a, b]', ['keep'], ['a', 'b']],
    ['outputs.p={ as: score }', ['outputs', 'p'], { as: 'score' }],
    ['inputs."dense.1/input:0"=age', ['inputs', 'dense.1/input:0'], 'age'],
    ['dataset.where=a = b', ['dataset', 'where'], 'a = b'],
    ['name="007"', ['name'], '007'],
    ['name=', ['name'], null],
  ])('%s is read as YAML', (text, path, value) => {
    expect(readSetting(text)).toEqual({ written: text.slice(0, text.indexOf('=')), path, value });
  });

  it.each([
    ['budget', '"budget" is not of the form path.to.key=value'],
    ['=5', '"=5" is not of the form path.to.key=value'],
    ['a..b=5', '"a..b=5" is not of the form path.to.key=value'],
    ['a=[1', 'the value of a is not YAML: Flow sequence must end with a ]'],
    ['a=*b', 'the value of a is not YAML: Unresolved alias (the anchor must be set before the alias): b'],
    ['a=!!js/function x', 'the value of a is not YAML: Unresolved tag: tag:yaml.org,2002:js/function'],
  ])('%s is refused', (text, sentence) => {
    expect(readSetting(text)).toBe(sentence);
  });
});

it('overrides replace what is at their path and keep what is beside it, without touching their argument', () => {
  const file = { a: { b: 1, c: 2 }, list: [1, 2], text: 'x' };
  const merged = applyOverrides(file, [
    { source: '1', path: ['a', 'b'], value: 3 },
    { source: '2', path: ['list'], value: [9] },
    { source: '3', path: ['text', 'inner'], value: true },
    { source: '4', path: ['a', 'b'], value: 4 },
  ]);
  expect(merged).toEqual({ a: { b: 4, c: 2 }, list: [9], text: { inner: true } });
  expect(file).toEqual({ a: { b: 1, c: 2 }, list: [1, 2], text: 'x' });
});

it('paths are written as a setting reads them', () => {
  expect(formatPath(['inputs', 'a.b', 'columns', 1])).toBe('inputs."a.b".columns[1]');
});
