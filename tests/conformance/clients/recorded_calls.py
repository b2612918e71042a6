"""Checks recorded requests of the deployer, and the responses that its tests gave them, against botocore's service models.

    recorded_calls.py FOLDER SOURCES

FOLDER holds the JSON lines that the tests of `crates/deploy` write if MYSFITS_RECORDED_CALLS names it: method, path,
headers and body of a request, status and body of its response. SOURCES is a folder of Rust files; every operation of
AWS that they name must have been recorded.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree

import botocore.session
from botocore.model import OperationModel, ServiceModel, Shape
from service_model import COMMON_ERRORS, deviations

SESSION = botocore.session.get_session()
# Services whose folder in botocore is not their name in signatures.
FOLDERS = {"monitoring": "cloudwatch", "tagging": "resourcegroupstaggingapi"}
# Services whose models do not list all errors.
WITH_UNLISTED_ERRORS = {"s3", "sts", "cloudformation"}
# Headers of signatures, of the SDKs and of S3's chunked uploads, which no operation lists.
TRANSPORT = re.compile(
    "x-amz-(date|security-token|content-sha256|user-agent|decoded-content-length|trailer|target)"
)
# Members of responses in headers are not in the recorded body.
OUTSIDE_BODY = {"header", "headers", "statusCode"}


class Unreadable(Exception):
    """A request or a response that is not in the service's protocol."""


