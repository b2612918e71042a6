"""The reference server of `cargo xtask bench`: a k-NN model behind FastAPI, as one would write it for production.

    reference_server.py MODEL_FOLDER --port PORT --workers N
    reference_server.py --versions

Serves the same artifact as ours does (the three files that SageMaker's k-NN writes, unpacked) with faiss-cpu, and
answers what the built-in container answers: POST /invocations with text/csv, application/json,
application/jsonlines or application/x-recordio-protobuf, JSON out; GET /ping. What makes it fast is taken where it costs no clarity: uvicorn with uvloop
and httptools, no access log, orjson both ways (it beat json four times and keeps the same values), numpy's own CSV
reader, faiss told from which size on to multiply matrices, votes counted for all rows at once, `Response` rather than
a response model, which FastAPI would validate.

A few rows are answered on the event loop, for a thread would take longer to wake than faiss to search; a batch goes to
a thread, so that /ping is answered meanwhile, one at a time in each process, so that batches do not fight for the same
cores. How many processes serve, and how many threads faiss has in each (OMP_NUM_THREADS, OPENBLAS_NUM_THREADS), is for
the caller to say, who measures which is best. Of equally near rows the one with the lower number is nearer, and of
equally many votes the lower label wins: this is faiss's order with one thread, and ours.
"""

import argparse
import io
import json
import os
import platform
import struct
from collections.abc import Iterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import faiss
import numpy as np
import orjson
import uvicorn
from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, HTTPException, Request, Response

# From how many bytes on a body is a batch: a row has a few dozen.
BATCH_FROM_BYTES = 4096
# From which product of rows and features on faiss multiplies matrices. Its own 128,000 is meant for other shapes: a
# thousand rows of five features take a third of the time this way, single rows stay with the plain scan.
MATRIX_FROM = 1000
RECORD_MAGIC = 0xCED7230A
PACKAGES = ["fastapi", "uvicorn", "uvloop", "httptools", "orjson", "numpy", "faiss-cpu"]


class Versions(argparse.Action):
    """Says what this server is made of, and ends."""

    def __call__(self, parser, *_) -> None:
        packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
        print(f"Python {platform.python_version()}, {packages}")
        parser.exit()


class Model:
    """The model's files in memory."""

    def __init__(self, folder: Path):
        metadata = json.loads((folder / "model_algo-1.json").read_text())
        if metadata["predictor_type"] != "classifier" or metadata.get("normalize"):
            raise ValueError("only what the benchmark serves is served: a classifier by L2")
        self.k = metadata["k"]
        self.index = faiss.read_index(str(folder / "model_algo-1"))
        labels = np.load(folder / "model_algo-1-labels.npy", allow_pickle=False)
        # Votes are counted by class number; classes are sorted, so the first of equal counts is the lower label.
        self.classes, self.class_of_row = np.unique(labels, return_inverse=True)

    def predict(self, samples: np.ndarray) -> np.ndarray:
        """The label with the most votes, for each row."""
        if samples.ndim != 2 or samples.shape[1] != self.index.d:
            raise ValueError(f"a sample has {self.index.d} features")
        _, neighbours = self.index.search(samples, self.k)
        n_samples, n_classes = len(samples), len(self.classes)
        # Each row counts in bins of its own, which makes one call of bincount do for all.
        bins = self.class_of_row[neighbours] + np.arange(n_samples)[:, None] * n_classes
        votes = np.bincount(bins.ravel(), minlength=n_samples * n_classes)
        return self.classes[votes.reshape(n_samples, n_classes).argmax(axis=1)]


def records(body: bytes) -> Iterator[memoryview]:
    """The records of RecordIO: a magic number, the length, the record, padding to four bytes."""
    view, at = memoryview(body), 0
    while at < len(body):
        magic, length = struct.unpack_from("<II", body, at)
        if magic != RECORD_MAGIC or at + 8 + length > len(body):
            raise ValueError("the body is not RecordIO of whole records")
        yield view[at + 8 : at + 8 + length]
        at += 8 + (length + 3) // 4 * 4


def fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The fields of a protobuf message, all of which must have a length."""
    at = 0
    while at < len(message):
        tag, length, shift = message[at], 0, 0
        if tag & 7 != 2:
            raise ValueError("only dense samples are served")
        while True:
            at += 1
            length |= (message[at] & 0x7F) << shift
            shift += 7
            if message[at] < 0x80:
                break
        yield tag >> 3, message[at + 1 : at + 1 + length]
        at += 1 + length


def record_values(record: memoryview) -> np.ndarray:
    """The numbers of a `Record`: features["values"].float32_tensor.values, read where they are."""
    entry = dict(fields(dict(fields(record))[1]))
    tensor = dict(fields(dict(fields(entry[2]))[2]))
    return np.frombuffer(tensor[1], "<f4")


def decode(content_type: str, body: bytes) -> np.ndarray:
    """The samples of a body, a row each, as float32."""
    match content_type.partition(";")[0]:
        case "text/csv":
            return np.loadtxt(io.BytesIO(body), np.float32, delimiter=",", ndmin=2)
        case "application/json":
            instances = orjson.loads(body)["instances"]
        case "application/jsonlines":
            instances = [orjson.loads(line) for line in body.splitlines()]
        case "application/x-recordio-protobuf":
            return np.stack([record_values(record) for record in records(body)])
        case other:
            raise HTTPException(415, f"{other!r} is not supported")
    return np.array([instance["features"] for instance in instances], np.float32)


def answer(model: Model, content_type: str, body: bytes) -> bytes:
    try:
        labels = model.predict(decode(content_type, body))
    except (IndexError, KeyError, TypeError, ValueError, struct.error) as error:
        raise HTTPException(400, f"unable to evaluate payload provided: {error}") from error
    return orjson.dumps({"predictions": [{"predicted_label": label} for label in labels.tolist()]})


@asynccontextmanager
async def lifespan(app: FastAPI):
    # Each worker is a process of its own, which inherits nothing but its environment.
    app.state.model = Model(Path(os.environ["REFERENCE_MODEL"]))
    # Never for a single row: the plain scan is faster then, however many features there are.
    faiss.cvar.distance_compute_blas_threshold = max(MATRIX_FROM, 2 * app.state.model.index.d)
    app.state.one_batch = CapacityLimiter(1)
    yield


app = FastAPI(lifespan=lifespan, openapi_url=None)


@app.get("/ping")
async def ping() -> Response:
    return Response()


@app.post("/invocations")
async def invocations(request: Request) -> Response:
    body = await request.body()
    arguments = request.app.state.model, request.headers.get("content-type", ""), body
    if len(body) < BATCH_FROM_BYTES:
        content = answer(*arguments)
    else:
        content = await to_thread.run_sync(answer, *arguments, limiter=request.app.state.one_batch)
    return Response(content, media_type="application/json")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--versions", action=Versions, nargs=0)
    parser.add_argument("model", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    os.environ["REFERENCE_MODEL"] = str(arguments.model.resolve())
    uvicorn.run(
        "reference_server:app",
        app_dir=str(Path(__file__).parent),
        port=arguments.port,
        workers=arguments.workers,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
    )
