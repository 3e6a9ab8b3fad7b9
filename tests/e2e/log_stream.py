"""A client of the log stream: server-sent events, standard library only."""
import dataclasses
import http.client
import json
import time


LONGEST_SILENCE = 60  # seconds


@dataclasses.dataclass
class Event:
    type: str
    data: str
    id: str

    @property
    def json(self):
        return json.loads(self.data)


class LogStream:
    """An open stream. Iterating gives its events until the server ends it; `comments` counts what is none."""

    def __init__(self, address, run_id, query="", timeout=15, **headers):
        self.connection = http.client.HTTPConnection(address, timeout=timeout)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request("GET", f"/api/v1/{run_id}/logs/stream{query}", headers=names)
        self.answer = self.connection.getresponse()
        self.status, self.headers = self.answer.status, self.answer.headers
        self.comments = 0
        self.last_id = headers.get("Last_Event_ID", "")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def __iter__(self):
        """As https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation says."""
        kind, data = "message", []
        told_at = time.monotonic()
        while line := self.answer.readline():
            line = line.decode().removesuffix("\n")
            assert "\r" not in line
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if line == "":
                if data:
                    told_at = time.monotonic()
                    yield Event(kind, "\n".join(data), self.last_id)
                kind, data = "message", []
            elif name == "":
                self.comments += 1
                assert time.monotonic() - told_at < LONGEST_SILENCE, f"nothing but comments for {LONGEST_SILENCE} s"
            elif name == "event":
                kind = value
            elif name == "data":
                data.append(value)
            elif name == "id":
                self.last_id = value
            else:
                assert name == "retry", line


def text_of(events):
    """The log that the events tell: lines, each ended."""
    return "".join(event.data + ("" if event.type == "part" else "\n")
                   for event in events if event.type in ("message", "part"))
