"""faiss's own word on our artifacts, and artifacts of faiss's own making.

    faiss_oracle.py search DIR            DIR/model.tar.gz and DIR/queries.f32 in; ids, squared distances, labels out
    faiss_oracle.py make DIR              a folder for each flat case in DIR, with faiss's answers beside its artifact
    faiss_oracle.py make-inverted DIR     the same for IVFFlat and IVFPQ, with the rows that they were made of
    faiss_oracle.py search-inverted DIR   each DIR/*/ours/model.tar.gz and the queries in; ids and measures out
    faiss_oracle.py recall DIR            a folder for each data set in DIR: rows, queries, and what faiss's trained
                                          indexes find of them

Raw files are little-endian and row-major, without header; the ending is the type: .f32, .i64. One thread throughout,
because that is what makes the order of equal distances faiss's own rule and no race.

The caller is the test `faiss` of crates/sagemaker.
"""

import io
import json
import sys
import tarfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import faiss
import numpy as np
from sklearn.datasets import load_digits

# The kinds of flat index: faiss's class, and the artifact's "normalize".
KINDS = {
    "l2": (faiss.IndexFlatL2, False),
    "inner_product": (faiss.IndexFlatIP, False),
    "cosine": (faiss.IndexFlatIP, True),
}
DIMENSIONS = [1, 2, 3, 5, 8, 9, 16, 64]
N_ROWS, N_QUERIES = 600, 200


def read_artifact(folder: Path) -> tuple[faiss.Index, dict[str, bytes]]:
    """Unpacks an artifact of ours; its index as faiss reads it, and its files."""
    with tarfile.open(folder / "model.tar.gz") as archive:
        files = {m.name: archive.extractfile(m).read() for m in archive.getmembers() if m.isfile()}
    index_file = folder / "model_algo-1"
    index_file.write_bytes(files["model_algo-1"])
    index = faiss.read_index(str(index_file))
    # What faiss writes of what it read must be what it read.
    rewritten = folder / "rewritten"
    faiss.write_index(index, str(rewritten))
    assert rewritten.read_bytes() == files["model_algo-1"], f"faiss writes the index of {folder} with other bytes"
    return index, files


def search(folder: Path) -> None:
    """Asks faiss for the neighbours of all queries in our artifact, and lets them vote."""
    index, files = read_artifact(folder)
    assert list(files) == ["model_algo-1.json", "model_algo-1-labels.npy", "model_algo-1.labels", "model_algo-1"], list(files)
    npy = files["model_algo-1-labels.npy"]
    labels = np.load(io.BytesIO(npy), allow_pickle=False)
    assert npy[:8] == b"\x93NUMPY\x01\x00" and len(npy) == 128 + 8 * index.ntotal, (npy[:128], len(npy))
    assert labels.dtype == np.dtype("<f8") and labels.shape == (index.ntotal,), (labels.dtype, labels.shape)
    # What numpy writes of them must be what it read.
    rewritten = io.BytesIO()
    np.save(rewritten, labels)
    assert rewritten.getvalue() == npy, "numpy writes the labels with other bytes"
    assert np.array_equal(np.frombuffer(files["model_algo-1.labels"], "<f4"), labels)
    metadata = json.loads(files["model_algo-1.json"])
    assert metadata["predictor_type"] == "classifier" and metadata["normalize"] is False, metadata
    assert metadata["dimension_reduction"] == {"input_dim": index.d, "type": "identity"}, metadata
    assert metadata["version"] == "1.0", metadata
    assert type(index) is faiss.IndexFlatL2 and index.ntotal == len(labels), (type(index), index.ntotal)

    queries = np.fromfile(folder / "queries.f32", "<f4").reshape(-1, index.d)
    distances, ids = index.search(queries, metadata["k"])
    # argmax takes the first of equal counts: of labels with equal votes the lowest.
    classes = labels.astype(np.int64)
    votes = [np.bincount(row).argmax() for row in classes[ids]]
    ids.astype("<i8").tofile(folder / "ids.i64")
    distances.astype("<f4").tofile(folder / "distances.f32")
    np.asarray(votes, "<f4").tofile(folder / "predicted.f32")


def make(folder: Path) -> None:
    """Writes an artifact for every kind, dimension and sort of number, and faiss's answers to queries of it."""
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
    labels = random.integers(0, 12, N_ROWS)
    labels.astype("<f4").tofile(folder / "labels.f32")
    k = int(random.integers(1, 20))

    index = make_index(dim)
    index.add(rows)
    index_file = folder / "model_algo-1"
    faiss.write_index(index, str(index_file))
    measures, ids = index.search(queries, k)
    ids.astype("<i8").tofile(folder / "ids.i64")
    measures.astype("<f4").tofile(folder / "measures.f32")

    write_artifact(folder, index_file, labels, k, normalize, DTYPES[(dim + whole) % len(DTYPES)])
    votes = [np.bincount(row).argmax() for row in labels[ids]]
    np.asarray(votes, "<f4").tofile(folder / "predicted.f32")


