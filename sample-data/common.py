"""What the five make.py scripts share: saving a model, running it, and writing down what must come out.

Everything is single-threaded, so that the same seed gives the same bytes.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).parent


def empty_folder(folder: Path) -> Path:
    """A fresh, empty folder: no file of an earlier run survives."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def save_model(model: onnx.ModelProto, path: Path) -> None:
    """Writes the model so that it has the same bytes every time: skl2onnx lists the operator sets in no fixed order."""
    operator_sets = sorted(model.opset_import, key=lambda operator_set: operator_set.domain)
    del model.opset_import[:]
    model.opset_import.extend(operator_sets)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString(deterministic=True))


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """A CPU session with one thread, as each scoremill worker has."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # a run that must fail says so by its exception
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def write_parquet(table: pa.Table, path: Path, **options) -> None:
    pq.write_table(table, path, compression="zstd", **options)


def write_expected(name: str, row_count: int, scored_rows: np.ndarray, results: dict[str, pa.Array]) -> None:
    """Writes <name>/expected.parquet and the counts of <name> in expected.json.

    scored_rows: ascending numbers, from 0 over all files in order, of the rows that have a prediction.
    results: result column -> values, one per scored row, named and typed as scoremill does.
    """
    columns = {"row": pa.array(scored_rows, pa.int64()), **results}
    write_parquet(pa.table(columns), ROOT / name / "expected.parquet")

    rejected_rows = np.setdiff1d(np.arange(row_count), scored_rows)
    path = ROOT / "expected.json"
    counts = json.loads(path.read_text()) if path.exists() else {}
    counts[name] = {
        "rows": row_count,
        "scored": len(scored_rows),
        "rejected": len(rejected_rows),
        "rejectedRows": rejected_rows.tolist(),
    }
    path.write_text(json.dumps(dict(sorted(counts.items())), indent=2) + "\n")
    print(f"{name}: {row_count} rows, {len(scored_rows)} scored, {len(rejected_rows)} rejected")
