"""LightGBM, XGBoost and CatBoost, each exported in the way that its own project recommends."""

import tempfile
from pathlib import Path

import lightgbm
import numpy as np
import onnxmltools
import pyarrow as pa
import xgboost
from catboost import CatBoostClassifier, CatBoostRegressor
from onnxmltools.convert.common.data_types import FloatTensorType
from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
from skl2onnx import to_onnx, update_registered_converter
from skl2onnx.common.data_types import FloatTensorType as SklearnFloatTensorType
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from case import SEED, make_case
from datasets import bundled

FLOWERS = np.array(["setosa", "versicolor", "virginica"])


def arrow(frame):
    return pa.Table.from_pandas(frame, preserve_index=False)


def of_lightgbm():
    features, target, sample = bundled("breast_cancer")
    types = [("input", FloatTensorType([None, features.shape[1]]))]
    feeds = {"input": list(features.columns)}
    model = lightgbm.LGBMClassifier(n_estimators=20, num_leaves=7, random_state=SEED, verbose=-1).fit(features, target)
    make_case(
        "lightgbm-classifier",
        onnxmltools.convert_lightgbm(model, initial_types=types, target_opset=15),
        arrow(sample),
        "tumours.parquet",
        feeds=feeds,
    )
    make_case(
        "lightgbm-no-zipmap",
        onnxmltools.convert_lightgbm(model, initial_types=types, target_opset=15, zipmap=False),
        arrow(sample),
        "tumours.csv",
        feeds=feeds,
    )

    features, target, sample = bundled("diabetes")
    types = [("input", FloatTensorType([None, features.shape[1]]))]
    model = lightgbm.LGBMRegressor(n_estimators=30, num_leaves=7, random_state=SEED, verbose=-1).fit(features, target)
    make_case(
        "lightgbm-regressor",
        onnxmltools.convert_lightgbm(model, initial_types=types, target_opset=15),
        arrow(sample),
        "patients.parquet",
        feeds={"input": list(features.columns)},
    )


def of_lightgbm_in_a_pipeline():
    update_registered_converter(
        lightgbm.LGBMClassifier,
        "LightGbmLGBMClassifier",
        calculate_linear_classifier_output_shapes,
        convert_lightgbm,
        options={"nocl": [True, False], "zipmap": [True, False, "columns"]},
    )
    features, target, sample = bundled("iris")
    booster = lightgbm.LGBMClassifier(n_estimators=10, num_leaves=5, random_state=SEED, verbose=-1)
    model = make_pipeline(StandardScaler(), booster).fit(features.to_numpy(), FLOWERS[target])
    onnx_model = to_onnx(
        model, initial_types=[("X", SklearnFloatTensorType([None, 4]))], target_opset={"": 15, "ai.onnx.ml": 3}
    )
    make_case("lightgbm-in-pipeline", onnx_model, arrow(sample), "iris.jsonl", feeds={"X": list(features.columns)})


def of_xgboost():
    features, target, sample = bundled("wine")
    types = [("input", FloatTensorType([None, features.shape[1]]))]
    feeds = {"input": list(features.columns)}
    model = xgboost.XGBClassifier(n_estimators=10, max_depth=3, random_state=SEED).fit(features.to_numpy(), target)
    make_case(
        "xgboost-classifier",
        onnxmltools.convert_xgboost(model, initial_types=types),
        arrow(sample),
        "wine.parquet",
        feeds=feeds,
    )
    grades = np.random.default_rng(SEED).integers(0, 4, len(features))
    ranker = xgboost.XGBRanker(n_estimators=10, max_depth=3, random_state=SEED)
    ranker.fit(features.to_numpy(), grades, qid=np.arange(len(features)) // 10)
    make_case(
        "xgboost-ranker",
        onnxmltools.convert_xgboost(ranker.get_booster(), initial_types=types),
        arrow(sample),
        "wine.jsonl",
        feeds=feeds,
    )

    features, target, sample = bundled("diabetes")
    types = [("input", FloatTensorType([None, features.shape[1]]))]
    model = xgboost.XGBRegressor(n_estimators=20, max_depth=3, random_state=SEED).fit(features.to_numpy(), target)
    make_case(
        "xgboost-regressor",
        onnxmltools.convert_xgboost(model, initial_types=types),
        arrow(sample),
        "patients.arrow",
        feeds={"input": list(features.columns)},
    )


def of_catboost():
    settings = {
        "iterations": 20,
        "depth": 4,
        "random_seed": SEED,
        "verbose": False,
        "thread_count": 1,
        "allow_writing_files": False,
    }

    def save(model, name, features, sample, file_name):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.onnx"
            model.save_model(
                str(path), format="onnx", export_parameters={"onnx_domain": "ai.catboost", "onnx_model_version": 1}
            )
            make_case(name, path, arrow(sample), file_name, feeds={"features": list(features.columns)})

    features, target, sample = bundled("breast_cancer")
    save(
        CatBoostClassifier(**settings).fit(features, target), "catboost-classifier", features, sample, "tumours.parquet"
    )
    features, target, sample = bundled("iris")
    save(
        CatBoostClassifier(**settings).fit(features, FLOWERS[target]),
        "catboost-text-labels",
        features,
        sample,
        "iris.csv",
    )
    features, target, sample = bundled("diabetes")
    save(
        CatBoostRegressor(**settings).fit(features, target), "catboost-regressor", features, sample, "patients.parquet"
    )


MENU = [of_lightgbm, of_lightgbm_in_a_pipeline, of_xgboost, of_catboost]