class Call:
    """A recorded request with its response."""

    def __init__(self, line: str) -> None:
        recorded = json.loads(line)
        self.method, target = recorded["line"].split()[:2]
        address = urlsplit(target)
        self.path, self.query = address.path, dict(parse_qsl(address.query, keep_blank_values=True))
        self.headers: dict[str, str] = dict(recorded["headers"])
        self.body, self.status, self.response = recorded["body"], recorded["status"], recorded["response"]
        head = (line.partition(": ") for line in recorded["head"].splitlines())
        self.response_headers = {name.lower(): value for name, _, value in head}
        scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request", self.headers["authorization"])
        if scope is None:
            raise Unreadable(f"{recorded['line']} is not signed")
        self.service = scope[2]
        self.model: ServiceModel = SESSION.get_service_model(FOLDERS.get(self.service, self.service))
        self.operation = self._operation()

    @property
    def protocol(self) -> str:
        """The protocol that the client uses. Some services have several; botocore prefers the newest."""
        if "x-amz-target" in self.headers:
            return "json"
        is_form = self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        return "query" if is_form else self.model.metadata["protocol"]

    def _operation(self) -> OperationModel:
        if self.protocol == "json":
            prefix, _, name = self.headers["x-amz-target"].rpartition(".")
            if prefix != self.model.metadata["targetPrefix"]:
                raise Unreadable(f"{prefix} is not the target of {self.service}")
        elif self.protocol == "query":
            name = dict(parse_qsl(self.body))["Action"]
        else:
            return self._routed()
        if name not in self.model.operation_names:
            raise Unreadable(f"{self.service} has no operation {name}")
        return self.model.operation_model(name)

    def _routed(self) -> OperationModel:
        """The operation of method, path and query: of several, the one with the most query parameters and headers."""
        found = []
        for name in self.model.operation_names:
            operation = self.model.operation_model(name)
            if operation.http["method"] != self.method or operation.deprecated:
                continue
            path, _, query = operation.http["requestUri"].partition("?")
            needed = set(dict(parse_qsl(query, keep_blank_values=True)).items())
            shape = operation.input_shape
            required = [shape.members[member].serialization for member in shape.required_members] if shape else []
            query_names = {place["name"] for place in required if place.get("location") == "querystring"}
            header_names = {place["name"].lower() for place in required if place.get("location") == "header"}
            fits = needed <= set(self.query.items()) and query_names <= set(self.query)
            if fits and header_names <= set(self.headers) and route(path).fullmatch(self.path):
                found.append((-len(needed) - len(query_names) - len(header_names), name))
        if not found:
            raise Unreadable(f"{self.service} has no operation {self.method} {self.path} {self.query}")
        return self.model.operation_model(min(found)[1])

    def request_deviations(self) -> Iterator[str]:
        """Deviations of the request from the operation's input."""
        shape, name = self.operation.input_shape, f"{self.operation.name} request"
        if self.protocol == "json":
            value = json.loads(self.body)
        elif self.protocol == "query":
            value = dict(parse_qsl(self.body, keep_blank_values=True))
            value.pop("Action")
            if (version := value.pop("Version")) != self.model.metadata["apiVersion"]:
                yield f"{name} has the version {version}"
            value = from_query(shape, nested(value)) if shape else value
        else:
            value = yield from self._rest_input(shape, name)
        if shape is None:
            if value:
                yield f"{name} has members, but the operation has no input"
        else:
            yield from deviations(shape, value, name)

    def _rest_input(self, shape: Shape, name: str) -> Any:
        value: dict = {}
        used_query = set(dict(parse_qsl(self.operation.http["requestUri"].partition("?")[2], keep_blank_values=True)))
        used_headers = set()
        in_path = route(self.operation.http["requestUri"].partition("?")[0]).fullmatch(self.path).groupdict()
        in_body = {}
        for member, of_member in shape.members.items():
            place = of_member.serialization
            wire, location = place.get("name", member), place.get("location")
            if location == "uri":
                value[member] = unquote(in_path[group(wire)])
            elif location == "querystring":
                used_query.add(wire)
                if wire in self.query:
                    value[member] = scalar(of_member, self.query[wire])
            elif location == "header":
                used_headers.add(wire.lower())
                if wire.lower() in self.headers:
                    value[member] = scalar(of_member, self.headers[wire.lower()])
            elif location == "headers":
                names = [header for header in self.headers if header.startswith(wire.lower())]
                used_headers.update(names)
                if names:
                    value[member] = {header.removeprefix(wire.lower()): self.headers[header] for header in names}
            else:
                in_body[member] = of_member
        # The Rust SDK names the operation in the query of S3's requests.
        for unknown in set(self.query) - used_query - {"x-id"}:
            yield f"{name} has the query parameter {unknown}, which the operation does not have"
        for header in self.headers:
            is_checksum = header.startswith("x-amz-checksum-") and self.operation.http_checksum
            is_known = header in used_headers or is_checksum or TRANSPORT.fullmatch(header)
            if header.startswith("x-amz-") and not is_known:
                yield f"{name} has the header {header}, which the operation does not have"
        payload = shape.serialization.get("payload")
        if payload and in_body.get(payload) is not None and self.body:
            of_payload = in_body[payload]
            if of_payload.type_name in ("blob", "string"):
                value[payload] = self.body
            else:
                value[payload] = yield from self._document(of_payload, self.body, name)
        elif self.body and in_body:
            value |= yield from self._document(shape, self.body, name)
        elif self.body:
            yield f"{name} has a body, but the operation has none"
        return value

    def _document(self, shape: Shape, text: str, name: str) -> Any:
        """The value of a body, in the service's protocol."""
        if self.protocol in ("json", "rest-json"):
            return json.loads(text)
        root = without_namespaces(text)
        if self.protocol == "query":
            root = root.find(f"{self.operation.name}Result")
            if root is None:
                raise Unreadable(f"{name} has no {self.operation.name}Result")
        return (yield from from_xml(shape, root, name))

    def response_deviations(self) -> Iterator[str]:
        """Deviations of the response from the operation's output or errors."""
        name = self.operation.name
        if self.status >= 500 or (self.status >= 400 and not self.response):
            return
        if self.status >= 400:
            code = self._error_code()
            known = COMMON_ERRORS.union(*({shape.name, shape.error_code or shape.name} for shape in self.operation.error_shapes))
            if not code or (self.service not in WITH_UNLISTED_ERRORS and code not in known):
                yield f"{name}: the error {code!r} is not one of {sorted(known)}"
            return
        shape = self.operation.output_shape
        if shape is None:
            if self.response and self.protocol != "query":
                yield f"{name}: a body, although the operation has no output"
            return
        payload = shape.serialization.get("payload")
        body = shape.members[payload] if payload else shape
        if not has_body(body):
            # The query protocol always has an element for the result.
            if self.response and self.protocol != "query":
                yield f"{name}: a body, although the operation's output has none"
            return
        if body.type_name in ("blob", "string"):
            return
        if not self.response and not body.required_members:
            return
        value = yield from self._document(body, self.response, name)
        outside = {
            f"{name} has no {member}, which is required"
            for member, of_member in body.members.items()
            if of_member.serialization.get("location") in OUTSIDE_BODY
        }
        for found in deviations(body, value, name):
            # The services return empty maps of tags, in spite of their models.
            if found not in outside and not re.match("the size of .* is 0, ", found):
                yield found

    def _error_code(self) -> str:
        if self.protocol in ("json", "rest-json"):
            document = json.loads(self.response)
            code = self.response_headers.get("x-amzn-errortype") or document.get("__type") or document.get("Code")
            return (code or "").rpartition("#")[2].partition(":")[0]
        return without_namespaces(self.response).findtext(".//Code") or ""


def has_body(shape: Shape) -> bool:
    if shape.type_name != "structure":
        return True
    return any(member.serialization.get("location") not in OUTSIDE_BODY for member in shape.members.values())


def group(name: str) -> str:
    """A name of a group in a regular expression."""
    return re.sub(r"\W", "_", name)


