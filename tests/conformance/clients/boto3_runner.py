"""The cases by boto3, unchanged: a client that knows nothing of the endpoint but its URL.

    boto3_runner.py PLAN

Errors are judged by botocore's own classes: what a caller's `except` would catch.
"""

import sys
from pathlib import Path

import boto3
import botocore.exceptions
from suite import (
    Answer,
    Plan,
    Predictions,
    Refusal,
    attributes_of,
    body_of,
    check_answer,
    check_refusal,
    compare,
    compare_distances,
    compare_labels,
    decode,
    is_verbose,
    rows_text,
)

KNOWN_ROWS = 1000


class Runner:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.client = boto3.client("sagemaker-runtime", endpoint_url=plan.url, region_name=plan.region)

    def invoke(self, request: dict, body: bytes) -> Answer:
        members = {
            "ContentType": request.get("content_type"),
            "Accept": request.get("accept"),
            "TargetVariant": request.get("target_variant"),
            "TargetModel": request.get("target_model"),
            "InferenceId": request.get("inference_id"),
            "CustomAttributes": attributes_of(request),
        }
        members = {name: value for name, value in members.items() if value is not None}
        endpoint = request.get("endpoint", self.plan.endpoint)
        try:
            answer = self.client.invoke_endpoint(EndpointName=endpoint, Body=body, **members)
        except botocore.exceptions.ClientError as error:
            raise self.refusal(error) from None
        return Answer(
            answer["Body"].read(),
            answer.get("ContentType"),
            answer.get("InvokedProductionVariant"),
            answer.get("CustomAttributes"),
            answer["ResponseMetadata"].get("RequestId"),
        )

    def refusal(self, error: botocore.exceptions.ClientError) -> Refusal:
        # An error that the service model knows has a class of its own; all others are told apart by their code.
        kind, answer = type(error).__name__, error.response
        if type(error) is botocore.exceptions.ClientError:
            kind = answer["Error"].get("Code", "")
        else:
            assert isinstance(error, getattr(self.client.exceptions, kind)), kind
        return Refusal(
            kind,
            answer["ResponseMetadata"].get("HTTPStatusCode"),
            # A modelled error has its members beside "Error"; that is where a caller reads them.
            answer.get("Message") or answer["Error"].get("Message", ""),
            answer.get("OriginalStatusCode"),
            answer.get("OriginalMessage"),
            answer.get("LogStreamArn"),
            answer["ResponseMetadata"].get("RequestId"),
        )

    def matrix(self, n_rows: int) -> None:
        """Every request format times every answer format, for as many rows."""
        expected = self.plan.expected(n_rows)
        group = f"Formats, {rows_text(n_rows)} at once"
        # What all further answers must equal, ties included: the first plain one and the first verbose one.
        first: dict[bool, Predictions] = {}
        # Answers of equal bytes and type are read once: in Python that takes longer than asking for them.
        read: dict[tuple[str, bytes], Predictions] = {}
        for format in self.plan.matrix["requests"]:
            body = self.plan.body(format["body"], n_rows)
            for accept in self.plan.matrix["accepts"]:

                def check(format: dict = format, body: bytes = body, accept: str = accept) -> None:
                    request = {"content_type": format["content_type"], "accept": accept}
                    answer = self.invoke(request, body)
                    essence = accept.split(";")[0]
                    assert answer.content_type == essence, f"the answer's content type is {answer.content_type!r}"
                    key = answer.content_type, answer.body
                    found = read.get(key) or decode(*key)
                    read[key] = found
                    compare(found, expected, is_verbose(accept))
                    same = first.setdefault(is_verbose(accept), found)
                    for name in ("predicted", "distances", "labels"):
                        ours, others = getattr(found, name), getattr(same, name)
                        assert ours is others is None or (ours == others).all(), f"{name}: not as in the other formats"

                self.plan.case(group, f"{format['name']} to {accept}", check)

        def check_both() -> None:
            assert (first[False].predicted == first[True].predicted).all(), "the labels differ"

        if len(first) == 2:
            self.plan.case(group, "verbose or not, the same labels", check_both)

    def known_answers(self) -> None:
        """The neighbours that brute force finds."""
        expected = self.plan.expected(KNOWN_ROWS)

        def ask() -> Predictions:
            request = {"content_type": "text/csv", "accept": "application/json; verbose=true"}
            answer = self.invoke(request, self.plan.body("csv", KNOWN_ROWS))
            return decode(answer.content_type, answer.body)

        group = "Known answers"
        self.plan.case(group, "the labels that most neighbours have", lambda: compare(ask(), expected, True))
        self.plan.case(group, "squared Euclidean distances", lambda: compare_distances(ask(), expected))
        self.plan.case(group, "the neighbours' labels, nearest first", lambda: compare_labels(ask(), expected))

    def single(self, case: dict) -> None:
        try:
            answer = self.invoke(case["request"], body_of(case["request"]))
        except Refusal as refusal:
            check_refusal(case, refusal)
        else:
            check_answer(case, answer)

    def run(self) -> None:
        self.plan.version(f"boto3 {boto3.__version__}")
        for n_rows in self.plan.matrix["rows"]:
            self.matrix(n_rows)
        self.known_answers()
        for case in self.plan.cases:
            self.plan.case(case["group"], case["name"], lambda case=case: self.single(case))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    Runner(Plan("boto3", Path(sys.argv[1]))).run()
