"""A client of Flotilla: one file, Python 3.8 or later, the standard library alone. Copy it next to your script or notebook.

    from flotilla import Flotilla

    flotilla = Flotilla()                                  # FLOTILLA_SERVER and FLOTILLA_TOKEN say where and who
    flotilla.define(alias="hello", group_name="examples", image="debian:12", memory=64, command="echo hello $NAME")
    run = flotilla.run("hello", env={"NAME": "ada"})
    for line in flotilla.follow(run):                      # the log as it comes
        print(line)
    ended = flotilla.wait(run)
    print(ended["exit_code"], ended.get("exit_reason"))

A run is named by its id or by what `run` returned. Definitions and runs are dictionaries with the members that the API's
document names (`/api/docs` of your server). What the server refuses is raised as FlotillaError with its own message. A server
that cannot be reached or is not ready is asked again for as long as `patience` says; a run is never started twice by that.
"""
import getpass
import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

__all__ = ["Flotilla", "FlotillaError", "RunFailed"]


class FlotillaError(Exception):
    """A request that was refused or could not be answered. `status` is that of HTTP, None where there was no answer."""

    def __init__(self, message, status=None):
        super().__init__(message)
        self.status = status


class RunFailed(FlotillaError):
    """A run that did not end with exit code 0. `run` is the run."""

    def __init__(self, run):
        code = run.get("exit_code")
        how = f"ended with exit code {code}" if code is not None else "ended without an exit code"
        reason = run.get("exit_reason")
        super().__init__(f"run {run['run_id']} of {run['alias']} {how}" + (f": {reason}" if reason else ""))
        self.run = run


