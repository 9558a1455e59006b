"""PyTorch networks: images, text, recommendation, time series; both exporters, fixed and open batch, small variants."""

import logging
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime.quantization as quantization
import pyarrow as pa
import torch
from sklearn.ensemble import RandomForestClassifier
from torch import nn
from torch.nn.utils import prune

from case import SEED, make_case
from datasets import bundled, ratings, tickets

logging.getLogger("torch.onnx").setLevel(logging.ERROR)


def train(model, inputs, target, loss, epochs=30, rate=0.01):
    torch.manual_seed(SEED)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    rows = len(target)
    for _ in range(epochs):
        for part in torch.randperm(rows).split(64):
            optimizer.zero_grad()
            loss(model(*[one[part] for one in inputs]), target[part]).backward()
            optimizer.step()
    return model.eval()


def exported(model, inputs, input_names, output_names, *, dynamo, open_axes=None):
    """An ONNX model; `open_axes`: input -> {axis: name}, none for a fixed batch."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.onnx")
        names = {"input_names": input_names, "output_names": output_names}
        if dynamo:
            shapes = (
                None
                if open_axes is None
                else tuple(
                    {axis: torch.export.Dim(name, min=1, max=4096) for axis, name in open_axes[one].items()}
                    for one in input_names
                )
            )
            torch.onnx.export(
                model,
                inputs,
                path,
                dynamo=True,
                external_data=False,
                optimize=True,
                verbose=False,
                dynamic_shapes=shapes,
                **names,
            )
        else:
            torch.onnx.export(model, inputs, path, dynamo=False, opset_version=17, dynamic_axes=open_axes, **names)
        return onnx.load(path)


def seeded(make):
    torch.manual_seed(SEED)
    return make()


def digits(columns="image"):
    features, target, _ = bundled("digits")
    pixels = torch.tensor(features.to_numpy() / 16, dtype=torch.float32)
    sample = pa.array(pixels[:200].tolist(), pa.list_(pa.float32(), 64))
    return pixels, torch.tensor(target.to_numpy()), pa.table({"image_id": np.arange(200), columns: sample})


def convolution():
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(96, 10)
    )


def images():
    """One network, exported three ways; the images come as lists of 64, and as lists of lists."""
    pixels, target, table = digits()
    shaped = pixels.reshape(-1, 1, 8, 8)
    model = train(seeded(convolution), [shaped], target, nn.CrossEntropyLoss(), epochs=10)
    open_batch = {"image": {0: "batch"}}
    make_case(
        "cnn-dynamo",
        exported(model, (shaped[:2],), ["image"], ["logits"], dynamo=True, open_axes=open_batch),
        table,
        "digits.parquet",
    )
    nested = pa.array(shaped[:200].tolist(), pa.list_(pa.list_(pa.list_(pa.float32()))))
    make_case(
        "cnn-nested-lists",
        exported(
            model,
            (shaped[:2],),
            ["image"],
            ["logits"],
            dynamo=False,
            open_axes={"image": {0: "batch"}, "logits": {0: "batch"}},
        ),
        pa.table({"image_id": np.arange(200), "image": nested}),
        "digits.arrow",
    )
    make_case(
        "cnn-fixed-batch", exported(model, (shaped[:1],), ["image"], ["logits"], dynamo=False), table, "digits.jsonl"
    )
    make_case(
        "cnn-dynamo-fixed-batch",
        exported(model, (shaped[:1],), ["image"], ["logits"], dynamo=True),
        table,
        "digits.parquet",
    )

    columns = {f"pixel_{i:02}": pixels[:200, i].numpy() for i in range(64)}
    make_case(
        "cnn-pixel-columns",
        exported(model, (shaped[:2],), ["image"], ["logits"], dynamo=True, open_axes=open_batch),
        pa.table({"image_id": [f"i{i}" for i in range(200)], **columns}),
        "digits.csv",
        feeds={"image": list(columns)},
    )


class Tagger(nn.Module):
    """Token ids of any number -> topic, by a recurrent layer; two outputs."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(80, 12)
        self.recurrent = nn.GRU(12, 16, batch_first=True)
        self.head = nn.Linear(16, 3)

    def forward(self, tokens):
        _, last = self.recurrent(self.embedding(tokens))
        state = last.squeeze(0)
        return self.head(state), state


