"""The training and hosting contract held against faiss and scikit-learn, from outside.

    opt_ml_oracle.py --server target/debug/local-sagemaker

For scikit-learn's digits, wine, breast-cancer (classifiers) and diabetes (regressor): lays out a folder as /opt/ml, runs
`local-sagemaker train --opt-ml DIR` with hyperparameters as strings, reads the artifact with faiss, serves it with
`local-sagemaker serve --opt-ml DIR`, asks /invocations for the neighbours of the test rows, and compares

- vectors and labels of the artifact with the training data, whatever format and how many files they were read from;
- neighbours and distances with faiss's (one thread: otherwise its order of equal distances is a race);
- predictions, and the scores in the log, with scikit-learn's;
- the recall of inverted files with that of faiss's own, trained on the same rows with as many lists and probes.

Then trains every combination of index, metric and dimension reduction. Prints a table of what was checked; exits with 1 if
something differs.

A tie decides a row if its k-th and its next neighbour are equally far: then it is the order of the rows that counts, which
scikit-learn does not promise, and its prediction is not compared. Votes that are equal are compared: both take the lowest
label.
"""

import argparse
import gzip
import json
import re
import struct
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from pathlib import Path

import faiss
import numpy as np
from sklearn import datasets, metrics, neighbors

K = 5
# The container's own number of probes.
N_PROBE = 5
# Of real numbers; sums of whole ones are exact, and must be equal bit for bit.
TOLERANCE = 1e-5
METRICS = ["L2", "INNER_PRODUCT", "COSINE"]
DATASETS = {
    "digits": (datasets.load_digits, "classifier"),
    "wine": (datasets.load_wine, "classifier"),
    "breast-cancer": (datasets.load_breast_cancer, "classifier"),
    "diabetes": (datasets.load_diabetes, "regressor"),
}


class Table:
    """What was checked: a line each, and whether all of it held."""

    def __init__(self):
        self.failures = 0

    def line(self, case: str, what: str, ok, detail: str = "") -> None:
        self.failures += not ok
        print(f"{'ok  ' if ok else 'FAIL'}  {case:34}  {what:44}  {detail}", flush=True)


class Data:
    """A data set as single-precision numbers, a quarter of it for testing."""

    def __init__(self, name: str):
        load, self.predictor_type = DATASETS[name]
        features, labels = load(return_X_y=True)
        order = np.random.default_rng(0).permutation(len(labels))
        features, labels = features[order].astype(np.float32), labels[order].astype(np.float32)
        n_train = len(labels) * 3 // 4
        self.train, self.train_labels = np.ascontiguousarray(features[:n_train]), labels[:n_train]
        self.test, self.test_labels = np.ascontiguousarray(features[n_train:]), labels[n_train:]
        # Sums of products of small whole numbers have no rounding.
        self.is_whole = bool((features == features.round()).all() and abs(features).max() <= 256)


