"""Secrets reach the container and nothing else."""
import pytest

from eventually import eventually
from server import contents_below, processes_of

VALUES = {"FROM_FILE": "hidden-in-a-file-4711", "FROM_ENV": "hidden-in-the-environment-4712"}


@pytest.fixture
def secret_file(tmp_path):
    path = tmp_path / "secret"
    path.write_text(VALUES["FROM_FILE"] + "\n")
    return path


@pytest.fixture
def make_secretive_server(make_server, secret_file):
    def make(**settings):
        return make_server(
            environment={"SECRET_OF_THE_SERVER": VALUES["FROM_ENV"]},
            secrets=f"{{FROM_FILE: {{file: {secret_file}}}, FROM_ENV: {{env: SECRET_OF_THE_SERVER}}}}",
            **settings)

    return make


def files_with_a_value(server):
    """The files below the server's folder, its log among them, that hold a secret's value."""
    return [path for path, content in contents_below(server.folder)
            for value in VALUES.values() if value.encode() in content]


def answers(api, run):
    """Everything that the API says of a run, as one text."""
    paths = [f"/api/v1/history/{run['run_id']}", "/api/v1/history", f"/api/v1/{run['run_id']}/events",
             f"/api/v1/{run['run_id']}/logs", f"/api/v1/task/{run['definition_id']}", "/api/v1/task"]
    return str([api.ok("GET", path) for path in paths])


# Lengths and a value taken apart: nothing of it is printed whole, so whatever is found elsewhere was traced.
COMMAND = """
test "$FROM_FILE" = hidden-in-a-file-"4711"
test "$FROM_ENV" = hidden-in-the-environment-"4712"
echo "${#FROM_FILE} ${#FROM_ENV}"
: "$FROM_FILE" "$FROM_ENV"
trap 'exit 0' TERM
while true; do sleep 0.05; done
"""


def test_a_secret_is_in_the_container_and_nowhere_else(make_secretive_server):
    server = make_secretive_server().start()
    api = server.api
    run = api.start(COMMAND, secrets=["FROM_FILE", "FROM_ENV"])
    eventually(lambda: "21 30" in api.log(run["run_id"]))
    assert files_with_a_value(server) == []
    alive = answers(api, run)
    api.stop(run)
    ended = api.wait(run["run_id"])
    assert ended["exit_code"] == 0, ended
    assert ended["secrets"] == ["FROM_FILE", "FROM_ENV"]
    for value in VALUES.values():
        assert value not in alive + answers(api, run)
    assert api.log(run["run_id"]).split("\n")[0] == "21 30"
    server.kill()  # the write-ahead log stays as it is
    assert files_with_a_value(server) == []
    server.start()


def test_a_run_without_secrets_is_traced_as_ever(make_secretive_server):
    server = make_secretive_server().start()
    run = server.api.finish('echo "${FROM_FILE-none}"')
    assert server.api.log(run["run_id"]) == "+ set -e\n+ echo none\nnone"


def test_a_secret_wins_over_the_variables_of_definition_and_run(make_secretive_server):
    server = make_secretive_server().start()
    env = [{"name": "FROM_ENV", "value": "given"}]
    run = server.api.start('echo "${#FROM_ENV}"', env=env, secrets=["FROM_ENV"], run={"env": env})
    assert server.api.wait(run["run_id"])["exit_code"] == 0
    assert server.api.log(run["run_id"]) == "30"


def test_a_secret_that_changes_counts_from_the_next_run_on(make_secretive_server, secret_file):
    server = make_secretive_server().start()
    definition = server.api.define('echo "${#FROM_FILE}"', secrets=["FROM_FILE"])
    for value, length in (("short", "5"), ("longer", "6")):
        secret_file.write_text(value)
        run = server.api.wait(server.api.execute(definition)["run_id"])
        assert server.api.log(run["run_id"]) == length


def test_what_is_wrong_with_a_secret_is_said_when_a_run_asks_for_it(make_secretive_server, secret_file):
    server = make_secretive_server().start()
    api = server.api
    secret_file.unlink()

    def refusal(*names):
        definition = api.define("true", secrets=list(names))
        return api.request("PUT", f"/api/v1/task/{definition['definition_id']}/execute", {"cluster": "default"})

    assert refusal("FROM_FILE") == (
        400, {"error": "secret [FROM_FILE] cannot be had: its file cannot be read: No such file or directory"})
    assert refusal("NO_SUCH") == (
        400, {"error": "secret [NO_SUCH] is not configured, the secrets are: FROM_ENV, FROM_FILE"})
    status, answer = api.request("POST", "/api/v1/task", {
        "alias": "wrong", "group_name": "tests", "image": "base", "memory": 32, "command": "true",
        "secrets": ["no-name"]})
    assert status == 400 and "no-name" in answer["error"]


def test_a_secret_that_is_gone_at_the_launch_ends_the_run_with_its_name(make_secretive_server, secret_file):
    server = make_secretive_server(**{"worker.max_attempts": 1, "clusters": "{default: {max_running: 1}}"}).start()
    api = server.api
    holds = api.start("sleep 1000")
    api.wait(holds["run_id"], "RUNNING")
    waits = api.start("true", secrets=["FROM_FILE"])
    secret_file.unlink()
    api.stop(holds)
    ended = api.wait(waits["run_id"])
    assert ended["exit_class"] == "start_failed" and "exit_code" not in ended
    assert ended["exit_reason"] == (
        "secret [FROM_FILE] cannot be had: its file cannot be read: No such file or directory")


def test_a_secret_that_is_missing_at_the_start_is_a_warning(make_secretive_server, secret_file):
    secret_file.unlink()
    server = make_secretive_server()
    checked = server.flotilla("serve", "--check", "--config", server.config)
    assert ("flotilla: warning: secret [FROM_FILE] cannot be had: its file cannot be read: "
            "No such file or directory; runs that ask for it are refused until it can") in checked.stderr.splitlines()
    server.start()
    assert "secret [FROM_FILE] cannot be had" in server.log_path.read_text()


def test_runs_with_secrets_outlive_a_killed_server(make_secretive_server):
    server = make_secretive_server(clusters="{default: {max_running: 1}}").start()
    first = server.api.start(COMMAND, secrets=["FROM_FILE", "FROM_ENV"])
    eventually(lambda: "21 30" in server.api.log(first["run_id"]))
    second = server.api.start('echo "${#FROM_FILE}"', secrets=["FROM_FILE"])
    server.kill()
    assert files_with_a_value(server) == []
    assert processes_of([first["run_id"]])
    server.start()
    server.api.stop(first)
    assert server.api.wait(first["run_id"])["exit_code"] == 0
    assert server.api.wait(second["run_id"])["exit_code"] == 0
    assert server.api.log(second["run_id"]) == "21"
    assert files_with_a_value(server) == []


def test_runs_on_their_way_when_the_server_is_killed_have_their_secrets(make_secretive_server):
    server = make_secretive_server().start()
    definition = server.api.define('echo "${#FROM_FILE}"', secrets=["FROM_FILE"], memory=8)
    runs = [server.api.execute(definition)["run_id"] for _ in range(10)]
    server.kill()
    server.start()
    for run_id in runs:
        assert server.api.wait(run_id, timeout=30)["exit_code"] == 0
        assert server.api.log(run_id) == "21"
    assert files_with_a_value(server) == []