def route(path: str) -> re.Pattern:
    """The expression that matches the paths of an operation."""
    parts = re.split(r"(\{[^}]+\})", path)
    patterns = []
    for part in parts:
        if part.startswith("{"):
            wire = part[1:-1]
            patterns.append(f"(?P<{group(wire.rstrip('+'))}>{'.+' if wire.endswith('+') else '[^/]+'})")
        else:
            patterns.append(re.escape(part))
    return re.compile("".join(patterns).removesuffix("/") + "/?")


def scalar(shape: Shape, text: str) -> Any:
    """The value of a text in XML, a query or a header; the text itself if it is not of the shape's type."""
    kind = shape.type_name
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
    except ValueError:
        return text
    if kind == "timestamp":
        return 0 if re.match(r"\d{4}-\d\d-\d\dT|\w{3}, \d\d ", text) else text
    return text


def nested(parameters: dict[str, str]) -> dict:
    """The parameters of a query as a tree: `Tags.member.1.Key`."""
    tree: dict = {}
    for name, value in parameters.items():
        node = tree
        *parents, last = name.split(".")
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = value
    return tree


def from_query(shape: Shape, tree: Any) -> Any:
    """The value of a tree of query parameters. What the shape does not know stays as it is."""
    if shape.type_name == "structure" and isinstance(tree, dict):
        members = {of_member.serialization.get("name", name): name for name, of_member in shape.members.items()}
        known = {members.get(wire, wire): item for wire, item in tree.items()}
        return {name: from_query(shape.members[name], item) if name in shape.members else item for name, item in known.items()}
    if shape.type_name == "list":
        items = tree if shape.serialization.get("flattened") or not tree else tree.get("member", tree)
        if not items:
            return []
        return [from_query(shape.member, items[number]) for number in sorted(items, key=int)]
    if shape.type_name == "map":
        entries = (tree.get("entry", tree)).values()
        return {entry["key"]: from_query(shape.value, entry["value"]) for entry in entries}
    return scalar(shape, tree)


def without_namespaces(text: str) -> ElementTree.Element:
    """A document whose elements have no namespaces."""
    try:
        root = ElementTree.fromstring(text)  # the tests' own documents
    except ElementTree.ParseError as error:
        raise Unreadable(f"no XML: {error}: {text[:100]}") from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def from_xml(shape: Shape, element: ElementTree.Element, place: str) -> Any:
    """The value of an element; yields the elements that the shape does not know."""
    kind = shape.type_name
    if kind == "structure":
        value, known = {}, set()
        for name, of_member in shape.members.items():
            if of_member.serialization.get("location"):
                continue
            flattened = of_member.type_name == "list" and of_member.serialization.get("flattened")
            wire = of_member.serialization.get("name", name)
            if flattened:
                wire = of_member.member.serialization.get("name", wire)
            known.add(wire)
            children = element.findall(wire)
            if flattened and children:
                value[name] = []
                for child in children:
                    value[name].append((yield from from_xml(of_member.member, child, f"{place}.{name}")))
            elif children:
                value[name] = yield from from_xml(of_member, children[0], f"{place}.{name}")
        for child in element:
            if child.tag not in known:
                yield f"{place}.{child.tag} is unknown to the service model"
        return value
    if kind == "list":
        wire, items = shape.member.serialization.get("name", "member"), []
        for child in element:
            if child.tag != wire:
                yield f"{place}.{child.tag} is not {wire}"
            items.append((yield from from_xml(shape.member, child, f"{place}[{len(items)}]")))
        return items
    return scalar(shape, element.text or "")


def named_operations(folder: Path) -> dict[str, list[str]]:
    """The operations that texts in Rust files name, each with the services that have it, of those for which the small
    client signs."""
    sources = "\n".join(file.read_text() for file in folder.glob("*.rs"))
    texts = set(re.findall(r'"([A-Z][A-Za-z0-9]+)"', sources))
    found: dict[str, list[str]] = {}
    for service in sorted(set(re.findall(r'signing_name: "([a-z0-9-]+)"', sources))):
        names = SESSION.get_service_model(FOLDERS.get(service, service)).operation_names
        for operation in sorted(texts & set(names)):
            found.setdefault(operation, []).append(service)
    return found


def main() -> None:
    folder, sources = map(Path, sys.argv[1:])
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text().splitlines()]
    findings, recorded = Counter(), Counter()
    for line in lines:
        try:
            call = Call(line)
            recorded[call.service, call.operation.name] += 1
            findings.update([*call.request_deviations(), *call.response_deviations()])
        except (Unreadable, ValueError, KeyError) as error:
            findings[f"{type(error).__name__}: {error}: {line[:200]}"] += 1
    for operation, services in named_operations(sources).items():
        if not any((service, operation) in recorded for service in services):
            findings[f"no test sends {operation} ({', '.join(services)})"] += 1
    print(f"{len(lines)} calls of {len(recorded)} operations: {len(findings)} deviations from the service models")
    for finding in findings:
        print(f"  {finding}")
    sys.exit(1 if findings or not recorded else 0)


if __name__ == "__main__":
    main()
