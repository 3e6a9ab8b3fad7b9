"""Sends sequences of requests made from docs/openapi.yaml, allowed ones and spoiled ones, and holds each answer to that
document: no failure of ours, nothing that is not documented, nothing forgotten. A sequence that shows a mistake is made
as short as it can be and told as curl commands."""
import http.client
import itertools
import json
import shlex
import string
import urllib.parse

from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from contract import HELD, OPERATIONS
from schema_values import allowed_values, bodies, texts, types_of

STEPS = 20  # chosen requests of one sequence: more do not fit into what Hypothesis draws for one
TIDYING = 5  # requests after a sequence, about
FUZZED_CLUSTERS = "{default: {memory: 256}, small: {memory: 33}, empty: {memory: 0}}"
BAD_ESCAPES = ["%", "%z", "%zz", "%00", "%ff", "%c0%af", "%ED%A0%80", "+", ";", "%2F", "%25", "%2e%2e"]
HEADERS = {
    "Range": ["bytes=0-0", "bytes=-5", "bytes=5-", "bytes=9-1", "bytes=0-99999999999999999999", "bytes=0-1,3-4", "x"],
    "If-Range": ['"1-5"', "x"],
    "If-Match": ["*", '"x"', 'W/"x"', '"a", "b"', "", "x", '"' + "x" * 300],
    "Idempotency-Key": ["k", "", "a b", "x" * 300],
    "Last-Event-ID": ["1/0", "1/26", "2/0", "0/0", "-1/5", "1/99999999999999999999", "1/", "/", "x" * 200],
    "If-None-Match": ["*", '"x"', "x,"],
    "X-Request-Id": ["mine-1", "two words", "x" * 129],
    "Authorization": ["Bearer x", "Basic eDp5", "Bearer"],
    "Origin": ["http://evil.example", "null", "http://localhost:3000"],
    "Host": ["evil.example", "localhost:1", "[::1]", "a b"],
    "Content-Type": ["text/plain", "application/x-www-form-urlencoded"],
    "Expect": ["nothing"],
}
NUMBERS = itertools.count(1)  # for aliases that nothing else has
VISIBLE = string.ascii_letters + string.digits + "-._~"


class Sent:
    """A request of a sequence and its answer."""

    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        self.status, self.content = None, b""

    def curl(self, url):
        """The same for a shell."""
        parts = ["curl", "-g", "--path-as-is", "-X", self.method, url + self.target]
        for name, value in self.headers.items():
            parts += ["-H", f"{name}: {value}"]
        line = " ".join(map(shlex.quote, parts))
        if self.body is None:
            return line
        text = "".join(chr(byte) if 32 <= byte < 127 and chr(byte) not in "'\\" else f"\\x{byte:02x}" for byte in self.body)
        return f"{line} --data-binary @<(printf '%b' '{text}')"


def query_values(parameter):
    """Values of one query parameter as text."""
    schema = parameter["schema"]
    if "array" in types_of(schema):
        schema = schema["items"]
    allowed = allowed_values(schema, parameter["name"]).map(str)
    usual = {
        "limit": ["0", "1", "2", "+3", "99999999999999999999", ""],
        "labels": ["a|b", "|", "a|b|c"],
        "env": ["USERNAME|ada", "|", "a|b|c"],
    }.get(parameter["name"])
    times = ["2018-11-01", "2018-11-01T12:00:00Z", "9999-12-31T23:59:59.999999Z", "0001-01-01", "2018-13-01"]
    if parameter["name"].endswith(("_since", "_until")):
        usual = times
    return st.one_of(([st.sampled_from(usual)] if usual else []) + [allowed, allowed, texts])


@st.composite
def queries(draw, operation):
    """The text after the question mark, or none."""
    parameters = [each for each in operation.parameters if each["in"] == "query"]
    pairs = []
    for parameter in draw(st.lists(st.sampled_from(parameters), max_size=4)) if parameters else []:
        pairs.append((parameter["name"], draw(query_values(parameter))))
    if any(each["name"] == "limit" for each in parameters) and draw(st.integers(0, 3)):
        pairs.append(("limit", "5"))  # so that answers stay small
    if draw(st.integers(0, 9)) == 0:
        pairs.append((draw(texts), draw(texts)))
    query = urllib.parse.urlencode(pairs)
    if draw(st.integers(0, 9)) == 0:
        query += "&" + draw(st.sampled_from(BAD_ESCAPES))
    return "?" + query if query else ""


@st.composite
def headers(draw, operation):
    """Headers besides the usual ones: seldom any but those that the operation knows."""
    known = [each["name"] for each in operation.parameters if each["in"] == "header"]
    names = draw(st.lists(st.sampled_from(known), max_size=2, unique=True)) if known else []
    if draw(st.integers(0, 9)) == 0:
        names.append(draw(st.sampled_from(sorted(HEADERS))))
    return {name: draw(st.sampled_from(HEADERS[name])) for name in names}


