// Messages as ONNX Runtime gave them, and what is made of them.
import { expect, test } from 'vitest';
import { cleanMessage, failureOfRefusal } from '../../src/model/runtime-message.ts';

const source = '/onnxruntime_src/onnxruntime/core';

test.for([
  [
    `Load model from /models/a b.onnx failed:${source}/graph/model.cc:187 onnxruntime::Model::Model(onnx::ModelProto&&, const onnxruntime::PathString&, const onnxruntime::ModelOptions&) ModelProto does not have a graph.\n`,
    'ModelProto does not have a graph',
  ],
  [
    `Load model from m.onnx failed:${source}/graph/model_load_utils.h:46 void onnxruntime::model_load_utils::ValidateOpsetForDomain(const std::unordered_map<std::__cxx11::basic_string<char>, int>&, bool, int) Opset 6 is under development.`,
    'Opset 6 is under development',
  ],
  [
    `Non-zero status code returned while running TreeEnsembleRegressor node. Name:'T' Status Message: ${source}/providers/cpu/ml/tree_ensemble_common.h:624 void onnxruntime::ml::detail::TreeEnsembleCommon<InputType, ThresholdType, OutputType>::ComputeAgg(onnxruntime::concurrency::ThreadPool*, const onnxruntime::Tensor*, const AGG&) const [with AGG = onnxruntime::ml::detail::TreeAggregatorSum<float, float, float>; InputType = float; OutputType = float] One path in the graph requests feature 12 but input tensor has 7 features.\n`,
    "Non-zero status code returned while running TreeEnsembleRegressor node. Name:'T' Status Message: One path in the graph requests feature 12 but input tensor has 7 features",
  ],
  [
    `Exception during initialization: ${source}/providers/cpu/text/string_normalizer.cc:235 onnxruntime::StringNormalizer::Locale::Locale(const std::string&)::<lambda()> Failed to construct`,
    'Exception during initialization: Failed to construct',
  ],
  [
    'Deserialize tensor w failed.tensorprotoutils.cc:1763 GetExtDataFromTensorProto External initializer: w offset: 0',
    'Deserialize tensor w failed. External initializer: w offset: 0',
  ],
  [
    'Got invalid dimensions for input: x for the following indices\n index: 0 Got: 2 Expected: 1\n Please fix either the inputs/outputs or the model.',
    'Got invalid dimensions for input: x for the following indices index: 0 Got: 2 Expected: 1 Please fix either the inputs/outputs or the model',
  ],
] as const)('%s', ([message, cleaned]) => {
  expect(cleanMessage(message)).toBe(cleaned);
});

test.for([
  [
    'Fatal error: com.microsoft:Nope(-1) is not a registered function/op',
    { reason: 'model-operators', path: 'm.onnx', domain: 'com.microsoft', operators: ['Nope'] },
  ],
  [
    'This is an invalid model. In Node, ("LIF_1", LIF, "", -1) : ("a": tensor(float),) -> ("b",) , Error No Op registered for LIF with domain_version of 11',
    { reason: 'model-operators', path: 'm.onnx', domain: 'ai.onnx', operators: ['LIF'] },
  ],
  [
    "Could not find an implementation for NhwcConv(1) node with name ''",
    { reason: 'model-kernel', path: 'm.onnx', operator: 'NhwcConv', node: '' },
  ],
  [
    'Failed to construct locale with name:en_US.UTF-8:locale::facet::_S_create_c_locale name not valid:Please, install necessary language-pack-XX',
    { reason: 'model-locale', path: 'm.onnx', locale: 'en_US.UTF-8' },
  ],
  [
    'External data path validation failed for initializer: w.1. Error: External data path escapes model directory. External data path: "w.bin" resolved path: "/blobs/1" allowed directory: "/models"',
    { reason: 'external-data-outside', path: 'm.onnx', file: 'w.bin', tensor: 'w.1' },
  ],
  ['Something new.', { reason: 'model-refused', path: 'm.onnx', message: 'Something new' }],
] as const)('%s is told apart', ([message, failure]) => {
  expect(failureOfRefusal('m.onnx', message)).toEqual(failure);
});
