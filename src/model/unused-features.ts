// Which features of a tree ensemble no tree splits on: whatever they are, no output can change. Followed from each input of
// rows of numbers through operators that keep columns apart; where anything else reads the input, every feature counts as used.
// Operators: https://onnx.ai/onnx/operators/index_ai_onnx_ml.html
import { attributeOf } from './node-detail.ts';
import type { OnnxGraph, OnnxNode } from './onnx.ts';
import { domainOf, graphsOf } from './operators.ts';

const treeOperators = new Set(['TreeEnsemble', 'TreeEnsembleClassifier', 'TreeEnsembleRegressor']);
/** One value in, one value out, in the same place; by domain and name. */
const columnwise = new Set(['ai.onnx:Cast', 'ai.onnx:Identity', 'ai.onnx.ml:Scaler']);

/** Places in a row, by input; inputs of which every feature may be used are left out. `nodes`: those of the graph, encoded. */
export function unusedFeatures(
  graph: OnnxGraph,
  nodes: readonly Uint8Array[],
): Readonly<Record<string, readonly number[]>> {
  const unused: Record<string, readonly number[]> = {};
  // In a subgraph names of the graph around it can be read without being an input of any node here.
  if ([...graphsOf(graph)].length > 1) return unused;
  for (const { name = '', type } of graph.input ?? []) {
    const [, width] = type?.tensorType?.shape?.dim ?? [];
    const features = type?.tensorType?.shape?.dim?.length === 2 ? (width?.dimValue?.toNumber() ?? 0) : 0;
    const used = features < 2 ? null : featuresUsed(name, graph, nodes);
    if (used === null) continue;
    const others = Array.from({ length: features }, (_, place) => place).filter((place) => !used.has(place));
    if (others.length > 0) unused[name] = others;
  }
  return unused;
}

/** Features of a value that trees split on; null when something other than trees reads it. */
function featuresUsed(value: string, graph: OnnxGraph, nodes: readonly Uint8Array[]): ReadonlySet<number> | null {
  if ((graph.output ?? []).some(({ name }) => name === value)) return null;
  const used = new Set<number>();
  for (const [index, node] of (graph.node ?? []).entries()) {
    const { input = [], output = [], opType = '' } = node;
    if (!input.includes(value)) continue;
    const found = isTree(node)
      ? input.length === 1
        ? (attributeOf(nodes[index], 'nodes_featureids')?.ints ?? []).map((place) => place.toNumber())
        : null
      : columnwise.has(`${domainOf(node)}:${opType}`)
        ? featuresUsed(output[0] ?? '', graph, nodes)
        : null;
    if (found === null) return null;
    for (const place of found) used.add(place);
  }
  return used;
}

const isTree = (node: OnnxNode): boolean => domainOf(node) === 'ai.onnx.ml' && treeOperators.has(node.opType ?? '');