def csv(features: np.ndarray, labels: np.ndarray | None = None) -> bytes:
    rows = features if labels is None else np.column_stack([labels, features])
    return "".join(",".join(map(repr, row)) + "\n" for row in rows.tolist()).encode()


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def field(number: int, payload: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def record_io(features: np.ndarray, labels: np.ndarray, double: bool) -> bytes:
    """Labelled records with Float32Tensors or Float64Tensors."""
    kind, number = ("<f8", 3) if double else ("<f4", 2)

    def entry(map_field: int, values: np.ndarray) -> bytes:
        tensor = field(number, field(1, np.asarray(values, kind).tobytes()))
        return field(map_field, field(1, b"values") + field(2, tensor))

    out = []
    for row, label in zip(features, labels):
        record = entry(1, row) + entry(2, np.array([label]))
        out.append(struct.pack("<II", 0xCED7230A, len(record)) + record + bytes(-len(record) % 4))
    return b"".join(out)


class Job:
    """A training job's folder."""

    def __init__(self, server: Path, folder: Path, hyperparameters: dict):
        self.server, self.folder = server, folder
        self.hyperparameters = {name: str(value) for name, value in hyperparameters.items()}
        self.channels = {}

    def channel(self, name: str, content_type: str | None, files: dict[str, bytes]) -> None:
        self.channels[name] = {
            "TrainingInputMode": "File",
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
        }
        if content_type is not None:
            self.channels[name]["ContentType"] = content_type
        for path, contents in files.items():
            path = self.folder / "input/data" / name / path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents)

    def run(self) -> subprocess.CompletedProcess:
        config = self.folder / "input/config"
        config.mkdir(parents=True, exist_ok=True)
        for name, value in [
            ("hyperparameters", self.hyperparameters),
            ("inputdataconfig", self.channels),
            ("resourceconfig", {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "eth0"}),
        ]:
            (config / f"{name}.json").write_text(json.dumps(value))
        command = [self.server, "train", "--opt-ml", self.folder]
        return subprocess.run(command, capture_output=True, text=True, timeout=300)

    def train(self) -> str:
        """Runs a job that must succeed, and gives its log."""
        done = self.run()
        failure = self.folder / "output/failure"
        reason = failure.read_text() if failure.exists() else ""
        assert done.returncode == 0 and not reason, f"{reason}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def index(self) -> faiss.Index:
        return faiss.read_index(str(self.folder / "model/model_algo-1"))

    def labels(self) -> np.ndarray:
        return np.load(self.folder / "model/model_algo-1-labels.npy", allow_pickle=False)

    def artifact(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((self.folder / "model").iterdir())}

    def ask(self, queries: np.ndarray) -> list[dict]:
        """Serves the model and asks for the neighbours of all queries at once."""
        command = [self.server, "serve", "--opt-ml", self.folder, "--host", "127.0.0.1", "--port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            url = None
            for line in process.stdout:
                if line.startswith("ready "):
                    url = line.split()[1]
                    break
            assert url is not None, "the server has ended before it was ready"
            headers = {"Content-Type": "text/csv", "Accept": "application/json; verbose=true"}
            request = urllib.request.Request(f"{url}/invocations", csv(queries), headers)
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["predictions"]
        finally:
            process.terminate()
            process.wait(60)
            process.stdout.close()


def score(log: str, metric: str) -> float:
    """The score as CreateTrainingJob's metric definition finds it."""
    found = re.findall(rf"#quality_metric: host=\S+, test {re.escape(metric)} <score>=(\S+)", log)
    assert len(found) == 1, f"{metric} is there {len(found)} times"
    return float(found[0])


def measures(rows: np.ndarray, queries: np.ndarray, metric: str) -> np.ndarray:
    """All distances in double precision, lower is nearer."""
    rows, queries = rows.astype(np.float64), queries.astype(np.float64)
    if metric == "L2":
        return (queries**2).sum(1)[:, None] + (rows**2).sum(1) - 2 * queries @ rows.T
    if metric == "COSINE":
        rows, queries = (v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-300) for v in (rows, queries))
    return -queries @ rows.T


def prepared(vectors: np.ndarray, metric: str) -> np.ndarray:
    vectors = np.array(vectors, np.float32)
    if metric == "COSINE":
        faiss.normalize_L2(vectors)
    return vectors


def same_but_for_ties(ours, theirs, distances, tolerance, all_rows) -> bool:
    """Whether two lists of labels are equal but for the order among (nearly) equal distances.

    Of the last group both may have taken others; `all_rows` gives the labels of all rows that are as near as that.
    """
    begin = 0
    for end in range(1, len(ours) + 1):
        if end < len(ours) and abs(distances[end] - distances[end - 1]) <= tolerance:
            continue
        mine = Counter(ours[begin:end])
        if end < len(ours):
            if mine != Counter(theirs[begin:end]):
                return False
        elif mine - Counter(all_rows(distances[begin], distances[end - 1])):
            return False
        begin = end
    return True


