"""Holds answers to docs/openapi.yaml: what it does not say, no answer may say."""
import functools
import json
import pathlib
import re

import jsonschema
import yaml

DOCUMENT = yaml.load((pathlib.Path(__file__).resolve().parents[2] / "docs/openapi.yaml").read_text(), yaml.CSafeLoader)
METHODS = ("get", "post", "put", "delete")


def resolved(value):
    """The value with what its references name in their place, so that validators need not look it up."""
    if isinstance(value, dict) and "$ref" in value:
        return component(value["$ref"])
    if isinstance(value, dict):
        return {name: resolved(member) for name, member in value.items()}
    if isinstance(value, list):
        return [resolved(element) for element in value]
    return value


@functools.lru_cache(maxsize=None)
def component(reference):
    found = DOCUMENT
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return resolved(found)


class Operation:
    """One method of one path: what it takes, and what it answers."""

    def __init__(self, path, method, item):
        self.path, self.method = path, method
        self.name = f"{method.upper()} {path}"
        self.segments = path.strip("/").split("/")
        operation = item[method]
        self.id = operation["operationId"]
        self.is_open = operation.get("security") == []  # to everybody
        self.parameters = [resolved(each) for each in item.get("parameters", []) + operation.get("parameters", [])]
        body = resolved(operation.get("requestBody"))
        content = body["content"]["application/json"] if body else {}
        self.body = content.get("schema")
        self.examples = [each["value"] for each in content.get("examples", {}).values()]
        self.responses = {int(status): Answer(resolved(each)) for status, each in operation["responses"].items()}

    def fits(self, segments):
        return len(segments) == len(self.segments) and all(
            ours.startswith("{") or ours == theirs for ours, theirs in zip(self.segments, segments))

    def named_parts(self):
        """How many segments are literal: a path belongs to the operation with most of them first."""
        return [not segment.startswith("{") for segment in self.segments]


class Answer:
    """What an answer of one status has to be."""

    def __init__(self, response):
        self.required_headers = [name for name, header in response.get("headers", {}).items() if header.get("required")]
        self.validators = {
            media_type: jsonschema.Draft202012Validator(content["schema"])
            for media_type, content in response.get("content", {}).items()
        }


def operations_of(document):
    return [Operation(path, method, item)
            for path, item in document["paths"].items() for method in METHODS if method in item]


OPERATIONS = operations_of(DOCUMENT)
ERROR = jsonschema.Draft202012Validator(component("#/components/schemas/Error"))
# What the HTTP door says of requests that are none of ours: they may name no route of the document.
OF_ANY_ROUTE = (400, 401, 403, 404, 408, 413, 414, 417, 421, 431, 503)


def operation_of(method, target):
    """The operation that a request asks for; None if the document has none such."""
    method = "get" if method == "HEAD" else method.lower()
    path = re.sub(r"^https?://[^/?]*", "", target).partition("#")[0].partition("?")[0]
    segments = path.split("/")[1:]
    if not path.startswith("/") or {"", ".", ".."} & set(segments):
        return None
    found = [each for each in OPERATIONS if each.method == method and each.fits(segments)]
    return max(found, key=Operation.named_parts, default=None)


def is_of_the_page(target, headers):
    """Whether an answer is a file of the web page, which is no part of the API."""
    kind = (headers.get("Content-Type") or "").partition(";")[0]
    return not target.startswith("/api") and kind in ("text/html", "text/javascript", "text/css", "image/svg+xml", "font/woff2")


class Held:
    """Which operations were asked for with which status, and which answers were looked at already."""

    def __init__(self):
        self.statuses = {}  # by the name of the operation
        self.good = {}  # answers found good; polling brings the same again and again

    def check(self, method, target, status, headers, body):
        """Fails if the document does not allow the answer."""
        operation = operation_of(method, target)
        if operation is None and is_of_the_page(target, headers):
            return
        if operation is not None:
            self.statuses.setdefault(operation.name, set()).add(status)
        key = (operation and operation.name, status, headers.get("Content-Type"), body)
        if len(body) > 100_000 or key not in self.good:
            problems = list(problems_of(operation, method, status, headers, body))
            assert not problems, f"{method} {target} is not as documented: {status} {body[:2000]!r}: {problems}"
            self.good[key] = True


def problems_of(operation, method, status, headers, body):
    """In what an answer breaks the document, a line each."""
    if not headers.get("X-Request-Id"):
        yield "it has no X-Request-Id"
    if method == "OPTIONS" and status == 200:  # what a page of an allowed origin may send
        if body or "Origin" not in headers.get("Vary", ""):
            yield "it is no answer to a preflight"
        return
    if operation is None:
        if status not in OF_ANY_ROUTE:
            yield f"status {status} of a route that is not documented"
            return
        yield from [] if method == "HEAD" else body_problems({"application/json": ERROR}, headers, body)
        return
    answer = operation.responses.get(status)
    if answer is None:
        yield f"status {status} is not documented for {operation.name}"
        return
    for name in answer.required_headers:
        if headers.get(name) is None:
            yield f"header {name} is missing"
    if method != "HEAD":
        yield from body_problems(answer.validators, headers, body)


def body_problems(validators, headers, body):
    if not validators:
        if body:
            yield "it has a body"
        return
    media_type = (headers.get("Content-Type") or "").partition(";")[0]
    if media_type not in validators:
        yield f"content type {media_type!r} is not documented"
        return
    if media_type != "application/json":
        return
    if not body.endswith(b"\n"):
        yield "it does not end with a newline"
    try:
        value = json.loads(body)
    except ValueError as error:
        yield f"it is no JSON: {error}"
        return
    for error in validators[media_type].iter_errors(value):
        yield f"{error.json_path}: {error.message[:500]}"


HELD = Held()
