// The models of the suite, from seeds: the same bytes every time. Each has one input, `features` float [N, F], and one output,
// `score` float [N, 1].
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildModel,
  floats,
  floatsAttribute,
  input,
  integerAttribute,
  integersAttribute,
  node,
  output,
  tensorOf,
  textsAttribute,
} from '../test/model/build-onnx.ts';
import { random } from '../test/safety/random.ts';

const models = {
  logistic: () => dense([30, 1]),
  'logistic-wide': () => dense([300, 1]),
  network: () => dense([30, 64, 32, 1]),
  'large-network': () => dense([30, 512, 512, 256, 1]),
  trees: () => trees({ features: 30, count: 100, depth: 6 }),
};

export type ModelName = keyof typeof models;

/** Writes the model into the folder and returns its path. */
export function makeModel(folder: string, name: ModelName): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.onnx`);
  writeFileSync(path, models[name]());
  return path;
}

const inAndOut = (features: number) => [
  input('features', tensorOf(1, 'N', features)),
  output('score', tensorOf(1, 'N', 1)),
];

/** Layers of the given sizes with Relu between them and Sigmoid at the end; two sizes are a logistic regression. */
function dense(sizes: readonly number[]): Uint8Array {
  const next = random(`dense ${sizes}`);
  const layers = sizes.slice(1).flatMap((width, layer) => {
    const before = sizes[layer];
    const isLast = layer === sizes.length - 2;
    const weight = () => (2 * next() - 1) * Math.sqrt(6 / before);
    return [
      floats(`weights${layer}`, [before, width], Array.from({ length: before * width }, weight)),
      floats(
        `bias${layer}`,
        [width],
        Array.from({ length: width }, () => next() / 5 - 0.1),
      ),
      node('Gemm', [layer === 0 ? 'features' : `layer${layer}`, `weights${layer}`, `bias${layer}`], [`sum${layer}`]),
      node(isLast ? 'Sigmoid' : 'Relu', [`sum${layer}`], [isLast ? 'score' : `layer${layer + 1}`]),
    ];
  });
  // Field by field as in GraphProto: nodes and initializers may stand in any order, but nodes in that of their use.
  return buildModel({ graph: [...layers, ...inAndOut(sizes[0])], opsets: { '': 17 } });
}

interface Forest {
  readonly features: number;
  readonly count: number;
  readonly depth: number;
}

/** Complete binary trees with random splits. Node i has the children 2i + 1 and 2i + 2. */
function trees({ features, count, depth }: Forest): Uint8Array {
  const next = random(`trees ${count} ${depth}`);
  const branches = 2 ** depth - 1;
  const nodes = Array.from({ length: count * (2 * branches + 1) }, (_, place) => {
    const id = place % (2 * branches + 1);
    const isBranch = id < branches;
    return {
      tree: Math.floor(place / (2 * branches + 1)),
      id,
      isBranch,
      feature: isBranch ? Math.floor(next() * features) : 0,
      value: 2 * next() - 1,
    };
  });
  const leaves = nodes.filter(({ isBranch }) => !isBranch);
  const ensemble = node('TreeEnsembleRegressor', ['features'], ['score'], {
    domain: 'ai.onnx.ml',
    attributes: [
      integerAttribute('n_targets', 1),
      integersAttribute(
        'nodes_treeids',
        nodes.map(({ tree }) => tree),
      ),
      integersAttribute(
        'nodes_nodeids',
        nodes.map(({ id }) => id),
      ),
      textsAttribute(
        'nodes_modes',
        nodes.map(({ isBranch }) => (isBranch ? 'BRANCH_LEQ' : 'LEAF')),
      ),
      integersAttribute(
        'nodes_featureids',
        nodes.map(({ feature }) => feature),
      ),
      floatsAttribute(
        'nodes_values',
        nodes.map(({ isBranch, value }) => (isBranch ? value : 0)),
      ),
      integersAttribute(
        'nodes_truenodeids',
        nodes.map(({ id, isBranch }) => (isBranch ? 2 * id + 1 : 0)),
      ),
      integersAttribute(
        'nodes_falsenodeids',
        nodes.map(({ id, isBranch }) => (isBranch ? 2 * id + 2 : 0)),
      ),
      integersAttribute(
        'target_treeids',
        leaves.map(({ tree }) => tree),
      ),
      integersAttribute(
        'target_nodeids',
        leaves.map(({ id }) => id),
      ),
      integersAttribute(
        'target_ids',
        leaves.map(() => 0),
      ),
      floatsAttribute(
        'target_weights',
        leaves.map(({ value }) => value / Math.sqrt(count)),
      ),
    ],
  });
  return buildModel({ graph: [ensemble, ...inAndOut(features)], opsets: { '': 17, 'ai.onnx.ml': 3 } });
}
