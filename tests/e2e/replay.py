"""Sends recorded requests to a server, in their order, and compares its answers with the recorded ones."""
import http.client
import json
import pathlib
import re
import urllib.parse

from contract import HELD
from recorded_answer import Page, matches, rows_name, unlike
from registry import Registry

RECORDED = pathlib.Path(__file__).parent / "data/recorded/cases.jsonl"

CREATE = ("POST", "/api/v1/task")


def read_cases():
    """The recorded requests, in order."""
    return [json.loads(line) for line in RECORDED.read_text().splitlines()]


def is_compared(case):
    return case["status"] is not None and not case["rows_made_by_hand"]


def as_stored(body):
    """The definition that the original made of a body: the case of names did not matter."""
    return {name.lower(): value for name, value in json.loads(body.decode(errors="replace")).items()}


class EveryTag(Registry):
    """A registry that has every image, but no tag that begins with `missing`."""

    def __init__(self, image):
        super().__init__()
        self.push("any", "tag", image)

    def answer(self, path):
        *_, kind, reference = path.split("/")
        if kind == "manifests" and not reference.startswith(("missing", "sha256:")):
            path = "/v2/any/manifests/tag"
        return super().answer(path)

    def stand_in_for(self, registry, home):
        """Writes the file (containers-registries.conf(5)) by which a user with this home asks it in the place of
        `registry`."""
        path = home / ".config/containers/registries.conf"
        path.parent.mkdir(parents=True)
        path.write_text(f'[[registry]]\nprefix = "{registry}"\nlocation = "{self.address}"\ninsecure = true\n')


class Answer:
    def __init__(self, status, content_type, body):
        self.status, self.content_type = status, content_type
        try:
            self.json = json.loads(body)
        except ValueError:
            self.json = None

    def __repr__(self):
        return f"{self.status} {self.content_type} {json.dumps(self.json, ensure_ascii=False)}"


class Replay:
    """One run through the cases. What was learned of ids and of definitions that are refused here goes on from case
    to case, so `send` and `differences` are called in the order of the cases."""

    def __init__(self, address, refused, gained):
        self.connection = http.client.HTTPConnection(address, timeout=20)
        self.refused_cases = refused  # the names of those whose definition the original stored and we refuse
        self.refused = []  # these definitions
        self.gained_cases = gained  # the names of those whose definition the original refused and we store
        self.gained = []  # these definitions
        self.variables = {}
        self.ids = {}  # theirs to ours
        self.own_ids = {}  # by alias

    def send(self, case):
        """The server's answer to the case's request."""
        body = case["body"]
        if isinstance(body, dict):
            body = body["latin1"].encode("latin1")
        elif body is not None:
            body = self.filled_in(body).encode()
        path = self.filled_in(case["path"])
        answer = self.request(case["method"], path, case["headers"], body)
        self.learn(case, answer, body)
        return answer

    def filled_in(self, text):
        return re.sub(r"\$\{(\w+)\}", lambda name: self.variables[name.group(1)], text)

    def request(self, method, path, headers, body):
        """Sends the path byte for byte, over one connection while the server keeps it."""
        self.connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            self.connection.putheader(name, value)
        if body is not None:
            self.connection.putheader("Content-Type", "application/x-www-form-urlencoded")  # as curl -d does
            self.connection.putheader("Content-Length", str(len(body)))
        self.connection.endheaders(body)
        answer = self.connection.getresponse()
        content = answer.read()
        HELD.check(method, path, answer.status, answer.headers, content)
        return Answer(answer.status, answer.getheader("Content-Type"), content)

    def learn(self, case, answer, body):
        """Keeps what later cases need of the answer."""
        theirs = json.loads(case["answer"]) if is_compared(case) and case["status"] == 200 and case["answer"] else {}
        if case["case"] in self.refused_cases:
            self.refused.append(theirs or as_stored(body))
        if case["case"] in self.gained_cases:
            self.gained.append(answer.json)
        if answer.status != 200 or not isinstance(answer.json, dict):
            # What is refused here keeps their name, so that the requests that use it find nothing.
            self.variables.update({name: case["recorded"][name] for name in case["capture"]})
            return
        for name, member in case["capture"].items():
            self.variables[name] = answer.json[member]
            self.ids[case["recorded"][name]] = answer.json[member]
        if (case["method"], case["path"]) == CREATE:
            self.own_ids[answer.json["alias"]] = answer.json["definition_id"]
        if (case["method"], case["path"]) == CREATE or case["path"].endswith("/execute"):
            for member in {"run_id", "definition_id"} & theirs.keys():
                self.ids.setdefault(theirs[member], answer.json[member])

    def differences(self, case, answer, departure=None):
        """What is not as it was recorded, or, with a departure, not as that says; a line each."""
        status, content_type = case["status"], case["content_type"]
        theirs = None
        if content_type and content_type.startswith("application/json"):
            theirs = self.mapped(json.loads(case["answer"]))
        if departure is not None:
            status, content_type, theirs = departure.applied_to(status, content_type, theirs)
            theirs = json.loads(self.filled_in(json.dumps(theirs)))
        found = []
        if answer.status != status:
            found.append(f"status {answer.status} instead of {status}")
        if answer.content_type != content_type:
            found.append(f"content type {answer.content_type} instead of {content_type}")
        if departure is not None and departure.error is not None:
            text = (answer.json or {}).get("error", "")
            return found + ([] if departure.error in text else [f"the error says {text!r}"])
        if found:
            return found
        if case["status"] != 200 and status == 200:
            # Where the original failed, a departure names the members that count.
            return unlike(theirs, theirs and {name: answer.json.get(name) for name in theirs})
        if rows_name(theirs) is None:
            return unlike(theirs, answer.json)
        return self.page_differences(case, theirs, answer.json, departure)

    def mapped(self, theirs):
        """A recorded answer with our ids."""
        name = rows_name(theirs)
        for row in (theirs[name] or []) if name == "definitions" else []:
            if row["alias"] in self.own_ids:
                self.ids.setdefault(row["definition_id"], self.own_ids[row["alias"]])
        text = json.dumps(theirs, ensure_ascii=False)
        for their_id, our_id in self.ids.items():
            text = text.replace(their_id, our_id)
        theirs = json.loads(text)
        if name is not None:
            theirs[name] = theirs[name] or []  # the original has null for an empty list
        return theirs

    def page_differences(self, case, theirs, ours, departure):
        path, _, query = self.filled_in(case["path"]).partition("?")
        filters = urllib.parse.parse_qsl(query, keep_blank_values=True)
        name = rows_name(theirs)
        lost, gained = [], []
        if name == "definitions":
            lost = [row for row in self.refused if matches(row, filters)]
            gained = [row for row in self.gained if matches(row, filters)]
        elif name == "groups":
            kept = self.whole(path, filters, "groups")
            wanted = dict(filters).get("name", "")
            lost = sorted({row["group_name"] for row in self.refused if wanted in row["group_name"]} - set(kept))
        expected = Page(theirs, lost, gained, {} if departure is None else departure.members)
        found = expected.differences(ours)
        if expected.is_cut and not found:
            found = expected.cut_differences(ours, self.whole(path, filters, name))
        return found

    def whole(self, path, filters, name):
        """Our list without the cut."""
        kept = [(key, value) for key, value in filters if key not in ("limit", "offset")] + [("limit", "10000")]
        return self.request("GET", f"{path}?{urllib.parse.urlencode(kept)}", {}, None).json[name]

    def close(self):
        self.connection.close()
