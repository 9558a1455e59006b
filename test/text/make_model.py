"""Makes review-model/, a small model of text in the layout of Hugging Face: embeddings, their mean under the mask, a linear layer.

Run by hand with onnx and numpy: python test/text/make_model.py
"""
import json
import pathlib
import shutil

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

here = pathlib.Path(__file__).parent
folder = here / "review-model"
vocabulary = json.loads((here / "tokenizers" / "word-piece.json").read_text())["model"]["vocab"]
width = 12
random = np.random.default_rng(7)


def constant(name, values):
    return numpy_helper.from_array(np.asarray(values), name)


initializers = [
    constant("words", random.normal(size=(len(vocabulary), width)).astype(np.float32)),
    constant("types", random.normal(size=(2, width)).astype(np.float32)),
    constant("weights", random.normal(size=(width, 2)).astype(np.float32)),
    constant("bias", np.array([0.1, -0.1], np.float32)),
    constant("last", np.array([2], np.int64)),
    constant("tokens", np.array([1], np.int64)),
]
nodes = [
    helper.make_node("Gather", ["words", "input_ids"], ["word"]),
    helper.make_node("Gather", ["types", "token_type_ids"], ["type"]),
    helper.make_node("Add", ["word", "type"], ["token"]),
    helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
    helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
    helper.make_node("Mul", ["token", "column"], ["masked"]),
    helper.make_node("ReduceSum", ["masked", "tokens"], ["sum"], keepdims=0),
    helper.make_node("ReduceSum", ["mask", "tokens"], ["count"], keepdims=1),
    helper.make_node("Div", ["sum", "count"], ["mean"]),
    helper.make_node("Gemm", ["mean", "weights", "bias"], ["logits"]),
]
inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"]) for name in ("input_ids", "attention_mask", "token_type_ids")]
outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 2])]
graph = helper.make_graph(nodes, "review", inputs, outputs, initializers)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)

(folder / "onnx").mkdir(parents=True, exist_ok=True)
onnx.save(model, folder / "onnx" / "model.onnx")
shutil.copy(here / "tokenizers" / "word-piece.json", folder / "tokenizer.json")
(folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 32, "pad_token": "[PAD]", "tokenizer_class": "BertTokenizer"}, indent=2) + "\n")
(folder / "config.json").write_text(json.dumps({"model_type": "bert", "architectures": ["BertForSequenceClassification"], "id2label": {"0": "negative", "1": "positive"}, "label2id": {"negative": 0, "positive": 1}}, indent=2) + "\n")
print((folder / "onnx" / "model.onnx").stat().st_size)
