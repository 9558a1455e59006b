"""Makes the medical-diagnosis sample: measured breast tumours, a logistic regression, expected predictions."""

import csv
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))
from common import empty_folder, open_session, save_model, write_expected  # noqa: E402

SEED = 569
DATA = FOLDER / "data" / "patients.csv"


def write_patients(random: np.random.Generator) -> None:
    """One line per patient: an id with leading zeros, the 30 measurements, and what the biopsy said."""
    cancer = load_breast_cancer()
    ids = random.choice(100_000, len(cancer.target), replace=False)
    empty_folder(DATA.parent)
    with DATA.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["patient_id", *cancer.feature_names, "biopsy"])
        for number, measures, target in zip(ids, cancer.data.tolist(), cancer.target):
            writer.writerow([f"{number:06d}", *measures, cancer.target_names[target]])


def read_patients() -> tuple[np.ndarray, np.ndarray]:
    with DATA.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name not in ("patient_id", "biopsy")]
    measures = np.array([[float(row[name]) for name in names] for row in rows]).astype(np.float32)
    return measures, np.array([row["biopsy"] for row in rows])


def main() -> None:
    write_patients(np.random.default_rng(SEED))
    measures, biopsies = read_patients()

    training, _, training_biopsies, _, _, held_out = train_test_split(
        measures, biopsies, np.arange(len(biopsies)), test_size=0.4, stratify=biopsies, random_state=SEED
    )
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.5, max_iter=1000))
    pipeline.fit(training, training_biopsies)
    print(f"held-out accuracy {pipeline.score(measures[held_out], biopsies[held_out]):.1%}")

    # The defaults of skl2onnx: the probabilities leave through ZipMap, as a sequence of maps.
    inputs = [("float_input", FloatTensorType([None, measures.shape[1]]))]
    save_model(convert_sklearn(pipeline, "medical_diagnosis", inputs, target_opset=17), FOLDER / "model.onnx")

    label, maps = open_session(FOLDER / "model.onnx").run(
        ["output_label", "output_probability"], {"float_input": measures}
    )
    probabilities = np.array([[row["benign"], row["malignant"]] for row in maps], dtype=np.float32)
    np.testing.assert_array_equal(label, pipeline.predict(measures))
    np.testing.assert_allclose(probabilities, pipeline.predict_proba(measures), atol=1e-5)
    write_expected(
        "medical-diagnosis",
        len(measures),
        np.arange(len(measures)),
        {
            "output_label": pa.array(label.tolist(), pa.string()),
            "output_probability_benign": pa.array(probabilities[:, 0], pa.float32()),
            "output_probability_malignant": pa.array(probabilities[:, 1], pa.float32()),
        },
    )


if __name__ == "__main__":
    main()