def make_machine(server, count):
    """The state machine for a server. `count` is told of every request."""

    class ApiMachine(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.connection = http.client.HTTPConnection(server.address, timeout=30)
            self.sequence = []
            self.known = {"definition_id": [], "run_id": [], "alias": [], "last_seen": [], "after": []}
            self.definitions = {}  # by id, as the last answer showed them
            self.begin()

        def begin(self):
            """Makes a definition and a run of it, so that there is something to ask for."""
            definition = {"alias": f"begun-{next(NUMBERS)}", "group_name": "fuzz", "image": "base", "memory": 32,
                          "command": "echo one; exit 3", "env": [{"name": "USERNAME", "value": "ada"}]}
            self.learn("create_definition", self.request("POST", "/api/v1/task", body=json.dumps(definition).encode()))
            path = f"/api/v1/task/{self.known['definition_id'][0]}/execute"
            self.learn("execute_v1", self.request("PUT", path, body=b"{}"))

        def teardown(self):
            """Leaves nothing behind that makes the next sequence slow."""
            for run_id in self.known["run_id"]:
                self.request("DELETE", f"/api/v1/task/x/history/{run_id}")
            for definition_id in self.known["definition_id"]:
                self.request("DELETE", f"/api/v1/task/{definition_id}")
            assert self.request("GET", "/health").status == 200
            assert server.process.poll() is None
            self.connection.close()

        def request(self, method, target, given=(), body=None):
            """Sends it and holds the answer to the document."""
            sent = Sent(method, target, dict(given), body)
            self.sequence.append(sent)
            self.connection.putrequest(method, target, skip_host="Host" in sent.headers, skip_accept_encoding=True)
            for name, value in sent.headers.items():
                self.connection.putheader(name, value)
            if body is not None:
                self.connection.putheader("Content-Length", str(len(body)))
            self.connection.endheaders(body)
            answer = self.connection.getresponse()
            if answer.getheader("Content-Type") == "text/event-stream":
                self.connection.close()  # it may go on for as long as the run does
            else:
                sent.content = answer.read()
            sent.status = answer.status
            count(sent)
            try:
                assert sent.status != 500
                HELD.check(method, target, sent.status, answer.headers, sent.content)
            except AssertionError as problem:
                self.fail(str(problem))
            return sent

        def fail(self, problem):
            lines = "\n".join(sent.curl(server.api.url) for sent in self.sequence)
            raise AssertionError(f"{problem}\nafter\n{lines}")

        def path(self, operation, data):
            """The path with ids: known ones, those of nothing, and texts that are none."""
            path = operation.path
            for parameter in operation.parameters:
                if parameter["in"] != "path":
                    continue
                name = parameter["name"]
                # All is drawn whatever is known, so that the server's pace does not change what is drawn next.
                choice, text, escape = data.draw(st.tuples(st.integers(0, 9), texts, st.sampled_from(BAD_ESCAPES)))
                if self.known[name] and choice < 8:
                    value = urllib.parse.quote(self.known[name][choice % len(self.known[name])], safe=VISIBLE)
                else:
                    value = escape if choice == 9 else urllib.parse.quote(text, safe="")
                path = path.replace("{" + name + "}", value)
            return path

        def learn(self, operation_id, sent):
            """Keeps what later requests can name, and looks whether what was stored is what comes back."""
            if sent.status != 200 or not sent.content.startswith(b"{"):
                return
            answer = json.loads(sent.content)
            for name in ("definition_id", "run_id", "alias", "last_seen"):
                if isinstance(answer.get(name), str):
                    self.known[name].append(answer[name])
            if isinstance(answer.get("next"), str):
                self.known["after"].append(answer["next"])
            if operation_id in ("create_definition", "update_definition"):
                self.definitions[answer["definition_id"]] = answer
            elif operation_id in ("get_definition", "get_definition_by_alias"):
                stored = self.definitions.get(answer["definition_id"], answer)
                if stored != answer:
                    self.fail(f"{answer} is not what was stored: {stored}")

    for operation in OPERATIONS:
        setattr(ApiMachine, operation.id, request_rule(operation))
    return ApiMachine


def request_rule(operation):
    """The rule that sends a request for one operation."""
    body_values = st.none().map(lambda _: (None, True)) if operation.body is None else bodies(operation)

    def send(self, query, given, body, data):
        content, is_allowed = body
        for name in ("last_seen", "after"):
            if self.known[name] and any(each["name"] == name for each in operation.parameters) and not query:
                query = "?" + urllib.parse.urlencode({name: self.known[name][-1]})
        sent = self.request(operation.method.upper(), self.path(operation, data) + query, given, content)
        if operation.id == "create_definition" and is_allowed and not given and not query and sent.status not in (200, 409):
            self.fail(f"the document allows it: {sent.status} {sent.content!r}")
        self.learn(operation.id, sent)

    send.__name__ = operation.id
    return rule(query=queries(operation), given=headers(operation), body=body_values, data=st.data())(send)


def fuzz(server, requests, first_seed):
    """Sends at least so many requests. The seeds, counted on from the first, decide everything that is sent."""
    statuses = {}

    def count(sent):
        statuses[sent.status] = statuses.get(sent.status, 0) + 1
        if sum(statuses.values()) % 1000 == 0:
            print(f"{sum(statuses.values())} requests", flush=True)

    number = first_seed
    while sum(statuses.values()) < requests:
        left = requests - sum(statuses.values())
        print(f"seed {number}, {left} requests to go", flush=True)
        machine = seed(number)(make_machine(server, count))
        run_state_machine_as_test(machine, settings=settings(
            max_examples=max(1, left // (STEPS + TIDYING)), stateful_step_count=STEPS, deadline=None, database=None,
            suppress_health_check=list(HealthCheck), print_blob=False))
        number += 1
    return statuses
