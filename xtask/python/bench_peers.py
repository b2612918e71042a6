"""The peers of `cargo xtask bench`, measured one request at a time.

    bench_peers.py DIR

Reads measurements from standard input, a line each: a name, and its arguments after blanks. Answers each with a line of JSON:
seconds, and where there is one a checksum, the sum of all squared distances found or of all numbers read, by which the caller
sees that both did the same work. A search writes the numbers of the rows it found to search/found.i64 instead.
The first line, unasked, tells the versions. Imports, loading of the inputs and building of indexes are never timed.

Inputs in DIR, little-endian and row-major: rows.f32 and labels.f32 (the model's), entries.f32 (every entry once,
shuffled), queries.f32 (drawn at random), survey.csv.gz; and the request bodies decode_*. How many threads OpenMP may use is for the caller to say, in
OMP_NUM_THREADS; so faiss, pykdtree and the linear algebra below them are all bound by it, and the others are told.
"""

import io
import json
import os
import platform
import sys
import tarfile
import time
from functools import cache, lru_cache
from pathlib import Path

import faiss
import numpy as np
import usearch.index
from importlib.metadata import version
from pykdtree.kdtree import KDTree as PyKdTree
from sklearn.neighbors import KDTree as SklearnKdTree
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

try:
    import pynanoflann
except ImportError:  # no wheel for this Python
    pynanoflann = None

DIM = 5
K = 10
SAMPLE_SIZE = 100_000
# The level that our artifact is written with, so that both do the same work; and tarfile's own default, which takes
# dozens of times as long on such data and is shown for information.
GZIP_LEVEL, DEFAULT_GZIP_LEVEL = 4, 9

# Above it scikit-learn's own choice is brute force, too.
MAX_TREE_DIM = 15
THREADS = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count())

folder = Path(sys.argv[1])


@cache
def array(name: str) -> np.ndarray:
    values = np.fromfile(folder / f"{name}.f32", "<f4")
    return values if name == "labels" else values.reshape(-1, DIM)


@cache
def faiss_index() -> faiss.IndexFlatL2:
    index = faiss.IndexFlatL2(DIM)
    index.add(array("rows"))
    return index


@cache
def sklearn_tree() -> SklearnKdTree:
    return SklearnKdTree(array("rows"))


@cache
def sklearn_classifier() -> KNeighborsClassifier:
    return KNeighborsClassifier(K, n_jobs=-1).fit(array("rows"), array("labels"))


@cache
def pykdtree_tree() -> PyKdTree:
    return PyKdTree(array("rows"))


def timed(call, squared_distances) -> dict:
    begun = time.perf_counter()
    result = call()
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "checksum": float(squared_distances(result).sum(dtype=np.float64))}


def faiss_entries() -> dict:
    index = faiss_index()
    return timed(lambda: index.search(array("entries"), K), lambda found: found[0])


def sklearn_entries() -> dict:
    tree = sklearn_tree()
    return timed(lambda: tree.query(array("entries"), K), lambda found: np.rint(found[0] ** 2))


def pykdtree_of(name: str) -> dict:
    tree = pykdtree_tree()
    return timed(lambda: tree.query(array(name), K, sqr_dists=True), lambda found: found[0])


def sklearn_predict() -> dict:
    """No checksum: of equally near rows it takes others than we do, so it may predict otherwise."""
    classifier, queries = sklearn_classifier(), array("queries")
    begun = time.perf_counter()
    classifier.predict(queries)
    return {"seconds": time.perf_counter() - begun}


def faiss_flat(rows, k):
    index = faiss.IndexFlatL2(rows.shape[1])
    index.add(rows)
    return lambda queries: index.search(queries, k)[1]


def sklearn_neighbours(rows, k):
    algorithm = "kd_tree" if rows.shape[1] <= MAX_TREE_DIM else "brute"
    model = NearestNeighbors(n_neighbors=k, algorithm=algorithm, n_jobs=THREADS).fit(rows)
    return lambda queries: model.kneighbors(queries)[1]


def usearch_exact(rows, k):
    metric = usearch.index.MetricKind.L2sq
    return lambda queries: usearch.index.search(rows, queries, k, metric, exact=True, threads=THREADS).keys


def nanoflann(rows, k):
    tree = pynanoflann.KDTree(n_neighbors=k, leaf_size=10, metric="L2")
    tree.fit(rows)
    return lambda queries: tree.kneighbors(queries, n_jobs=THREADS)[1]


def pykdtree(rows, k):
    tree = PyKdTree(rows)
    return lambda queries: tree.query(queries, k, sqr_dists=True)[1]


LIBRARIES = {
    "faiss": faiss_flat,
    "scikit-learn": sklearn_neighbours,
    "usearch": usearch_exact,
    "nanoflann": nanoflann,
    "pykdtree": pykdtree,
}


@lru_cache(maxsize=1)
def search_data(data: str, dim: int):
    """Rows, queries and the searchers that were built of them; of one data set at a time."""
    rows, queries = (
        np.fromfile(folder / "search" / f"{data}.{kind}.f32", "<f4").reshape(-1, dim) for kind in ("rows", "queries")
    )
    return rows, queries, {}


