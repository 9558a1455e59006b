"""Makes the credit-risk sample: loan applications (synthetic), a gradient boosting pipeline, expected predictions."""

import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder
from threadpoolctl import threadpool_limits

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))
from common import empty_folder, open_session, save_model, write_expected, write_parquet  # noqa: E402

SEED = 20240229
TRAINING_ROWS = 60_000
SHARDS = 4
ROWS_PER_SHARD = 15_000
ROWS_PER_ROW_GROUP = 4_000
DEFAULT_RATE = 0.04

NUMBERS = [
    "amount",
    "term_months",
    "age",
    "employment_years",
    "income",
    "utilisation",
    "number_of_late_payments",
    "open_loans",
]
TEXTS = ["purpose", "housing", "region"]

# name -> (share of the applications, typical amount, effect on the log-odds of a default)
PURPOSES = {
    "car": (0.26, 11_000, -0.2),
    "debt consolidation": (0.31, 14_000, 0.35),
    "education": (0.06, 6_500, 0.05),
    "home improvement": (0.19, 16_500, -0.35),
    "medical": (0.07, 5_000, 0.3),
    "travel": (0.11, 3_800, 0.1),
}
HOUSINGS = {"mortgage": (0.34, -0.25), "own": (0.17, -0.4), "rent": (0.44, 0.3), "with family": (0.05, 0.1)}
REGIONS = {
    "Baden-Württemberg": (0.14, -0.15),
    "Bayern": (0.17, -0.2),
    "Berlin": (0.08, 0.25),
    "Hessen": (0.10, 0.0),
    "Nordrhein-Westfalen": (0.28, 0.15),
    "Niedersachsen": (0.12, 0.0),
    "Sachsen": (0.07, 0.1),
    "Thüringen": (0.04, 0.1),
}


def choose(random: np.random.Generator, table: dict[str, tuple], rows: int) -> np.ndarray:
    shares = np.array([values[0] for values in table.values()])
    return random.choice(list(table), rows, p=shares / shares.sum())


def column_of(table: dict[str, tuple], place: int, names: np.ndarray) -> np.ndarray:
    return np.array([table[name][place] for name in names], dtype=np.float64)


