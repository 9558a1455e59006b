// A warning about models that quantise while they run: they find one scale for all numbers of a call, so that the rows of a
// call have a say in each other's results. Batches are a function of the input, so results repeat all the same.

// One minimum and one maximum over the whole tensor: https://onnx.ai/onnx/operators/onnx__DynamicQuantizeLinear.html
const sharing = [
  'ai.onnx:DynamicQuantizeLinear',
  'com.microsoft:DynamicQuantizeMatMul',
  'com.microsoft:DynamicQuantizeLSTM',
];

/** A sentence for a person, or null when each row of a call is scaled by itself. `operators`: counts by `domain:operator`. */
export function sharedScaleNotice(operators: Readonly<Record<string, number>>, callRows: number): string | null {
  const found = sharing.find((operator) => operators[operator] !== undefined);
  if (found === undefined || callRows === 1) return null;
  const name = found.slice(found.indexOf(':') + 1);
  return `the model finds one scale for all rows of a call (${name}), so a row's result depends a little on the rows beside it; calls are cut by the input alone, so results repeat. --batch-rows 1 scores each row by itself`;
}
