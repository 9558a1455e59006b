// A model that takes as much memory as a row asks for: y = a, after max(b) floats have been allocated and added up.
import { buildModel, floats, input, integerAttribute, node, output, tensorOf } from './build-onnx.ts';

const [float32, int64] = [1, 7];

export const hungryModel = (): Uint8Array =>
  buildModel({
    graph: [
      node('ReduceMax', ['b'], ['most'], { attributes: [integerAttribute('keepdims', 1)] }),
      node('Tile', ['one', 'most'], ['ones']),
      node('ReduceSum', ['ones'], ['sum'], { attributes: [integerAttribute('keepdims', 1)] }),
      node('Mul', ['sum', 'zero'], ['nothing']),
      node('Add', ['a', 'nothing'], ['y']),
      floats('one', [1], [1]),
      floats('zero', [1], [0]),
      input('a', tensorOf(float32, 'N')),
      input('b', tensorOf(int64, 'N')),
      output('y', tensorOf(float32, 'N')),
    ],
  });
