// `${NAME}` and `{{ ds }}` inside the job file's text values. Filled in after YAML is parsed, so a value can never add
// structure, and without evaluating anything. Values of the environment are never repeated in a message.
import { nearest } from '../core/edit-distance.ts';
import { didYouMean } from '../core/failures/failure-kind.ts';
import { isMapping, type Path } from './overrides.ts';

export interface TemplateScope {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly runId: string | undefined;
  readonly params: Readonly<Record<string, string>>;
}

/** A text value that held a template: as written, as filled in, and whether the template is all there was. */
export interface Filled {
  readonly path: Path;
  readonly written: string;
  readonly text: string;
  readonly alone: boolean;
}

export interface TemplateProblem {
  readonly path: Path;
  readonly message: string;
}

export interface FilledValue {
  readonly value: unknown;
  readonly filled: readonly Filled[];
  readonly problems: readonly TemplateProblem[];
}

const template = /\$\$|\$\{([^}]*)(\}?)|\{\{((?:[^}]|\}(?!\}))*)(\}?\}?)/g;
const variable = /^([A-Za-z_]\w*)(?::([-?])([\s\S]*))?$/;
const builtIn = ['ds', 'ds_nodash', 'run_id'];

/** Fills in the templates of every text value. `$$` stands for `$`; keys are left alone. */
export function fillTemplates(value: unknown, scope: TemplateScope): FilledValue {
  const filled: Filled[] = [];
  const problems: TemplateProblem[] = [];

  const visit = (node: unknown, path: Path): unknown => {
    if (Array.isArray(node)) return node.map((item, i) => visit(item, [...path, i]));
    if (isMapping(node))
      return Object.fromEntries(Object.entries(node).map(([k, item]) => [k, visit(item, [...path, k])]));
    if (typeof node !== 'string') return node;
    let found = 0;
    let only = '';
    const text = node.replace(template, (match, inside, closing, name, end) => {
      if (match === '$$') return '$';
      found++;
      only = match;
      const answer =
        inside === undefined
          ? fromRun(match, name.trim(), end === '}}', scope)
          : fromEnvironment(match, inside, closing === '}', scope);
      if (typeof answer === 'string') return answer;
      problems.push({ path, message: answer.problem });
      return '';
    });
    if (found > 0) filled.push({ path, written: node, text, alone: found === 1 && only === node.trim() });
    return text;
  };

  return { value: visit(value, []), filled, problems };
}

type Answer = string | { readonly problem: string };

function fromEnvironment(match: string, inside: string, closed: boolean, { environment }: TemplateScope): Answer {
  const parts = variable.exec(inside);
  if (!closed || parts === null) {
    return {
      problem: `${match} is not a template: write \${NAME}, \${NAME:-default} or \${NAME:?message}, and $$ for a plain $`,
    };
  }
  const [, name, mode, rest] = parts;
  const value = environment[name];
  if (mode === undefined) {
    if (value !== undefined) return value;
    const known = Object.keys(environment).filter((other) => environment[other] !== undefined);
    return {
      problem: `the environment variable ${name} is not set.${didYouMean(nearest(name, known))} A default is written \${${name}:-default}`,
    };
  }
  if (value !== undefined && value !== '') return value;
  return mode === '-' ? rest : { problem: `${name}: ${rest === '' ? 'the environment variable is not set' : rest}` };
}

function fromRun(match: string, name: string, closed: boolean, { date, runId, params }: TemplateScope): Answer {
  if (!closed) return { problem: `${match} has no closing }}` };
  if (name === 'ds') return date;
  if (name === 'ds_nodash') return date.replaceAll('-', '');
  if (name === 'run_id') return runId ?? { problem: '{{ run_id }} has no value: give --run-id' };
  if (name.startsWith('params.')) {
    const key = name.slice('params.'.length);
    if (Object.hasOwn(params, key)) return params[key];
    return {
      problem: `{{ ${name} }} has no value: give --param ${key}=VALUE${period(nearest(key, Object.keys(params)))}`,
    };
  }
  const known = [...builtIn, ...Object.keys(params).map((key) => `params.${key}`)];
  return {
    problem: `unknown template {{ ${name} }}; there are {{ ds }}, {{ ds_nodash }}, {{ run_id }} and {{ params.NAME }}${period(nearest(name, known))}`,
  };
}

const period = (suggestion: string | undefined): string =>
  suggestion === undefined ? '' : `.${didYouMean(suggestion)}`;
