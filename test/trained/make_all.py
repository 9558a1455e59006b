"""Trains every model and writes every case: python make_all.py [family ...]; then run predict.py on models/*."""

import importlib
import sys

from threadpoolctl import threadpool_limits

FAMILIES = ["sklearn_models", "pipeline_models", "boosting_models", "torch_models"]

if __name__ == "__main__":
    with threadpool_limits(1):
        for family in sys.argv[1:] or FAMILIES:
            for make in importlib.import_module(family).MENU:
                make()