def check_flat(table: Table, server: Path, folder: Path, name: str, metric: str) -> None:
    data, case = Data(name), f"{name} flat {metric}"
    dim = data.train.shape[1]
    job = Job(server, folder, {
        "k": K, "feature_dim": dim, "sample_size": 100_000, "predictor_type": data.predictor_type,
        "index_metric": metric, "mini_batch_size": 100,
    })
    job.channel("train", "text/csv;label_size=1", {"a.csv": csv(data.train, data.train_labels)})
    test = record_io(data.test, data.test_labels, False)
    job.channel("test", "application/x-recordio-protobuf", {"a.rec": test})
    log = job.train()

    index = job.index()
    rows = index.reconstruct_n(0, index.ntotal)
    expected = prepared(data.train, metric)
    equal = np.array_equal(rows, expected) if metric != "COSINE" else np.allclose(rows, expected, 0, 1e-6)
    metric_type = faiss.METRIC_L2 if metric == "L2" else faiss.METRIC_INNER_PRODUCT
    labels = job.labels()
    equal = equal and index.metric_type == metric_type and np.array_equal(labels, data.train_labels)
    table.line(case, "artifact read by faiss: rows, labels, metric", equal, f"{index.ntotal} x {index.d}")

    answers = job.ask(data.test)
    ours = np.array([answer["distances"] for answer in answers], np.float32)
    our_labels = np.array([answer["labels"] for answer in answers])
    predicted = np.array([answer["predicted_label"] for answer in answers])
    ascending = bool((np.diff(ours, axis=1) >= 0).all())
    table.line(case, "distances are listed from smallest to largest", ascending, f"{ours.size} distances")
    if metric != "L2":
        # As faiss lists them, the most similar first.
        ours, our_labels = ours[:, ::-1], our_labels[:, ::-1]
    theirs, ids = index.search(prepared(data.test, metric), K)
    exact = data.is_whole and metric != "COSINE"
    if exact:
        equal = np.array_equal(ours, theirs)
        detail = "bit for bit"
    else:
        worst = (abs(ours - theirs) / np.maximum(abs(theirs), 1e-12)).max()
        # Squares of differences cancel: what is left is relative to the vectors' own length.
        scale = (rows**2).sum(1).max() if metric == "L2" else 0.0
        equal = bool((abs(ours - theirs) <= TOLERANCE * abs(theirs) + 1e-7 * scale).all())
        detail = f"largest relative difference {worst:.1e}"
    table.line(case, "distances equal faiss's", equal, f"{ours.size} distances, {detail}")

    all_measures = measures(data.train, data.test, metric)
    if exact and metric == "L2":
        equal, detail = np.array_equal(our_labels, labels[ids]), "in faiss's order"
    else:
        # Our order among equal inner products is by row, as among distances; faiss's is that of its heap.
        equal = True
        for i, (mine, faisss) in enumerate(zip(our_labels, labels[ids])):
            signed = theirs[i] if metric == "L2" else -theirs[i]
            tolerance = 0.0 if exact else TOLERANCE * max(abs(signed).max(), 1e-12)

            def all_rows(low, high, i=i, tolerance=tolerance):
                near = (all_measures[i] >= low - tolerance) & (all_measures[i] <= high + tolerance)
                return labels[near]

            equal &= same_but_for_ties(mine, faisss, signed, tolerance, all_rows)
        detail = "but for equal distances"
    table.line(case, "labels of the neighbours equal faiss's", equal, f"{our_labels.size} labels, {detail}")

    in_order = np.sort(all_measures, axis=1)
    gap = in_order[:, K] - in_order[:, K - 1]
    decided_by_tie = gap <= 1e-9 * np.maximum(1.0, abs(in_order[:, K]))
    is_classifier = data.predictor_type == "classifier"
    kind = neighbors.KNeighborsClassifier if is_classifier else neighbors.KNeighborsRegressor
    if metric == "INNER_PRODUCT":
        # scikit-learn has no such metric; it takes distances that are not negative.
        lowest = min(all_measures.min(), 0.0)
        model = kind(K, algorithm="brute", metric="precomputed")
        model.fit(np.zeros((len(labels), len(labels))), labels)
        reference = model.predict(all_measures - lowest)
    else:
        name_there = "sqeuclidean" if metric == "L2" else "cosine"
        model = kind(K, algorithm="brute", metric=name_there).fit(data.train.astype(np.float64), labels)
        reference = model.predict(data.test.astype(np.float64))
    clear = ~decided_by_tie
    equal = np.allclose(predicted[clear], reference[clear], 0 if is_classifier else 1e-6, 0)
    n_ties = int(decided_by_tie.sum())
    table.line(case, "predictions equal scikit-learn's", equal,
               f"{int(clear.sum())} rows; a tie decides {n_ties} more ({int((predicted != reference).sum())} differ)")

    actual = data.test_labels
    if is_classifier:
        logged, answered = score(log, "accuracy"), float((predicted == actual).mean())
        there = metrics.accuracy_score(actual, reference)
        equal = logged == answered and abs(logged - there) <= n_ties / len(actual)
        table.line(case, "accuracy in the log equals scikit-learn's", equal, f"{logged:.4f} and {there:.4f}")
        logged, there = score(log, "macro_f_1.000"), metrics.f1_score(actual, predicted, average="macro")
        table.line(case, "macro F1 in the log equals scikit-learn's", abs(logged - there) < 1e-12, f"{logged:.4f}")
    else:
        logged, there = score(log, "mse"), metrics.mean_squared_error(actual, reference)
        own = metrics.mean_squared_error(actual.astype(np.float64), predicted)
        equal = np.isclose(logged, own, 1e-9) and (n_ties > 0 or np.isclose(logged, there, 1e-6))
        table.line(case, "mse in the log equals scikit-learn's", equal, f"{logged:.4f} and {there:.4f}")


