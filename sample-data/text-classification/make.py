"""Makes the text-classification sample: support tickets, TF-IDF with a linear model, expected predictions."""

import gzip
import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pyarrow as pa
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import StringTensorType
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))
from common import empty_folder, open_session, save_model, write_expected  # noqa: E402
from corpus import draw_tickets  # noqa: E402

SEED = 2000
TRAINING_TICKETS = 4_000
SHARDS = 4  # the odd ones compressed
TICKETS_PER_SHARD = 500
EMPTY, NULL, ABSENT, CUT = 77, 640, 1_250, 1_404  # rows with text "", text null, no text, half a line


def train(random: np.random.Generator) -> Pipeline:
    texts, topics = draw_tickets(random, TRAINING_TICKETS)
    # Lower case comes from the job file, "lower(text)": in the model it would be a StringNormalizer, which cannot be
    # loaded where the system has no en_US.UTF-8 locale. The pattern is one that ONNX's Tokenizer has as well.
    words = TfidfVectorizer(lowercase=False, token_pattern="[a-zA-Z0-9_]+", ngram_range=(1, 2), min_df=4)
    pipeline = make_pipeline(words, LogisticRegression(C=4, max_iter=1000))
    return pipeline.fit([text.lower() for text in texts], topics)


def to_line(row: int, ticket_id: int, text: str, topic: str) -> str:
    received = datetime(2024, 5, 2, 6, tzinfo=timezone.utc) + timedelta(minutes=7 * row)
    ticket = {
        "ticket_id": ticket_id,
        "received_at": received.isoformat().replace("+00:00", "Z"),
        "customer": {"country": ["DE", "FR", "GB", "BR", "JP"][row % 5], "business": row % 3 == 0},
        "text": text,
        "team": topic,
    }
    if row == EMPTY:
        ticket["text"] = ""
    if row == NULL:
        ticket["text"] = None
    if row == ABSENT:
        del ticket["text"]
    line = json.dumps(ticket, ensure_ascii=row % 2 == 0)  # both ways to write é: as it is and as \\u00e9
    return line[: len(line) // 2] if row == CUT else line


def write_shards(random: np.random.Generator) -> None:
    texts, topics = draw_tickets(random, SHARDS * TICKETS_PER_SHARD)
    ids = 1_790_000_000_000_000_000 + np.cumsum(random.integers(1, 2**33, len(texts)))  # above 2^53
    lines = [to_line(row, int(ids[row]), text, topic) for row, (text, topic) in enumerate(zip(texts, topics))]
    folder = empty_folder(FOLDER / "data")
    for shard in range(SHARDS):
        start = shard * TICKETS_PER_SHARD
        content = "".join(f"{line}\n" for line in lines[start : start + TICKETS_PER_SHARD]).encode()
        if shard % 2:
            (folder / f"tickets-{shard}.jsonl.gz").write_bytes(gzip.compress(content, mtime=0))
        else:
            (folder / f"tickets-{shard}.jsonl").write_bytes(content)


def read_tickets() -> list[dict | None]:
    """The tickets in order, read back from disk; None where the line is no JSON."""
    tickets: list[dict | None] = []
    for path in sorted((FOLDER / "data").iterdir()):
        content = path.read_bytes()
        for line in (gzip.decompress(content) if path.suffix == ".gz" else content).decode().removesuffix("\n").split("\n"):
            try:
                tickets.append(json.loads(line))
            except json.JSONDecodeError:
                tickets.append(None)
    return tickets


def main() -> None:
    random = np.random.default_rng(SEED)
    pipeline = train(random)
    inputs = [("text", StringTensorType([None, 1]))]
    save_model(convert_sklearn(pipeline, "support_tickets", inputs, target_opset=17), FOLDER / "model.onnx")
    write_shards(random)

    tickets = read_tickets()
    scored = [row for row, ticket in enumerate(tickets) if ticket and ticket.get("text") is not None]
    texts = [tickets[row]["text"].lower() for row in scored]
    teams = [tickets[row]["team"] for row in scored]
    print(f"accuracy {pipeline.score(texts, teams):.1%}, {len(pipeline[0].vocabulary_)} terms")

    feeds = {"text": np.array(texts, dtype=object).reshape(-1, 1)}
    session = open_session(FOLDER / "model.onnx")
    label, maps = session.run(["output_label", "output_probability"], feeds)
    probabilities = np.array([[row[topic] for topic in pipeline.classes_] for row in maps], dtype=np.float32)
    np.testing.assert_array_equal(label, pipeline.predict(texts))
    np.testing.assert_allclose(probabilities, pipeline.predict_proba(texts), atol=1e-5)

    results = {"topic": pa.array(label.tolist(), pa.string())}
    for topic in ("billing", "technical"):
        place = list(pipeline.classes_).index(topic)
        results[f"p_{topic}"] = pa.array(probabilities[:, place], pa.float32())
    write_expected("text-classification", len(tickets), np.array(scored), results)


if __name__ == "__main__":
    main()
