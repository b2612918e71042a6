"""A model, trained by the program itself."""

import json
import subprocess

import pytest

from local_sagemaker import find_program


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """Return the folder with a classifier of two features: label 1 near (1, 1), label 9 near (9, 9)."""
    folder = tmp_path_factory.mktemp("opt-ml")
    config, train = folder / "input/config", folder / "input/data/train"
    config.mkdir(parents=True)
    train.mkdir(parents=True)
    hyperparameters = {"k": "1", "sample_size": "4", "predictor_type": "classifier", "feature_dim": "2"}
    (config / "hyperparameters.json").write_text(json.dumps(hyperparameters))
    channel = {"ContentType": "text/csv", "TrainingInputMode": "File"}
    (config / "inputdataconfig.json").write_text(json.dumps({"train": channel}))
    (train / "train.csv").write_text("1,1,1\n1,1,2\n9,9,9\n9,9,8\n")
    subprocess.run([find_program(), "train", "--opt-ml", folder], check=True, stdout=subprocess.DEVNULL)
    return folder / "model"
