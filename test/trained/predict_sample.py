"""Predictions of Python's onnxruntime for the sample jobs: what jobs/*.yaml say, in Python, from the shards alone."""

import gzip
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet

SAMPLES = Path(__file__).parents[2] / "sample-data"


def open_model(sample):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(SAMPLES / sample / "model.onnx", options, providers=["CPUExecutionProvider"])


def shards(sample, pattern):
    return sorted((SAMPLES / sample).glob(pattern))


def credit_risk():
    table = pa.concat_tables([pa.parquet.read_table(path) for path in shards("credit-risk", "data/*.parquet")])
    session = open_model("credit-risk")
    names = [one.name for one in session.get_inputs()]
    complete = np.all([table[name].is_valid().to_numpy() for name in names if name != "income"], axis=0)
    rows = np.flatnonzero(complete)
    feeds = {}
    for one in session.get_inputs():
        values = [float("nan") if value is None else value for value in table[one.name].take(rows).to_pylist()]
        dtype = {"tensor(string)": np.object_, "tensor(int64)": np.int64}.get(one.type, np.float32)
        feeds[one.name] = np.array(values, dtype=dtype).reshape(-1, 1)
    label, probabilities = session.run(["label", "probabilities"], feeds)
    return rows, {"decision": label, "p_good": probabilities[:, 0], "p_bad": probabilities[:, 1]}


def medical_diagnosis():
    table = pa.csv.read_csv(SAMPLES / "medical-diagnosis/data/patients.csv")
    features = [name for name in table.column_names if name not in ("patient_id", "biopsy")]
    session = open_model("medical-diagnosis")
    values = np.stack([table[name].to_numpy() for name in features], axis=1).astype(np.float32)
    label, maps = session.run(None, {session.get_inputs()[0].name: values})
    results = {f"output_probability_{name}": np.float32([one[name] for one in maps]) for name in maps[0]}
    return np.arange(len(values)), {"output_label": label, **results}


def digits_from(values):
    session = open_model("digits")
    shape = [-1, *session.get_inputs()[0].shape[1:]]
    digit, probabilities = session.run(["digit", "probabilities"], {"image": values.reshape(shape)})
    return np.arange(len(values)), {"digit": digit, "probabilities": list(probabilities)}


def digits():
    table = pa.concat_tables([pa.feather.read_table(path) for path in shards("digits", "images/*.arrow")])
    return digits_from(np.array(table["image"].to_pylist(), np.float32))


def digits_pixels():
    table = pa.concat_tables([pa.parquet.read_table(path) for path in shards("digits", "pixels/*.parquet")])
    pixels = [name for name in table.column_names if name.startswith("pixel_")]
    return digits_from(np.stack([table[name].to_numpy() for name in pixels], axis=1).astype(np.float32))


def text_classification():
    lines = []
    for path in shards("text-classification", "data/*"):
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        lines += content.removesuffix(b"\n").split(b"\n")
    texts = {row: text for row, text in enumerate(map(text_of, lines)) if text is not None}
    session = open_model("text-classification")
    [taken] = session.get_inputs()
    values = np.array([text.lower() for text in texts.values()], np.object_).reshape(
        [-1] + [1] * (len(taken.shape) - 1)
    )
    label, maps = session.run(["output_label", "output_probability"], {taken.name: values})
    results = {f"p_{name}": np.float32([one[name] for one in maps]) for name in ("billing", "technical")}
    return np.array(list(texts)), {"topic": label, **results}


def text_of(line):
    try:
        return json.loads(line).get("text")
    except ValueError:
        return None


def recommendation():
    table = pa.concat_tables([pa.csv.read_csv(path) for path in shards("recommendation", "data/*.csv.gz")])
    session = open_model("recommendation")
    rows, scores = [], []

    def score(first, last):
        """Halves what fails, down to the pairs that the model does not know."""
        part = table.slice(first, last - first)
        feeds = {name: part[name].to_numpy().astype(np.int64) for name in ("user_id", "item_id")}
        try:
            [score_of_part] = session.run(
                ["score"],
                {one.name: feeds[one.name].reshape([-1] + [1] * (len(one.shape) - 1)) for one in session.get_inputs()},
            )
        except Exception:
            if last - first > 1:
                middle = (first + last) // 2
                score(first, middle)
                score(middle, last)
            return
        rows.append(np.arange(first, last))
        scores.append(score_of_part.reshape(-1))

    score(0, table.num_rows)
    return np.concatenate(rows), {"score": np.concatenate(scores)}


def predict_sample(job, path):
    """Writes the results of a job with the numbers of their rows over all shards."""
    rows, results = globals()[job.replace("-", "_")]()
    columns = {
        name: pa.array(values.tolist() if values.dtype == np.object_ else values)
        if isinstance(values, np.ndarray)
        else pa.array(values)
        for name, values in results.items()
    }
    pa.parquet.write_table(pa.table({"row": rows, **columns}), path, compression="zstd")
