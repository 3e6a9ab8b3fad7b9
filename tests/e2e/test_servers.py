"""Several servers on one PostgreSQL."""
import collections
import signal

import pytest

from api import fetch
from eventually import eventually
from log_stream import LogStream, text_of
from server import ENGINE

pytestmark = pytest.mark.skipif(ENGINE != "local", reason="which host has a run is the same with every engine")


@pytest.fixture
def make_servers(postgres, make_server):
    """Makes servers that share a database, each with a data folder of its own."""

    def make(*settings):
        url = postgres.new_database()
        return [make_server(database_url=url, **each) for each in settings]

    return make


def test_work_is_shared_and_every_log_is_read_on_every_server(make_servers):
    narrow = {"clusters": "{default: {memory: 100}}"}
    servers = [server.start() for server in make_servers(narrow, narrow, narrow)]
    definition = servers[0].api.define("echo from $FLOTILLA_RUN_ID; sleep 0.2", memory=60)
    runs = [servers[number % 3].api.execute(definition)["run_id"] for number in range(9)]
    for server in servers:
        for run in runs:
            assert server.api.wait(run, timeout=60)["exit_code"] == 0
            assert f"from {run}" in server.api.log(run)
            status, headers, body = fetch(server, f"/api/v1/{run}/logs?raw", Range="bytes=2-4")
            assert status == 206 and body == b"set" and headers["Content-Range"].startswith("bytes 2-4/")
    held = [len(list(server.data.glob("logs/*/*.log"))) for server in servers]
    assert sum(held) == 9 and min(held) > 0, held


def test_a_log_of_another_host_is_followed_live(make_servers):
    api_only, worker = [server.start() for server in make_servers(
        {"enabled_workers": "[]", "clusters": "{default: {memory: 4000}}"}, {"clusters": "{default: {memory: 4000}}"})]
    run = api_only.api.execute(api_only.api.define("echo one; sleep 0.5; echo two"))["run_id"]
    with LogStream(api_only.address, run) as stream:
        events = list(stream)
    lines = "\n".join(event.data for event in events if event.type in ("", "message"))
    assert "one" in lines and "two" in lines and events[-1].type == "end"
    assert list(worker.data.glob("logs/*/*.log")) and not list(api_only.data.glob("logs/*/*.log"))


def test_a_compressed_log_of_another_host_is_read_as_it_was(make_servers):
    api_only, worker = [server.start() for server in make_servers(
        {"enabled_workers": "[]", "clusters": "{default: {memory: 4000}}"}, {"clusters": "{default: {memory: 4000}}"})]
    run = api_only.api.execute(api_only.api.define("set +x; seq 1 100000"))["run_id"]
    eventually(lambda: list(worker.data.glob(f"logs/*/{run}.1.log.zst")))
    written = "+ set -e\n+ set +x\n" + "".join(f"{number}\n" for number in range(1, 100_001))
    api_only.api.wait(run)
    assert fetch(api_only, f"/api/v1/{run}/logs?raw")[2] == written.encode()
    assert fetch(api_only, f"/api/v1/{run}/logs?raw", Range="bytes=300000-300009")[2] == written[300_000:300_010].encode()
    assert api_only.api.log(run) + "\n" == written
    with LogStream(api_only.address, run) as stream:
        assert text_of(stream) == written


def test_servers_know_each_other_where_tokens_are_asked_for(make_servers):
    settings = {"auth.mode": "token", "clusters": "{default: {memory: 4000}}"}
    first, second = make_servers({**settings, "enabled_workers": "[]"}, settings)
    first.use_token("ada")
    second.token = first.token
    first.start()
    second.start()
    run = first.api.execute(first.api.define("echo hello"))["run_id"]
    first.api.wait(run)
    assert "hello" in first.api.log(run)


def test_a_stop_reaches_the_host_that_has_the_run(make_servers):
    first, second = [server.start() for server in make_servers({"enabled_workers": "[]"}, {})]
    run = first.api.execute(first.api.define("sleep 60"))
    first.api.wait(run["run_id"], "RUNNING")
    first.api.stop(run)
    assert second.api.wait(run["run_id"])["exit_class"] == "stopped_by_user"


def test_a_server_that_was_killed_finds_its_runs_again_and_others_go_on(make_servers):
    first, second = [server.start() for server in make_servers({}, {})]
    runs = [first.api.execute(first.api.define("sleep 1; exit 4"))["run_id"] for _ in range(4)]
    for run in runs:
        first.api.wait(run, "RUNNING")
    first.kill()
    assert second.api.finish("true")["exit_code"] == 0
    first.start()
    for run in runs:
        assert second.api.wait(run)["exit_code"] == 4


def test_what_a_host_had_ends_when_it_is_lost_for_good(make_servers):
    settings = {"host.lost_after": "2s", "worker.retry_interval": "1s", "clusters": "{default: {memory: 100}}"}
    first, second = make_servers(settings, settings)
    first.start()
    run = first.api.execute(first.api.define("sleep 100", memory=60))["run_id"]
    first.api.wait(run, "RUNNING")
    second.start()
    waiting = second.api.execute(second.api.define("echo elsewhere", memory=60))["run_id"]
    assert second.api.wait(waiting)["exit_code"] == 0
    first.process.send_signal(signal.SIGSTOP)
    try:
        lost = second.api.wait(run, timeout=30)
        assert lost["exit_class"] == "host_lost" and "not heard of for 2s" in lost["exit_reason"]
        status, answer = second.api.get(f"/api/v1/{run}/logs")
        assert status == 503 and answer["error"]
    finally:
        first.process.send_signal(signal.SIGCONT)
    # It comes back: what it still has of the run is removed, and the run stays as it ended.
    eventually(lambda: "gave it up" in first.log_path.read_text(), timeout=30)
    assert first.api.wait(run)["exit_class"] == "host_lost"
    assert first.api.finish("true", memory=60)["exit_code"] == 0


def test_two_servers_of_one_data_folder_are_told_apart(make_servers):
    first, second = make_servers({"host.lost_after": "2s"}, {"host.lost_after": "2s"})
    first.start()
    (second.data / "host_id").write_text((first.data / "host_id").read_text())
    second.start()
    eventually(lambda: "another server has the id of this data folder" in first.log_path.read_text(), timeout=20)
    assert second.api.finish("true")["exit_code"] == 0


def test_each_run_is_executed_once_by_servers_that_are_paused_and_killed(make_servers):
    servers = [server.start() for server in make_servers({}, {}, {})]
    definition = servers[0].api.define("echo ran", memory=8)
    runs = []
    for number in range(60):
        runs.append(servers[number % 2].api.execute(definition)["run_id"])
        if number == 15:
            servers[2].process.send_signal(signal.SIGSTOP)
        if number == 30:
            servers[1].kill()
            servers[1].start()
    servers[2].process.send_signal(signal.SIGCONT)
    attempts = collections.Counter()
    for run in runs:
        ended = servers[0].api.wait(run, timeout=60)
        assert ended["exit_code"] == 0, ended
        attempts[ended["attempt_count"]] += 1
        assert servers[0].api.log(run).count("\nran") == 1
    assert attempts == {1: 60}
