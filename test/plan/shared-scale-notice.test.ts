import { expect, test } from 'vitest';
import { sharedScaleNotice } from '../../src/plan/shared-scale-notice.ts';

test('a model that quantises while it runs is named with its operator and the way out', () => {
  expect(sharedScaleNotice({ 'ai.onnx:MatMulInteger': 2, 'ai.onnx:DynamicQuantizeLinear': 2 }, 2048)).toBe(
    "the model finds one scale for all rows of a call (DynamicQuantizeLinear), so a row's result depends a little on the rows beside it; calls are cut by the input alone, so results repeat. --batch-rows 1 scores each row by itself",
  );
});

test('one row a call has nothing to share, and fixed scales share nothing', () => {
  expect(sharedScaleNotice({ 'ai.onnx:DynamicQuantizeLinear': 1 }, 1)).toBeNull();
  expect(sharedScaleNotice({ 'ai.onnx:QuantizeLinear': 1, 'ai.onnx:MatMul': 1 }, 2048)).toBeNull();
});
