"""What the training scripts share: a case is a folder with a model, a dataset and case.json.

case.json says how the model is fed in Python (`feeds`), and which keys a scoremill job needs beside model and
dataset (`job`), with the reason (`why`). expected.parquet is made from it by predict.py, with the pinned onnxruntime.
"""

import json
import shutil
from pathlib import Path

import onnx
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet

MODELS = Path(__file__).parent / "models"
SEED = 20261123


def make_case(name, model, table, file_name, *, feeds=None, job=None, why=None, tolerance=1e-6):
    """Writes models/<name>/{model.onnx,<file_name>,case.json}.

    model: an ONNX model, its bytes, or the path of one. table: what goes into the dataset, by the suffix of its name.
    feeds: model input -> columns; inputs that are not in it are fed by the column of their name.
    job: the keys that a job needs beside model and dataset; `why` says what for.
    tolerance: relative to the larger of two values.
    """
    folder = MODELS / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if isinstance(model, (str, Path)):
        model = onnx.load(model)
    elif isinstance(model, bytes):
        model = onnx.load_from_string(model)
    onnx.save(without_traces(model), folder / "model.onnx")
    write_table(table, folder / file_name)
    case = {"dataset": file_name, "feeds": feeds or {}, "job": job or {}, "why": why, "tolerance": tolerance}
    (folder / "case.json").write_text(json.dumps(case, indent=2, ensure_ascii=False) + "\n")
    print(f"{name}: {table.num_rows} rows, {(folder / 'model.onnx').stat().st_size:,} bytes of model")


def without_traces(model):
    """The model without the notes of its exporter about source files, and with operator sets in a fixed order."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        del value.metadata_props[:]
    del model.graph.metadata_props[:]
    sets = sorted(model.opset_import, key=lambda operator_set: operator_set.domain)
    del model.opset_import[:]
    model.opset_import.extend(sets)
    return model


def write_table(table, path):
    if path.suffix == ".parquet":
        pa.parquet.write_table(table, path, compression="zstd")
    elif path.suffix in (".csv", ".tsv"):
        delimiter = "\t" if path.suffix == ".tsv" else ","
        pa.csv.write_csv(table, path, pa.csv.WriteOptions(delimiter=delimiter, quoting_style="needed"))
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table.to_pylist()))
    elif path.suffix == ".arrow":
        pa.feather.write_feather(table, path, compression="zstd")
    else:
        raise ValueError(f"{path}: no format of this suffix")
