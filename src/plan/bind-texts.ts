// Inputs that are made of texts: those that take parts of one tokenisation are one preparation.
import type { Failure } from '../core/failure.ts';
import type { TextSpec } from '../job/text-schema.ts';
import type { BoundColumn, Preparation, TensorInput, WantedColumn } from '../scoring/binding.ts';
import { locateTokenizer } from '../text/locate-tokenizer.ts';
import { paddingValue } from '../text/text-plan.ts';
import { type BindRequest, type BoundPreparations, featureType } from './bind-request.ts';
import { fedColumn } from './fed-column.ts';
import type { InputLayout } from './input-shape.ts';
import type { ResolvedInput } from './resolve-inputs.ts';

export async function bindTexts(
  resolved: readonly ResolvedInput[],
  request: BindRequest,
  wanted: readonly WantedColumn[],
): Promise<BoundPreparations> {
  const preparations: Preparation[] = [];
  const layouts: InputLayout[] = [];
  const failures: Failure[] = [];
  for (const group of tokenisations(resolved)) {
    const [{ input, features, spec }] = group;
    const refuse = (message: string): void => {
      failures.push({ reason: 'text-settings', input: input.name, message });
    };
    const merged = mergedSpec(group);
    if (typeof merged === 'string') refuse(merged);
    if (spec.shape !== undefined) refuse('shape is given by the tokens; leave it out, or give text: { padding: 128 }');
    if (features.length < 1 || features.length > 2)
      refuse(`takes one column of text, or two that are a pair, not ${features.length}; bind one or two`);
    const columns = await textColumns(group[0], request, wanted);
    failures.push(...columns.filter((column) => 'reason' in column));
    const files = await filesOf(merged, request);
    if (files === null)
      refuse('there is no tokenizer.json beside the model; name one: text: { tokenizer: path/to/tokenizer.json }');
    if (files === null || typeof merged === 'string' || failures.length > 0) continue;
    const { planText } = await import('../text/plan-text.ts');
    const planned = await planText({
      ...files,
      spec: merged,
      isPair: features.length === 2,
      inputs: group.map((one) => ({ ...one.input, part: one.spec.text?.part })),
    });
    if ('problems' in planned) {
      for (const problem of planned.problems) refuse(problem);
      continue;
    }
    const { plan, isPadded, layouts: found } = planned;
    const inputs = group.map((one, index): TensorInput => {
      const { rows, rowShape } = found[index];
      const { name, dtype } = one.input;
      const padding = { value: paddingValue(plan.parts[index], plan.padding), side: plan.padding.side };
      return { name, dtype, rowShape, hasRowAxis: rows !== 'one', nulls: 'reject', ...(isPadded ? { padding } : {}) };
    });
    preparations.push({ columns: columns as BoundColumn[], inputs, plan });
    layouts.push(...found);
  }
  return { preparations, layouts, failures };
}

/** Inputs of the same columns and the same tokenizer share their tokens. */
function tokenisations(resolved: readonly ResolvedInput[]): readonly (readonly ResolvedInput[])[] {
  const groups = new Map<string, ResolvedInput[]>();
  for (const one of resolved) {
    if (one.spec.text === undefined) continue;
    const key = JSON.stringify(one.features.map(({ sql }) => sql));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

/** The settings of all inputs of a tokenisation, or which of them contradict each other. */
function mergedSpec(group: readonly ResolvedInput[]): TextSpec | string {
  const merged: Record<string, unknown> = {};
  for (const { input, spec } of group) {
    for (const [setting, value] of Object.entries(spec.text ?? {})) {
      if (setting === 'part' || value === undefined) continue;
      if (merged[setting] !== undefined && merged[setting] !== value)
        return `has ${setting}: ${value}, and an input of the same text has ${setting}: ${merged[setting]} (see ${input.name}); give it once`;
      merged[setting] = value;
    }
  }
  return merged as TextSpec;
}

async function textColumns(
  { input, spec, features }: ResolvedInput,
  request: BindRequest,
  wanted: readonly WantedColumn[],
): Promise<readonly (BoundColumn | Failure)[]> {
  const columns: (BoundColumn | Failure)[] = [];
  for (const feature of features) {
    const type = await featureType(input.name, feature, request, wanted);
    if (typeof type !== 'string') {
      columns.push(type);
      continue;
    }
    const fill = spec.fill ?? request.job.rejects.fill[feature.label];
    const asText = { ...input, dtype: 'string' } as const;
    const column = fedColumn({ input: asText, feature, type, samples: [], fill, shardPath: request.shardPath });
    const isList = !('reason' in column) && column.type !== 'VARCHAR';
    const message = `column "${feature.label}" is ${type}, not text; bind a text column, or an expression that makes one text of it`;
    columns.push(isList ? { reason: 'text-settings', input: input.name, message } : column);
  }
  return columns;
}

/** The files of the tokenizer that the job names, else of the one beside the model. */
async function filesOf(spec: TextSpec | string, { folder }: BindRequest) {
  const named = typeof spec === 'string' ? undefined : spec.tokenizer;
  if (named !== undefined) return locateTokenizer(named);
  const { tokenizerPath, tokenizerConfigPath } = folder;
  return tokenizerPath === null ? null : { tokenizerPath, configPath: tokenizerConfigPath };
}