def check_formats(table: Table, server: Path, folder: Path) -> None:
    """The same data in every format and cut give the same bytes; a sample is a part of them in their order."""
    data = Data("wine")
    features, labels = data.train, data.train_labels
    hyperparameters = {"k": K, "feature_dim": features.shape[1], "sample_size": 1000, "predictor_type": "classifier"}
    text = csv(features, labels)
    lines = text.splitlines(keepends=True)
    record_io_type = "application/x-recordio-protobuf"
    cases = {
        "csv": ("text/csv", {"a.csv": text}),
        "csv, gzip": ("text/csv;label_size=1", {"a": gzip.compress(text)}),
        "csv, three files": ("text/csv", {"1": b"".join(lines[:50]), "2/a": gzip.compress(b"".join(lines[50:60])),
                                          "3": b"".join(lines[60:])}),
        "recordio, float": (record_io_type, {"a": record_io(features, labels, False)}),
        "recordio, double, no content type": (None, {"a": record_io(features, labels, True)}),
        "recordio, gzip": (record_io_type, {"a": gzip.compress(record_io(features, labels, True))}),
    }
    first = None
    for i, (name, (content_type, files)) in enumerate(cases.items()):
        job = Job(server, folder / str(i), hyperparameters)
        job.channel("train", content_type, files)
        job.train()
        first = first or job.artifact()
        table.line("wine formats", name, job.artifact() == first, "equal bytes")

    job = Job(server, folder / "sample", {**hyperparameters, "sample_size": 40})
    job.channel("train", "text/csv", {"a.csv": text})
    job.train()
    index = job.index()
    sampled = np.column_stack([job.labels(), index.reconstruct_n(0, index.ntotal)])
    position, rows = 0, np.column_stack([labels, features])
    for row in sampled:
        while position < len(rows) and not np.array_equal(rows[position], row):
            position += 1
        position += 1
    table.line("wine sample", "40 rows, each of the data, in their order", len(sampled) == 40 and position <= len(rows))


def recall(ids: np.ndarray, truth: np.ndarray) -> float:
    return float(np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(ids, truth)]))


def check_recall(table: Table, server: Path, folder: Path) -> None:
    digits = Data("digits")
    blobs, blob_labels = datasets.make_blobs(12_000, 16, centers=60, cluster_std=3.0, random_state=1)
    blobs, blob_labels = blobs.astype(np.float32), blob_labels.astype(np.float32)
    sets = {
        "digits": (digits.train, digits.train_labels, digits.test),
        "blobs": (blobs[:10_000], blob_labels[:10_000], blobs[10_000:]),
    }
    for name, (rows, labels, queries) in sets.items():
        for index_type, metric, m in [
            ("faiss.IVFFlat", "L2", None), ("faiss.IVFFlat", "INNER_PRODUCT", None), ("faiss.IVFFlat", "COSINE", None),
            ("faiss.IVFPQ", "L2", 8),
        ]:
            case = f"{name} {index_type.removeprefix('faiss.')} {metric}"
            n_lists = int(np.sqrt(len(rows)))
            job = Job(server, folder / case.replace(" ", "-"), {
                "k": K, "feature_dim": rows.shape[1], "sample_size": 100_000, "predictor_type": "classifier",
                "index_type": index_type, "index_metric": metric, **({"faiss_index_pq_m": m} if m else {}),
            })
            job.channel("train", "text/csv", {"a.csv": csv(rows, labels)})
            job.train()
            # read_index gives the kind itself and owns it; downcast_index of a temporary would outlive what it points to.
            index = job.index()
            dim, asked = rows.shape[1], prepared(queries, metric)
            inner = metric != "L2"
            metric_type = faiss.METRIC_INNER_PRODUCT if inner else faiss.METRIC_L2
            flat = faiss.IndexFlatIP(dim) if inner else faiss.IndexFlatL2(dim)
            flat.add(prepared(rows, metric))
            _, truth = flat.search(asked, K)
            quantizer = faiss.IndexFlatIP(dim) if inner else faiss.IndexFlatL2(dim)
            if m is None:
                own = faiss.IndexIVFFlat(quantizer, dim, n_lists, metric_type)
                right_type = type(index) is faiss.IndexIVFFlat
            else:
                own = faiss.IndexIVFPQ(quantizer, dim, n_lists, m, 8)
                right_type = type(index) is faiss.IndexIVFPQ and index.pq.M == m
            own.train(prepared(rows, metric))
            own.add(prepared(rows, metric))
            own.nprobe = N_PROBE
            right_type = right_type and (index.nlist, index.nprobe) == (n_lists, N_PROBE) and index.ntotal == len(rows)
            table.line(case, "artifact read by faiss: kind, lists, probes", right_type, f"{n_lists} lists")
            distances, ids = index.search(asked, K)
            ours, theirs = recall(ids, truth), recall(own.search(asked, K)[1], truth)
            table.line(case, f"recall at {K} against faiss's own", ours >= theirs - 0.02, f"{ours:.4f} and {theirs:.4f}")
            answers = job.ask(queries)
            answered = np.array([answer["distances"] for answer in answers])
            if inner:
                answered = answered[:, ::-1]
            # Where the probed lists hold too few rows faiss gives up; ours goes on.
            full = (ids >= 0).all(axis=1)
            scale = (rows.astype(np.float64) ** 2).sum(1).max() if metric != "COSINE" else 1.0
            near = np.isclose(answered[full], distances[full], 1e-4, 1e-6 * scale)
            table.line(case, "distances equal faiss's on our artifact", near.mean() > 0.999, f"{near.mean():.2%} of {near.size}")


