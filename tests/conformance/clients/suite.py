"""The cases for clients written in Python: how answers are read and compared, and the lines that say what came of it.

The plan, the bodies of requests and the expected answers are the same for every client: tests/conformance/src/inputs.rs
says what is in them. RecordIO is read with struct. Nothing is shared with the server or with the other runners but those
files.
"""

import contextlib
import json
import signal
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

MAGIC = 0xCED7230A


@dataclass
class Predictions:
    """What the model says: a number a row, and for verbose answers k numbers a row."""

    predicted: np.ndarray
    distances: np.ndarray | None = None
    labels: np.ndarray | None = None


@dataclass
class Expected:
    """What brute force finds (tests/conformance/src/expected.rs). A row that a tie decides has no predicted label (nan)."""

    predicted: np.ndarray
    distances: np.ndarray
    labels: np.ndarray
    # For every neighbour: the number of its group of equally near ones, or -1 if the group is not whole.
    groups: np.ndarray


@dataclass
class Refusal(Exception):
    """An error of the service, as the client gives it."""

    kind: str
    status: int | None = None
    message: str = ""
    original_status: int | None = None
    original_message: str | None = None
    log_stream_arn: str | None = None
    request_id: str | None = None


@dataclass
class Answer:
    """An answer of the service, as the client gives it."""

    body: bytes
    content_type: str | None = None
    variant: str | None = None
    custom_attributes: str | None = None
    request_id: str | None = None


class Report:
    """A client's report: its version, and the result of each case."""

    def __init__(self, client: str) -> None:
        self.client = client

    def version(self, version: str) -> None:
        say({"client": self.client, "version": version})

    def case(self, group: str, case: str, check: Callable[[], None], seconds: int | None = None) -> bool:
        """Runs a check within `seconds`, if given. A failed assertion or any other exception is why the case fails."""
        outcome = {"client": self.client, "group": group, "case": case, "verdict": "passed"}
        try:
            with time_limit(seconds):
                check()
        except Refusal as refusal:
            outcome |= {"verdict": "failed", "reason": f"{refusal.kind} ({refusal.status}): {refusal.message}"}
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the next case is still to be run
            kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
            verdict = "not_applicable" if is_unsupported(error) else "failed"
            outcome |= {"verdict": verdict, "reason": f"{kind}{error}"[:500]}
        say(outcome)
        return outcome["verdict"] == "passed"


class Plan(Report):
    """The endpoint, the requests and the expected responses."""

    def __init__(self, client: str, path: Path) -> None:
        super().__init__(client)
        self.path = path
        self.members = json.loads(path.read_text())

    def __getattr__(self, name: str):
        try:
            return self.members[name]
        except KeyError:
            raise AttributeError(name) from None

    def samples_of(self, n_rows: int) -> np.ndarray:
        rows = np.arange(n_rows)[:, None]
        return rows % np.array(self.samples["moduli"]) / self.samples["divisor"]

    def body(self, kind: str, n_rows: int) -> bytes:
        """A request's body: the first samples, in one of the ways that the plan names."""
        return (self.path.parent / "bodies" / f"{kind}-{n_rows}").read_bytes()

    @cached_property
    def answers(self) -> list[dict]:
        return json.loads((self.path.parent / "expected.json").read_text())

    def expected(self, n_rows: int) -> Expected:
        """The answers to the first samples."""
        return expected_of(self.answers[:n_rows])


@contextlib.contextmanager
def time_limit(seconds: int | None):
    """Raises TimeoutError in the block if it takes longer."""

    def stop(*_) -> None:
        raise TimeoutError(f"took longer than {seconds} s")

    if seconds is None:
        yield
        return
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def is_unsupported(error: Exception) -> bool:
    """Whether botocore's error says that the service does not have the operation."""
    return getattr(error, "response", {}).get("Error", {}).get("Code") == "UnknownOperationException"