class Flotilla:
    """One server. Safe to use from several threads."""

    def __init__(self, server=None, token=None, patience=60.0):
        """`server` is its URL (FLOTILLA_SERVER, else http://127.0.0.1:3000), `token` an access token where it wants one
        (FLOTILLA_TOKEN). `patience`: for how many seconds it is asked again while it cannot answer."""
        url = server or os.environ.get("FLOTILLA_SERVER") or "http://127.0.0.1:3000"
        self.url = (url if "://" in url else f"http://{url}").rstrip("/")
        self.patience = patience
        self._token = token or os.environ.get("FLOTILLA_TOKEN")
        self._owner = None

    def define(self, **definition):
        """Creates a definition, or makes the one of that alias what is said here. Returns it."""
        try:
            return self._ask("POST", "/api/v1/task", definition)
        except FlotillaError as error:
            if error.status != 409 or not definition.get("alias"):
                raise
        known = self.definition(definition["alias"])
        # What is left out would stay as it was.
        nothing = {"env": [], "ports": [], "tags": [], "secrets": [], "user": "", "description": "", "cpu": 0, "gpu": 0,
                   "queue_timeout_seconds": 0, "labels": {}, "retry": {"max_attempts": 1}}
        if "active_deadline_seconds" not in definition:  # another name for the same
            nothing["timeout_seconds"] = 0
        return self._ask("PUT", f"/api/v1/task/{_quoted(known['definition_id'])}", {**nothing, **definition})

    def definition(self, alias):
        return self._ask("GET", f"/api/v1/task/alias/{_quoted(alias)}")

    def delete(self, alias):
        """Removes a definition with its runs, none of which may be alive."""
        self._ask("DELETE", f"/api/v1/task/{_quoted(self.definition(alias)['definition_id'])}")

    def run(self, alias, env=None, owner=None, **overrides):
        """Has a definition run and returns the run. `env` is a dictionary of variables; `owner` is whose run it is (else the
        token's name, else your login name); `overrides` are `cluster`, `command`, `memory`, `cpu`, `gpu`, `timeout_seconds`,
        `queue_timeout_seconds`, `idempotence_key` and whatever else the API's document knows."""
        variables = [{"name": name, "value": str(value)} for name, value in (env or {}).items()]
        wish = {"env": variables, "run_tags": {"owner_id": owner or self._default_owner()},
                "idempotence_key": str(uuid.uuid4()), **overrides}
        return self._ask("PUT", f"/api/v1/task/alias/{_quoted(alias)}/execute", wish)

    def status(self, run):
        """The run as it is now."""
        return self._ask("GET", f"/api/v1/history/{_id_of(run)}")

    def runs(self, **filters):
        """Runs, the newest first; `filters` are those of the API: `runs(alias="hello", status="STOPPED", limit=10)`. A list
        stands for any of its values."""
        query = urllib.parse.urlencode({"sort_by": "queued_at", "order": "desc", **filters}, doseq=True)
        return self._ask("GET", f"/api/v1/history?{query}")["history"]

    def wait(self, run, timeout=None, check=False):
        """Waits until a run has ended and returns it. Raises TimeoutError after `timeout` seconds; with `check` RunFailed
        where its exit code is not 0."""
        give_up = None if timeout is None else time.monotonic() + timeout
        pause = 0.1
        while True:
            now = self.status(run)
            if now["status"] == "STOPPED":
                if check and now.get("exit_code") != 0:
                    raise RunFailed(now)
                return now
            if give_up is not None and time.monotonic() >= give_up:
                raise TimeoutError(f"run {_id_of(run)} is {now['status']} after {timeout} seconds")
            time.sleep(pause)
            pause = min(pause * 1.5, 2.0)

    def logs(self, run):
        """All of its log that is there, as text."""
        return self._send("GET", f"/api/v1/{_id_of(run)}/logs?raw").decode(errors="replace")

    def follow(self, run):
        """Gives the lines of its log as they come, until the run has ended. A connection that breaks is taken up where it
        broke."""
        seen, part = None, ""
        while True:
            try:
                for event in self._events(run, seen):
                    seen = event.get("id", seen)
                    if event["event"] == "end":
                        if part:
                            yield part
                        return
                    if event["event"] == "part":
                        part += event["data"]
                    elif event["event"] == "message":
                        lines = (part + event["data"]).split("\n")
                        part = ""
                        yield from lines
            except (OSError, http.client.HTTPException):
                pass  # it broke; where it cannot be taken up again, the next request says so
            time.sleep(0.2)

    def stop(self, run):
        """Has a run stopped; it gets a moment to end by itself."""
        now = self.status(run)
        self._ask("DELETE", f"/api/v1/task/{_quoted(now['definition_id'])}/history/{now['run_id']}")

    def _default_owner(self):
        if self._owner is None:
            name = self._ask("GET", "/api/v1/whoami").get("name") if self._token else None
            self._owner = name or getpass.getuser()
        return self._owner

    def _events(self, run, seen):
        headers = {"Last-Event-ID": seen} if seen else {}
        with self._open("GET", f"/api/v1/{_id_of(run)}/logs/stream", None, headers) as stream:
            event, data = {"event": "message"}, []
            for line in stream:
                name, _, value = line.decode(errors="replace").rstrip("\n").partition(":")
                value = value[1:] if value.startswith(" ") else value
                if name == "data":
                    data.append(value)
                elif name in ("event", "id"):
                    event[name] = value
                elif not name and not value and data:  # an empty line; one that begins with a colon is a comment
                    yield {**event, "data": "\n".join(data)}
                    event, data = {"event": "message"}, []

    def _ask(self, method, path, body=None):
        return json.loads(self._send(method, path, body))

    def _send(self, method, path, body=None):
        with self._open(method, path, body, {}) as answer:
            return answer.read()

    def _open(self, method, path, body, headers):
        """The answer, once there is one. Every request of this client may be sent again."""
        data = None if body is None else json.dumps(body).encode()
        if self._token:
            headers = {**headers, "Authorization": f"Bearer {self._token}"}
        give_up = time.monotonic() + self.patience
        pause = 0.1
        while True:
            request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
            try:
                return urllib.request.urlopen(request, timeout=60)
            except urllib.error.HTTPError as error:
                failure = FlotillaError(_message_of(error), error.code)
                if error.code != 503:
                    raise failure from None
            except (OSError, http.client.HTTPException) as error:
                failure = FlotillaError(f"{self.url} cannot be reached: {getattr(error, 'reason', error)}")
            if time.monotonic() + pause > give_up:
                raise failure from None
            time.sleep(pause)
            pause = min(pause * 2, 5.0)


def _quoted(text):
    return urllib.parse.quote(text, safe="")


def _id_of(run):
    return _quoted(run if isinstance(run, str) else run["run_id"])


def _message_of(error):
    text = error.read().decode(errors="replace")
    try:
        return json.loads(text)["error"]
    except (ValueError, KeyError, TypeError):
        return f"{error.code} {error.reason}"
