"""The command line against a real server."""
import json
import os
import re
import signal
import subprocess
import uuid

import pytest

from api import fetch
from eventually import eventually
from server import BINARY, clean_environment, flotilla

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def define(server):
    """Defines a job by the command line and returns its alias."""

    def make(command, **fields):
        alias = f"cli-{uuid.uuid4()}"
        definition = {"alias": alias, "group_name": "cli", "image": "base", "memory": 32, "command": command, **fields}
        assert server.flotilla("define", "-", input=json.dumps(definition)).stdout == f"created {alias}\n"
        return alias

    return make


def failure(result, status=1):
    """The one line on standard error."""
    assert result.returncode == status, result
    assert result.stdout == ""
    assert result.stderr.startswith("flotilla: ") and result.stderr.count("\n") == 1, result.stderr
    return result.stderr


def test_define_creates_then_updates(server, api, tmp_path):
    alias = f"cli-{uuid.uuid4()}"
    path = tmp_path / "definition.json"
    definition = {"alias": alias, "group_name": "cli", "image": "base", "memory": 32, "command": "true",
                  "tags": ["a"]}
    path.write_text(json.dumps(definition))
    assert server.flotilla("define", path).stdout == f"created {alias}\n"
    del definition["tags"]
    path.write_text(json.dumps({**definition, "command": "false"}))
    assert server.flotilla("define", path).stdout == f"updated {alias}\n"
    stored = api.ok("GET", f"/api/v1/task/alias/{alias}")
    assert stored["command"] == "false"
    assert "tags" not in stored
    again = json.loads(server.flotilla("define", path, "--json").stdout)
    assert again.pop("updated_at") > stored.pop("updated_at")
    assert again == stored


def test_what_a_definition_says_no_more_is_gone(server, api):
    alias = f"cli-{uuid.uuid4()}"
    least = {"alias": alias, "group_name": "cli", "image": "base", "memory": 32, "command": "true"}
    more = {"env": [{"name": "A", "value": "1"}], "ports": [80], "tags": ["a"], "user": "nobody", "description": "what it does",
            "cpu": 500, "labels": {"team": "a"}, "timeout_seconds": 60, "queue_timeout_seconds": 60,
            "retry": {"max_attempts": 3, "on": ["job_failed"], "backoff_seconds": 10}}

    def defined(definition):
        server.flotilla("define", "-", input=json.dumps(definition))
        stored = api.ok("GET", f"/api/v1/task/alias/{alias}")
        return {key: value for key, value in stored.items() if key != "updated_at"}

    first = defined(least)
    assert defined({**least, **more}) == {**first, **more}
    assert defined(least) == first


def test_define_names_every_mistake_on_one_line(server):
    line = failure(server.flotilla("define", "-", input='{"alias": "x"}', check=False))
    for field in ("image", "group_name", "memory", "command"):
        assert f"[{field}]" in line
    assert "line 1, column 7" in failure(server.flotilla("define", "-", input='{"a": oops}', check=False))


def test_run_prints_only_the_id(server, api, define):
    run_id = server.flotilla("run", define("true"), "--owner", "ada").stdout.strip()
    assert UUID.fullmatch(run_id)
    assert api.wait(run_id)["user"] == "ada"


def test_run_belongs_to_the_login_name(server, api, define):
    run_id = server.flotilla("run", define("true")).stdout.strip()
    assert api.run(run_id)["user"] == "root"


def test_follow_prints_the_log_and_ends_as_the_job_does(server, define):
    alias = define('echo "hello $NAME"; exit $CODE')
    followed = server.flotilla("run", alias, "-e", "NAME=you", "-e", "CODE=5", "--follow", check=False)
    assert followed.returncode == 5
    assert followed.stdout == "+ set -e\n+ echo 'hello you'\nhello you\n+ exit 5\n"
    assert "exit code 5" in followed.stderr
    assert server.flotilla("run", alias, "-e", "CODE=0", "--follow").returncode == 0


