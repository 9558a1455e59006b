// The reviewed operators: for each, when its result for a row depends on that row alone, and on which axis of the result the
// rows then are. What is not listed, or is used in another way, keeps a model's batch as it was declared. The source of every
// rule is the operator's page in the ONNX specification (Operators.md, Operators-ml.md) and, for com.microsoft, ContribOperators.md.

import { integer, integers, numbersOf, ofFirst, positive, type Rule, type RuledNode, reduced } from './row-rule.ts';
import { broadcast, isRows, type RowValue, rows, unknown } from './row-value.ts';
import {
  concat,
  expand,
  flatten,
  gather,
  gatherElements,
  oneHot,
  pad,
  reshape,
  scaled,
  slice,
  split,
  squeeze,
  topK,
  transpose,
  unsqueeze,
} from './shape-rules.ts';

/** Each element from itself: the shape stays, for every output. */
const elementwise = ofFirst((value, { outputs }) => Array.from({ length: outputs }, () => value));

/** Element by element over those of the inputs that are listed; the others are constants. */
const elements =
  (which?: readonly number[]): Rule =>
  ({ inputs, opset, operator }) => {
    if (which === undefined && opset < 7) return `${operator} before opset 7 broadcasts in its own way`;
    const used = inputs.filter((one, i) => one !== undefined && (which?.includes(i) ?? true)) as RowValue[];
    if (inputs.some((one, i) => which?.includes(i) === false && isRows(one))) return 'rows are in its parameters';
    const made = broadcast(used);
    return typeof made === 'string' ? made : [made];
  };

/** Images and signals: rows first, then channels. Further outputs are places or statistics of the whole batch. */
const spatial = ofFirst((value, { outputs }) => {
  if (value.axis !== 0) return 'its rows are not on axis 0';
  return outputs > 1 ? 'its further outputs are of the whole batch' : [rows(0, unknown(value.dims.length))];
});

/** Rows of features, as the operators of ai.onnx.ml take them: [N, F]. */
const table = (ranks: readonly number[]): Rule =>
  ofFirst((value) => {
    if (value.axis !== 0 || value.dims.length !== 2) return 'it reads its rows only from [N, F]';
    return ranks.map((rank) => rows(0, unknown(rank)));
  });

const features: Rule = ({ inputs }) =>
  inputs.every((one) => isRows(one) && one.axis === 0 && one.dims.length === 2)
    ? [rows(0, unknown(2))]
    : 'it reads its rows only from [N, F]';

/** Along one axis, which must not be that of the rows; the shape stays. */
const along = (attribute: string, otherwise: (node: RuledNode) => number): Rule =>
  ofFirst((value, node) => {
    const axis = positive(integer(node, attribute, otherwise(node)), value.dims.length);
    return axis === value.axis ? 'it works along the axis of the rows' : [value];
  });

/** Before opset 13, everything from the axis on was one. */
const softmax: Rule = ofFirst((value, node) => {
  const isFlat = node.opset < 13;
  const axis = positive(integer(node, 'axis', isFlat ? 1 : -1), value.dims.length);
  const isClear = isFlat ? value.axis === 0 && axis > 0 : axis !== value.axis;
  return isClear ? [value] : 'it works along the axis of the rows';
});

const normalization = ofFirst((value, node) => {
  const axis = positive(integer(node, 'axis', -1), value.dims.length);
  if (value.axis >= axis) return 'it works along the axis of the rows';
  return node.outputs > 1 ? 'its statistics are asked for' : [value];
});

const reduce: Rule = ofFirst((value, node) => {
  const rank = value.dims.length;
  const given = integers(node, 'axes') ?? numbersOf(node.inputs[1]);
  if (given === undefined && node.inputs[1] !== undefined) return 'its axes are not known';
  if (given === undefined || given.length === 0)
    return integer(node, 'noop_with_empty_axes', 0) === 1 ? [value] : 'it works along the axis of the rows';
  return reduced(
    value,
    given.map((axis) => positive(axis, rank)),
    integer(node, 'keepdims', 1) === 1,
  );
});

const argument: Rule = ofFirst((value, node) =>
  reduced(value, [positive(integer(node, 'axis', 0), value.dims.length)], integer(node, 'keepdims', 1) === 1),
);

const gemm: Rule = ({ inputs: [a, b, c], ...node }) => {
  if (!isRows(a) || isRows(b) || b?.isCounted) return 'its rows are not in its first input';
  if (integer({ ...node, inputs: [] }, 'transA', 0) === 1) return 'it sums over the rows';
  const isBias = c === undefined || (c.dims !== null && (c.dims.length < 2 || c.dims[0] === 1) && !isRows(c));
  return isBias ? [rows(0, unknown(2))] : 'what it adds has a size of its own on the axis of the rows';
};