def shorten_pauses(seconds: float = 0.2) -> None:
    """Limits how long the SDKs pause between two requests for a status: they pause for 5 to 30 s, which is not configurable.

    Nothing else of a client is changed.
    """
    pause = time.sleep
    time.sleep = lambda wanted: pause(min(wanted, seconds))


def say(line: dict) -> None:
    """A line for the caller: on the real standard output, wherever a library's chatter was sent."""
    print(json.dumps(line), file=sys.__stdout__, flush=True)


def expected_of(answers: list[dict]) -> Expected:
    """The answers as arrays; labels that are not known are nan."""
    predicted = np.array([answer["predicted"] for answer in answers], np.float64)
    distances = np.array([answer["distances"] for answer in answers], np.float64)
    labels = np.full(distances.shape, np.nan)
    groups = np.full(distances.shape, -1)
    for row, answer in enumerate(answers):
        known = [(group, label) for group, members in enumerate(answer["labels"]) for label in members]
        for place, (group, label) in enumerate(known):
            groups[row, place], labels[row, place] = group, label
    return Expected(predicted, distances, labels, groups)


# Bodies of requests.


def body_of(request: dict) -> bytes:
    """The body of a single case."""
    if "body_hex" in request:
        return bytes.fromhex(request["body_hex"])
    text, times = request.get("body_repeat", (request.get("body", ""), 1))
    return (text * times).encode()


def attributes_of(request: dict) -> str | None:
    text, times = request.get("custom_attributes_repeat", (request.get("custom_attributes"), 1))
    return text and text * times


# Bodies of answers.


def members(message: memoryview):
    """The members of a protobuf message whose members are all length-delimited: number and payload."""
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        key, length = number(), number()
        assert key & 7 == 2 and at + length <= len(message), "a damaged record"
        yield key >> 3, message[at : at + length]
        at += length


# The tensors of a response: their fields in a Value, and the types of their numbers.
TENSORS = {2: "<f4", 3: "<f8"}
# The tensors that each number may be in. Labels are in the type of the request's features.
FIELDS = {"predicted_label": [2, 3], "distances": [2], "labels": [2, 3]}


def label_of(payload: memoryview) -> dict[str, np.ndarray]:
    """The tensors under `label` of a record."""
    tensors = {}
    for entry in (entry for name, entry in members(payload) if name == 2):
        parts = dict(members(entry))
        name = bytes(parts[1]).decode()
        [(field, tensor)] = members(parts[2])
        assert field in FIELDS[name], f"{name} is the member {field} of Value, not one of {FIELDS[name]}"
        tensors[name] = np.frombuffer(dict(members(tensor))[1], TENSORS[field])
    return tensors


def decode(content_type: str | None, body: bytes) -> Predictions:
    """Reads an answer's body."""
    match content_type:
        case "application/json":
            answer = json.loads(body)
            assert list(answer) == ["predictions"], f"the members are {list(answer)}"
            rows = answer["predictions"]
        case "application/jsonlines":
            rows = [json.loads(line) for line in body.decode().splitlines()]
        case "application/x-recordio-protobuf":
            rows, at, view = [], 0, memoryview(body)
            while at < len(body):
                magic, length = struct.unpack_from("<II", body, at)
                assert magic == MAGIC, f"a frame begins with {magic:#x}"
                label = label_of(view[at + 8 : at + 8 + length])
                (label["predicted_label"],) = label["predicted_label"]
                rows.append(label)
                at += 8 + length + -length % 4
        case _:
            raise AssertionError(f"the answer's content type is {content_type!r}, its body {body[:80]!r}")
    names = set(rows[0]) if rows else set()
    assert all(row.keys() == names for row in rows), "the rows have different members"
    assert names in ({"predicted_label"}, {"predicted_label", "distances", "labels"}), f"the members are {names}"
    columns = {name: np.array([row[name] for row in rows], np.float64) for name in names}
    return Predictions(columns["predicted_label"], columns.get("distances"), columns.get("labels"))


# Comparisons.


