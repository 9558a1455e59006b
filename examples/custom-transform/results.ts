// Result columns for those who decide, made of each record batch of kept columns and results.
import type { Transform } from 'scoremill';

export const columns = ['amount', 'p_bad'];

export const transform: Transform = (batch, { params, arrow }) => {
  const amounts = batch.getChild('amount');
  const chances = batch.getChild('p_bad');
  if (amounts === null || chances === null) throw new Error('amount has to be kept');
  const loss = new Float64Array(batch.numRows);
  const priority = new Array<string>(batch.numRows);
  for (let row = 0; row < batch.numRows; row++) {
    const expected: number = amounts.get(row) * chances.get(row);
    loss[row] = expected;
    priority[row] = expected > Number(params.review) ? 'review' : 'automatic';
  }
  return { expected_loss: loss, priority: arrow.vectorFromArray(priority, new arrow.Utf8()) };
};