def check_combinations(table: Table, server: Path, folder: Path) -> None:
    data = Data("digits")
    for index_type in ["faiss.Flat", "faiss.IVFFlat", "faiss.IVFPQ"]:
        for metric in METRICS:
            for reduction in ["none", "sign", "fjlt"]:
                case = f"{index_type} {metric} {reduction}"
                hyperparameters = {
                    "k": K, "feature_dim": 64, "sample_size": 1200, "predictor_type": "classifier",
                    "index_type": index_type, "index_metric": metric, "dimension_reduction_type": reduction,
                }
                if reduction != "none":
                    hyperparameters["dimension_reduction_target"] = 32
                if index_type == "faiss.IVFPQ":
                    hyperparameters["faiss_index_pq_m"] = 16
                job = Job(server, folder / case.replace(" ", "-"), hyperparameters)
                job.channel("train", "text/csv", {"a.csv": csv(data.train, data.train_labels)})
                job.channel("test", "text/csv", {"a.csv": csv(data.test, data.test_labels)})
                if index_type == "faiss.IVFPQ" and metric != "L2":
                    done = job.run()
                    reason = (job.folder / "output/failure").read_text()
                    refused = done.returncode != 0 and "'index_metric'" in reason and metric in reason
                    table.line(case, "refused, with the reason in output/failure", refused)
                    continue
                accuracy = score(job.train(), "accuracy")
                nearest = np.argsort(measures(data.train, data.test, metric), axis=1, kind="stable")[:, :K]
                votes = [np.bincount(row).argmax() for row in data.train_labels[nearest].astype(int)]
                exact = float(np.mean(np.array(votes) == data.test_labels))
                index = job.index()
                answers = job.ask(data.test)
                answered = np.mean([a["predicted_label"] == l for a, l in zip(answers, data.test_labels)])
                width = 64 if reduction == "none" else 32
                # Lists, codes, half of the dimensions and a smaller sample cost accuracy, but less than a tenth: an
                # untrained model is right for one digit in ten. Inner products alone are worse in every implementation.
                ok = index.d == width and index.ntotal == 1200 and answered == accuracy and accuracy >= exact - 0.1
                table.line(case, "trains, is read by faiss, serves what it scored", ok,
                           f"accuracy {accuracy:.4f}; by brute force on all rows {exact:.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", type=Path, required=True, help="the program local-sagemaker")
    server = parser.parse_args().server.resolve()
    faiss.omp_set_num_threads(1)
    # Plain sums instead of matrix products, whose rounding grows with the vectors' lengths.
    faiss.cvar.distance_compute_blas_threshold = 1 << 30
    table = Table()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name in DATASETS:
            for metric in METRICS:
                check_flat(table, server, folder / f"{name}-{metric}", name, metric)
        check_formats(table, server, folder / "formats")
        check_recall(table, server, folder / "recall")
        check_combinations(table, server, folder / "combinations")
    if table.failures:
        sys.exit(f"{table.failures} checks failed")


if __name__ == "__main__":
    main()
