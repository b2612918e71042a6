"""faiss's own word on our artifacts, and artifacts of faiss's own making.

    faiss_oracle.py search DIR    DIR/model.tar.gz and DIR/queries.f32 in; ids, squared distances, labels out
    faiss_oracle.py make DIR      a folder for each case in DIR, with faiss's answers beside its artifact

Raw files are little-endian and row-major, without header; the ending is the type: .f32, .i64. One thread throughout,
because that is what makes the order of equal distances faiss's own rule and no race.

The caller is the test `faiss` of crates/sagemaker.
"""

import io
import json
import sys
import tarfile
from pathlib import Path

import faiss
import numpy as np

# The kinds of flat index: faiss's class, and the artifact's "normalize".
KINDS = {
    "l2": (faiss.IndexFlatL2, False),
    "inner_product": (faiss.IndexFlatIP, False),
    "cosine": (faiss.IndexFlatIP, True),
}
DIMENSIONS = [1, 2, 3, 5, 8, 9, 16, 64]
N_ROWS, N_QUERIES = 600, 200


def search(folder: Path) -> None:
    """Unpacks our artifact, asks faiss for the neighbours of all queries, and lets them vote."""
    with tarfile.open(folder / "model.tar.gz") as archive:
        files = {m.name: archive.extractfile(m).read() for m in archive.getmembers() if m.isfile()}
    index_file = folder / "model_algo-1"
    index_file.write_bytes(files["model_algo-1"])
    index = faiss.read_index(str(index_file))
    labels = np.frombuffer(files["model_algo-1.labels"], "<f4")
    metadata = json.loads(files["model_algo-1.json"])
    assert metadata["predictor_type"] == "classifier" and not metadata["normalize"], metadata
    assert type(index) is faiss.IndexFlatL2 and index.ntotal == len(labels), (type(index), index.ntotal)

    queries = np.fromfile(folder / "queries.f32", "<f4").reshape(-1, index.d)
    distances, ids = index.search(queries, metadata["k"])
    # argmax takes the first of equal counts: of labels with equal votes the lowest.
    classes = labels.astype(np.int64)
    votes = [np.bincount(row).argmax() for row in classes[ids]]
    ids.astype("<i8").tofile(folder / "ids.i64")
    distances.astype("<f4").tofile(folder / "distances.f32")
    np.asarray(votes, "<f4").tofile(folder / "predicted.f32")

    # What faiss writes of what it read must be what it read.
    rewritten = folder / "rewritten"
    faiss.write_index(index, str(rewritten))
    assert rewritten.read_bytes() == files["model_algo-1"], "faiss writes this index with other bytes"


def make(folder: Path) -> None:
    """Writes an artifact for every kind, dimension and sort of number, and faiss's answers to queries of it."""
    # Sums of the same numbers in another order differ in the last bits; the threshold keeps faiss at plain sums
    # instead of matrix products, whose differences grow with the vectors' lengths.
    faiss.cvar.distance_compute_blas_threshold = 1 << 30
    for kind in KINDS:
        for dim in DIMENSIONS:
            for whole in [True, False]:
                if kind == "cosine" and whole:
                    continue  # scaled to length 1, whole numbers are whole no more
                name = f"{kind}-{dim}-{'whole' if whole else 'real'}"
                make_case(folder / name, kind, dim, whole)


def make_case(folder: Path, kind: str, dim: int, whole: bool) -> None:
    folder.mkdir(parents=True)
    random = np.random.default_rng([dim, whole, list(KINDS).index(kind)])

    def draw(n: int) -> np.ndarray:
        # Few different whole numbers: rows repeat and distances tie.
        values = random.integers(1, 9, (n, dim)) if whole else random.normal(0, 3, (n, dim))
        return np.ascontiguousarray(values, np.float32)

    make_index, normalize = KINDS[kind]
    rows, queries = draw(N_ROWS), draw(N_QUERIES)
    queries.astype("<f4").tofile(folder / "queries.f32")
    if normalize:
        faiss.normalize_L2(rows)
        faiss.normalize_L2(queries)
    labels = random.integers(0, 12, N_ROWS).astype("<f4")
    labels.tofile(folder / "labels.f32")
    k = int(random.integers(1, 20))

    index = make_index(dim)
    index.add(rows)
    index_file = folder / "model_algo-1"
    faiss.write_index(index, str(index_file))
    measures, ids = index.search(queries, k)
    ids.astype("<i8").tofile(folder / "ids.i64")
    measures.astype("<f4").tofile(folder / "measures.f32")

    metadata = {"k": k, "predictor_type": "classifier", "normalize": normalize, "version": "1.0"}
    with tarfile.open(folder / "model.tar.gz", "w:gz") as archive:
        for name, contents in [
            ("model_algo-1", index_file.read_bytes()),
            ("model_algo-1.labels", labels.tobytes()),
            ("model_algo-1.json", json.dumps(metadata).encode()),
        ]:
            member = tarfile.TarInfo(name)
            member.size = len(contents)
            archive.addfile(member, io.BytesIO(contents))


if __name__ == "__main__":
    commands = {"search": search, "make": make}
    if len(sys.argv) != 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    faiss.omp_set_num_threads(1)
    commands[sys.argv[1]](Path(sys.argv[2]))