def test_follow_prints_while_the_job_runs(server, api, define):
    alias = define("echo early; sleep 1000")
    following = subprocess.Popen([BINARY, "run", alias, "--follow", "--server", api.url], env=clean_environment(),
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    run_id = UUID.search(following.stderr.readline()).group()
    assert [following.stdout.readline() for _ in range(3)] == ["+ set -e\n", "+ echo early\n", "early\n"]
    following.send_signal(signal.SIGINT)
    _, errors = following.communicate(timeout=10)
    assert following.returncode == 130
    assert f"flotilla logs -f {run_id}" in errors and f"flotilla stop {run_id}" in errors
    api.wait(run_id, "RUNNING")

    assert server.flotilla("stop", run_id).stdout == f"stopping {run_id}\n"
    api.wait(run_id)


def test_follow_ends_with_125_where_there_is_no_exit_code(make_server):
    server = make_server(clusters="{default: {max_running: 1}}").start()
    server.api.start("sleep 1000")
    alias = server.api.define("true")["alias"]
    following = subprocess.Popen([BINARY, "run", alias, "--follow", "--server", server.api.url],
                                 env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    run_id = UUID.search(following.stderr.readline()).group()
    server.flotilla("stop", run_id)
    _, errors = following.communicate(timeout=10)
    assert following.returncode == 125
    assert "without an exit code" in errors


def test_logs_of_a_job_that_ended(server, api, define):
    alias = define("seq 1 50000 | sed 's/$/ and something to fill a page with/'")
    run_id = server.flotilla("run", alias).stdout.strip()
    api.wait(run_id)
    printed = server.flotilla("logs", run_id).stdout
    assert printed == api.log(run_id) + "\n"
    assert server.flotilla("logs", "-f", run_id).stdout == printed


def test_raw_logs_are_the_exact_bytes(server, api, define):
    run_id = server.flotilla("run", define(r"printf 'a\377\000\rb'; seq 1 300000")).stdout.strip()
    api.wait(run_id)
    written = fetch(server, f"/api/v1/{run_id}/logs?raw")[2]
    printed = subprocess.run([BINARY, "logs", "--raw", run_id, "--server", api.url], stdout=subprocess.PIPE,
                             env=clean_environment(), timeout=20, check=True).stdout
    assert printed == written and b"a\377\000\rb" in printed


def test_a_reader_that_leaves_early_is_no_error(server, api, define):
    run_id = server.flotilla("run", define("seq 1 100000")).stdout.strip()
    api.wait(run_id)
    piped = subprocess.run(["bash", "-c", f"{BINARY} logs {run_id} --server {api.url} | head -n 3 >/dev/null"],
                           capture_output=True, text=True, env=clean_environment(), timeout=20)
    assert piped.stderr == ""


def test_runs_is_a_table_newest_first(server, api, define):
    alias = define("exit $CODE")
    ids = []
    for code in range(3):
        ids.append(server.flotilla("run", alias, "-e", f"CODE={code}", "--owner", "lister").stdout.strip())
        api.wait(ids[-1])
    table = server.flotilla("runs", "--alias", alias, "--owner", "lister", "--status", "stopped").stdout
    header, *rows = table.splitlines()
    assert header.split() == ["RUN", "ALIAS", "STATUS", "EXIT", "OWNER", "CLUSTER", "STARTED", "DURATION"]
    assert [row.split()[:4] for row in rows] == [[ids[code], alias, "STOPPED", str(code)] for code in (2, 1, 0)]
    assert len(server.flotilla("runs", "--alias", alias, "--limit", "2").stdout.splitlines()) == 3
    listed = json.loads(server.flotilla("runs", "--alias", alias, "--json").stdout)
    assert listed["total"] == 3
    none = server.flotilla("runs", "--alias", alias, "--cluster", "default", "--status", "RUNNING").stdout
    assert none.splitlines() == ["RUN  ALIAS  STATUS  EXIT  OWNER  CLUSTER  STARTED  DURATION"]


def test_status_tells_all_that_is_known(server, api, define):
    alias = define("exit 4")
    run_id = server.flotilla("run", alias, "-e", "A=b").stdout.strip()
    api.wait(run_id)
    told = server.flotilla("status", run_id).stdout
    assert "STOPPED, exit code 4" in told
    for part in (run_id, alias, "default", "base", "A=b", "reason", "started", "finished"):
        assert part in told
    assert json.loads(server.flotilla("status", run_id, "--json").stdout) == api.run(run_id)
    assert "ended already" in failure(server.flotilla("stop", run_id, check=False))


def test_status_shows_what_was_asked_for_and_each_attempt(server, api):
    definition = api.define("exec sleep 1000", cpu=500, description="nightly", labels={"team": "x"})
    run_id = api.execute(definition)["run_id"]
    api.wait(run_id, "RUNNING")
    assert "ATTEMPT" not in server.flotilla("status", run_id).stdout
    api.ok("PUT", f"/api/v1/{run_id}/status", {"status": "NEEDS_RETRY"})
    eventually(lambda: (api.run(run_id)["attempt_count"], api.run(run_id)["status"]) == (2, "RUNNING"))
    told = server.flotilla("status", run_id).stdout
    for line in ("description nightly", "labels      team=x", "command     exec sleep 1000", "memory      32 MiB",
                 "cpu         500/1000 of a core", "engine      local", "digest      sha256:"):
        assert f"\n{line}" in told
    header, *attempts = told.partition("\n\n")[2].splitlines()
    assert header.split() == ["ATTEMPT", "STATUS", "EXIT", "OUTCOME", "STARTED", "DURATION", "REASON"]
    assert [attempt.split()[:2] for attempt in attempts] == [["1", "STOPPED"], ["2", "RUNNING"]]
    server.flotilla("stop", run_id)
    api.wait(run_id)
    assert "\nstop asked  2" in server.flotilla("status", run_id).stdout


def test_colour_is_for_terminals(server, api, define):
    run_id = server.flotilla("run", define("true")).stdout.strip()
    api.wait(run_id)

    def on_a_terminal(**variables):
        terminal, end = os.openpty()
        with subprocess.Popen([BINARY, "status", run_id, "--server", api.url], stdout=end,
                              env=clean_environment(TERM="xterm", **variables)) as process:
            os.close(end)
            assert process.wait(timeout=10) == 0
        text = os.read(terminal, 65536)
        os.close(terminal)
        return text

    assert b"\x1b[32mSTOPPED" in on_a_terminal()
    assert b"\x1b" not in on_a_terminal(NO_COLOR="1")
    assert "\x1b" not in server.flotilla("status", run_id).stdout


def test_errors_say_what_to_do(server):
    away = flotilla("runs", "--server", "http://127.0.0.1:1", check=False)
    assert failure(away) == ("flotilla: cannot reach http://127.0.0.1:1: connection refused; "
                             "is the server running? start it with: flotilla serve\n")
    assert "define it first" in failure(server.flotilla("run", "no-such-alias", check=False))
    assert "no-such-run" in failure(server.flotilla("status", "no-such-run", check=False))
    failure(server.flotilla("logs", "no-such-run", check=False))
    failure(server.flotilla("stop", "no-such-run", check=False))
    assert "NAME=VALUE" in failure(server.flotilla("run", "x", "-e", "oops", check=False), 2)
    assert "--colour" in failure(server.flotilla("runs", "--colour", check=False), 2)
    assert "DEAD" in failure(server.flotilla("runs", "--status", "dead", check=False))


def test_version_and_help():
    assert re.fullmatch(r"flotilla \d+\.\d+\.\d+\n", flotilla("--version").stdout)
    for command in ("serve", "define", "run", "runs", "status", "logs", "stop", "image import", "image pull",
                    "image list", "image rm"):
        assert "Example:" in flotilla(*command.split(), "--help").stdout


def test_a_job_that_follows_survives_a_restart_of_the_server(make_server):
    server = make_server().start()
    port = server.address.partition(":")[2]
    alias = server.api.define("set +x; echo one; sleep 2; echo two; exit 6")["alias"]
    following = subprocess.Popen([BINARY, "run", alias, "--follow", "--server", server.api.url],
                                 env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    eventually(lambda: following.stdout.readline() == "one\n")
    server.kill()
    server.environment["HTTP_SERVER_LISTEN_ADDRESS"] = f"127.0.0.1:{port}"
    server.start()
    output, _ = following.communicate(timeout=20)
    assert following.returncode == 6
    assert output == "two\n"
