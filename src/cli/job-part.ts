// Given options -> what they lay over the job file. Values are only read here; the job schema judges them.
import type { Failure } from '../core/failure.ts';
import { type Override, readSetting } from '../job/overrides.ts';
import type { Given } from './given.ts';
import type { OptionDefinition } from './options.ts';
import { type Reading, readFlag } from './readings.ts';
import { splitColumns } from './split-columns.ts';

export interface JobPart {
  readonly overrides: readonly Override[];
  readonly params: Readonly<Record<string, string>>;
  readonly failures: readonly Failure[];
}

/** The overrides and parameters among what was given, in the same order. */
export function jobPartOf(given: readonly Given[]): JobPart {
  const overrides: Override[] = [];
  const params: Record<string, string> = {};
  const failures: Failure[] = [];
  const fail = (source: string, problem: string) =>
    failures.push({ reason: 'usage', message: `${source}: ${problem}` });

  for (const { option, source, texts } of given) {
    if (option.name === 'inputs') overrides.push(...inputsOf(source, texts, fail));
    else if (option.name === 'set') overrides.push(...settingsOf(source, texts, fail));
    else if (option.name === 'param') Object.assign(params, paramsOf(source, texts, fail));
    else if (option.sets !== undefined) {
      const read = readValue(option, texts);
      if ('problem' in read) fail(source, read.problem);
      else overrides.push({ source, path: option.sets, value: read.value });
    }
  }
  return { overrides, params, failures };
}

type Fail = (source: string, problem: string) => void;

function readValue({ reads = 'text' }: OptionDefinition, texts: readonly string[]): Reading<unknown> {
  const text = texts.at(-1)!;
  switch (reads) {
    case 'text':
      return { value: text };
    case 'number':
      return { value: /^-?\d+(\.\d+)?(e\d+)?$/i.test(text) ? Number(text) : text };
    case 'list':
      return { value: texts };
    case 'columns':
      return { value: texts.flatMap(splitColumns) };
    case 'delimiter':
      return { value: text === '\\t' ? '\t' : text };
    case 'off': {
      const flag = readFlag(text);
      return 'problem' in flag ? flag : { value: !flag.value };
    }
  }
}

function inputsOf(source: string, texts: readonly string[], fail: Fail): readonly Override[] {
  const names = new Set<string>();
  return texts.flatMap((text) => {
    const [, name, list] = /^([^=]+)=([\s\S]*)$/.exec(text) ?? [];
    if (name === undefined) {
      fail(source, `${JSON.stringify(text)} is not of the form INPUT=COLUMN,...`);
      return [];
    }
    if (names.has(name)) fail(source, `${name} is given twice; put its columns into one list, separated by commas`);
    names.add(name);
    const columns = splitColumns(list);
    if (columns.length === 0) {
      fail(source, `${name} has no columns`);
      return [];
    }
    return [
      { source: `${source} ${name}`, path: ['inputs', name], value: columns.length === 1 ? columns[0] : columns },
    ];
  });
}

function settingsOf(source: string, texts: readonly string[], fail: Fail): readonly Override[] {
  return texts.flatMap((text) => {
    const setting = readSetting(text);
    if (typeof setting !== 'string')
      return [{ source: `${source} ${setting.written}`, path: setting.path, value: setting.value }];
    fail(source, setting);
    return [];
  });
}

function paramsOf(source: string, texts: readonly string[], fail: Fail): Readonly<Record<string, string>> {
  const pairs = texts.flatMap((text) => {
    const [, name, value] = /^([A-Za-z_][\w-]*)=([\s\S]*)$/.exec(text) ?? [];
    if (name === undefined) fail(source, `${JSON.stringify(text)} is not of the form NAME=VALUE`);
    return name === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(pairs);
}
