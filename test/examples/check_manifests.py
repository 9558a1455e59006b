"""Checks manifests against the JSON schemas of Kubernetes, without room for unknown keys. Prints each problem on a line.

Usage: check_manifests.py VERSION FILE...: YAML or JSON.
"""

import sys

import kubernetes_validate
import yaml

version, *paths = sys.argv[1:]
for path in paths:
    with open(path) as file:
        for manifest in yaml.safe_load_all(file):
            try:
                kubernetes_validate.validate(manifest, version, strict=True)
                print(f"{path}: {manifest['kind']} is right")
            except kubernetes_validate.ValidationError as error:
                print(f"{path}: {'.'.join(map(str, error.path))}: {error.message}")
