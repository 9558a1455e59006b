"""scikit-learn's estimators on numbers: classification, regression, clustering, reduction of dimensions, outliers."""

import numpy as np
import pyarrow as pa
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.datasets import make_multilabel_classification, make_regression
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.mixture import GaussianMixture
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC, OneClassSVM
from sklearn.tree import DecisionTreeClassifier

from case import SEED, make_case
from datasets import bundled

KEEP_ID = {"keep": ["id"]}


def export(model, width, *, input_type=FloatTensorType, options=None, name="X"):
    return to_onnx(
        model,
        initial_types=[(name, input_type([None, width]))],
        options=options,
        target_opset={"": 17, "ai.onnx.ml": 3},
    )


def case(name, estimator, dataset, file_name, *, labels=None, options=None, input_type=FloatTensorType, **more):
    """Trains on a bundled dataset and exports with one input X; `labels` makes texts of the classes."""
    features, target, sample = bundled(dataset)
    target = target if labels is None else np.array(labels)[target]
    estimator.fit(features.to_numpy(), target)
    by_id = {} if options is None else {id(estimator): options}
    model = export(estimator, features.shape[1], options=by_id, input_type=input_type)
    feeds = {"X": list(features.columns)}
    make_case(name, model, pa.Table.from_pandas(sample, preserve_index=False), file_name, feeds=feeds, **more)


def classifiers():
    case(
        "logistic-text-labels",
        make_pipeline(StandardScaler(), LogisticRegression()),
        "iris",
        "iris.csv",
        labels=["setosa", "versicolor", "virginica"],
    )
    case("logistic-int-labels", make_pipeline(StandardScaler(), LogisticRegression()), "wine", "wine.parquet")
    case(
        "logistic-zipmap-columns",
        LogisticRegression(max_iter=5000),
        "iris",
        "iris.arrow",
        options={"zipmap": "columns"},
        labels=["setosa", "versicolor", "virginica"],
    )
    case(
        "calibrated-linear-svc",
        make_pipeline(StandardScaler(), CalibratedClassifierCV(LinearSVC(random_state=SEED))),
        "breast_cancer",
        "tumours.parquet",
        labels=["malignant", "benign"],
    )
    voters = [
        ("tree", DecisionTreeClassifier(max_depth=3, random_state=SEED)),
        ("bayes", GaussianNB()),
        ("logistic", make_pipeline(StandardScaler(), LogisticRegression())),
    ]
    case("voting", VotingClassifier(voters, voting="soft", flatten_transform=False), "wine", "wine.csv")
    case("stacking", StackingClassifier(voters, LogisticRegression(), cv=3), "breast_cancer", "tumours.jsonl")
    case(
        "random-forest-no-zipmap",
        RandomForestClassifier(12, max_depth=5, random_state=SEED),
        "wine",
        "wine.jsonl",
        options={"zipmap": False},
    )
    case(
        "svc-probability", make_pipeline(StandardScaler(), SVC(probability=True, random_state=SEED)), "iris", "iris.tsv"
    )
    case("k-neighbors", KNeighborsClassifier(5), "iris", "iris.parquet")
    case("gaussian-naive-bayes", GaussianNB(), "wine", "wine.arrow", options={"zipmap": False})
    case("logistic-raw-scores", LogisticRegression(max_iter=5000), "iris", "iris.jsonl", options={"raw_scores": True})


def missing_values():
    """Gradient boosting that learned what a gap means: null must reach the model as NaN."""
    features, target, sample = bundled("breast_cancer")
    random = np.random.default_rng(SEED)
    gaps = features.mask(random.random(features.shape) < 0.1)
    model = HistGradientBoostingClassifier(max_iter=20, max_depth=3, random_state=SEED).fit(gaps.to_numpy(), target)
    holes = np.insert(random.random((len(sample), features.shape[1])) < 0.1, 0, False, axis=1)
    make_case(
        "hist-gradient-boosting-nan",
        export(model, features.shape[1]),
        pa.Table.from_pandas(sample.mask(holes), preserve_index=False),
        "tumours.parquet",
        feeds={"X": list(features.columns)},
        job={"rejects": {"nulls": "nan"}},
        why="an empty cell means NaN here; without it, it makes its row a reject",
    )


