"""Compares the table of the registries of SageMaker's k-NN with the one in sagemaker-core.

usage: PYTHON check_registries.py TABLE

TABLE has a line for each region: its name, and the account of the registry. PYTHON has what
`xtask/python/requirements-sagemaker-v3.txt` names. Exits with 1 if the tables differ. No network, no AWS account.
"""

import importlib.util
import json
import pathlib
import sys

from findings import argument


def published():
    """The registries of the k-NN image by region, as sagemaker-core has them."""
    folder = pathlib.Path(importlib.util.find_spec("sagemaker.core").submodule_search_locations[0])
    images = json.loads(folder.joinpath("image_uri_config/knn.json").read_text())
    return images["versions"]["1"]["registries"]


def main():
    text = argument(__doc__).read_text()
    expected = published()
    table = dict(line.split() for line in text.splitlines())
    for region in sorted(table.keys() | expected.keys()):
        if table.get(region) != expected.get(region):
            print(f"{region}: {table.get(region)}, sagemaker-core has {expected.get(region)}")
    if table != expected:
        sys.exit(1)
    print(f"{len(table)} registries are those of sagemaker-core")


if __name__ == "__main__":
    main()
