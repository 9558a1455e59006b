// Ways in which model and data do not fit each other.
import { didYouMean, kind, listed } from './failure-kind.ts';

/** Columns as an option takes them. */
const inOption = (columns: readonly string[]): string =>
  columns.length === 0 ? 'COLUMN,...' : listed(columns, 8).replaceAll(', ', ',');

export const bindingFailures = {
  'input-unknown': kind(
    78,
    'The job binds a model input that the model does not have.',
    (facts: { readonly input: string; readonly known: readonly string[]; readonly suggestion: string | undefined }) =>
      `inputs.${facts.input}: the model has no input "${facts.input}" (it has: ${listed(facts.known)}).${didYouMean(facts.suggestion)}`,
  ),
  'output-unknown': kind(
    78,
    'The job names a model output that the model does not have. A column with a name of its own says where it comes from: ' +
      'from (a model output) or sql.',
    (facts: {
      readonly where: string;
      readonly output: string;
      readonly known: readonly string[];
      readonly suggestion: string | undefined;
    }) =>
      `${facts.where}: the model has no output "${facts.output}" (it has: ${listed(facts.known)}).${didYouMean(facts.suggestion)}`,
  ),
  'input-unbound': kind(
    78,
    'A model input has no column and no default inside the model.',
    (facts: { readonly input: string; readonly known: readonly string[] }) =>
      `inputs.${facts.input}: nothing feeds this model input; bind it to a column (--inputs ${facts.input}=COLUMN) or give it a value in the job file (inputs: { ${facts.input}: { value: 0 } }). The data has: ${listed(facts.known)}`,
  ),
  'input-state': kind(
    78,
    'A model input is a state that the model hands from one step to the next, and nothing feeds it.',
    (facts: { readonly input: string; readonly output: string; readonly shape: string }) =>
      `inputs.${facts.input}: nothing feeds this model input ${facts.shape}. It is a state: the model gives its next value as the output "${facts.output}", and scoremill does not carry it from row to row. If every row begins anew, give it its first value in the job file: inputs: { ${facts.input}: { value: 0 } }; if rows follow one another, export the model so that one row holds the whole sequence`,
  ),
  'column-missing': kind(
    78,
    'A column that the job or the model asks for is not in the data.',
    (facts: {
      readonly where: string;
      readonly column: string;
      readonly shard: string;
      readonly known: readonly string[];
      readonly suggestion: string | undefined;
    }) =>
      `${facts.where}: no column "${facts.column}" in ${facts.shard} (it has: ${listed(facts.known)}).${didYouMean(facts.suggestion)}`,
  ),
  'columns-by-name': kind(
    78,
    'No inputs are given and the columns cannot be bound by name without guessing.',
    (facts: {
      readonly input: string;
      readonly kind: 'numeric' | 'text';
      /** Values of one row; null where the model leaves them open. */
      readonly wanted: number | null;
      readonly columns: readonly string[];
      readonly kept: readonly string[];
      /** A proposal: the columns that may be meant, and those to keep beside them. */
      readonly feed: readonly string[];
      readonly keep: readonly string[];
    }) => {
      const values = `${facts.wanted ?? 'an unknown number of'} ${facts.wanted === 1 ? 'value' : 'values'}`;
      const has = `${facts.columns.length} ${facts.kind} ${facts.columns.length === 1 ? 'column' : 'columns'}`;
      const named = facts.columns.length === 0 ? '' : ` (${listed(facts.columns)})`;
      const say = `say which it takes, such as --inputs ${facts.input}=${inOption(facts.feed)}`;
      const remedy =
        facts.keep.length === 0
          ? say
          : `keep what it does not: --keep ${inOption([...facts.kept, ...facts.keep])}; or ${say}`;
      return `inputs: the model input "${facts.input}" takes ${values} a row, and the data has ${has} beside the kept ones${named}. ${remedy[0].toUpperCase()}${remedy.slice(1)}`;
    },
  ),
  'feature-count': kind(
    78,
    'The number of values that the binding gives a row is not what the model input takes.',
    (facts: {
      readonly input: string;
      readonly wanted: string;
      /** A number, or the sizes of nested lists. */
      readonly given: number | string;
      readonly columns: readonly string[];
    }) =>
      `inputs.${facts.input}: the model input takes ${facts.wanted} values a row and gets ${facts.given} (${listed(facts.columns)}); bind as many columns as it takes, or give the shape of one row (shape: [...])`,
  ),
  'column-type': kind(
    78,
    'A column holds a type that its model input cannot take.',
    (facts: {
      readonly input: string;
      readonly column: string;
      readonly type: string;
      readonly dtype: string;
      readonly shard: string;
      readonly advice: string;
    }) =>
      `inputs.${facts.input}: column "${facts.column}" in ${facts.shard} is ${facts.type} and the model input takes ${facts.dtype}; ${facts.advice}`,
  ),
  'text-settings': kind(
    78,
    'Text cannot be turned into what a model input takes.',
    (facts: { readonly input: string; readonly message: string }) => `inputs.${facts.input}: ${facts.message}`,
  ),
  'tokenizer-missing': kind(
    66,
    'The tokenizer that the job names is not there.',
    ({ path }: { readonly path: string }) =>
      `no tokenizer at ${path}; check text.tokenizer in the job file: it is a tokenizer.json, or a folder that holds one`,
  ),
  'tokenizer-unusable': kind(
    78,
    'A tokenizer.json or tokenizer_config.json is broken, or of a kind that is not supported.',
    (facts: { readonly path: string; readonly message: string }) =>
      `the tokenizer ${facts.path} cannot be used: ${facts.message}; export it again (tokenizer.save_pretrained), or tokenise in the data and bind lists of ids`,
  ),
  'expression-invalid': kind(
    78,
    'An SQL expression or condition of the job cannot be used.',
    (facts: {
      readonly where: string;
      readonly sql: string;
      readonly message: string;
      readonly known: readonly string[];
    }) =>
      `${facts.where}: "${facts.sql}": ${facts.message}${facts.known.length === 0 ? '' : ` (columns: ${listed(facts.known)})`}`,
  ),
  'image-settings': kind(
    78,
    'A model input cannot be made of images as the job says, or nothing says how pixels become numbers.',
    (facts: { readonly input: string; readonly message: string }) => `inputs.${facts.input}.image: ${facts.message}`,
  ),
  'fill-type': kind(
    78,
    'The value that should stand in for nulls does not fit the column.',
    (facts: { readonly where: string; readonly value: string; readonly dtype: string }) =>
      `${facts.where}: the fill value ${facts.value} does not fit ${facts.dtype}`,
  ),
  'fill-unused': kind(
    78,
    'A fill value is given for something that feeds no model input as it is.',
    (facts: { readonly column: string; readonly features: readonly string[] }) =>
      `rejects.fill.${facts.column}: nothing that feeds the model is called "${facts.column}", so nothing would be filled (the model is fed: ${listed(facts.features)}); fill one of these, or write the default into the expression: coalesce(column, value)`,
  ),
  'value-misfit': kind(
    78,
    'A constant for a model input is not of its type, or has another number of values.',
    (facts: { readonly input: string; readonly message: string }) => `inputs.${facts.input}.value: ${facts.message}`,
  ),
  'type-unknown': kind(
    78,
    'A declared type of a column is none that DuckDB knows.',
    (facts: { readonly column: string; readonly type: string }) =>
      `dataset.types.${facts.column}: there is no type "${facts.type}"; use float, double, int, bigint, boolean, string, date, timestamp, or another type of DuckDB's SQL`,
  ),
  'result-name-taken': kind(
    78,
    'Two columns of the result would have one name.',
    (facts: { readonly column: string; readonly advice: string }) =>
      `two result columns would be named "${facts.column}"; ${facts.advice}`,
  ),
  'result-columns': kind(
    78,
    'The names or picks given for an output do not fit its shape.',
    (facts: { readonly output: string; readonly message: string }) => `outputs.${facts.output}: ${facts.message}`,
  ),
  'result-rows': kind(
    78,
    'The model does not give one result for each row, so results cannot be told to belong to rows.',
    (facts: { readonly output: string; readonly shape: readonly number[]; readonly rows: number }) =>
      `outputs.${facts.output}: a call with ${facts.rows} rows gave a result of shape [${facts.shape.join(', ')}], so its rows cannot be told to belong to the input rows; leave the output out (outputs: ...) or score one row a call (--batch-rows 1) if that is how the model is meant`,
  ),
  'result-shape': kind(
    78,
    'A call of the model gave rows of another shape than the result column was planned for.',
    (facts: {
      readonly output: string;
      readonly column: string;
      readonly wanted: string;
      readonly found: readonly number[];
    }) =>
      `outputs.${facts.output}: a call gave rows of shape [${facts.found.join(', ')}], and the result column "${facts.column}" needs ${facts.wanted}; leave the output out (outputs: ...), or correct the shape that the model declares`,
  ),
  'shape-open': kind(
    78,
    'The shape of one row is open in more than one place.',
    (facts: { readonly input: string; readonly shape: string; readonly values: number }) =>
      `inputs.${facts.input}: the model declares ${facts.shape}, and a row has ${facts.values} values: say how they are laid out, in the job file: inputs: { ${facts.input}: { column: ..., shape: [...] } }`,
  ),
  'shard-type': kind(
    78,
    'A column has one type in one shard and another type in another.',
    (facts: {
      readonly column: string;
      readonly shard: string;
      readonly type: string;
      readonly firstShard: string;
      readonly firstType: string;
    }) =>
      `column "${facts.column}" is ${facts.type} in ${facts.shard} and ${facts.firstType} in ${facts.firstShard}; rewrite one of the files, or score them as two datasets`,
  ),
  'column-unsupported': kind(
    78,
    'A column that is kept or fed to the model has a type that cannot be read without loss.',
    (facts: { readonly column: string; readonly type: string; readonly shard: string }) =>
      `column "${facts.column}" in ${facts.shard} is ${facts.type}, which cannot be read without loss; name the columns to carry along without it (--keep), and bind other columns`,
  ),
  'first-rows-misfit': kind(
    78,
    'None of the first rows has as many values in a list column as the model takes.',
    (facts: {
      readonly rows: number;
      readonly shard: string;
      readonly column: string | null;
      readonly message: string;
    }) =>
      `inputs: none of the first ${facts.rows} rows of ${facts.shard} fits the model: column "${facts.column}": ${facts.message}; bind another column`,
  ),
  'keep-type': kind(
    78,
    'A kept column has a type that cannot be carried to the output unchanged.',
    (facts: { readonly column: string; readonly type: string }) =>
      `keep: column "${facts.column}" is ${facts.type}, which cannot be written to Parquet unchanged; leave it out of keep`,
  ),
  'model-fails-on-every-row': kind(
    78,
    'The model failed on every row of the first batch.',
    (facts: { readonly rows: number; readonly shard: string; readonly message: string }) =>
      `the model failed on each of the first ${facts.rows} rows of ${facts.shard}: ${facts.message}`,
  ),
};
