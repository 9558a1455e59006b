// The job file in an editor: schema/job.schema.json through the language server that VS Code, Neovim and others use for
// YAML, and through a JSON Schema validator that is not ours.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parse } from 'yaml';
import { getLanguageService } from 'yaml-language-server';

const root = resolve(import.meta.dirname, '../..');
const schema = JSON.parse(readFileSync(resolve(root, 'schema/job.schema.json'), 'utf8'));
const sampleJobs = [
  'credit-risk',
  'digits',
  'digits-pixels',
  'medical-diagnosis',
  'recommendation',
  'text-classification',
];
const textOf = (job: string): string => readFileSync(resolve(root, `jobs/${job}.yaml`), 'utf8');

describe('a JSON Schema validator', () => {
  const validate = new Ajv2020({ strict: true, strictTypes: false, allErrors: true }).compile(schema);

  it.each(sampleJobs)('accepts jobs/%s.yaml', (job) => {
    expect(validate(parse(textOf(job))) ? [] : validate.errors).toEqual([]);
  });

  it.each([
    ['an unknown key', { model: { path: 'm', pth: 1 } }],
    ['a wrong value', { rejects: { nulls: 'skip' } }],
    ['a wrong type', { output: { path: 'o', rowsPerFile: '1e6' } }],
    ['a missing part', { dataset: undefined }],
  ])('refuses %s', (_, change) => {
    const job = { model: { path: 'm' }, dataset: { path: 'd' }, output: { path: 'o' }, ...change };
    expect(validate(JSON.parse(JSON.stringify(job)))).toBe(false);
  });
});

describe('an editor', () => {
  const service = getLanguageService({
    schemaRequestService: async (uri: string) => readFileSync(fileURLToPath(uri), 'utf8'),
    workspaceContext: { resolveRelativePath: (relative, resource) => new URL(relative, resource).href },
  } as Parameters<typeof getLanguageService>[0]);
  service.configure({ completion: true, validate: true, hover: true });

  let version = 0;
  const documentOf = (text: string) =>
    TextDocument.create(pathToFileURL(resolve(root, 'jobs/new.yaml')).href, 'yaml', ++version, text);
  /** What is offered where the text has a `|`. */
  async function offered(text: string): Promise<readonly string[]> {
    const head = '# yaml-language-server: $schema=../schema/job.schema.json\n';
    const document = documentOf(`${head}${text.replace('|', '')}`);
    const { items } = await service.doComplete(document, document.positionAt(head.length + text.indexOf('|')), false);
    return items.map(({ label }) => label);
  }

  it('offers the keys of each part', async () => {
    expect(await offered('|')).toEqual(
      expect.arrayContaining(['model', 'dataset', 'inputs', 'outputs', 'keep', 'output']),
    );
    expect(await offered('rejects:\n  |')).toEqual(['budget', 'nulls', 'fill']);
    expect(await offered('inputs:\n  x:\n    |')).toEqual(expect.arrayContaining(['column', 'fill', 'image', 'text']));
  });

  it.each([
    ['dataset:\n  format: |', ['auto', 'parquet', 'csv', 'jsonl', 'arrow']],
    ['dataset:\n  csv:\n    encoding: |', ['utf-8', 'latin1']],
    ['dataset:\n  types:\n    age: |', ['float', 'timestamp']],
    ['output:\n  ifExists: |', ['skip', 'fail', 'replace', 'append']],
    ['inputs:\n  x:\n    image: |', ['imagenet', 'clip']],
    ['outputs:\n  y:\n    apply: |', ['softmax', 'argmax']],
    ['run:\n  workers: |', ['auto']],
    ['run:\n  memory: |', ['auto', '4GiB']],
  ])('offers the values in %j', async (text, values) => {
    expect(await offered(text)).toEqual(expect.arrayContaining(values));
  });

  it('explains a key, and underlines what is wrong', async () => {
    const text = `${textOf('credit-risk')}\nrun: { workers: many }\n`;
    const document = documentOf(text);
    const hover = await service.doHover(document, document.positionAt(text.indexOf('workers') + 2));
    expect(JSON.stringify(hover?.contents)).toContain('Worker threads');
    const problems = await service.doValidation(document, false);
    expect(problems.map(({ range }) => text.split('\n')[range.start.line])).toEqual(['run: { workers: many }']);
  });

  it.each(sampleJobs)('finds nothing wrong with jobs/%s.yaml', async (job) => {
    expect(await service.doValidation(documentOf(textOf(job)), false)).toEqual([]);
  });
});
