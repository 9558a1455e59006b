// Which features no tree splits on, for models as exporters write them and for graphs in which something else reads the input.
import { describe, expect, test } from 'vitest';
import { graphParts } from '../../src/model/edit-graph.ts';
import { decodeModel } from '../../src/model/onnx.ts';
import { unusedFeatures } from '../../src/model/unused-features.ts';
import {
  buildModel,
  floatsAttribute,
  graphAttribute,
  input,
  integersAttribute,
  node,
  output,
  tensorOf,
} from './build-onnx.ts';

const [float32, float64] = [1, 11];

/** A node of trees that split on these features; leaves say 0. */
const trees = (features: readonly number[], from: string, to: string, operator = 'TreeEnsembleRegressor') =>
  node(operator, [from], [to], {
    domain: 'ai.onnx.ml',
    attributes: [
      integersAttribute(
        'nodes_nodeids',
        features.map((_, id) => id),
      ),
      integersAttribute('nodes_featureids', features),
    ],
  });

function unusedOf(nodes: readonly Uint8Array[], x = tensorOf(float32, 'N', 6), outputs: readonly string[] = ['y']) {
  const bytes = buildModel({
    graph: [...nodes, input('x', x), ...outputs.map((name) => output(name, tensorOf(float32, 'N', 1)))],
  });
  return unusedFeatures(decodeModel(bytes).graph!, graphParts(bytes).node);
}

describe('features that no tree splits on', () => {
  test.each(['TreeEnsembleRegressor', 'TreeEnsembleClassifier', 'TreeEnsemble'])('of a %s', (operator) => {
    expect(unusedOf([trees([4, 1, 1, 0], 'x', 'y', operator)])).toEqual({ x: [2, 3, 5] });
  });

  test('through a cast and a scaler, and of several ensembles together', () => {
    const scaler = node('Scaler', ['c'], ['s'], { domain: 'ai.onnx.ml', attributes: [floatsAttribute('scale', [2])] });
    const graph = [
      node('Cast', ['x'], ['c']),
      scaler,
      trees([3], 's', 'a'),
      trees([0], 'x', 'b'),
      node('Add', ['a', 'b'], ['y']),
    ];
    expect(unusedOf(graph, tensorOf(float64, null, 6))).toEqual({ x: [1, 2, 4, 5] });
  });
});

describe('every feature counts as used', () => {
  test.each([
    ['where the trees split on all of them', [trees([0, 1, 2, 3, 4, 5], 'x', 'y')]],
    ['where something else reads the input', [trees([0], 'x', 'y'), node('ReduceSum', ['x'], ['sum'])]],
    [
      'where an operator mixes columns',
      [node('Normalizer', ['x'], ['n'], { domain: 'ai.onnx.ml' }), trees([0], 'n', 'y')],
    ],
    ['where there are no trees', [node('Identity', ['x'], ['z']), node('MatMul', ['z', 'z'], ['y'])]],
    [
      'where a subgraph might read it',
      [
        trees([0], 'x', 'y'),
        node('If', ['c'], ['z'], { attributes: [graphAttribute('then_branch', node('Identity', ['x'], ['t']))] }),
      ],
    ],
    [
      'where an operator of another domain has the name',
      [node('TreeEnsembleRegressor', ['x'], ['y'], { domain: 'mine' })],
    ],
  ])('%s', (_, nodes) => {
    expect(unusedOf(nodes)).toEqual({});
  });

  test('where the input is a result as well', () => {
    expect(unusedOf([trees([0], 'x', 'y')], undefined, ['x', 'y'])).toEqual({});
  });

  test.each([
    ['the width is not declared', tensorOf(float32, 'N', null)],
    ['a row has another shape', tensorOf(float32, 'N', 2, 3)],
  ])('where %s', (_, x) => {
    expect(unusedOf([trees([0], 'x', 'y')], x)).toEqual({});
  });
});
