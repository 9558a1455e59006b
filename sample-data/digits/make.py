"""Makes the digits sample: handwritten digits in two layouts, a small convolutional network, expected predictions."""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))
from common import empty_folder, open_session, save_model, write_expected, write_parquet  # noqa: E402

SEED = 1797
SIDE = 8
ROWS_PER_SHARD = 600
FILTERS = 8
OPSET = helper.make_opsetid("", 17)


def write_shards() -> None:
    """The same rows twice: one list column in Arrow files, 64 pixel columns in Parquet files."""
    digits = load_digits()
    images = digits.data.astype(np.uint8)
    keys = {
        "image_id": pa.array(np.arange(1, len(images) + 1), pa.int32()),
        "written": pa.array(digits.target, pa.int8()),
    }
    names = [f"pixel_{row}_{column}" for row in range(SIDE) for column in range(SIDE)]
    image = pa.FixedSizeListArray.from_arrays(pa.array(images.ravel(), pa.uint8()), SIDE * SIDE)
    layouts = {
        "images": pa.table({**keys, "image": image}),
        "pixels": pa.table({**keys, **{name: pa.array(images[:, i]) for i, name in enumerate(names)}}),
    }
    for layout, table in layouts.items():
        folder = empty_folder(FOLDER / layout)
        for shard, start in enumerate(range(0, table.num_rows, ROWS_PER_SHARD)):
            rows = table.slice(start, ROWS_PER_SHARD)
            if layout == "images":
                feather.write_feather(rows, folder / f"digits-{shard}.arrow", compression="uncompressed", chunksize=250)
            else:
                write_parquet(rows, folder / f"digits-{shard}.parquet")


def read_images() -> np.ndarray:
    """[N, 64] float32 pixels, read back from the Arrow files; the Parquet files must hold the same."""
    tables = [feather.read_table(path) for path in sorted((FOLDER / "images").glob("*.arrow"))]
    images = pa.concat_tables(tables)["image"].combine_chunks().flatten().to_numpy().reshape(-1, SIDE * SIDE)
    pixels = pa.concat_tables([pq.read_table(path) for path in sorted((FOLDER / "pixels").glob("*.parquet"))])
    names = [name for name in pixels.column_names if name.startswith("pixel_")]
    np.testing.assert_array_equal(images, np.column_stack([pixels[name].to_numpy() for name in names]))
    return images.astype(np.float32)


def learn_filters(images: np.ndarray) -> np.ndarray:
    """[2 * FILTERS, 1, 3, 3]: the main components of all 3 x 3 patches, and their negatives."""
    patches = np.lib.stride_tricks.sliding_window_view(images.reshape(-1, SIDE, SIDE) / 16, (3, 3), axis=(1, 2))
    components = PCA(FILTERS, random_state=SEED).fit(patches.reshape(-1, 9)).components_
    return np.concatenate([components, -components]).reshape(-1, 1, 3, 3).astype(np.float32)


def convolution(filters: np.ndarray) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Nodes from `image` [N, 64] to `features` [N, 2 * FILTERS * 16]."""
    nodes = [
        helper.make_node("Div", ["image", "white"], ["brightness"]),
        helper.make_node("Reshape", ["brightness", "picture_shape"], ["picture"]),
        helper.make_node("Conv", ["picture", "filters"], ["edges"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["edges"], ["strong_edges"]),
        helper.make_node("MaxPool", ["strong_edges"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["pooled"], ["features"]),
    ]
    weights = {
        "white": np.float32(16),
        "picture_shape": np.array([-1, 1, SIDE, SIDE], dtype=np.int64),
        "filters": filters,
    }
    return nodes, [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()]


def classifier(network: MLPClassifier) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Nodes from `features` to `digit` [N] and `probabilities` [N, 10]."""
    nodes = [
        helper.make_node("Gemm", ["features", "hidden_weights", "hidden_bias"], ["hidden"]),
        helper.make_node("Relu", ["hidden"], ["active"]),
        helper.make_node("Gemm", ["active", "class_weights", "class_bias"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["scores"], ["digit"], axis=1, keepdims=0),
    ]
    (hidden_weights, class_weights), (hidden_bias, class_bias) = network.coefs_, network.intercepts_
    weights = {
        "hidden_weights": hidden_weights,
        "hidden_bias": hidden_bias,
        "class_weights": class_weights,
        "class_bias": class_bias,
    }
    return nodes, [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()]


def build(nodes: list[onnx.NodeProto], weights: list[onnx.TensorProto], outputs: dict[str, tuple]) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["rows", SIDE * SIDE])],
        [helper.make_tensor_value_info(name, dtype, shape) for name, (dtype, shape) in outputs.items()],
        weights,
    )
    return helper.make_model(graph, opset_imports=[OPSET], ir_version=8, producer_name="scoremill sample-data")


def main() -> None:
    write_shards()
    images = read_images()
    written = load_digits().target
    training, held_out = train_test_split(np.arange(len(images)), test_size=0.4, stratify=written, random_state=SEED)

    nodes, weights = convolution(learn_filters(images[training]))
    front = build(nodes, weights, {"features": (TensorProto.FLOAT, ["rows", 2 * FILTERS * (SIDE // 2) ** 2])})
    session = onnxruntime.InferenceSession(front.SerializeToString(), providers=["CPUExecutionProvider"])
    (features,) = session.run(["features"], {"image": images})
    with threadpool_limits(1):
        network = MLPClassifier(hidden_layer_sizes=(48,), alpha=0.01, max_iter=400, tol=1e-3, random_state=SEED)
        network.fit(features[training], written[training])
    print(f"held-out accuracy {network.score(features[held_out], written[held_out]):.1%}")

    head_nodes, head_weights = classifier(network)
    outputs = {"digit": (TensorProto.INT64, ["rows"]), "probabilities": (TensorProto.FLOAT, ["rows", 10])}
    save_model(build(nodes + head_nodes, weights + head_weights, outputs), FOLDER / "model.onnx")

    digit, probabilities = open_session(FOLDER / "model.onnx").run(["digit", "probabilities"], {"image": images})
    np.testing.assert_allclose(probabilities, network.predict_proba(features), atol=1e-5)
    write_expected(
        "digits",
        len(images),
        np.arange(len(images)),
        {
            "digit": pa.array(digit, pa.int64()),
            "probabilities": pa.FixedSizeListArray.from_arrays(pa.array(probabilities.ravel(), pa.float32()), 10),
        },
    )


if __name__ == "__main__":
    main()
