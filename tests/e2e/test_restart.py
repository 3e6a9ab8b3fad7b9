"""Servers end, by their own will or not; jobs go on."""
import http.client
import signal

import counting
from eventually import eventually
from server import processes_of


def test_jobs_go_on_when_the_server_is_killed(make_server):
    server = make_server().start()
    runs = counting.start(server.api, 20)
    server.kill()
    server.start()
    counting.assert_undisturbed(server.api, runs)


def test_jobs_that_end_while_no_server_runs_keep_exit_code_and_log(make_server):
    server = make_server().start()
    run_id = server.api.start("set +x; echo begin; sleep 0.5; echo end; exit 9")["run_id"]
    server.api.wait(run_id, "RUNNING")
    server.kill()
    eventually(lambda: not processes_of([run_id]))
    server.start()
    assert server.api.wait(run_id)["exit_code"] == 9
    assert server.api.output(run_id) == ["begin", "end"]


def test_jobs_go_on_when_the_server_ends_cleanly(make_server):
    server = make_server().start()
    runs = counting.start(server.api, 2)
    server.stop(within=2)
    server.start()
    counting.assert_undisturbed(server.api, runs)


def test_queued_runs_outlive_a_killed_server(make_server):
    server = make_server(clusters="{default: {max_running: 1}}").start()
    first = server.api.start("sleep 1000")
    server.api.wait(first["run_id"], "RUNNING")
    second = server.api.start("echo later")["run_id"]
    server.kill()
    server.start()
    assert server.api.run(second)["status"] == "QUEUED"
    server.api.stop(first)
    assert server.api.wait(second)["exit_code"] == 0


def test_a_stop_that_was_acknowledged_takes_effect_after_a_kill(make_server):
    server = make_server().start()
    run = server.api.start("sleep 1000")
    server.api.wait(run["run_id"], "RUNNING")
    assert server.api.stop(run)[0] == 200
    server.kill()
    server.start()
    ended = server.api.wait(run["run_id"])
    assert (ended["exit_class"], ended["exit_code"]) == ("stopped_by_user", 143)


def test_a_server_killed_while_it_starts_runs_starts_none_twice(make_server):
    server = make_server().start()
    definition = server.api.define("set +x; echo once; sleep 0.2", memory=8)
    runs = [server.api.execute(definition)["run_id"] for _ in range(30)]
    server.kill()
    server.start()
    for run_id in runs:
        assert server.api.wait(run_id, timeout=30)["exit_code"] == 0
        assert server.api.output(run_id) == ["once"]


def test_control_c_ends_the_server_cleanly(make_server):
    server = make_server().start()
    run = server.api.start("sleep 1000")
    server.api.wait(run["run_id"], "RUNNING")
    server.stop(signal.SIGINT)
    server.start()
    assert server.api.run(run["run_id"])["status"] == "RUNNING"


def test_an_open_connection_does_not_hold_the_server_up(make_server):
    server = make_server().start()
    idle = http.client.HTTPConnection(server.address)
    idle.connect()
    half = http.client.HTTPConnection(server.address)
    half.connect()
    half.sock.sendall(b"GET /api/v1/task HTTP/1.1\r\nHost: localhost\r\n")
    server.stop(within=2)
    idle.close()
    half.close()
    server.start()


def test_runs_of_a_cluster_that_left_the_configuration_are_followed_and_can_be_stopped(make_server):
    server = make_server(clusters="{default: {memory: 1000}, former: {memory: 1000, max_running: 2}}").start()
    api = server.api
    former = {"cluster": "former"}
    ends, stays, waits = (api.start(command, run=former)["run_id"]
                          for command in ("sleep 1; exit 6", "sleep 1000", "true"))
    for run_id in (ends, stays):
        api.wait(run_id, "RUNNING")
    server.kill()
    server.configure(clusters="{default: {memory: 1000}}")
    api = server.start().api
    assert api.wait(ends)["exit_code"] == 6
    api.stop(api.run(stays))
    assert api.wait(stays)["exit_code"] == 143
    assert api.run(waits)["status"] == "QUEUED"
    assert api.ok("GET", "/api/v1/clusters") == {"clusters": ["default"]}
    api.stop(api.run(waits))
    assert api.run(waits)["status"] == "STOPPED"


def test_a_host_is_drained_while_its_server_is_away(make_server):
    server = make_server(clusters="{default: {memory: 1000, max_running: 2}}").start()
    live = [server.api.start("echo begun; sleep 1000")["run_id"] for _ in range(2)]
    for run_id in live:
        server.api.wait(run_id, "RUNNING")
    waits = server.api.start("true")["run_id"]
    busy = server.flotilla("drain", "--config", server.config, check=False)
    assert busy.returncode == 1 and "is in use by another server; stop that one" in busy.stderr, busy
    server.kill()
    said = server.flotilla("drain", "--config", server.config).stdout.splitlines()
    assert sorted(said[:2]) == sorted(f"stopping run {run_id}" for run_id in live)
    assert said[2:] == ["stopped 2 runs; none is alive"]
    assert processes_of(live, server.daemon) == []
    server.start()
    assert [server.api.run(run_id)["exit_class"] for run_id in live] == ["stopped_by_user"] * 2
    assert server.api.wait(waits)["exit_code"] == 0
