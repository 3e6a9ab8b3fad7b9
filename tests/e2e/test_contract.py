"""The API's document, docs/openapi.yaml: it is served, it is whole, and nothing contradicts it."""
import html.parser
import http.client
import json
import re
import urllib.parse

import pytest

from api import fetch
from contract import DOCUMENT, HELD, OPERATIONS, problems_of

STATIC = ("/api/openapi.json", "/api/docs")


def test_the_document_is_served_as_json(server):
    status, headers, content = fetch(server, "/api/openapi.json")
    assert status == 200 and headers["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(content) == DOCUMENT
    assert headers["Server"] == "flotilla/" + DOCUMENT["info"]["version"]


@pytest.mark.parametrize("path", STATIC)
def test_what_is_known_already_is_not_sent_again(server, path):
    _, headers, content = fetch(server, path)
    tag = headers["ETag"]
    assert headers["Cache-Control"] == "no-cache"
    for known in (tag, "*", f'"other", W/{tag}'):
        status, again, body = fetch(server, path, If_None_Match=known)
        assert (status, again["ETag"], body) == (304, tag, b"")
    assert fetch(server, path, If_None_Match='"other"')[2] == content
    status, head, body = fetch(server, path, method="HEAD")
    assert (status, head["Content-Length"], body) == (200, str(len(content)), b"")


@pytest.fixture(scope="module")
def examples(server):
    """Values for the parameters of paths: a definition and its run, which has ended."""
    definition = server.api.define("true")
    run = server.api.wait(server.api.execute(definition)["run_id"])
    return {**definition, **run}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_every_operation_does_what_its_example_asks(server, examples, operation):
    if operation.id == "delete_definition":
        examples = server.api.define("true")
    if operation.id == "stop_run":
        examples = server.api.start("sleep 1000")
    connection = http.client.HTTPConnection(server.address, timeout=10)
    path = re.sub(r"{(\w+)}", lambda name: examples[name.group(1)], operation.path)
    required = [each["name"] for each in operation.parameters if each["in"] == "query" and each.get("required")]
    if required:
        path += "?" + urllib.parse.urlencode({name: examples.get(name, "true") for name in required})
    for example in operation.examples or [None]:
        connection.request(operation.method.upper(), path, example and json.dumps(example))
        answer = connection.getresponse()
        content = answer.read()
        HELD.check(operation.method, path, answer.status, answer.headers, content)
        assert answer.status == (400 if operation.id == "sign_in" else 200), content  # it asks for no token
    connection.close()


LISTS = [operation for operation in OPERATIONS if operation.id.startswith("list_runs") or operation.id == "list_definitions"]
VALUES = {"integer": "3", "string": "2018-11-01", "labels": "a|b"}


@pytest.mark.parametrize("operation", LISTS, ids=lambda operation: operation.id)
def test_every_filter_of_a_list_is_taken_and_echoed(server, examples, operation):
    path = re.sub(r"{(\w+)}", lambda name: examples[name.group(1)], operation.path)
    for parameter in operation.parameters:
        name, schema = parameter["name"], parameter["schema"]
        if parameter["in"] != "query" or name == "after":
            continue  # it takes only what an answer gave
        schema = schema.get("items", schema)
        value = examples.get(name) if name == "definition_id" else schema.get("enum", [None])[0]
        value = value or VALUES.get(name) or VALUES[schema["type"]]
        answer = server.api.ok("GET", f"{path}?{urllib.parse.urlencode({name: value})}")
        echo = answer["env_filters"] if name == "env" else answer[name]
        assert echo in ({}, [value], value, int(value) if value.isdigit() else None)


class Page(html.parser.HTMLParser):
    """What a page has, and what it takes from elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.outside, self.tags = [], [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.add(tag)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "a":
            self.links.append(attributes["href"])
        self.outside += [value for name, value in attrs if name in ("src", "srcset", "style", "action")]
        if tag == "link":
            self.outside.append(attributes["href"])


def test_the_page_shows_every_operation_and_schema_and_needs_nothing_else(server):
    status, headers, content = fetch(server, "/api/docs")
    assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8"
    text = content.decode()
    page = Page(text)
    assert {operation.id for operation in OPERATIONS} <= set(page.ids)
    assert {f"schema-{name}" for name in DOCUMENT["components"]["schemas"]} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert {link for link in page.links if link.startswith("#")} <= {f"#{name}" for name in page.ids}
    assert {link for link in page.links if not link.startswith("#")} == {"openapi.json"}
    assert page.outside == [] and "script" not in page.tags and "url(" not in text and "@import" not in text


def test_the_page_works_under_its_own_policy(server):
    _, headers, content = fetch(server, "/api/docs")
    policy = headers.get_all("Content-Security-Policy")
    assert len(policy) == 1 and policy[0].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy[0]
    assert len(re.findall(b"<style>", content)) == 1


def test_an_answer_that_the_document_does_not_allow_is_noticed():
    headers = {"X-Request-Id": "1", "Content-Type": "application/json; charset=utf-8"}
    get_run = next(each for each in OPERATIONS if each.id == "get_run")
    run = DOCUMENT["components"]["schemas"]["Run"]["example"]

    def problems(status, body, operation=get_run, given=headers):
        return list(problems_of(operation, "GET", status, given, json.dumps(body).encode() + b"\n"))

    assert problems(200, run) == []
    assert problems(200, {**run, "secret_member": 1})
    assert problems(200, {**run, "status": "LOST"})
    assert problems(200, {name: value for name, value in run.items() if name != "env"})
    assert problems(404, {"error": "no"}) == []
    assert problems(404, {"error": ""})
    assert problems(418, {"error": "no"})
    assert problems(503, {"error": "no"})  # without Retry-After
    assert problems(503, {"error": "no"}, given={**headers, "Retry-After": "1"}) == []
    assert problems(200, run, given={**headers, "Content-Type": "text/html"})
    assert problems(200, {}, operation=None)
    assert problems(404, {"error": "no"}, given={"Content-Type": "application/json"})
