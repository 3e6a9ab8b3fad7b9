"""The Python client, as a script on a laptop uses it."""
import importlib.util
import threading

import pytest

from server import PROJECT

SPEC = importlib.util.spec_from_file_location("flotilla_client", PROJECT / "clients/python/flotilla.py")
MODULE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(MODULE)
Flotilla, FlotillaError, RunFailed = MODULE.Flotilla, MODULE.FlotillaError, MODULE.RunFailed

HELLO = {"alias": "hello", "group_name": "tests", "image": "base", "memory": 32, "command": "set +x; echo hello $NAME"}


@pytest.fixture
def started(make_server):
    return make_server().start()


@pytest.fixture
def client(started):
    client = Flotilla(started.address, patience=20)
    client.define(**HELLO)
    return client


def test_a_job_is_defined_run_followed_and_read(client):
    run = client.run("hello", env={"NAME": "ada"}, owner="ada")
    assert [line for line in client.follow(run) if not line.startswith("+ ")] == ["hello ada"]
    ended = client.wait(run, check=True)
    assert (ended["exit_code"], ended["user"]) == (0, "ada")
    assert client.logs(run["run_id"]) == "+ set -e\n+ set +x\nhello ada\n"
    client.run("hello")
    assert [run["user"] for run in client.runs(alias="hello")][1:] == ["ada"], "newest first"
    assert client.runs(status=["RUNNING"], user="ada") == []


def test_lines_of_a_log_come_once_they_are_whole(client):
    client.define(**{**HELLO, "command": "set +x; printf half; sleep 0.3; echo ' and half'"})
    assert [line for line in client.follow(client.run("hello")) if not line.startswith("+ ")] == ["half and half"]


def test_a_definition_becomes_what_is_said(client):
    def defined():
        return {key: value for key, value in client.definition("hello").items() if key != "updated_at"}

    more = {"memory": 48, "tags": ["one"], "user": "nobody", "cpu": 500, "timeout_seconds": 60, "labels": {"team": "a"}}
    first = defined()
    client.define(**{**HELLO, **more})
    assert defined() == {**first, **more}
    client.define(**HELLO)
    assert defined() == first
    client.delete("hello")
    with pytest.raises(FlotillaError, match="hello") as error:
        client.run("hello")
    assert error.value.status == 404


def test_what_goes_wrong_is_said_in_the_servers_words(client):
    with pytest.raises(FlotillaError, match="string \\[image\\] must be specified") as error:
        client.define(**{**HELLO, "alias": "other", "image": ""})
    assert error.value.status == 400
    run = client.run("hello", command="exit 3")
    with pytest.raises(RunFailed, match=f"run {run['run_id']} of hello ended with exit code 3: ") as error:
        client.wait(run, check=True)
    assert error.value.run["exit_code"] == 3
    with pytest.raises(FlotillaError, match="http://127.0.0.1:1 cannot be reached: "):
        Flotilla("127.0.0.1:1", patience=0).status("x")


def test_a_run_is_stopped(client):
    run = client.run("hello", command="sleep 1000")
    with pytest.raises(TimeoutError):
        client.wait(run, timeout=0)
    client.stop(run)
    assert client.wait(run, timeout=20)["exit_class"] == "stopped_by_user"


def test_a_log_and_a_wait_outlast_the_server(started, client):
    run = client.run("hello", command="set +x; for i in $(seq 30); do echo line $i; sleep 0.1; done")
    lines = []
    follower = threading.Thread(target=lambda: lines.extend(client.follow(run)))
    follower.start()
    started.api.wait(run["run_id"], "RUNNING")
    started.kill()
    started.configure(**{"http.server.listen_address": started.address})
    started.start()
    assert client.wait(run, timeout=30)["exit_code"] == 0
    follower.join()
    assert lines == ["+ set -e", "+ set +x", *(f"line {i}" for i in range(1, 31))]


def test_a_token_says_who_asks(make_server):
    server = make_server(**{"auth.mode": "token"})
    token = server.use_token("ada")
    server.start()
    client = Flotilla(f"http://{server.address}/", token=token)
    client.define(**HELLO)
    assert client.wait(client.run("hello"))["user"] == "ada"
    with pytest.raises(FlotillaError) as error:
        Flotilla(server.address, token="flt_wrong").runs()
    assert error.value.status == 401
