// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the job file's own templates are what is tested
import { describe, expect, it } from 'vitest';
import { fillTemplates, type TemplateScope } from '../../src/job/template.ts';

const scope: TemplateScope = {
  environment: { REGION: 'eu', EMPTY: '', MULTI: 'a: b\n- c' },
  date: '2026-01-31',
  runId: '007',
  params: { country: 'de', x: '${REGION}' },
};

const fill = (text: string, over: Partial<TemplateScope> = {}) => {
  const { value, problems } = fillTemplates({ key: text }, { ...scope, ...over });
  return problems.length > 0 ? problems.map(({ message }) => message) : (value as { key: string }).key;
};

describe('templates', () => {
  it.each([
    ['plain', 'plain'],
    ['data/${REGION}/*.csv', 'data/eu/*.csv'],
    ['${NOT_SET:-none}', 'none'],
    ['${EMPTY:-none}${EMPTY}', 'none'],
    ['${NOT_SET:-}', ''],
    ['${REGION:?needed}', 'eu'],
    ['$$ ${REGION} $${REGION} $5', '$ eu ${REGION} $5'],
    ['{{ ds }}/{{ds_nodash}}', '2026-01-31/20260131'],
    ['{{ run_id }}-{{ params.country }}', '007-de'],
    ['{{ params.x }}', '${REGION}'],
    ['${MULTI}', 'a: b\n- c'],
    ["{'a': {'b': 1}}", "{'a': {'b': 1}}"],
  ])('fill %j with %j', (text, filled) => {
    expect(fill(text)).toBe(filled);
  });

  it.each([
    [
      '${REGOIN}',
      'the environment variable REGOIN is not set. Did you mean "REGION"? A default is written ${REGOIN:-default}',
    ],
    ['${ZZZZZZZZZ}', 'the environment variable ZZZZZZZZZ is not set. A default is written ${ZZZZZZZZZ:-default}'],
    ['${NOT_SET:?give the region}', 'NOT_SET: give the region'],
    ['${EMPTY:?}', 'EMPTY: the environment variable is not set'],
    [
      '${REGION',
      '${REGION is not a template: write ${NAME}, ${NAME:-default} or ${NAME:?message}, and $$ for a plain $',
    ],
    [
      '${REGION-x}',
      '${REGION-x} is not a template: write ${NAME}, ${NAME:-default} or ${NAME:?message}, and $$ for a plain $',
    ],
    ['${}', '${} is not a template: write ${NAME}, ${NAME:-default} or ${NAME:?message}, and $$ for a plain $'],
    [
      '{{ sd }}',
      'unknown template {{ sd }}; there are {{ ds }}, {{ ds_nodash }}, {{ run_id }} and {{ params.NAME }}. Did you mean "ds"?',
    ],
    ['{{ params.cuontry }}', '{{ params.cuontry }} has no value: give --param cuontry=VALUE. Did you mean "country"?'],
    [
      '{{ ds + 1 }}',
      'unknown template {{ ds + 1 }}; there are {{ ds }}, {{ ds_nodash }}, {{ run_id }} and {{ params.NAME }}',
    ],
    ['{{ ds', '{{ ds has no closing }}'],
  ])('refuse %j', (text, message) => {
    expect(fill(text)).toEqual([message]);
  });

  it('refuse a run id that was not given, since a made-up one would differ each time', () => {
    expect(fill('{{ run_id }}', { runId: undefined })).toEqual(['{{ run_id }} has no value: give --run-id']);
  });

  it('reach every text value, and report each by its path; keys and numbers stay', () => {
    const value = { a: ['x', { '${REGION}': '${REGION}' }], n: 5, bad: '${NOT}{{ not }}' };
    const filled = fillTemplates(value, scope);
    expect(filled.value).toEqual({ a: ['x', { '${REGION}': 'eu' }], n: 5, bad: '' });
    expect(filled.problems.map(({ path }) => path)).toEqual([['bad'], ['bad']]);
    expect(filled.filled[0]).toEqual({ path: ['a', 1, '${REGION}'], written: '${REGION}', text: 'eu', alone: true });
  });
});