# The types of labels in artifacts; the container writes the first.
DTYPES = ["<f8", "<f4", "<i8", "<i4"]


def write_artifact(
    folder: Path, index_file: Path, labels: np.ndarray, k: int, normalize: bool, dtype: str = "<f8"
) -> None:
    """Writes model.tar.gz in the layout of the real container."""
    dim = faiss.read_index(str(index_file)).d
    metadata = {
        "k": k,
        "predictor_type": "classifier",
        "dimension_reduction": {"input_dim": dim, "type": "identity"},
        "normalize": normalize,
        "version": "1.0",
    }
    npy = io.BytesIO()
    np.save(npy, labels.astype(dtype))
    with tarfile.open(folder / "model.tar.gz", "w:gz") as archive:
        for name, contents in [
            ("model_algo-1.json", json.dumps(metadata).encode()),
            ("model_algo-1-labels.npy", npy.getvalue()),
            ("model_algo-1", index_file.read_bytes()),
        ]:
            member = tarfile.TarInfo(name)
            member.size = len(contents)
            archive.addfile(member, io.BytesIO(contents))


@dataclass
class Inverted:
    """How an inverted file is made; a case's folder has the same in its case.json."""

    kind: str  # ivf_flat or ivf_pq
    metric: str  # of KINDS
    dim: int
    n_lists: int
    n_probe: int
    m: int = 0
    n_rows: int = 3000
    k: int = 10
    # Written with faiss's map from rows to lists, which says nothing new: 1 as an array, 2 as a hash table.
    direct_map: int = 0

    def name(self) -> str:
        return "-".join(str(value) for value in asdict(self).values())

    def train(self, rows: np.ndarray, seed: int = 1234) -> faiss.IndexIVF:
        """Trains on the rows, and adds none of them."""
        metric = faiss.METRIC_L2 if self.metric == "l2" else faiss.METRIC_INNER_PRODUCT
        quantizer = KINDS[self.metric][0](self.dim)
        if self.kind == "ivf_flat":
            index = faiss.IndexIVFFlat(quantizer, self.dim, self.n_lists, metric)
        else:
            index = faiss.IndexIVFPQ(quantizer, self.dim, self.n_lists, self.m, 8, metric)
            index.pq.cp.seed = seed
        index.cp.seed = seed
        index.train(rows)
        index.nprobe = self.n_probe
        return index


INVERTED = [
    # The measures, dimensions and numbers of lists; probing one, some and all of them, and more than there are.
    *(Inverted("ivf_flat", metric, dim, n_lists, n_probe)
      for metric in KINDS
      for dim in [3, 8, 21, 64]
      for n_lists, n_probe in [(1, 1), (7, 1), (7, 3), (50, 5), (50, 50), (4, 5)]),
    *(Inverted("ivf_pq", "l2", dim, n_lists, n_probe, m)
      for dim, m in [(8, 1), (8, 4), (8, 8), (24, 3), (64, 8), (64, 16)]
      for n_lists, n_probe in [(1, 1), (7, 3), (50, 5), (4, 5)]),
    # Most lists are empty: the sizes are written in another way.
    Inverted("ivf_flat", "l2", 4, 40, 40, n_rows=12, k=3),
    Inverted("ivf_flat", "inner_product", 4, 40, 40, n_rows=1, k=1),
    Inverted("ivf_pq", "l2", 8, 40, 40, 2, n_rows=12, k=3),
    Inverted("ivf_flat", "l2", 4, 7, 3, direct_map=1),
    Inverted("ivf_flat", "l2", 4, 7, 3, direct_map=2),
    Inverted("ivf_pq", "l2", 8, 7, 3, 4, direct_map=1),
]


def make_inverted(folder: Path) -> None:
    for number, case in enumerate(INVERTED):
        make_inverted_case(folder / case.name(), case, np.random.default_rng(number))


def make_inverted_case(folder: Path, case: Inverted, random: np.random.Generator) -> None:
    folder.mkdir(parents=True)
    (folder / "case.json").write_text(json.dumps(asdict(case)))
    rows, queries, training = (
        np.ascontiguousarray(random.normal(0, 3, (n, case.dim)), np.float32) for n in [case.n_rows, N_QUERIES, 3000]
    )
    rows.astype("<f4").tofile(folder / "rows.f32")
    queries.astype("<f4").tofile(folder / "queries.f32")
    normalize = KINDS[case.metric][1]
    if normalize:
        for vectors in [rows, queries, training]:
            faiss.normalize_L2(vectors)
    labels = random.integers(0, 12, case.n_rows).astype("<f4")
    labels.tofile(folder / "labels.f32")

    # Few rows are not enough to train with; many lists then stay empty.
    index = case.train(rows if case.n_rows >= len(training) else training)
    index.add(rows)
    # Ours are without the map.
    faiss.write_index(index, str(folder / "model_algo-1"))
    index_file = folder / "with_map"
    index.set_direct_map_type(case.direct_map)
    faiss.write_index(index, str(index_file))
    write_answers(folder, index, queries, case.k)
    write_artifact(folder, index_file, labels, case.k, normalize)


