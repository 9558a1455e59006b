// The nodes of a model, those of subgraphs and of model-local functions included, and which of them the runtime has.
import type { Failure } from '../core/failure.ts';
import type { OnnxGraph, OnnxModel, OnnxNode } from './onnx.ts';

/** Every node of a graph and of the subgraphs of its nodes. */
export function* nodesOf(graph: OnnxGraph | null | undefined): Generator<OnnxNode> {
  for (const node of graph?.node ?? []) {
    yield node;
    for (const subgraph of subgraphsOf(node)) yield* nodesOf(subgraph);
  }
}

/** The graph itself and every graph inside its nodes. */
export function* graphsOf(graph: OnnxGraph | null | undefined): Generator<OnnxGraph> {
  if (!graph) return;
  yield graph;
  for (const node of graph.node ?? []) for (const subgraph of subgraphsOf(node)) yield* graphsOf(subgraph);
}

function* subgraphsOf(node: OnnxNode): Generator<OnnxGraph> {
  for (const { g, graphs = [] } of node.attribute ?? []) {
    if (g) yield g;
    yield* graphs;
  }
}

function* allNodes(model: OnnxModel): Generator<OnnxNode> {
  yield* nodesOf(model.graph);
  for (const { node } of model.functions ?? []) yield* nodesOf({ node });
}

/** The default domain has two names in use: the empty one and `ai.onnx`. */
export const domainOf = ({ domain }: { readonly domain?: string }): string => domain || 'ai.onnx';

/** How often each operator occurs, by `domain:operator`, the most frequent first. */
export function countOperators(model: OnnxModel): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const node of allNodes(model)) {
    const operator = `${domainOf(node)}:${node.opType}`;
    counts.set(operator, (counts.get(operator) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)));
}

// The domains that onnxruntime-node 1.30 registers; within them the runtime itself says which names it has.
const builtInDomains = new Set([
  'ai.onnx',
  'ai.onnx.ml',
  'ai.onnx.training',
  'ai.onnx.preview.training',
  'com.microsoft',
  'com.microsoft.nchwc',
  'com.ms.internal.nhwc',
]);
const trainingDomains = new Set(['ai.onnx.training', 'ai.onnx.preview.training']);
const trainingOperator = /Grad(_|V\d|$)|Gradient|Optimizer|^InPlaceAccumulator/;

/** Training operators, and operators of domains that the runtime does not have, unless the model defines them itself. */
export function checkOperators(path: string, model: OnnxModel): readonly Failure[] {
  const ownFunctions = new Set((model.functions ?? []).map((own) => `${domainOf(own)}:${own.name}`));
  const training = new Set<string>();
  const unknown = new Map<string, Set<string>>();
  for (const node of allNodes(model)) {
    const domain = domainOf(node);
    const { opType = '' } = node;
    if (ownFunctions.has(`${domain}:${opType}`)) continue;
    if (trainingDomains.has(domain) || (domain === 'com.microsoft' && trainingOperator.test(opType)))
      training.add(opType);
    else if (!builtInDomains.has(domain)) unknown.set(domain, (unknown.get(domain) ?? new Set()).add(opType));
  }
  const failures: Failure[] = [...unknown].map(([domain, operators]) => ({
    reason: 'model-operators',
    path,
    domain,
    operators: [...operators],
  }));
  if (training.size > 0) failures.push({ reason: 'model-training', path, operators: [...training] });
  return failures;
}
