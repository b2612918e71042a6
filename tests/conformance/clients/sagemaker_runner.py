"""The SageMaker Python SDK: its predictors, serializers and deserializers, and a model of the bytes that it writes.

    sagemaker_runner.py PLAN [--server MYSFITS_SERVER]

With --server, models are trained too: `train --opt-ml` reads what the SDK's RecordIO writers write.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

os.environ["SAGEMAKER_SUPPRESS_V2_WARNING"] = "1"
# The SDK logs to standard output, where the caller expects a line for each case.
sys.stdout = sys.stderr

import boto3
import numpy as np
import sagemaker
import scipy.sparse
from sagemaker.amazon.common import write_numpy_to_dense_tensor, write_spmatrix_to_sparse_tensor
from sagemaker.amazon.knn import KNNPredictor
from sagemaker.deserializers import JSONDeserializer, JSONLinesDeserializer, RecordDeserializer
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer, JSONLinesSerializer, JSONSerializer, RecordSerializer
from suite import Expected, Plan, Predictions, compare, compare_distances

N_ROWS = 100

# How the SDK's serializers want their samples.
SERIALIZERS = {
    "CSVSerializer": (CSVSerializer, lambda samples: samples),
    "JSONSerializer": (JSONSerializer, lambda samples: {"instances": [{"features": row.tolist()} for row in samples]}),
    "JSONLinesSerializer": (JSONLinesSerializer, lambda samples: [{"features": row.tolist()} for row in samples]),
    "RecordSerializer": (RecordSerializer, lambda samples: samples.astype(np.float32)),
    "RecordSerializer, float64": (RecordSerializer, lambda samples: samples),
}


def of_rows(rows: list[dict]) -> Predictions:
    columns = {name: np.array([row[name] for row in rows], np.float64) for name in rows[0]}
    return Predictions(columns["predicted_label"], columns.get("distances"), columns.get("labels"))


def of_records(records: list) -> Predictions:
    # Labels are in the type of the request's features: a float32_tensor or a float64_tensor.
    rows = [
        {name: list(getattr(value, value.WhichOneof("value")).values) for name, value in record.label.items()}
        for record in records
    ]
    return of_rows([row | {"predicted_label": row["predicted_label"][0]} for row in rows])


# What its deserializers make of an answer.
DESERIALIZERS = {
    "JSONDeserializer": (JSONDeserializer, lambda answer: of_rows(answer["predictions"])),
    "JSONLinesDeserializer": (JSONLinesDeserializer, of_rows),
    "RecordDeserializer": (RecordDeserializer, of_records),
}


def session(plan: Plan, url: str) -> sagemaker.Session:
    runtime = boto3.client("sagemaker-runtime", endpoint_url=url, region_name=plan.region)
    # The bucket is never used; without a name the SDK asks who the account is.
    boto_session = boto3.Session(region_name=plan.region)
    return sagemaker.Session(boto_session, sagemaker_runtime_client=runtime, default_bucket="unused")


def query(plan: Plan) -> None:
    """Every serializer times every deserializer, and the predictor that the SDK has for k-NN."""
    samples = plan.samples_of(N_ROWS)
    expected = plan.expected(N_ROWS)
    group = "Serializers and deserializers"
    calls = session(plan, plan.url)
    for sent, (serializer, prepare) in SERIALIZERS.items():
        for received, (deserializer, read) in DESERIALIZERS.items():
            for verbose in (False, True):

                def check() -> None:
                    accept = "; verbose=true" if verbose else ""
                    predictor = Predictor(
                        plan.endpoint,
                        sagemaker_session=calls,
                        serializer=serializer(),
                        deserializer=deserializer(accept=deserializer().ACCEPT[0] + accept),
                    )
                    found = read(predictor.predict(prepare(samples)))
                    compare(found, expected, verbose)
                    if verbose:
                        compare_distances(found, expected)

                plan.case(group, f"{sent} to {received}{', verbose' if verbose else ''}", check)

    def predictor() -> None:
        records = KNNPredictor(plan.endpoint, sagemaker_session=calls).predict(samples.astype(np.float32))
        compare(of_records(records), expected, False)

    plan.case(group, "KNNPredictor", predictor)


@contextlib.contextmanager
def served(server: Path, model: Path, name: str) -> Iterator[str]:
    """A server for a while; its URL."""
    command = [server, "serve", "--endpoint", f"{name}={model}", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            ready = next((line for line in process.stdout if line.startswith("ready ")), None)
            assert ready, "the server ended before it was ready"
            yield ready.split()[1]
        finally:
            process.terminate()


def train(plan: Plan, server: Path, write, expected: Expected, samples: np.ndarray) -> None:
    """Trains a model of the suite's rows, as `write` writes them, and asks it."""
    rows = np.array(plan.model["rows"], np.float64)
    with tempfile.TemporaryDirectory() as folder:
        opt_ml = Path(folder)
        channel, config = opt_ml / "input/data/train", opt_ml / "input/config"
        channel.mkdir(parents=True)
        config.mkdir(parents=True)
        with (channel / "rows.pbr").open("wb") as file:
            write(file, rows[:, :-1], rows[:, -1])
        hyperparameters = {
            "k": plan.model["k"],
            "feature_dim": rows.shape[1] - 1,
            "sample_size": len(rows),
            "predictor_type": "classifier",
        }
        documents = {
            "hyperparameters": {name: str(value) for name, value in hyperparameters.items()},
            # As the service writes it when the channel was given no content type.
            "inputdataconfig": {
                "train": {
                    "TrainingInputMode": "File",
                    "S3DistributionType": "FullyReplicated",
                    "RecordWrapperType": "None",
                }
            },
            "resourceconfig": {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "eth0"},
        }
        for name, document in documents.items():
            (config / f"{name}.json").write_text(json.dumps(document))
        done = subprocess.run([server, "train", "--opt-ml", opt_ml], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"training failed: {done.stdout[-200:]} {done.stderr[-300:]}"
        with served(server, opt_ml / "model", "trained") as url:
            predictor = Predictor(
                "trained",
                sagemaker_session=session(plan, url),
                serializer=RecordSerializer(),
                deserializer=JSONDeserializer(accept="application/json; verbose=true"),
            )
            found = of_rows(predictor.predict(samples)["predictions"])
    compare(found, expected, True)
    compare_distances(found, expected)


def training(plan: Plan, server: Path) -> None:
    samples = plan.samples_of(N_ROWS)
    expected = plan.expected(N_ROWS)

    def dense(dtype):
        return lambda file, rows, labels: write_numpy_to_dense_tensor(file, rows.astype(dtype), labels.astype(dtype))

    def sparse(dtype):
        return lambda file, rows, labels: write_spmatrix_to_sparse_tensor(
            file, scipy.sparse.csr_matrix(rows.astype(dtype)), labels.astype(dtype)
        )

    writers = {
        "write_numpy_to_dense_tensor, float32": dense(np.float32),
        "write_numpy_to_dense_tensor, float64": dense(np.float64),
        "write_spmatrix_to_sparse_tensor, float32": sparse(np.float32),
        "write_spmatrix_to_sparse_tensor, float64": sparse(np.float64),
    }
    for name, write in writers.items():
        plan.case(
            "Training on what it writes", name, lambda write=write: train(plan, server, write, expected, samples)
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("plan", type=Path)
    parser.add_argument("--server", type=Path)
    arguments = parser.parse_args()
    plan = Plan("SageMaker Python SDK", arguments.plan)
    plan.version(f"sagemaker {sagemaker.__version__}")
    query(plan)
    if arguments.server:
        training(plan, arguments.server)


if __name__ == "__main__":
    main()
