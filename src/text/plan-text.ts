// Decides how the texts of one tokenisation become tensors: the job says it, else the tokenizer's files, else the model's shapes.
import type { Dtype } from '../core/dtype.ts';
import type { TextSpec, TokenPart } from '../job/text-schema.ts';
import { readJson, readTokenizer } from './read-tokenizer.ts';
import type { Padding, TextPlan } from './text-plan.ts';
import { partNamed } from './token-parts.ts';
import { isRecord } from './tokenizer-component.ts';
import type { Truncation } from './truncate.ts';

/** An input that takes a part of the tokens. */
export interface TokenInput {
  readonly name: string;
  readonly dtype: Dtype;
  /** As the model declares it, rows included. */
  readonly shape: readonly (number | string | null)[];
  readonly part: TokenPart | undefined;
}

export interface TextRequest {
  readonly inputs: readonly TokenInput[];
  readonly spec: TextSpec;
  readonly isPair: boolean;
  readonly tokenizerPath: string;
  readonly configPath: string | null;
}

export interface PlannedText {
  readonly plan: TextPlan;
  /** Whether rows of different lengths may be filled up to share a call. */
  readonly isPadded: boolean;
  /** By input: the rows of a call, and the shape of one row. */
  readonly layouts: readonly {
    readonly rows: 'any' | 'one' | number;
    readonly rowShape: readonly (number | null)[];
  }[];
}

/** What transformers writes for a model without a limit is a number of thirty digits. */
const mostModelLength = 1_000_000;

/** The plan, or everything that stands against it, one sentence each. Fails when the tokenizer cannot be read. */
export async function planText(request: TextRequest): Promise<PlannedText | { readonly problems: readonly string[] }> {
  const { inputs, spec, isPair, tokenizerPath, configPath } = request;
  const { tokenizer, truncation, padding } = await readTokenizer(tokenizerPath);
  const config = configPath === null ? {} : await readJson(configPath);
  const parts = inputs.map(({ name, part }) => part ?? partNamed(name)?.part ?? 'ids');
  const declared = [...new Set(inputs.map(({ shape }) => shape.at(-1)).filter((size) => typeof size === 'number'))];
  const length = declared[0] ?? (typeof spec.padding === 'number' ? spec.padding : null);
  const maxLength = leastOf(
    spec.maxLength ?? wholeNumber(truncation.max_length) ?? modelLength(config),
    length ?? undefined,
  );
  const special = tokenizer.specialTokens(isPair);
  const problems = [
    ...inputs.flatMap((input, index) => unfitInput(input, parts[index])),
    ...(parts.includes('ids')
      ? []
      : ['none of the inputs takes the ids of the tokens; say which does: text: { part: ids }']),
    ...(declared.length > 1 ? [`the model declares rows of ${declared.join(' and ')} tokens`] : []),
    ...(declared.length === 1 && typeof spec.padding === 'number' && spec.padding !== declared[0]
      ? [`padding is ${spec.padding} and the model takes rows of ${declared[0]} tokens; leave padding out`]
      : []),
    ...(spec.maxLength !== undefined && length !== null && spec.maxLength > length
      ? [`maxLength is ${spec.maxLength} and rows have ${length} tokens; give at most that`]
      : []),
    ...(maxLength !== null && maxLength <= special
      ? [
          `rows of at most ${maxLength} tokens have no room for text beside ${special} special tokens; give a larger maxLength`,
        ]
      : []),
    ...(!isPair && spec.truncation !== undefined && spec.truncation === 'only_second'
      ? ['truncation is only_second and there is one text; bind two columns, or leave truncation out']
      : []),
  ];
  if (problems.length > 0) return { problems };
  const isPadded = parts.includes('mask');
  return {
    plan: {
      kind: 'text',
      tokenizerPath,
      truncation: maxLength === null ? null : truncationOf(maxLength, spec, truncation, config, isPair),
      length,
      padding: paddingOf(padding, config, tokenizer.idOf),
      parts,
    },
    isPadded,
    layouts: inputs.map(({ shape }) => {
      if (shape.length === 1) return { rows: 'one', rowShape: [length] };
      return { rows: typeof shape[0] === 'number' ? shape[0] : 'any', rowShape: [length] };
    }),
  };
}

/** int64 and int32 hold ids; a mask may be a number of any kind. */
function unfitInput({ name, dtype, shape }: TokenInput, part: TokenPart): readonly string[] {
  const dtypes =
    part === 'mask' ? ['int64', 'int32', 'float32', 'float64', 'bool', 'uint8', 'int8'] : ['int64', 'int32'];
  const problems: string[] = [];
  if (!dtypes.includes(dtype))
    problems.push(`"${name}" takes ${dtype}, and ${part} of tokens are ${dtypes.join(', ')}`);
  if (shape.length !== 1 && shape.length !== 2)
    problems.push(
      `"${name}" has the shape [${shape.map((size) => size ?? '?').join(', ')}], and tokens are [rows, tokens]`,
    );
  return problems;
}

const leastOf = (one: number | undefined, other: number | undefined): number | null =>
  one === undefined && other === undefined ? null : Math.min(one ?? Infinity, other ?? Infinity);

const wholeNumber = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;

function modelLength({ model_max_length: value }: Readonly<Record<string, unknown>>): number | undefined {
  const length = wholeNumber(value);
  return length !== undefined && length <= mostModelLength ? length : undefined;
}

const strategies: Readonly<Record<string, Truncation['strategy']>> = {
  LongestFirst: 'longest_first',
  OnlyFirst: 'only_first',
  OnlySecond: 'only_second',
};

function truncationOf(
  maxLength: number,
  spec: TextSpec,
  truncation: Readonly<Record<string, unknown>>,
  config: Readonly<Record<string, unknown>>,
  isPair: boolean,
): Truncation {
  const side = String(truncation.direction ?? config.truncation_side ?? 'right').toLowerCase();
  const strategy = spec.truncation ?? strategies[String(truncation.strategy)] ?? 'longest_first';
  return {
    maxLength,
    // Of one text there is but one way to cut it.
    strategy: isPair ? strategy : 'longest_first',
    side: side === 'left' ? 'left' : 'right',
  };
}

function paddingOf(
  padding: Readonly<Record<string, unknown>>,
  config: Readonly<Record<string, unknown>>,
  idOf: (token: string) => number | undefined,
): Padding {
  const named = isRecord(config.pad_token) ? config.pad_token.content : config.pad_token;
  const tokens = [named, '[PAD]', '<pad>'].filter((token) => typeof token === 'string');
  const id = tokens.map(idOf).find((found) => found !== undefined);
  const side = String(padding.direction ?? config.padding_side ?? 'right').toLowerCase();
  const given = (value: unknown): number | undefined => (Number.isSafeInteger(value) ? (value as number) : undefined);
  return {
    id: given(padding.pad_id) ?? id ?? 0,
    typeId: given(padding.pad_type_id) ?? 0,
    side: side === 'left' ? 'left' : 'right',
  };
}
