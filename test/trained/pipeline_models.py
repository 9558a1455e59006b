"""scikit-learn pipelines as people ship them: mixed columns with an input each, texts, categories, gaps, TF-IDF."""

import numpy as np
import pandas as pd
import pyarrow as pa
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, OrdinalEncoder, StandardScaler

from case import SEED, make_case
from datasets import bundled, loans, tickets

NUMBERS, TEXTS = ["age", "income"], ["housing", "purpose"]
OPSET = {"": 17, "ai.onnx.ml": 3}


def arrow(frame):
    return pa.Table.from_pandas(frame, preserve_index=False)


def input_each(frame):
    """One model input of [N, 1] for each column, as skl2onnx's guide for mixed types has it."""
    kinds = {"f": FloatTensorType, "i": Int64TensorType}
    return [(name, kinds.get(frame[name].dtype.kind, StringTensorType)([None, 1])) for name in frame.columns]


def mixed_columns():
    frame, target = loans()
    features = frame.drop(columns="application")
    columns = ColumnTransformer(
        [
            ("numbers", StandardScaler(), [*NUMBERS, "dependants"]),
            ("texts", OneHotEncoder(handle_unknown="ignore"), TEXTS),
        ]
    )
    model = make_pipeline(columns, LogisticRegression(max_iter=500)).fit(features, target)
    make_case(
        "columns-one-hot",
        to_onnx(model, initial_types=input_each(features), target_opset=OPSET),
        arrow(frame[:300]),
        "applications.parquet",
    )
    make_case(
        "columns-one-hot-csv",
        to_onnx(
            model, initial_types=input_each(features), target_opset=OPSET, options={id(model): {"zipmap": "columns"}}
        ),
        arrow(frame[300:600]),
        "applications.csv",
    )


def ordinal_categories():
    """Texts become numbers inside the model; an unknown text becomes -1 rather than an error."""
    frame, target = loans()
    texts = frame[TEXTS]
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    model = make_pipeline(
        ColumnTransformer([("texts", encoder, [0, 1])]), RandomForestClassifier(8, max_depth=4, random_state=SEED)
    )
    model.fit(texts.to_numpy(), target)
    sample = frame[["application", *TEXTS]][:250].copy()
    sample.loc[[3, 77], "housing"] = "boat"
    make_case(
        "ordinal-one-text-tensor",
        to_onnx(model, initial_types=[("texts", StringTensorType([None, 2]))], target_opset=OPSET),
        arrow(sample),
        "applications.jsonl",
        feeds={"texts": TEXTS},
        job={"keep": ["application"]},
        why="three text columns are there and the input takes two: the id is to be kept and not to be fed",
    )


def imputed_gaps():
    frame, target = loans()
    random = np.random.default_rng(SEED)
    numbers = frame[[*NUMBERS, "dependants"]].astype(float)
    gaps = numbers.mask(random.random(numbers.shape) < 0.15)
    model = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression()).fit(
        gaps.to_numpy(), target
    )
    sample = pd.concat([frame[["application"]], gaps], axis=1)[:300]
    make_case(
        "imputed-gaps",
        to_onnx(model, initial_types=[("numbers", FloatTensorType([None, 3]))], target_opset=OPSET),
        arrow(sample),
        "applications.csv",
        feeds={"numbers": list(numbers.columns)},
        job={"rejects": {"nulls": "nan"}},
        why="the model fills the gaps itself, so an empty cell must reach it as NaN",
    )


def rejected_gaps():
    """The same data for a model that takes no gap: such rows are rejected, or filled by the job."""
    frame, target = loans()
    numbers = [*NUMBERS, "dependants"]
    model = make_pipeline(
        KBinsDiscretizer(4, encode="ordinal", quantile_method="averaged_inverted_cdf"), LogisticRegression(max_iter=500)
    )
    model.fit(frame[numbers].to_numpy(), target)
    sample = frame[["application", *numbers]][:200].copy()
    sample.loc[[5, 90], "age"] = None
    sample.loc[[6, 7, 199], "income"] = None
    make_case(
        "bins-rejected-gaps",
        to_onnx(model, initial_types=[("numbers", FloatTensorType([None, 3]))], target_opset=OPSET),
        arrow(sample),
        "applications.parquet",
        feeds={"numbers": numbers},
        job={"rejects": {"budget": 2, "fill": {"income": 20000}}},
        why="two ages are missing and may be, an empty income is read as 20,000",
    )


def text():
    frame, topics = tickets()
    model = make_pipeline(TfidfVectorizer(lowercase=False), LogisticRegression(max_iter=500)).fit(frame["text"], topics)
    make_case(
        "tfidf-logistic",
        to_onnx(
            model,
            initial_types=[("message", StringTensorType([None, 1]))],
            target_opset=OPSET,
            options={TfidfVectorizer: {"tokenexp": "[a-z]+"}},
        ),
        arrow(frame[:300]),
        "tickets.jsonl",
        feeds={"message": ["text"]},
    )

    columns = ColumnTransformer(
        [
            ("text", TfidfVectorizer(lowercase=False, ngram_range=(1, 2), max_features=60), "text"),
            ("length", StandardScaler(), ["length"]),
        ]
    )
    frame = frame.assign(length=frame["text"].str.len().astype(float))
    urgency = frame["length"] / 20 + (topics == "technical")
    model = make_pipeline(columns, Ridge()).fit(frame, urgency)
    make_case(
        "text-and-number",
        to_onnx(
            model,
            initial_types=[("text", StringTensorType([None, 1])), ("length", FloatTensorType([None, 1]))],
            target_opset=OPSET,
            options={TfidfVectorizer: {"tokenexp": "[a-z]+"}},
        ),
        arrow(frame[:300]),
        "tickets.parquet",
    )


def id_and_target_beside_features():
    """A table as it is found: a numeric id and the target stand beside the features."""
    features, target, _ = bundled("wine")
    model = make_pipeline(StandardScaler(), HistGradientBoostingClassifier(max_iter=5, max_depth=3, random_state=SEED))
    model.fit(features.to_numpy(), target)
    table = features.assign(target=target).sample(150, random_state=SEED).reset_index(names="id")
    make_case(
        "id-and-target",
        to_onnx(model, initial_types=[("X", FloatTensorType([None, features.shape[1]]))], target_opset=OPSET),
        arrow(table),
        "wine.parquet",
        feeds={"X": list(features.columns)},
        job={"keep": ["id", "target"]},
        why="15 numeric columns are there and the input takes 13",
    )


MENU = [mixed_columns, ordinal_categories, imputed_gaps, rejected_gaps, text, id_and_target_beside_features]