class MeanOfWords(nn.Module):
    """Token ids and a mask, padded to one length, as tokenizers give them."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(80, 12)
        self.head = nn.Linear(12, 3)

    def forward(self, input_ids, attention_mask):
        weights = attention_mask.unsqueeze(-1).float()
        return self.head((self.embedding(input_ids) * weights).sum(1) / weights.sum(1).clamp(min=1))


def token_ids():
    frame, topics = tickets()
    words = sorted({word for text in frame["text"] for word in text.split()})
    number = {word: i + 1 for i, word in enumerate(words)}
    tokens = [[number[word] for word in text.split()] for text in frame["text"]]
    return frame, tokens, torch.tensor(np.unique(topics, return_inverse=True)[1])


def texts():
    frame, tokens, target = token_ids()
    cross_entropy = nn.CrossEntropyLoss()
    same_length = torch.tensor([one[:9] for one in tokens])
    model = train(
        seeded(Tagger), [same_length], target, lambda outputs, wanted: cross_entropy(outputs[0], wanted), epochs=15
    )
    ragged = [one[: 3 + i % 7] for i, one in enumerate(tokens[:150])]
    table = pa.table({"ticket": frame["ticket"][:150], "tokens": pa.array(ragged, pa.list_(pa.int64()))})
    axes = {"tokens": {0: "batch", 1: "length"}}
    make_case(
        "gru-ragged-lists",
        exported(
            model,
            (same_length[:2],),
            ["tokens"],
            ["logits", "state"],
            dynamo=False,
            open_axes={**axes, "logits": {0: "batch"}, "state": {0: "batch"}},
        ),
        table,
        "tickets.parquet",
        tolerance=2e-6,
    )

    mask = torch.ones_like(same_length)
    for row in range(len(mask)):
        mask[row, 4 + row % 6 :] = 0
    ids = same_length * mask
    model = train(seeded(MeanOfWords), [ids, mask], target, cross_entropy, epochs=15)
    table = pa.table(
        {"ticket": frame["ticket"][:200], "input_ids": ids[:200].tolist(), "attention_mask": mask[:200].tolist()}
    )
    both = {name: {0: "batch", 1: "length"} for name in ("input_ids", "attention_mask")}
    make_case(
        "padded-text-dynamo",
        exported(model, (ids[:2], mask[:2]), ["input_ids", "attention_mask"], ["logits"], dynamo=True, open_axes=both),
        table,
        "tickets.jsonl",
    )


class TwoTowers(nn.Module):
    """Ids of 64 bits are hashed into a table; the probability is that of the two vectors' product."""

    def __init__(self):
        super().__init__()
        self.users, self.items = nn.Embedding(997, 6), nn.Embedding(499, 6)

    def forward(self, user_id, item_id):
        return torch.sigmoid((self.users(user_id % 997) * self.items(item_id % 499)).sum(-1))


class FactorisationMachine(nn.Module):
    """Pairwise products of the vectors of all of a row's ids, which come as one list, after Rendle (2010)."""

    def __init__(self):
        super().__init__()
        self.weight, self.vector = nn.Embedding(1009, 1), nn.Embedding(1009, 4)

    def forward(self, ids):
        slots = ids % 1009
        vectors = self.vector(slots)
        pairs = (vectors.sum(1) ** 2 - (vectors**2).sum(1)).sum(-1, keepdim=True) / 2
        return self.weight(slots).sum(1) + pairs


def recommendation():
    frame, liked = ratings()
    user, item = torch.tensor(frame["user_id"].to_numpy()), torch.tensor(frame["item_id"].to_numpy())
    target = torch.tensor(liked)
    model = train(seeded(TwoTowers), [user, item], target, nn.BCELoss(), epochs=10)
    axes = {"user_id": {0: "batch"}, "item_id": {0: "batch"}}
    graph = exported(model, (user[:2], item[:2]), ["user_id", "item_id"], ["score"], dynamo=True, open_axes=axes)
    make_case("two-towers", graph, pa.Table.from_pandas(frame[:400], preserve_index=False), "pairs.csv")
    make_case("two-towers-jsonl", graph, pa.Table.from_pandas(frame[400:600], preserve_index=False), "pairs.jsonl")

    ids = torch.stack([user, item], dim=1)
    model = train(seeded(FactorisationMachine), [ids], target[:, None], nn.BCEWithLogitsLoss(), epochs=10)
    graph = exported(
        model, (ids[:2],), ["ids"], ["logit"], dynamo=False, open_axes={"ids": {0: "batch"}, "logit": {0: "batch"}}
    )
    make_case(
        "factorisation-machine",
        graph,
        pa.Table.from_pandas(frame[:300], preserve_index=False),
        "pairs.parquet",
        feeds={"ids": ["user_id", "item_id"]},
    )


class Forecast(nn.Module):
    """The next three values of a series of 12 steps with two readings each."""

    def __init__(self):
        super().__init__()
        self.recurrent = nn.LSTM(2, 8, batch_first=True)
        self.head = nn.Linear(8, 3)

    def forward(self, history):
        steps, _ = self.recurrent(history)
        return self.head(steps[:, -1])


