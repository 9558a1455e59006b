// Ways in which the columns of the result cannot be made as the job says.
import { didYouMean, kind, listed } from './failure-kind.ts';

export const resultFailures = {
  'labels-missing': kind(
    66,
    'A file of class labels does not exist. A relative path starts at the job file, or at the working directory when an option gives it.',
    (facts: { readonly where: string; readonly path: string }) =>
      `${facts.where}: ${facts.path} does not exist; give the path of a text or JSON file, or the labels themselves as a list`,
  ),
  'labels-invalid': kind(
    78,
    'A file of class labels cannot be understood: a text file has one label a line, a JSON file a list or a mapping of every index to its label.',
    (facts: { readonly where: string; readonly path: string; readonly message: string }) =>
      `${facts.where}: ${facts.path}: ${facts.message}`,
  ),
  'apply-misfit': kind(
    78,
    'What the job computes from an output does not go with its values: their type, their number, or the number of labels.',
    (facts: { readonly output: string; readonly message: string }) => `outputs.${facts.output}: ${facts.message}`,
  ),
  'result-column-missing': kind(
    78,
    'An SQL expression over the result names a column that neither the result nor the row has. Expressions see the result ' +
      'columns before them, kept columns, and columns that the model or the row filter reads; other columns come with --keep.',
    (facts: {
      readonly where: string;
      readonly column: string;
      readonly known: readonly string[];
      readonly suggestion: string | undefined;
    }) =>
      `${facts.where}: no column "${facts.column}" in the result (there are: ${listed(facts.known)}).${didYouMean(facts.suggestion)}`,
  ),
};
