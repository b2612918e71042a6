"""Checks what a boto3 client sends and receives against botocore's service model.

botocore itself ignores unknown members of a response and does not check its required members, enums and patterns.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from botocore.model import OperationModel, Shape

# Errors of every operation. The service model lists only those that an operation has beside them.
COMMON_ERRORS = {
    "AccessDeniedException",
    "SerializationException",
    "ThrottlingException",
    "UnknownOperationException",
    "ValidationException",
}
TYPES = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
    "blob": str,
    "structure": dict,
    "map": dict,
    "list": list,
}


class ServiceModel:
    """Records the operations of a client that were answered, and every deviation from the service model."""

    def __init__(self, client: Any) -> None:
        self.answered: set[str] = set()
        self.deviations: list[str] = []
        events = client.meta.events
        service = client.meta.service_model.service_id.hyphenize()
        events.register(f"before-call.{service}", self._request)
        events.register(f"before-parse.{service}", self._response)

    def check(self) -> None:
        """Fails if there were deviations since the last check."""
        found, self.deviations = self.deviations, []
        assert not found, "; ".join(dict.fromkeys(found))

    def _request(self, model: OperationModel, params: dict, **_: Any) -> None:
        self._add(f"{model.name} request", model.input_shape, json.loads(params["body"]))

    def _response(self, operation_model: OperationModel, response_dict: dict, **_: Any) -> None:
        name, status = operation_model.name, response_dict["status_code"]
        if not response_dict["headers"].get("x-amzn-requestid"):
            self.deviations.append(f"{name}: no request id")
        body = json.loads(response_dict["body"] or b"{}")
        if status == 200:
            self.answered.add(name)
            if operation_model.output_shape is None:
                body and self.deviations.append(f"{name}: a body, although the operation has no output")
            else:
                self._add(name, operation_model.output_shape, body)
            return
        kind = str(body.get("__type")).rpartition("#")[2]
        known = COMMON_ERRORS | {shape.name for shape in operation_model.error_shapes}
        if kind not in known:
            self.deviations.append(f"{name}: the error {kind!r} is not one of {sorted(known)}")
        if not body.get("message") or not set(body) <= {"__type", "message"}:
            self.deviations.append(f"{name}: the members of an error are {sorted(body)}")

    def _add(self, place: str, shape: Shape | None, value: Any) -> None:
        if shape is not None:
            self.deviations.extend(deviations(shape, value, place))


def deviations(shape: Shape, value: Any, place: str) -> Iterator[str]:
    """The deviations of a JSON value from a shape, each with its place."""
    kind = shape.type_name
    is_boolean = isinstance(value, bool)
    if not isinstance(value, TYPES[kind]) or (is_boolean and kind != "boolean"):
        yield f"{place} is {value!r}, not a {kind}"
        return
    if kind == "structure":
        yield from of_structure(shape, value, place)
    elif kind == "list":
        yield from limits(shape, len(value), f"the length of {place}")
        for number, item in enumerate(value):
            yield from deviations(shape.member, item, f"{place}[{number}]")
    elif kind == "map":
        yield from limits(shape, len(value), f"the size of {place}")
        for key, item in value.items():
            yield from deviations(shape.key, key, f"the key {place}[{key!r}]")
            yield from deviations(shape.value, item, f"{place}[{key!r}]")
    elif kind == "string":
        yield from of_string(shape, value, place)
    elif kind in ("integer", "long", "float", "double"):
        yield from limits(shape, value, place)


def of_structure(shape: Shape, value: dict, place: str) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield f"{place} has no {name}, which is required"
    if shape.metadata.get("union") and len(value) != 1:
        yield f"{place} is a union with {len(value)} members"
    for name, item in value.items():
        member = shape.members.get(name)
        if member is None:
            yield f"{place}.{name} is unknown to the service model"
        else:
            yield from deviations(member, item, f"{place}.{name}")


def of_string(shape: Shape, value: str, place: str) -> Iterator[str]:
    allowed = getattr(shape, "enum", None)
    if allowed and value not in allowed:
        yield f"{place} is {value!r}, not one of {allowed}"
    yield from limits(shape, len(value), f"the length of {place}")
    pattern = shape.metadata.get("pattern")
    try:
        matches = pattern is None or re.fullmatch(pattern, value, re.DOTALL)
    except re.error:  # a class of characters that Python does not know, such as \p{L}
        matches = True
    if not matches:
        yield f"{place} is {value!r}, which does not match {pattern}"


def limits(shape: Shape, value: float, place: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and value < least) or (most is not None and value > most):
        yield f"{place} is {value}, not {least} to {most}"