def series():
    random = np.random.default_rng(SEED)
    time = random.uniform(0, 6, (400, 1)) + np.arange(15) * 0.4
    waves = np.stack([np.sin(time), np.cos(2 * time)], axis=-1).astype(np.float32)
    history, coming = torch.tensor(waves[:, :12]), torch.tensor(waves[:, 12:, 0])
    model = train(seeded(Forecast), [history], coming, nn.MSELoss(), epochs=10)
    table = pa.table(
        {"series": np.arange(150), "history": pa.array(history[:150].tolist(), pa.list_(pa.list_(pa.float32())))}
    )
    make_case(
        "lstm-forecast",
        exported(
            model,
            (history[:2],),
            ["history"],
            ["coming"],
            dynamo=False,
            open_axes={"history": {0: "batch"}, "coming": {0: "batch"}},
        ),
        table,
        "series.parquet",
    )
    make_case(
        "lstm-forecast-jsonl",
        exported(model, (history[:2],), ["history"], ["coming"], dynamo=True, open_axes={"history": {0: "batch"}}),
        table,
        "series.jsonl",
    )


def perceptron(width):
    return nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10), nn.Softmax(dim=-1))


def smaller_variants():
    """A network after dynamic quantisation to 8 bits, after pruning, taught by a forest, and in half precision."""
    pixels, target, table = digits("pixels")

    def log_loss(given, wanted):
        return nn.functional.nll_loss(torch.log(given + 1e-9), wanted)

    axes = {"pixels": {0: "batch"}, "probabilities": {0: "batch"}}

    def export(model):
        return exported(model, (pixels[:2],), ["pixels"], ["probabilities"], dynamo=False, open_axes=axes)

    model = train(seeded(lambda: perceptron(32)), [pixels], target, log_loss, epochs=15)
    with tempfile.TemporaryDirectory() as folder:
        whole, small = Path(folder) / "whole.onnx", Path(folder) / "small.onnx"
        onnx.save(export(model), whole)
        quantization.quantize_dynamic(whole, small, weight_type=quantization.QuantType.QUInt8)
        make_case("mlp-quantised", small, table, "digits.parquet", tolerance=1e-5)

    layers = [layer for layer in model if isinstance(layer, nn.Linear)]
    for layer in layers:
        prune.l1_unstructured(layer, "weight", amount=0.6)
        prune.remove(layer, "weight")
    make_case("mlp-pruned", export(model), table, "digits.arrow")

    forest = RandomForestClassifier(30, random_state=SEED).fit(pixels.numpy(), target.numpy())
    soft = torch.tensor(forest.predict_proba(pixels.numpy()), dtype=torch.float32)
    student = train(seeded(lambda: perceptron(12)), [pixels], soft, nn.MSELoss(), epochs=25)
    make_case("mlp-distilled", export(student), table, "digits.jsonl")

    half = export(train(seeded(lambda: perceptron(8)), [pixels], target, log_loss, epochs=5).half().float())
    make_case("mlp-half", as_half(half), table, "digits.parquet", tolerance=1e-3)


def as_half(model):
    """The model in float16 throughout, its input and output too."""
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT:
            tensor.CopyFrom(
                onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(tensor).astype(np.float16), tensor.name)
            )
    for value in [*model.graph.input, *model.graph.output]:
        value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    return model


class TwoHeads(nn.Module):
    """A shared body with a class and an amount, and the vector in between for similarity search."""

    def __init__(self):
        super().__init__()
        self.body, self.kind, self.amount = nn.Linear(13, 8), nn.Linear(8, 3), nn.Linear(8, 1)

    def forward(self, features):
        vector = torch.tanh(self.body(features))
        return torch.argmax(self.kind(vector), dim=-1), self.amount(vector), vector


def several_outputs():
    features, target, sample = bundled("wine")
    scaled = torch.tensor((features / features.max()).to_numpy(), dtype=torch.float32)
    model = seeded(TwoHeads).eval()
    kinds = torch.tensor(target.to_numpy())
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(60):
        vector = torch.tanh(model.body(scaled))
        loss = nn.functional.cross_entropy(model.kind(vector), kinds) + nn.functional.mse_loss(
            model.amount(vector)[:, 0], scaled[:, 0]
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    sample[features.columns] = (sample[features.columns] / features.max()).astype(np.float32)
    graph = exported(
        model,
        (scaled[:2],),
        ["features"],
        ["kind", "amount", "vector"],
        dynamo=True,
        open_axes={"features": {0: "batch"}},
    )
    make_case(
        "two-heads",
        graph,
        pa.Table.from_pandas(sample, preserve_index=False),
        "wine.parquet",
        feeds={"features": list(features.columns)},
    )


MENU = [images, texts, recommendation, series, smaller_variants, several_outputs]
