"""The data that the models learn from and are asked about: scikit-learn's own, and made ones with a fixed seed."""

import numpy as np
import pandas as pd
from sklearn import datasets

from case import SEED


def bundled(name, rows=200):
    """A dataset of scikit-learn: its features, its target, and a shuffled sample of the features with an id."""
    data = getattr(datasets, f"load_{name}")(as_frame=True)
    features = data.data.rename(columns=lambda text: text.replace(" (cm)", "").replace(" ", "_").replace("/", "_"))
    sample = features.sample(min(rows, len(features)), random_state=SEED).reset_index(drop=True)
    sample.insert(0, "id", [f"{name}-{number:04}" for number in range(len(sample))])
    return features, data.target, sample


def loans(rows=1200):
    """Applications for a loan: numbers, texts, whole numbers, with gaps where people leave a field empty."""
    random = np.random.default_rng(SEED)
    frame = pd.DataFrame(
        {
            "application": [f"A{number:06}" for number in range(rows)],
            "age": random.integers(18, 80, rows).astype(float),
            "income": np.round(random.lognormal(10, 0.6, rows), 2),
            "dependants": random.integers(0, 5, rows),
            "housing": random.choice(["own", "rent", "with family"], rows, p=[0.4, 0.45, 0.15]),
            "purpose": random.choice(["car", "education", "Möbel", "travel, other"], rows),
        }
    )
    score = 0.03 * (40 - frame.age) + 0.8 * (frame.housing == "rent") - np.log(frame.income / 20_000)
    target = np.where(score + random.normal(0, 0.5, rows) > 0.2, "refuse", "grant")
    return frame, target


WORDS = {
    "billing": "invoice refund charge card payment price cost bank receipt",
    "technical": "crash error login password screen update install slow freeze",
    "delivery": "parcel late courier address tracking box damaged door post",
}


def tickets(rows=600):
    """Short messages about one of three topics, with words that every topic shares."""
    random = np.random.default_rng(SEED)
    shared = "please help my the is not since yesterday again thank you".split()
    topics = random.choice(list(WORDS), rows)
    texts = [
        " ".join(random.permutation([*random.choice(WORDS[topic].split(), 4), *random.choice(shared, 5)]))
        for topic in topics
    ]
    return pd.DataFrame({"ticket": np.arange(rows) + 5_000_000_000, "text": texts}), topics


def ratings(rows=3000, users=60, items=40):
    """Who liked what; ids lie beyond 2^31, as those of large shops do."""
    random = np.random.default_rng(SEED)
    user_ids = random.choice(2**40, users, replace=False) + 2**33
    item_ids = random.choice(2**36, items, replace=False) + 2**32
    tastes, kinds = random.normal(size=(users, 4)), random.normal(size=(items, 4))
    user, item = random.integers(0, users, rows), random.integers(0, items, rows)
    liked = ((tastes[user] * kinds[item]).sum(1) + random.normal(0, 0.5, rows) > 0).astype(np.float32)
    return pd.DataFrame({"user_id": user_ids[user], "item_id": item_ids[item]}), liked
