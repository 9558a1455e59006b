// Makes a model that is declared for a fixed number of rows take any number. Its graph is traced from the inputs on: every
// operator that rows go through must be one of those reviewed in row-rules.ts, used in a way that leaves each row by itself.
// Then the first size of inputs and outputs is opened and shapes that name it are rewritten. That the new model gives what the
// old one gave is shown on real rows, elsewhere.
import { countSizes, sizesOf } from './count-sizes.ts';
import { editGraph, encodeIntegers, encodeValue, graphParts, withInput, withInteger } from './edit-graph.ts';
import { attributesOf, constantOf, constantOfNode } from './node-detail.ts';
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from './onnx.ts';
import { domainOf } from './operators.ts';
import { rowRules } from './row-rules.ts';
import { fixed, isRows, type RowValue, rows } from './row-value.ts';
import { shapeOf } from './signature.ts';

export interface OpenBatch {
  /** Rows of one call as declared. */
  readonly rows: number;
  /** The inputs whose first axis counts rows. */
  readonly inputs: readonly string[];
}

export type OpenedBatch =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly why: string };

/** How the nodes must be changed, by node: other constants for inputs, other attributes. */
interface NodeEdits {
  readonly inputs: { readonly node: number; readonly index: number; readonly numbers: readonly number[] }[];
  readonly attributes: { readonly node: number; readonly name: string; readonly value: number }[];
}

/** The model with an open batch, or which operator stands against it. */
export function openBatch(bytes: Uint8Array, model: OnnxModel, request: OpenBatch): OpenedBatch {
  const graph = model.graph!;
  const parts = graphParts(bytes);
  const edits: NodeEdits = { inputs: [], attributes: [] };
  const traced = trace(model, parts, request, edits);
  if (typeof traced === 'string') return { ok: false, why: traced };
  for (const { name = '' } of graph.output ?? []) {
    const value = traced.get(name);
    if (!isRows(value) || value.axis !== 0) return { ok: false, why: `the output "${name}" has no rows on axis 0` };
  }
  const edited = editGraph(bytes, ({ node, initializer }) => ({
    node: node.map((one, i) => editedNode(one, i, edits)),
    initializer: [...initializer, ...edits.inputs.map((one) => encodeIntegers(constantName(one), one.numbers))],
    input: parts.input.map((one, i) => {
      const value = graph.input![i];
      return request.inputs.includes(value.name ?? '') ? encodeValue(opened(value)) : one;
    }),
    output: (graph.output ?? []).map(({ name, type }) =>
      encodeValue({ name: name ?? '', type: { tensorType: { elemType: type?.tensorType?.elemType ?? 0 } } }),
    ),
    valueInfo: [],
  }));
  return { ok: true, bytes: edited };
}

const constantName = ({ node, index }: NodeEdits['inputs'][number]): string => `scoremill/rows/${node}/${index}`;

function editedNode(node: Uint8Array, place: number, { inputs, attributes }: NodeEdits): Uint8Array {
  let edited = node;
  for (const one of inputs) if (one.node === place) edited = withInput(edited, one.index, constantName(one));
  for (const { node: at, name, value } of attributes) if (at === place) edited = withInteger(edited, name, value);
  return edited;
}

function opened({ name = '', type }: OnnxValue): OnnxValue {
  const { elemType = 0, shape } = type!.tensorType!;
  const [, ...rest] = shape?.dim ?? [];
  return { name, type: { tensorType: { elemType, shape: { dim: [{ dimParam: 'scoremill_rows' }, ...rest] } } } };
}

