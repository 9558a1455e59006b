// Columns for the model and the reader, made of each record batch before it is bound: the income without typing errors, and
// how many incomes the loan amounts to.
import type { Transform } from 'scoremill';

/** What the function is given; without it, every column. */
export const columns = ['amount', 'income'];

export const transform: Transform = (batch) => {
  const amounts = batch.getChild('amount');
  const incomes = batch.getChild('income');
  if (amounts === null || incomes === null) throw new Error('amount and income are needed');
  const income = new Float64Array(batch.numRows);
  const ratio = new Float64Array(batch.numRows);
  for (let row = 0; row < batch.numRows; row++) {
    const given: number | null = incomes.get(row);
    const meant = given === null || given < 0 ? Number.NaN : given;
    income[row] = meant;
    ratio[row] = amounts.get(row) / meant;
  }
  return { income, amount_to_income: ratio };
};
