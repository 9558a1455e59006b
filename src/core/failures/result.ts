// Ways in which the columns of the result cannot be made, as the job says or at all.
import { didYouMean, kind, listed } from './failure-kind.ts';

export const resultFailures = {
  'labels-missing': kind(
    66,
    'A file of class labels does not exist. A relative path starts at the job file, or at the working directory when an option gives it.',
    'Correct the path, or write the labels into the job file as a list.',
    (facts: { readonly where: string; readonly path: string }) =>
      `${facts.where}: ${facts.path} does not exist; give the path of a text or JSON file, or the labels themselves as a list`,
  ),
  'labels-invalid': kind(
    78,
    'A file of class labels cannot be understood: a text file has one label a line, a JSON file a list or a mapping of every index to its label.',
    'Correct the file, or write the labels into the job file as a list.',
    (facts: { readonly where: string; readonly path: string; readonly message: string }) =>
      `${facts.where}: ${facts.path}: ${facts.message}; correct the file, or give the labels themselves as a list`,
  ),
  'apply-misfit': kind(
    78,
    'What the job computes from an output does not go with its values: their type, their number, or the number of labels.',
    'Follow the message; docs/results.md says what each step takes.',
    (facts: { readonly output: string; readonly message: string }) => `outputs.${facts.output}: ${facts.message}`,
  ),
  'result-column-missing': kind(
    78,
    'An SQL expression over the result names a column that neither the result nor the row has. Expressions see the result ' +
      'columns before them, kept columns, and columns that the model or the row filter reads; other columns come with --keep.',
    'Correct the name, put the column that it needs above it, or carry an input column along with --keep.',
    (facts: {
      readonly where: string;
      readonly column: string;
      readonly known: readonly string[];
      readonly suggestion: string | undefined;
    }) =>
      `${facts.where}: no column "${facts.column}" in the result (there are: ${listed(facts.known)}).${didYouMean(facts.suggestion, 'Name one of these, or carry the column along with --keep')}`,
  ),
  'result-name-taken': kind(
    78,
    'Two columns of the result would have one name.',
    'Rename the result column with `as`, or leave the kept column of that name out of `keep`.',
    (facts: { readonly column: string; readonly advice: string }) =>
      `two result columns would be named "${facts.column}"; ${facts.advice}`,
  ),
  'result-columns': kind(
    78,
    'The names or picks given for an output do not fit its shape.',
    'Give as many names as the output has values a row, or pick by index or class label; `scoremill inspect MODEL` shows what the output holds.',
    (facts: { readonly output: string; readonly message: string }) => `outputs.${facts.output}: ${facts.message}`,
  ),
  'result-rows': kind(
    78,
    'The model does not give one result for each row, so results cannot be told to belong to rows.',
    'Leave the output out by naming the others under `outputs`, or score one row a call with --batch-rows 1.',
    (facts: { readonly output: string; readonly shape: readonly number[]; readonly rows: number }) =>
      `outputs.${facts.output}: a call with ${facts.rows} rows gave a result of shape [${facts.shape.join(', ')}], so its rows cannot be told to belong to the input rows; leave the output out (outputs: ...) or score one row a call (--batch-rows 1) if that is how the model is meant`,
  ),
  'result-shape': kind(
    78,
    'A call of the model gave rows of another shape than the result column was planned for.',
    'Leave the output out by naming the others under `outputs`, or export the model with the shapes that it really gives.',
    (facts: {
      readonly output: string;
      readonly column: string;
      readonly wanted: string;
      readonly found: readonly number[];
    }) =>
      `outputs.${facts.output}: a call gave rows of shape [${facts.found.join(', ')}], and the result column "${facts.column}" needs ${facts.wanted}; leave the output out (outputs: ...), or correct the shape that the model declares`,
  ),
};
