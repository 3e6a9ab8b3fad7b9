"""The token that each run has in its container where the server asks for tokens: for whom it is good, and who sees it."""
import re

import pytest

from api import Api
from eventually import eventually
from server import Server, processes_of
from test_tokens import files_with

RUN_TOKEN = re.compile(rb"^FLOTILLA_RUN_TOKEN=(flr_[0-9a-f-]{36}_[0-9a-f]{64})$", re.M)
URL = "http://flotilla.example:3000"

# `ask METHOD PATH BODY` prints the status of the answer. It is traced as every command of a job is.
ASK = r"""
ask() {
  exec 3<>"/dev/tcp/${SERVER%:*}/${SERVER#*:}"
  printf '%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: %s\r\n\r\n%s' \
    "$1" "$2" "$FLOTILLA_RUN_TOKEN" "${#3}" "$3" >&3
  read -r _ status _ <&3
  exec 3>&-
  echo "$1 ${2##*/} $status"
}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory, base_root):
    settings = {"auth.mode": "token", "http.server.public_url": URL, "clusters": "{default: {network: host}}"}
    made = Server(tmp_path_factory.mktemp("server"), {"base": base_root}, **settings)
    made.start()
    made.use_token("ada")
    yield made
    made.close()


def environments(run_id):
    """The environments of a run's processes, a variable a line."""
    found = []
    for process in processes_of([run_id]):
        try:
            with open(f"/proc/{process}/environ", "rb") as environ:
                found.append(environ.read().replace(b"\0", b"\n"))
        except OSError:
            pass  # it ended meanwhile
    return found


def token_of(run_id):
    """The token in the container of a live run."""

    def look():
        found = [match for environment in environments(run_id) for match in RUN_TOKEN.finditer(environment)]
        return found and found[0].group(1).decode()

    return eventually(look)


def test_a_job_reports_its_own_status_and_does_nothing_else(server, api):
    other = api.start("exec sleep 60")
    command = ASK + """
        ask GET /api/v1/task ''
        ask GET "/api/v1/history/$FLOTILLA_RUN_ID" ''
        ask GET "/api/v1/$FLOTILLA_RUN_ID/logs" ''
        ask PUT "/api/v1/$OTHER/status" '{"status": "STOPPED", "exit_code": 1}'
        ask DELETE "/api/v1/task/d/history/$FLOTILLA_RUN_ID" ''
        ask PUT "/api/v1/$FLOTILLA_RUN_ID/status" '{"status": "STOPPED", "exit_code": 7}'
    """
    variables = [{"name": "SERVER", "value": server.address}, {"name": "OTHER", "value": other["run_id"]}]
    run = api.start(command, run={"env": variables})
    ended = api.wait(run["run_id"])

    def asked():
        return [line for line in api.output(run["run_id"]) if line.startswith(("GET ", "PUT ", "DELETE "))]

    # The job writes its last line after it was reported to have stopped.
    eventually(lambda: asked()[-1:] == ["PUT status 200"])
    assert asked() == ["GET task 403", f"GET {run['run_id']} 403", "GET logs 403", "PUT status 403",
                       f"DELETE {run['run_id']} 403", "PUT status 200"]
    assert ended["exit_code"] == 7
    assert api.run(other["run_id"])["status"] != "STOPPED"
    log = api.log(run["run_id"])
    assert "***" in log and "flr_" not in log


def test_a_runs_token_is_in_its_container_alone(server, api):
    run = api.start('echo "$FLOTILLA_URL"; echo "token: $FLOTILLA_RUN_TOKEN"; exec sleep 60')
    other = api.start("exec sleep 60")
    token, others = token_of(run["run_id"]), token_of(other["run_id"])
    assert token != others and run["run_id"] in token
    eventually(lambda: "token: ***" in api.output(run["run_id"]))
    assert URL in api.output(run["run_id"])
    with open(f"/proc/{server.process.pid}/environ", "rb") as environ:
        assert b"FLOTILLA_RUN_TOKEN" not in environ.read()
    assert not any(token.encode() in environment for environment in environments(other["run_id"]))
    shown = api.run(run["run_id"])
    assert not {"FLOTILLA_RUN_TOKEN", "FLOTILLA_URL"} & {variable["name"] for variable in shown["env"]}
    code = token.rpartition("_")[2]
    assert files_with(server.folder, code) == []
    assert files_with(server.folder, "FLOTILLA_RUN_TOKEN=") == []
    api.stop(run)
    api.wait(run["run_id"])
    assert files_with(server.folder, code) == []


def test_the_servers_values_win_over_those_of_the_caller(server, api):
    others = [{"name": "FLOTILLA_URL", "value": "http://elsewhere"}, {"name": "FLOTILLA_RUN_TOKEN", "value": "forged"}]
    for fields in ({"env": others}, {"run": {"env": others}}):
        ended = api.finish('echo "url: $FLOTILLA_URL"; echo "token: $FLOTILLA_RUN_TOKEN"', **fields)
        assert api.output(ended["run_id"]) == [f"url: {URL}", "token: ***"]


def test_a_runs_token_is_hidden_at_the_end_of_a_log_that_is_too_long(make_server):
    server = make_server(**{"auth.mode": "token", "run.log_limit": "4KiB"}).start()
    server.use_token("ada")
    ended = server.api.finish('set +x; seq 1 2000; echo "token: $FLOTILLA_RUN_TOKEN"; exit 3')
    log = server.api.log(ended["run_id"])
    assert "[flotilla: log limit of 4096 bytes reached, " in log and log.endswith("\n2000\ntoken: ***")
    assert ended["exit_reason"] == "the job ended with exit code 3; the last line of its log: token: ***"


def test_a_runs_token_outlives_the_server_that_gave_it(make_server):
    server = make_server(**{"auth.mode": "token"}).start()
    server.use_token("ada")
    run = server.api.start("exec sleep 60")
    token = token_of(run["run_id"])
    server.kill()
    server.start()
    report = f"/api/v1/{run['run_id']}/status"
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert Api(server.address, forged).request("PUT", report, {"status": "STOPPED"})[0] == 401
    itself = Api(server.address, token)
    assert itself.request("PUT", report, {"status": "STOPPED", "exit_code": 3})[0] == 200
    assert server.api.wait(run["run_id"])["exit_code"] == 3
    assert itself.request("PUT", report, {"status": "RUNNING", "exit_code": 0})[0] == 200
    ended = server.api.run(run["run_id"])
    assert (ended["status"], ended["exit_code"]) == ("STOPPED", 3)


def test_a_token_of_another_server_is_not_known(make_server, server, api):
    other = make_server(**{"auth.mode": "token"}).start()
    other.use_token("ada")
    run = api.start("exec sleep 60")
    status, _ = Api(other.address, token_of(run["run_id"])).request("PUT", f"/api/v1/{run['run_id']}/status", {})
    assert status == 401


def test_where_no_tokens_are_asked_for_runs_have_none(make_server):
    api = make_server().start().api
    run = api.finish('echo "token: [$FLOTILLA_RUN_TOKEN] url: [$FLOTILLA_URL]"')
    assert "token: [] url: []" in api.output(run["run_id"])
    own = [{"name": "FLOTILLA_URL", "value": "http://elsewhere"}]
    assert "http://elsewhere" in api.output(api.finish('echo "$FLOTILLA_URL"', env=own)["run_id"])