def pixels():
    """An image of 64 pixels in one list column named otherwise than the model's input."""
    features, target, _ = bundled("digits")
    model = MLPClassifier((24,), max_iter=120, random_state=SEED).fit(features.to_numpy(), target)
    images = features.to_numpy()[:300].astype(np.float32)
    table = pa.table(
        {"image_id": [f"i{i}" for i in range(300)], "pixels": pa.array(images.tolist(), pa.list_(pa.float32(), 64))}
    )
    make_case("mlp-digits", export(model, 64), table, "digits.parquet", feeds={"X": ["pixels"]})


def regressors():
    case(
        "ridge-polynomial", make_pipeline(StandardScaler(), PolynomialFeatures(2), Ridge()), "diabetes", "patients.csv"
    )
    case(
        "gradient-boosting-regressor",
        GradientBoostingRegressor(n_estimators=40, random_state=SEED),
        "diabetes",
        "patients.parquet",
    )
    case("svr", make_pipeline(StandardScaler(), SVR(C=100)), "diabetes", "patients.jsonl")
    features, target, sample = bundled("diabetes")
    kernel = ConstantKernel(3000, "fixed") * RBF(0.1, "fixed") + WhiteKernel(2000, "fixed")
    rows = features.to_numpy()[:120]
    model = GaussianProcessRegressor(kernel, random_state=SEED).fit(rows, target[:120] - target[:120].mean())
    onnx_model = export(model, 10, input_type=DoubleTensorType, options={id(model): {"return_std": True}})
    make_case(
        "gaussian-process-with-deviation",
        onnx_model,
        pa.Table.from_pandas(sample, preserve_index=False),
        "patients.arrow",
        feeds={"X": list(features.columns)},
    )


def several_targets():
    features, targets = make_regression(400, 6, n_targets=3, random_state=SEED)
    names = [f"sensor_{i}" for i in range(6)]
    table = pa.table({name: features[:200, i] for i, name in enumerate(names)})
    make_case(
        "multi-output-regression",
        export(MultiOutputRegressor(Ridge()).fit(features, targets), 6),
        table,
        "sensors.parquet",
        feeds={"X": names},
    )

    features, flags = make_multilabel_classification(400, 8, n_classes=3, random_state=SEED)
    names = [f"signal_{i}" for i in range(8)]
    table = pa.table({name: features[:200, i] for i, name in enumerate(names)})
    logistic = MultiOutputClassifier(LogisticRegression(max_iter=2000)).fit(features, flags)
    make_case(
        "multi-output-classification",
        export(logistic, 8, options={id(logistic): {"zipmap": False}}),
        table,
        "signals.csv",
        feeds={"X": names},
    )
    network = MLPClassifier((12,), max_iter=400, random_state=SEED).fit(features, flags)
    make_case("multilabel-mlp", export(network, 8), table, "signals.parquet", feeds={"X": names})
    neighbors = KNeighborsClassifier(3).fit(features, flags)
    make_case(
        "multilabel-k-neighbors",
        export(neighbors, 8, options={id(neighbors): {"zipmap": False}}),
        table,
        "signals.arrow",
        feeds={"X": names},
    )


def without_target():
    case("k-means", make_pipeline(StandardScaler(), KMeans(4, n_init=3, random_state=SEED)), "wine", "wine.parquet")
    case("pca", make_pipeline(StandardScaler(), PCA(3)), "breast_cancer", "tumours.csv")
    case("truncated-svd", TruncatedSVD(5, random_state=SEED), "digits", "digits.parquet")
    case("gaussian-mixture", GaussianMixture(3, random_state=SEED), "iris", "iris.parquet")
    case("isolation-forest", IsolationForest(n_estimators=12, random_state=SEED), "iris", "iris.csv")
    case("one-class-svm", make_pipeline(StandardScaler(), OneClassSVM(nu=0.1)), "wine", "wine.jsonl")


MENU = [classifiers, missing_values, pixels, regressors, several_targets, without_target]
