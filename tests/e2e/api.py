"""The HTTP API as a client in another language sees it: standard library only."""
import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
import uuid

from contract import HELD
from eventually import eventually


def fetch(server, path, method="GET", **headers):
    """One request: status, headers, body as bytes. `_` stands for `-` in the names of headers."""
    connection = http.client.HTTPConnection(server.address, timeout=15)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        body = answer.read()
        HELD.check(method, path, answer.status, answer.headers, body)
        return answer.status, answer.headers, body
    finally:
        connection.close()


class Api:
    """Requests to one server. Answers are `(status, JSON)`; each is held to the API's document."""

    def __init__(self, address, token=None):
        self.url = f"http://{address}"
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def request(self, method, path, body=None, headers=None):
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data=data, headers={**self.headers, **(headers or {})}, method=method)
        try:
            answer = self.opener.open(request, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            content = answer.read()
        HELD.check(method, path, answer.status, answer.headers, content)
        return answer.status, json.loads(content or b"null")

    def get(self, path):
        return self.request("GET", path)

    def ok(self, method, path, body=None, headers=None):
        status, answer = self.request(method, path, body, headers)
        assert status == 200, f"{method} {path}: {status} {answer}"
        return answer

    def define(self, command, **fields):
        """A new definition with an alias of its own."""
        definition = {
            "alias": f"test-{uuid.uuid4()}",
            "group_name": "tests",
            "image": "base",
            "memory": 32,
            "command": command,
            **fields,
        }
        return self.ok("POST", "/api/v1/task", definition)

    def execute(self, definition, **body):
        """A new run of it."""
        body.setdefault("run_tags", {"owner_id": "tester"})
        return self.ok("PUT", f"/api/v4/task/{definition['definition_id']}/execute", body)

    def start(self, command, run=None, **fields):
        return self.execute(self.define(command, **fields), **(run or {}))

    def run(self, run_id):
        return self.ok("GET", f"/api/v1/history/{run_id}")

    def wait(self, run_id, status="STOPPED", timeout=15.0):
        """The run once it has that status."""

        def look():
            run = self.run(run_id)
            assert run["status"] == status, run
            return run

        return eventually(look, timeout)

    def finish(self, command, **fields):
        """The run of a new definition, ended."""
        return self.wait(self.start(command, **fields)["run_id"])

    def stop(self, run):
        return self.request("DELETE", f"/api/v1/task/{run['definition_id']}/history/{run['run_id']}")

    def log(self, run_id, attempt=None):
        """The whole log, of the last attempt or that of a number, page by page, its lines joined by newlines."""
        pages, token = [], None
        while True:
            query = {name: value for name, value in (("last_seen", token), ("attempt", attempt)) if value is not None}
            page = self.ok("GET", f"/api/v1/{run_id}/logs?{urllib.parse.urlencode(query)}")
            if page.get("last_seen") in (None, token):
                return "\n".join(pages)
            token = page["last_seen"]
            if page["log"]:
                pages.append(page["log"])

    def output(self, run_id):
        """The lines of the log without those that `set -x` wrote."""
        return [line for line in self.log(run_id).split("\n") if not line.startswith("+")]