def search(library: str, data: str, dim: str, k: str, calls: str, n: str) -> dict:
    """The first n queries, in a call each or in one; all seconds together."""
    rows, queries, searchers = search_data(data, int(dim))
    key = library, int(k)
    if key not in searchers:
        searchers[key] = LIBRARIES[library](rows, int(k))
        # Once unmeasured: threads and caches are there, as they are for ours.
        searchers[key](queries[:2])
    searcher, queries = searchers[key], queries[: int(n)]
    begun = time.perf_counter()
    if calls == "single":
        found = [searcher(queries[i : i + 1]) for i in range(len(queries))]
    else:
        found = [searcher(queries)]
    seconds = time.perf_counter() - begun
    np.concatenate(found).astype("<i8").tofile(folder / "search" / "found.i64")
    return {"seconds": seconds}


@cache
def body(name: str) -> bytes:
    return (folder / name).read_bytes()


def decode(name: str, read) -> dict:
    data = body(name)
    return timed(lambda: read(data), lambda samples: samples)


def read_csv(data: bytes) -> np.ndarray:
    return np.loadtxt(io.BytesIO(data), np.float32, delimiter=",", ndmin=2)


def read_instances(instances: list) -> np.ndarray:
    return np.array([instance["features"] for instance in instances], np.float32)


def read_survey(reader: str) -> dict:
    """From the survey's CSV.gz to float32, by a reader that uses all cores if it can."""
    path = folder / "survey.csv.gz"
    if reader == "pandas":
        import pandas

        return timed(lambda: pandas.read_csv(path, header=None, dtype="float32"), lambda table: table.to_numpy())
    import pyarrow
    from pyarrow import csv

    names = [str(column) for column in range(DIM + 1)]
    types = csv.ConvertOptions(column_types={name: pyarrow.float32() for name in names})
    options = csv.ReadOptions(column_names=names)
    return timed(
        lambda: csv.read_csv(path, read_options=options, convert_options=types),
        lambda table: np.array([column.to_numpy().sum(dtype=np.float64) for column in table.columns]),
    )


def train(gzip_level: int) -> dict:
    """From the survey's CSV.gz to an artifact, as one would write it with numpy and faiss."""
    steps = {}
    begun = last = time.perf_counter()

    def done(step: str) -> None:
        nonlocal last
        now = time.perf_counter()
        steps[step] = now - last
        last = now

    survey = np.loadtxt(folder / "survey.csv.gz", np.float32, delimiter=",")
    done("read")
    chosen = np.sort(np.random.default_rng(7).choice(len(survey), SAMPLE_SIZE, replace=False))
    rows = np.ascontiguousarray(survey[chosen, :DIM])
    labels = np.ascontiguousarray(survey[chosen, DIM])
    index = faiss.IndexFlatL2(DIM)
    index.add(rows)
    done("sample and index")
    faiss.write_index(index, str(folder / "peer_model_algo-1"))
    np.save(folder / "peer_model_algo-1-labels.npy", labels.astype("<f8"))
    metadata = {
        "k": K,
        "predictor_type": "classifier",
        "dimension_reduction": {"input_dim": DIM, "type": "identity"},
        "normalize": False,
        "version": "1.0",
    }
    (folder / "peer_model_algo-1.json").write_text(json.dumps(metadata))
    with tarfile.open(folder / "peer_model.tar.gz", "w:gz", compresslevel=gzip_level) as archive:
        for name in ["model_algo-1.json", "model_algo-1-labels.npy", "model_algo-1"]:
            archive.add(folder / f"peer_{name}", name)
    done("write")
    return {"seconds": last - begun, "steps": steps}


MEASUREMENTS = {
    "search": search,
    "faiss_entries": faiss_entries,
    "sklearn_entries": sklearn_entries,
    "pykdtree_entries": lambda: pykdtree_of("entries"),
    "pykdtree_queries": lambda: pykdtree_of("queries"),
    "sklearn_predict": sklearn_predict,
    "decode_entries_csv": lambda: decode("decode_entries_csv", read_csv),
    "decode_reals_csv": lambda: decode("decode_reals_csv", read_csv),
    "decode_reals_json": lambda: decode(
        "decode_reals_json", lambda data: read_instances(json.loads(data)["instances"])
    ),
    "decode_reals_jsonlines": lambda: decode(
        "decode_reals_jsonlines", lambda data: read_instances([json.loads(line) for line in data.splitlines()])
    ),
    "read_survey": read_survey,
    "train": lambda: train(GZIP_LEVEL),
    "train_default_level": lambda: train(DEFAULT_GZIP_LEVEL),
}


def answer(message) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    peers = ["faiss-cpu", "numpy", "scikit-learn", "pykdtree", "usearch"]
    if pynanoflann:
        peers.append("pynanoflann")
    answer(f"Python {platform.python_version()}, " + ", ".join(f"{peer} {version(peer)}" for peer in peers))
    for line in sys.stdin:
        name, *arguments = line.split()
        answer(MEASUREMENTS[name](*arguments))
