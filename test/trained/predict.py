"""Predictions of Python's onnxruntime for a case, read with pyarrow: the reference that scoremill is compared with.

python test/trained/predict.py models/iris models/wine ...    writes expected.parquet into each folder
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.json
import pyarrow.parquet

DTYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
    "tensor(string)": np.object_,
}


def predict(folder, expected_path):
    """Writes the expected result columns of a case, one row for each row that is scored, with its number as `row`."""
    folder = Path(folder)
    case = json.loads((folder / "case.json").read_text())
    table = read_table(folder / case["dataset"], case["job"].get("dataset", {}).get("types", {}))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
    columns_of = {one.name: case["feeds"].get(one.name, [one.name]) for one in session.get_inputs()}

    rejects = case["job"].get("rejects", {})
    fed = [name for columns in columns_of.values() for name in columns]
    for name, value in rejects.get("fill", {}).items():
        table = table.set_column(table.column_names.index(name), name, table[name].fill_null(value))
    numbers = np.arange(table.num_rows)
    if rejects.get("nulls") != "nan":
        numbers = numbers[np.all([table[name].is_valid().to_numpy() for name in fed], axis=0)]
    table = table.take(numbers)

    rows_per_call = rows_of_call(session, table, fed)
    calls = [table.slice(start, rows_per_call) for start in range(0, table.num_rows, rows_per_call)]
    results = [
        results_of(session, {one.name: tensor(one, part, columns_of[one.name]) for one in session.get_inputs()})
        for part in calls
    ]
    columns = {name: pa.chunked_array([one[name] for one in results]) for name in results[0]}
    pa.parquet.write_table(pa.table({"row": numbers, **columns}), expected_path, compression="zstd")


def read_table(path, types):
    if path.suffix == ".parquet":
        return pa.parquet.read_table(path)
    if path.suffix == ".arrow":
        return pa.feather.read_table(path)
    if path.suffix == ".jsonl":
        return pa.Table.from_pylist([json.loads(line) for line in path.read_bytes().splitlines()])
    texts = {name: pa.string() for name, type in types.items() if type == "string"}
    convert = pa.csv.ConvertOptions(column_types=texts, strings_can_be_null=True, null_values=[""])
    parse = pa.csv.ParseOptions(delimiter="\t" if path.suffix == ".tsv" else ",")
    return pa.csv.read_csv(path, convert_options=convert, parse_options=parse)


def rows_of_call(session, table, fed):
    """As many rows as the model declares; one where the lists of a column have different lengths."""
    declared = [one.shape[0] for one in session.get_inputs() if one.shape and isinstance(one.shape[0], int)]
    lists = [name for name in fed if pa.types.is_list(table[name].type)]
    is_ragged = any(len(set(map(len, table[name].to_pylist()))) > 1 for name in lists)
    return 1 if is_ragged else min(declared, default=table.num_rows)


def tensor(declared, table, columns):
    dtype = DTYPES[declared.type]
    values = np.stack([values_of(table[name], dtype) for name in columns], axis=1)
    if len(columns) == 1:
        values = values[:, 0]
    sizes = [size if isinstance(size, int) else None for size in declared.shape[1:]]
    if len(sizes) > values.ndim - 1 or None not in sizes:
        sizes = [-1 if size is None else size for size in sizes]
        values = values.reshape(len(values), *sizes)
    return values


def values_of(column, dtype):
    if pa.types.is_list(column.type) or pa.types.is_fixed_size_list(column.type):
        return np.array(column.to_pylist(), dtype=dtype)
    if dtype == np.object_:
        return np.array(column.to_pylist(), dtype=np.object_)
    exact = [float("nan") if value is None else value for value in column.to_pylist()]
    return np.array(exact, dtype=dtype)


def results_of(session, feeds):
    """Result columns of one call: a map for each row becomes a column for each label, [N, C] a list column."""
    columns = {}
    for declared, value in zip(session.get_outputs(), session.run(None, feeds), strict=True):
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for label in value[0]:
                columns[f"{declared.name}_{label}"] = pa.array([one[label] for one in value], pa.float32())
        elif isinstance(value, list):
            for index, one in enumerate(value):
                columns[f"{declared.name}_{index}"] = arrow_of(one)
        else:
            # Some of scikit-learn's models put the rows behind the targets: [targets, rows, classes].
            is_behind = len(declared.shape) == 3 and declared.shape[1] is None and declared.shape[0] is not None
            columns[declared.name] = arrow_of(np.swapaxes(value, 0, 1) if is_behind else value)
    return columns


def arrow_of(value):
    if value.ndim == 2 and value.shape[1] == 1:
        value = value[:, 0]
    if value.ndim == 1:
        return pa.array(value.tolist(), pa.string()) if value.dtype == np.object_ else pa.array(value)
    if value.dtype == np.float16:
        value = value.astype(np.float32)
    flat = pa.array(value.ravel().tolist(), pa.string()) if value.dtype == np.object_ else pa.array(value.ravel())
    for size in reversed(value.shape[1:]):
        flat = pa.FixedSizeListArray.from_arrays(flat, size).cast(pa.list_(flat.type))
    return flat


if __name__ == "__main__":
    for folder in sys.argv[1:]:
        try:
            predict(folder, Path(folder) / "expected.parquet")
        except Exception as error:
            raise SystemExit(f"{folder}: {error}") from error