def draw(random: np.random.Generator, rows: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Draws applications, and for each the log-odds of a default (up to a constant)."""
    purpose, housing, region = (choose(random, table, rows) for table in (PURPOSES, HOUSINGS, REGIONS))
    age = np.clip(np.rint(19 + random.gamma(3.2, 7.5, rows)), 18, 84)
    employment_years = np.round(np.minimum(random.exponential(7.5, rows), np.maximum(age - 17, 0.2)), 1)
    income = np.round(np.exp(10.25 + 0.018 * np.minimum(employment_years, 25) + random.normal(0, 0.42, rows)), 2)
    amount_cents = np.clip(column_of(PURPOSES, 1, purpose) * np.exp(random.normal(0, 0.55, rows)), 500, 75_000) * 100
    amount_cents = np.rint(amount_cents / 50_00).astype(np.int64) * 50_00 - random.choice([0, 0, 0, 1, 5_50], rows)
    utilisation = np.round(np.clip(random.beta(1.6, 2.9, rows) + random.normal(0, 0.04, rows), 0, 1.25), 4)
    late = random.poisson(0.25 + 0.9 * np.maximum(utilisation - 0.4, 0))
    open_loans = random.poisson(1.3, rows)
    term_months = random.choice([12, 24, 36, 48, 60, 72, 84], rows, p=[0.08, 0.16, 0.22, 0.2, 0.2, 0.08, 0.06])
    burden = amount_cents / 100 / term_months * 12 / income
    log_odds = (
        column_of(PURPOSES, 2, purpose)
        + column_of(HOUSINGS, 1, housing)
        + column_of(REGIONS, 1, region)
        + 3.4 * np.minimum(burden, 0.9)
        + 2.6 * np.maximum(utilisation - 0.35, 0)
        + 0.75 * np.minimum(late, 5)
        + 0.12 * open_loans
        - 0.07 * np.minimum(employment_years, 12)
        - 0.012 * (age - 40)
        + 0.9 * (late > 1) * (burden > 0.25)
        + random.normal(0, 0.35, rows)
    )
    income[random.random(rows) < 0.005] = np.nan
    columns = {
        "amount_cents": amount_cents,
        "term_months": term_months,
        "age": age,
        "employment_years": employment_years,
        "income": income,
        "utilisation": utilisation,
        "number_of_late_payments": late,
        "open_loans": open_loans,
        "purpose": purpose,
        "housing": housing,
        "region": region,
    }
    return columns, log_odds


def to_features(columns: dict[str, np.ndarray]) -> np.ndarray:
    """One object column per model input: 32-bit numbers, as ONNX sees them, and strings."""
    numbers = {**columns, "amount": columns["amount_cents"] / 100}
    return np.column_stack(
        [numbers[name].astype(np.float32).astype(object) for name in NUMBERS]
        + [columns[name].astype(object) for name in TEXTS]
    )


def train(random: np.random.Generator) -> Pipeline:
    columns, log_odds = draw(random, TRAINING_ROWS)
    low, high = -20.0, 20.0
    for _ in range(60):  # bisection for the constant that gives the default rate
        middle = (low + high) / 2
        low, high = (low, middle) if (1 / (1 + np.exp(-(log_odds + middle)))).mean() > DEFAULT_RATE else (middle, high)
    defaulted = (random.random(TRAINING_ROWS) < 1 / (1 + np.exp(-(log_odds + low)))).astype(np.int64)

    numbers, texts = list(range(len(NUMBERS))), list(range(len(NUMBERS), len(NUMBERS) + len(TEXTS)))
    pipeline = Pipeline(
        [
            (
                "columns",
                ColumnTransformer(
                    [
                        ("numbers", "passthrough", numbers),
                        ("texts", OneHotEncoder(handle_unknown="ignore", sparse_output=False), texts),
                    ]
                ),
            ),
            # Learns which way a missing income (NaN) goes at each split. Not reweighted: p_bad is a probability.
            (
                "trees",
                HistGradientBoostingClassifier(
                    max_iter=120, max_leaf_nodes=15, learning_rate=0.08, early_stopping=False, random_state=SEED
                ),
            ),
        ]
    )
    pipeline.fit(to_features(columns), defaulted)
    score = roc_auc_score(defaulted, pipeline.predict_proba(to_features(columns))[:, 1])
    print(f"training: {defaulted.mean():.2%} defaults, area under the curve {score:.3f}")
    return pipeline


def export(pipeline: Pipeline, path: Path) -> None:
    """One model input per column, [N, 1] each, under the column's name."""
    inputs = [(name, FloatTensorType([None, 1])) for name in NUMBERS]
    inputs += [(name, StringTensorType([None, 1])) for name in TEXTS]
    operator_sets = {"": 17, "ai.onnx.ml": 3}
    model = convert_sklearn(pipeline, "credit_risk", inputs, options={"zipmap": False}, target_opset=operator_sets)
    save_model(model, path)


def write_shards(random: np.random.Generator) -> None:
    rows = SHARDS * ROWS_PER_SHARD
    columns, _ = draw(random, rows)
    # What a file of real applications has too: purposes the model never saw, and cells that nobody filled in.
    columns["purpose"][random.choice(rows, 90, replace=False)] = "wedding"
    missing = random.choice(rows, 12, replace=False)
    absent = {"age": missing[:5], "purpose": missing[5:9], "amount_cents": missing[9:]}
    masks = {name: np.isin(np.arange(rows), numbers) for name, numbers in absent.items()}

    day = np.sort(random.integers(0, 91, rows))  # the first quarter of 2024, in order
    second = day * 86_400 + random.integers(6 * 3_600, 22 * 3_600, rows)
    start = np.datetime64("2024-01-01")
    submitted = (start + second.astype("timedelta64[s]")).astype("datetime64[us]")
    cents = np.where(masks["amount_cents"], None, columns["amount_cents"])
    amounts = [None if amount is None else Decimal(amount).scaleb(-2) for amount in cents.tolist()]
    table = pa.table(
        {
            "customer_id": pa.array(7_000_000_000 + random.choice(40 * rows, rows, replace=False), pa.int64()),
            "application_date": pa.array(start + day.astype("timedelta64[D]"), pa.date32()),
            "submitted_at": pa.array(submitted, pa.timestamp("us", "UTC")),
            "amount": pa.array(amounts, pa.decimal128(12, 2)),
            "term_months": pa.array(columns["term_months"], pa.int16()),
            "purpose": pa.array(columns["purpose"], pa.string(), mask=masks["purpose"]),
            "age": pa.array(columns["age"].astype(np.int32), pa.int32(), mask=masks["age"]),
            "employment_years": pa.array(columns["employment_years"].astype(np.float32), pa.float32()),
            "income": pa.array(columns["income"], pa.float64(), mask=np.isnan(columns["income"])),
            "housing": pa.array(columns["housing"], pa.string()),
            "region": pa.array(columns["region"], pa.string()),
            "utilisation": pa.array(columns["utilisation"], pa.float64()),
            "number_of_late_payments": pa.array(columns["number_of_late_payments"], pa.int32()),
            "open_loans": pa.array(columns["open_loans"], pa.int32()),
        }
    )
    folder = empty_folder(FOLDER / "data")
    for shard in range(SHARDS):
        slice_ = table.slice(shard * ROWS_PER_SHARD, ROWS_PER_SHARD)
        write_parquet(slice_, folder / f"applications-{shard}.parquet", row_group_size=ROWS_PER_ROW_GROUP)


def expect(pipeline: Pipeline) -> None:
    """Scores the shards, read back from disk, with Python's onnxruntime."""
    table = pa.concat_tables(pq.read_table(path) for path in sorted((FOLDER / "data").glob("*.parquet")))
    required = [table[name].is_valid().to_numpy() for name in NUMBERS + TEXTS if name != "income"]
    scored = np.flatnonzero(np.logical_and.reduce(required))
    rows = table.take(scored)
    feeds = {
        name: rows[name].cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float32).reshape(-1, 1)
        for name in NUMBERS  # a null income becomes NaN here
    }
    feeds |= {name: rows[name].to_numpy(zero_copy_only=False).astype(object).reshape(-1, 1) for name in TEXTS}
    label, probabilities = open_session(FOLDER / "model.onnx").run(["label", "probabilities"], feeds)

    sklearn = pipeline.predict_proba(np.column_stack([feeds[name].astype(object) for name in NUMBERS + TEXTS]))
    np.testing.assert_allclose(probabilities, sklearn, atol=1e-5)
    print(f"as scikit-learn to within {np.abs(probabilities - sklearn).max():.1e}; {label.mean():.2%} declined")
    write_expected(
        "credit-risk",
        table.num_rows,
        scored,
        {
            "decision": pa.array(label, pa.int64()),
            "p_good": pa.array(probabilities[:, 0], pa.float32()),
            "p_bad": pa.array(probabilities[:, 1], pa.float32()),
        },
    )


if __name__ == "__main__":
    random = np.random.default_rng(SEED)
    with threadpool_limits(1):
        pipeline = train(random)
    export(pipeline, FOLDER / "model.onnx")
    write_shards(random)
    expect(pipeline)