def write_answers(folder: Path, index: faiss.Index, queries: np.ndarray, k: int) -> None:
    measures, ids = index.search(queries, k)
    assert (ids >= 0).all(), f"{folder}: the probed lists hold fewer than {k} rows; ask for fewer"
    ids.astype("<i8").tofile(folder / "ids.i64")
    measures.astype("<f4").tofile(folder / "measures.f32")


def search_inverted(folder: Path) -> None:
    """Asks faiss for the neighbours of the queries in our artifacts, if there are any."""
    for ours in sorted(folder.glob("*/ours")):
        case = Inverted(**json.loads((ours.parent / "case.json").read_text()))
        index, files = read_artifact(ours)
        metadata = json.loads(files["model_algo-1.json"])
        assert type(index) is (faiss.IndexIVFFlat if case.kind == "ivf_flat" else faiss.IndexIVFPQ), type(index)
        assert (index.nlist, index.nprobe) == (case.n_lists, case.n_probe), (ours, index.nlist, index.nprobe)
        assert index.ntotal == case.n_rows and index.is_trained, (ours, index.ntotal)
        assert metadata["normalize"] == KINDS[case.metric][1], (ours, metadata)
        queries = np.fromfile(ours.parent / "queries.f32", "<f4").reshape(-1, case.dim)
        if metadata["normalize"]:
            faiss.normalize_L2(queries)
        if index.d != case.dim:
            # As wide as the codes ask for; zeros change no distance.
            assert case.dim < index.d < case.dim + case.m, (ours, index.d)
            assert metadata["dimension_reduction"] == {"input_dim": case.dim, "type": "identity"}, (ours, metadata)
            queries = np.pad(queries, [(0, 0), (0, index.d - case.dim)])
        write_answers(ours, index, queries, metadata["k"])


# What is trained on each data set, with as many seeds as make the mean a figure and no accident: where the lists come
# to lie depends on the seed far more than what the codes are.
RECALL = [
    *(Inverted("ivf_flat", metric, 0, n_lists, n_probe)
      for metric in ["l2", "inner_product"]
      for n_lists, n_probe in [(16, 1), (16, 4), (40, 1), (40, 5)]),
    *(Inverted("ivf_pq", "l2", 0, n_lists, n_probe, m)
      for n_lists, n_probe, m in [(1, 1, 8), (16, 4, 4), (16, 4, 16), (40, 5, 8)]),
]
SEEDS = {"ivf_flat": range(16), "ivf_pq": range(3)}


def recall(folder: Path) -> None:
    data_sets = {"clusters": clusters(), "digits": digits()}
    for data_name, (rows, queries) in data_sets.items():
        for case in RECALL:
            case = replace(case, dim=rows.shape[1], n_rows=len(rows))
            case_folder = folder / f"{data_name}-{case.name()}"
            case_folder.mkdir(parents=True)
            (case_folder / "case.json").write_text(json.dumps(asdict(case)))
            rows.astype("<f4").tofile(case_folder / "rows.f32")
            queries.astype("<f4").tofile(case_folder / "queries.f32")
            farthest_of_nearest(case, rows, queries).astype("<f4").tofile(case_folder / "farthest.f32")
            for seed in SEEDS[case.kind]:
                index = case.train(rows, seed)
                index.add(rows)
                _, ids = index.search(queries, case.k)
                ids.astype("<i8").tofile(case_folder / f"ids-{seed}.i64")


def farthest_of_nearest(case: Inverted, rows: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """For each query the measure of the k-th nearest of all rows."""
    index = KINDS[case.metric][0](case.dim)
    index.add(rows)
    measures, _ = index.search(queries, case.k)
    return measures[:, -1]


def clusters() -> tuple[np.ndarray, np.ndarray]:
    """Points around 60 centres, as far from them as the centres are from each other."""
    random = np.random.default_rng(7)
    centres = random.normal(0, 1, (60, 32))
    points = centres[random.integers(0, 60, 12_000)] + random.normal(0, 1, (12_000, 32))
    points = np.ascontiguousarray(points, np.float32)
    return points[1000:], points[:1000]


def digits() -> tuple[np.ndarray, np.ndarray]:
    points = np.ascontiguousarray(load_digits().data, np.float32)
    points = points[np.random.default_rng(7).permutation(len(points))]
    return np.ascontiguousarray(points[400:]), np.ascontiguousarray(points[:400])


if __name__ == "__main__":
    commands = {
        "search": search,
        "make": make,
        "make-inverted": make_inverted,
        "search-inverted": search_inverted,
        "recall": recall,
    }
    if len(sys.argv) != 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    faiss.omp_set_num_threads(1)
    # Sums of the same numbers in another order differ in the last bits; the threshold keeps faiss at plain sums
    # instead of matrix products, whose differences grow with the vectors' lengths.
    faiss.cvar.distance_compute_blas_threshold = 1 << 30
    commands[sys.argv[1]](Path(sys.argv[2]))