/** What is known of every value of the graph, or why rows do not stay by themselves. */
function trace(
  model: OnnxModel,
  parts: ReturnType<typeof graphParts>,
  request: OpenBatch,
  edits: NodeEdits,
): ReadonlyMap<string, RowValue> | string {
  const graph = model.graph!;
  const values = declaredValues(graph, parts, request);
  const sizesDeclared = new Map((graph.valueInfo ?? []).map((value) => [value.name ?? '', sizes(value)]));
  const ownFunctions = new Set((model.functions ?? []).map((own) => `${domainOf(own)}:${own.name}`));
  const opsets = new Map((model.opsetImport ?? []).map((one) => [domainOf(one), one.version?.toNumber() ?? 0]));
  for (const [index, node] of (graph.node ?? []).entries()) {
    const { input = [], output = [], opType = '' } = node;
    const inputs = input.map((name) => (name === '' ? undefined : (values.get(name) ?? fixed(null))));
    const known = ownFunctions.has(`${domainOf(node)}:${opType}`) || hasSubgraph(node);
    const made = known
      ? opaque(node, values)
      : valuesOf(
          {
            operator: opType,
            inputs,
            outputs: output.filter((name) => name !== '').length,
            attributes: attributesOf(parts.node[index]),
            opset: opsets.get(domainOf(node)) ?? 0,
            declaredRows: request.rows,
            replaceInput: (at, numbers) => edits.inputs.push({ node: index, index: at, numbers }),
            setAttribute: (name, value) => edits.attributes.push({ node: index, name, value }),
          },
          domainOf(node),
        );
    if (typeof made === 'string') return `${opType}${node.name ? ` "${node.name}"` : ''}: ${made}`;
    for (const [i, name] of output.filter((one) => one !== '').entries()) {
      const declared = sizesDeclared.get(name) ?? null;
      const value = made[i] ?? fixed(null);
      if (isRows(value) && declared !== null && declared.length !== value.dims.length)
        return `${opType}: its result has ${value.dims.length} axes, and the model declares ${declared.length}`;
      values.set(
        name,
        declared === null
          ? value
          : { ...value, dims: declared.map((size, axis) => size ?? value.dims?.[axis] ?? null) },
      );
    }
  }
  return values;
}

function declaredValues(
  graph: OnnxGraph,
  parts: ReturnType<typeof graphParts>,
  { inputs }: OpenBatch,
): Map<string, RowValue> {
  const values = new Map<string, RowValue>();
  for (const input of graph.input ?? []) {
    const dims = sizes(input);
    values.set(input.name ?? '', inputs.includes(input.name ?? '') ? rows(0, dims ?? [null]) : fixed(dims));
  }
  for (const [i, initializer] of (graph.initializer ?? []).entries()) {
    const { dims, numbers } = constantOf(initializer, parts.initializer[i]);
    values.set(initializer.name ?? '', fixed(dims, numbers));
  }
  return values;
}

const sizes = ({ type }: OnnxValue): (number | null)[] | null =>
  shapeOf(type)?.map((size) => (typeof size === 'number' ? size : null)) ?? null;

const hasSubgraph = ({ attribute = [] }: OnnxNode): boolean =>
  attribute.some(({ g, graphs = [] }) => g || graphs.length > 0);

/** A body is not looked into: it may read whatever there is. */
const opaque = (_node: OnnxNode, values: ReadonlyMap<string, RowValue>): readonly RowValue[] | string =>
  [...values.values()].some((value) => isRows(value) || value.isCounted) ? 'what it does inside is not reviewed' : [];

const reviewedDomains = new Set(['ai.onnx', 'ai.onnx.ml', 'com.microsoft']);

function valuesOf(
  node: Parameters<typeof countSizes>[0] & Parameters<NonNullable<ReturnType<typeof rowRules.get>>>[0],
  domain: string,
): readonly RowValue[] | string {
  const { operator, inputs, attributes } = node;
  if (operator === 'Constant') {
    const constant = constantOfNode(attributes);
    return [constant === null ? fixed(null) : fixed(constant.dims, constant.numbers)];
  }
  if (operator === 'Shape' && inputs[0] !== undefined) return [sizesOf(inputs[0], attributes)];
  if (!inputs.some(isRows)) {
    const made = countSizes(node);
    if (made !== undefined) return [made];
    return inputs.some((one) => one?.isCounted) ? 'it computes with the number of rows' : [];
  }
  const rule = reviewedDomains.has(domain) ? rowRules.get(operator) : undefined;
  return rule === undefined ? 'whether it leaves each row by itself is not known' : rule(node);
}
