// Ways in which model and data do not fit each other.
import { didYouMean, kind, listed } from './failure-kind.ts';

/** Columns as an option takes them. */
const inOption = (columns: readonly string[]): string =>
  columns.length === 0 ? 'COLUMN,...' : listed(columns, 8).replaceAll(', ', ',');

export const bindingFailures = {
  'input-unknown': kind(
    78,
    'The job binds a model input that the model does not have.',
    'Correct the name under `inputs`, or leave it out so that the input is bound by name; `scoremill inspect MODEL` lists the inputs.',
    (facts: { readonly input: string; readonly known: readonly string[]; readonly suggestion: string | undefined }) =>
      `inputs.${facts.input}: the model has no input "${facts.input}" (it has: ${listed(facts.known)}).${didYouMean(facts.suggestion, 'Bind one of these, or leave this one out')}`,
  ),
  'output-unknown': kind(
    78,
    'The job names a model output that the model does not have. A column with a name of its own says where it comes from: ' +
      'from (a model output) or sql.',
    'Correct the name under `outputs`, or say with `from` or `sql` what the new column is made of; `scoremill inspect MODEL` lists the outputs.',
    (facts: {
      readonly where: string;
      readonly output: string;
      readonly known: readonly string[];
      readonly suggestion: string | undefined;
    }) =>
      `${facts.where}: the model has no output "${facts.output}" (it has: ${listed(facts.known)}).${didYouMean(facts.suggestion, 'Name one of these, or say with from or sql what the column is made of')}`,
  ),
  'input-unbound': kind(
    78,
    'A model input has no column and no default inside the model.',
    'Bind the input to a column with --inputs INPUT=COLUMN, or give it a constant in the job file.',
    (facts: { readonly input: string; readonly known: readonly string[] }) =>
      `inputs.${facts.input}: nothing feeds this model input; bind it to a column (--inputs ${facts.input}=COLUMN) or give it a value in the job file (inputs: { ${facts.input}: { value: 0 } }). The data has: ${listed(facts.known)}`,
  ),
  'input-state': kind(
    78,
    'A model input is a state that the model hands from one step to the next, and nothing feeds it.',
    'Give the state its first value in the job file if every row begins anew; otherwise export the model so that one row holds the whole sequence.',
    (facts: { readonly input: string; readonly output: string; readonly shape: string }) =>
      `inputs.${facts.input}: nothing feeds this model input ${facts.shape}. It is a state: the model gives its next value as the output "${facts.output}", and scoremill does not carry it from row to row. If every row begins anew, give it its first value in the job file: inputs: { ${facts.input}: { value: 0 } }; if rows follow one another, export the model so that one row holds the whole sequence`,
  ),
  'column-missing': kind(
    78,
    'A column that the job or the model asks for is not in the data.',
    'Correct the name, or take the file without the column out of the dataset; `scoremill inspect DATASET` lists the columns.',
    (facts: {
      readonly where: string;
      readonly column: string;
      readonly shard: string;
      readonly known: readonly string[];
      readonly suggestion: string | undefined;
    }) =>
      `${facts.where}: no column "${facts.column}" in ${facts.shard} (it has: ${listed(facts.known)}).${didYouMean(facts.suggestion, 'Name one of these, or take the file out of the dataset')}`,
  ),
  'columns-by-name': kind(
    78,
    'No inputs are given and the columns cannot be bound by name without guessing.',
    'Say which columns the model takes, in its order, with --inputs, or name with --keep the columns that it does not take. The message holds both options ready to copy.',
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
    'Compare the columns that are bound with those that the model was trained on; one hot columns and ids are the usual surplus.',
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
    'Bind another column, or convert it with an SQL expression in its place, as the message proposes.',
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
    'Follow the message; docs/text.md has the settings of `text:`.',
    (facts: { readonly input: string; readonly message: string }) => `inputs.${facts.input}: ${facts.message}`,
  ),
  'tokenizer-missing': kind(
    66,
    'The tokenizer that the job names is not there.',
    'Correct `text.tokenizer`, or copy tokenizer.json from where the model came.',
    ({ path }: { readonly path: string }) =>
      `no tokenizer at ${path}; check text.tokenizer in the job file: it is a tokenizer.json, or a folder that holds one`,
  ),
  'tokenizer-unusable': kind(
    78,
    'A tokenizer.json or tokenizer_config.json is broken, or of a kind that is not supported.',
    'Save the tokenizer again with `tokenizer.save_pretrained`, or tokenise in the data and bind lists of ids.',
    (facts: { readonly path: string; readonly message: string }) =>
      `the tokenizer ${facts.path} cannot be used: ${facts.message}; export it again (tokenizer.save_pretrained), or tokenise in the data and bind lists of ids`,
  ),
  'expression-invalid': kind(
    78,
    'An SQL expression or condition of the job cannot be used.',
    'Correct the expression. It is SQL of DuckDB over the columns of one row; a column whose name is no plain word stands in double quotes.',
    (facts: {
      readonly where: string;
      readonly sql: string;
      readonly message: string;
      readonly known: readonly string[];
    }) =>
      `${facts.where}: "${facts.sql}": ${facts.message}${facts.known.length === 0 ? '' : ` (columns: ${listed(facts.known)})`}; correct the expression`,
  ),
  'image-settings': kind(
    78,
    'A model input cannot be made of images as the job says, or nothing says how pixels become numbers.',
    'Follow the message; docs/images.md has the settings of `image:` and the presets.',
    (facts: { readonly input: string; readonly message: string }) => `inputs.${facts.input}.image: ${facts.message}`,
  ),
  'fill-type': kind(
    78,
    'The value that should stand in for nulls does not fit the column.',
    "Give a value of the column's type under `rejects.fill` or `fill`.",
    (facts: { readonly where: string; readonly value: string; readonly dtype: string }) =>
      `${facts.where}: the fill value ${facts.value} does not fit ${facts.dtype}; give one of that type`,
  ),
  'fill-unused': kind(
    78,
    'A fill value is given for something that feeds no model input as it is.',
    'Fill one of the columns that the message lists, or write the default into the expression with coalesce.',
    (facts: { readonly column: string; readonly features: readonly string[] }) =>
      `rejects.fill.${facts.column}: nothing that feeds the model is called "${facts.column}", so nothing would be filled (the model is fed: ${listed(facts.features)}); fill one of these, or write the default into the expression: coalesce(column, value)`,
  ),
  'value-misfit': kind(
    78,
    'A constant for a model input is not of its type, or has another number of values.',
    "Give a constant of the input's type, and as many values as one row takes.",
    (facts: { readonly input: string; readonly message: string }) => `inputs.${facts.input}.value: ${facts.message}`,
  ),
  'type-unknown': kind(
    78,
    'A declared type of a column is none that DuckDB knows.',
    'Use one of the types that the message lists.',
    (facts: { readonly column: string; readonly type: string }) =>
      `dataset.types.${facts.column}: there is no type "${facts.type}"; use float, double, int, bigint, boolean, string, date, timestamp, or another type of DuckDB's SQL`,
  ),
  'shape-open': kind(
    78,
    'The shape of one row is open in more than one place.',
    'Say in the job file how the values of one row are laid out (`shape`).',
    (facts: { readonly input: string; readonly shape: string; readonly values: number }) =>
      `inputs.${facts.input}: the model declares ${facts.shape}, and a row has ${facts.values} values; say how they are laid out, in the job file: inputs: { ${facts.input}: { column: ..., shape: [...] } }`,
  ),
  'shard-type': kind(
    78,
    'A column has one type in one shard and another type in another.',
    'Rewrite the file whose type is the exception, or score the files as two datasets.',
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
    'Name the columns to carry along without it (--keep), or rewrite the column in another type.',
    (facts: { readonly column: string; readonly type: string; readonly shard: string }) =>
      `column "${facts.column}" in ${facts.shard} is ${facts.type}, which cannot be read without loss; name the columns to carry along without it (--keep), and bind other columns`,
  ),
  'first-rows-misfit': kind(
    78,
    'None of the first rows has as many values in a list column as the model takes.',
    'Bind another column, or pad the lists to the length that the model takes when the data is written.',
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
    'Leave the column out of `keep`.',
    (facts: { readonly column: string; readonly type: string }) =>
      `keep: column "${facts.column}" is ${facts.type}, which cannot be written to Parquet unchanged; leave it out of keep`,
  ),
  'model-fails-on-every-row': kind(
    78,
    'The model failed on every row of the first batch.',
    'Compare what the model was trained on with what it is fed: `scoremill plan JOB` shows the columns of each input, `scoremill inspect MODEL` the types and shapes. Run the model on one row in Python to see whether it works at all.',
    (facts: { readonly rows: number; readonly shard: string; readonly message: string }) =>
      `the model failed on each of the first ${facts.rows} rows of ${facts.shard}: ${facts.message}; compare what it is fed (scoremill plan) with what it was trained on`,
  ),
};
