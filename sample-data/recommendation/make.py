"""Makes the recommendation sample: a factor model trained on synthetic ratings, candidate pairs, expected scores."""

import csv
import gzip
import io
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument
from threadpoolctl import threadpool_limits

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))
from common import empty_folder, open_session, save_model, write_expected  # noqa: E402

SEED = 5000
USERS, ITEMS, FACTORS = 5_000, 1_000, 8
RATINGS_PER_USER = 120
SHARDS = 4
ROWS_PER_SHARD = 12_500
# Ids the model has no vector for: a user and two items newer than the training.
UNKNOWN = {7_345: ("user_id", USERS), 21_900: ("item_id", ITEMS), 49_999: ("item_id", ITEMS + 12)}


def sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def draw_ratings(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """user, item and liked (0 or 1): users with tastes over six genres, items with a popularity, noise on top."""
    tastes = random.dirichlet(np.full(6, 0.5), USERS)
    genres = random.dirichlet(np.full(6, 0.3), ITEMS)
    quality = random.normal(0, 0.8, ITEMS)
    popularity = 1 / np.arange(1, ITEMS + 1) ** 0.6
    users = np.repeat(np.arange(USERS), RATINGS_PER_USER)
    items = random.choice(ITEMS, len(users), p=popularity / popularity.sum())
    log_odds = 9 * (tastes[users] * genres[items]).sum(axis=1) + quality[items] - 1.6
    return users, items, (random.random(len(users)) < sigmoid(log_odds)).astype(np.float64)


def train(random: np.random.Generator) -> dict[str, np.ndarray]:
    """Matrix factorisation by mini-batch gradient descent (Adagrad) on the logistic loss."""
    users, items, liked = draw_ratings(random)
    weights = {
        "user_vectors": random.normal(0, 0.1, (USERS, FACTORS)),
        "item_vectors": random.normal(0, 0.1, (ITEMS, FACTORS)),
        "user_bias": np.zeros(USERS),
        "item_bias": np.zeros(ITEMS),
    }
    squares = {name: np.full_like(values, 1e-3) for name, values in weights.items()}
    held_out = random.random(len(users)) < 0.1
    for _ in range(8):
        for batch in np.array_split(random.permutation(np.flatnonzero(~held_out)), 60):
            user, item = users[batch], items[batch]
            user_vector, item_vector = weights["user_vectors"][user], weights["item_vectors"][item]
            log_odds = (user_vector * item_vector).sum(axis=1) + weights["user_bias"][user] + weights["item_bias"][item]
            error = sigmoid(log_odds) - liked[batch]
            for name, rows, gradient in (
                ("user_vectors", user, error[:, None] * item_vector),
                ("item_vectors", item, error[:, None] * user_vector),
                ("user_bias", user, error),
                ("item_bias", item, error),
            ):
                total = 0.1 * weights[name] if name.endswith("vectors") else np.zeros_like(weights[name])
                np.add.at(total, rows, gradient)
                squares[name] += total**2
                weights[name] -= 0.1 * total / np.sqrt(squares[name])
    score = predict(weights, users[held_out], items[held_out])
    print(f"held-out accuracy {((score > 0.5) == liked[held_out]).mean():.1%}, liked {liked[held_out].mean():.1%}")
    return {name: values.astype(np.float32) for name, values in weights.items()}


def predict(weights: dict[str, np.ndarray], user: np.ndarray, item: np.ndarray) -> np.ndarray:
    product = (weights["user_vectors"][user] * weights["item_vectors"][item]).sum(axis=1)
    return sigmoid(product + weights["user_bias"][user] + weights["item_bias"][item])


def export(weights: dict[str, np.ndarray], path: Path) -> None:
    """Two int64 [N] inputs, user_id and item_id; one float [N] output, score."""
    nodes = [
        helper.make_node("Gather", ["user_vectors", "user_id"], ["user_vector"]),
        helper.make_node("Gather", ["item_vectors", "item_id"], ["item_vector"]),
        helper.make_node("Gather", ["user_bias", "user_id"], ["user_offset"]),
        helper.make_node("Gather", ["item_bias", "item_id"], ["item_offset"]),
        helper.make_node("Mul", ["user_vector", "item_vector"], ["products"]),
        helper.make_node("ReduceSum", ["products", "factor_axis"], ["product"], keepdims=0),
        helper.make_node("Sum", ["product", "user_offset", "item_offset"], ["log_odds"]),
        helper.make_node("Sigmoid", ["log_odds"], ["score"]),
    ]
    constants = {**weights, "factor_axis": np.array([1], dtype=np.int64)}
    graph = helper.make_graph(
        nodes,
        "recommendation",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["rows"]) for name in ("user_id", "item_id")],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, ["rows"])],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    opset = helper.make_opsetid("", 17)
    save_model(
        helper.make_model(graph, opset_imports=[opset], ir_version=8, producer_name="scoremill sample-data"), path
    )


def write_shards(random: np.random.Generator) -> None:
    rows = SHARDS * ROWS_PER_SHARD
    pairs = {"user_id": np.sort(random.integers(0, USERS, rows)), "item_id": random.integers(0, ITEMS, rows)}
    source = random.choice(["popular", "similar users", "new, unseen"], rows, p=[0.5, 0.4, 0.1])
    for row, (column, value) in UNKNOWN.items():
        pairs[column][row] = value
    folder = empty_folder(FOLDER / "data")
    for shard in range(SHARDS):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["user_id", "item_id", "source"])
        for row in range(shard * ROWS_PER_SHARD, (shard + 1) * ROWS_PER_SHARD):
            writer.writerow([pairs["user_id"][row], pairs["item_id"][row], source[row]])
        path = folder / f"candidates-{shard}.csv.gz"
        path.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def expect(weights: dict[str, np.ndarray]) -> None:
    """Scores the pairs, read back from disk, with Python's onnxruntime; an unknown id must fail alone."""
    lines: list[dict[str, str]] = []
    for path in sorted((FOLDER / "data").glob("*.csv.gz")):
        with gzip.open(path, "rt", newline="") as file:
            lines += csv.DictReader(file)
    pairs = {name: np.array([int(line[name]) for line in lines], dtype=np.int64) for name in ("user_id", "item_id")}
    session = open_session(FOLDER / "model.onnx")
    for row in UNKNOWN:
        try:
            session.run(["score"], {name: values[[row]] for name, values in pairs.items()})
        except InvalidArgument:
            continue
        raise AssertionError(f"row {row} should have failed")
    scored = np.setdiff1d(np.arange(len(lines)), list(UNKNOWN))
    feeds = {name: values[scored] for name, values in pairs.items()}
    (score,) = session.run(["score"], feeds)
    np.testing.assert_allclose(score, predict(weights, feeds["user_id"], feeds["item_id"]), atol=1e-5)
    write_expected("recommendation", len(lines), scored, {"score": pa.array(score, pa.float32())})


if __name__ == "__main__":
    random = np.random.default_rng(SEED)
    with threadpool_limits(1):
        weights = train(random)
    export(weights, FOLDER / "model.onnx")
    write_shards(random)
    expect(weights)