/** Matrices lie in the last two axes; those in front are broadcast. */
const product =
  (places: readonly [number, number]): Rule =>
  ({ inputs }) => {
    const a = inputs[places[0]];
    const b = inputs[places[1]];
    if (inputs.some((one, i) => !places.includes(i) && isRows(one))) return 'rows are in its parameters';
    if (a?.dims == null || b?.dims == null) return 'it multiplies a value of unknown shape';
    const rank = Math.max(a.dims.length, b.dims.length);
    const [left, right] = [a.dims.length, b.dims.length];
    if (left < 2 || right < 2) {
      if (isRows(a) && right === 1 && !isRows(b) && a.axis < left - 1) return [rows(a.axis, unknown(left - 1))];
      return 'it multiplies vectors';
    }
    if (isRows(a) && a.axis === left - 1) return 'it sums over the rows';
    if (isRows(b) && b.axis === right - 2) return 'it sums over the rows';
    if (isRows(a) && !isRows(b) && a.axis === left - 2) return [rows(rank - 2, unknown(rank))];
    if (isRows(b) && !isRows(a) && b.axis === right - 1) return [rows(rank - 1, unknown(rank))];
    const inFront = (value: RowValue, place: number): boolean => !isRows(value) || value.axis < place;
    if (!inFront(a, left - 2) || !inFront(b, right - 2)) return 'it multiplies rows with rows';
    const made = broadcast([a, b].map((value) => ({ ...value, dims: [...value.dims!.slice(0, -2), 1, 1] })));
    return typeof made === 'string' ? made : [rows(made.axis!, unknown(rank))];
  };

const quantize: Rule = ofFirst((value, node) => {
  const scale = node.inputs[1]?.dims;
  const isOne = scale?.every((size) => size === 1) ?? false;
  const axis = positive(integer(node, 'axis', 1), value.dims.length);
  return isOne || axis !== value.axis ? [value] : 'it works along the axis of the rows';
});

/** Time first, [T, N, F]: the rows are on axis 1. */
const recurrent: Rule = ofFirst((value, node) => {
  if (integer(node, 'layout', 0) !== 0 || value.axis !== 1) return 'its rows are not on axis 1';
  if (node.inputs.slice(4).some((one) => one !== undefined)) return 'its lengths or its first state are of one call';
  return [rows(2, unknown(4)), rows(1, unknown(3)), rows(1, unknown(3))].slice(0, node.outputs);
});

const each = (names: string, rule: Rule): readonly (readonly [string, Rule])[] =>
  names.split(/\s+/).map((name) => [name, rule]);

/** By operator; those of ai.onnx.ml and com.microsoft have names of their own. */
export const rowRules: ReadonlyMap<string, Rule> = new Map([
  ...each(
    'Abs Acos Acosh Asin Asinh Atan Atanh Cast Ceil Celu Clip Cos Cosh Dropout Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu Log Mish Neg Not QuickGelu Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu',
    elementwise,
  ),
  ...each('Binarizer LabelEncoder QLinearSigmoid QLinearLeakyRelu', elementwise),
  ...each(
    'Add And BiasGelu BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or PRelu Pow Sub Sum Where Xor',
    elements(),
  ),
  ...each('QLinearAdd QLinearMul', elements([0, 3])),
  ...each(
    'AveragePool BatchNormalization Conv ConvInteger ConvTranspose DepthToSpace FusedConv GlobalAveragePool GlobalLpPool GlobalMaxPool GroupNormalization InstanceNormalization LRN LpPool MaxPool QLinearAveragePool QLinearConv QLinearGlobalAveragePool SpaceToDepth',
    spatial,
  ),
  ...each('Scaler Imputer Normalizer ArrayFeatureExtractor TfIdfVectorizer', table([2])),
  ...each('LinearRegressor SVMRegressor TreeEnsembleRegressor TreeEnsemble', table([2])),
  ...each('LinearClassifier SVMClassifier TreeEnsembleClassifier', table([1, 2])),
  ['FeatureVectorizer', features],
  ['OneHotEncoder', ofFirst(({ axis, dims }) => [rows(axis, [...dims, null])])],
  ...each('Softmax LogSoftmax Hardmax', softmax),
  ...each('LayerNormalization RMSNormalization SimplifiedLayerNormalization', normalization),
  ['LpNormalization', along('axis', () => -1)],
  ...each(
    'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare',
    reduce,
  ),
  ...each('ArgMax ArgMin', argument),
  ...each('Gemm FusedGemm', gemm),
  ['MatMul', product([0, 1])],
  ['MatMulInteger', product([0, 1])],
  ['QLinearMatMul', product([0, 3])],
  ['Concat', concat],
  ['Split', split],
  ['Slice', slice],
  ['Gather', gather],
  ['GatherElements', gatherElements],
  ['Squeeze', squeeze],
  ['Unsqueeze', unsqueeze],
  ['Flatten', flatten],
  ['Reshape', reshape],
  ['Transpose', transpose],
  ['Pad', pad],
  ['Resize', scaled(2)],
  ['Upsample', scaled(1)],
  ['Tile', scaled(1)],
  ['Expand', expand],
  ...each('QuantizeLinear DequantizeLinear', quantize),
  ['OneHot', oneHot],
  ['TopK', topK],
  ...each('LSTM GRU RNN', recurrent),
]);
