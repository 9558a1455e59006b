import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { type JsonSchema, jobJsonSchema, jobJsonSchemaText } from '../../src/job/json-schema.ts';

it('is what schema/job.schema.json holds', async () => {
  expect(await readFile(new URL('../../schema/job.schema.json', import.meta.url), 'utf8')).toBe(jobJsonSchemaText());
});

it('describes every key', () => {
  const bare: string[] = [];
  const visit = (schema: JsonSchema, path: string) => {
    for (const [key, inner] of Object.entries(schema.properties ?? {})) {
      if (!inner.description) bare.push(`${path}${key}`);
      visit(inner, `${path}${key}.`);
    }
    for (const branch of schema.anyOf ?? []) visit(branch, path);
    if (typeof schema.additionalProperties === 'object') visit(schema.additionalProperties, `${path}*.`);
  };
  visit(jobJsonSchema(), '');
  expect(bare).toEqual([]);
});

it('asks of a writer only what has no default', () => {
  expect((jobJsonSchema() as { required?: string[] }).required).toEqual(['model', 'dataset', 'output']);
});