def compare(found: Predictions, expected: Expected, verbose: bool) -> None:
    """Whether the labels are those expected, as far as no tie decides; verbose ones with k ordered neighbours each."""
    n_rows, k = expected.distances.shape
    assert len(found.predicted) == n_rows, f"{len(found.predicted)} predictions for {n_rows} rows"
    wrong = (found.predicted != expected.predicted) & ~np.isnan(expected.predicted)
    assert not wrong.any(), (
        f"row {wrong.argmax()}: the label is {found.predicted[wrong.argmax()]}, not {expected.predicted[wrong.argmax()]}"
    )
    assert (found.distances is not None) == verbose, f"verbose is {verbose}: are there neighbours?"
    if verbose:
        shapes = found.distances.shape, found.labels.shape
        assert shapes == ((n_rows, k), (n_rows, k)), f"neighbours of the shapes {shapes}"
        assert (np.diff(found.distances, axis=1) >= 0).all(), "neighbours are not nearest first"


def compare_distances(found: Predictions, expected: Expected) -> None:
    roots = np.sqrt(expected.distances.astype(np.float32))
    remark = ": they are not squared" if np.array_equal(found.distances, roots) else ""
    wrong = (found.distances != expected.distances).any(axis=1)
    row = wrong.argmax()
    assert not wrong.any(), f"row {row}: distances {found.distances[row]}, not {expected.distances[row]}{remark}"


def compare_labels(found: Predictions, expected: Expected) -> None:
    """Equally near neighbours may be in any order; the members of an incomplete group are unknown."""
    # By group first, by label within it: the expected ones are in this order already.
    order = np.lexsort((found.labels, np.where(expected.groups < 0, np.inf, expected.groups)))
    labels = np.take_along_axis(found.labels, order, axis=1)
    wrong = ((labels != expected.labels) & (expected.groups >= 0)).any(axis=1)
    row = wrong.argmax()
    assert not wrong.any(), f"row {row}: labels {found.labels[row]}, not {expected.labels[row]}"


def is_verbose(accept: str | None) -> bool:
    return accept is not None and "verbose=true" in accept


def check_answer(case: dict, answer: Answer) -> None:
    """Whether an answer is what a single case expects."""
    expect = case["expect"]
    assert "error" not in expect, f"answered, instead of {expect['error']}: {answer.body[:80]!r}"
    assert answer.request_id, "no request id"
    for what in ("content_type", "variant", "custom_attributes"):
        found = getattr(answer, what)
        assert what not in expect or found == expect[what], f"the {what} is {found!r}, not {expect[what]!r}"
    body = answer.body
    assert "text" not in expect or body == expect["text"].encode(), f"the body is {body[:80]!r}"
    assert "hex" not in expect or body == bytes.fromhex(expect["hex"]), f"the body is {body[:80]!r}"
    if "samples" in expect:
        expected = expected_of(expect["predictions"])
        verbose = expect.get("verbose", is_verbose(case["request"].get("accept")))
        compare(decode(answer.content_type, body), expected, verbose)


def check_refusal(case: dict, refusal: Refusal) -> None:
    """Whether an error is what a single case expects."""
    expect = case["expect"]
    if "error" not in expect:
        raise refusal
    found = f"{refusal.kind} ({refusal.status}): {refusal.message}"
    assert refusal.kind == expect["error"], f"{found}, instead of {expect['error']}"
    assert refusal.status == expect.get("status", refusal.status), f"the status is {refusal.status}"
    assert refusal.request_id, "no request id"
    assert expect.get("message", "") in refusal.message, f"the message is {refusal.message!r}"
    if "original_status" in expect:
        original = refusal.original_status
        assert original == expect["original_status"], f"OriginalStatusCode is {original}"
        assert refusal.original_message, "OriginalMessage says nothing"
        assert refusal.log_stream_arn, "LogStreamArn says nothing"


def rows_text(n_rows: int) -> str:
    return "1 row" if n_rows == 1 else f"{n_rows:,} rows"


if __name__ == "__main__":
    sys.exit(__doc__)
