"""Looking after a server: its log, its metrics, whether it is ready."""
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from eventually import eventually
from server import PROJECT

HIDDEN = "a-value-that-nobody-may-see"


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of 96 MiB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


def metrics(server):
    """Every sample by its name and labels; each line has to be what Prometheus takes."""
    with urllib.request.urlopen(f"http://{server.address}/metrics", timeout=10) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        text = answer.read().decode()
    families = list(text_string_to_metric_families(text))
    samples = {(sample.name, frozenset(sample.labels.items())): sample.value
               for family in families for sample in family.samples}
    assert len(samples) == sum(len(family.samples) for family in families), "a sample stands there twice"
    return families, samples


def value(server, name, **labels):
    """The sample with these labels; 0 if there is none yet."""
    return metrics(server)[1].get((name, frozenset(labels.items())), 0)


def log_lines(server):
    """The whole log of a server that writes JSON."""
    return [json.loads(line) for line in server.log_path.read_text().splitlines()]


def launcher_of(server):
    """The process that starts its containers."""
    children = pathlib.Path(f"/proc/{server.process.pid}/task").glob("*/children")
    for child in " ".join(path.read_text() for path in children).split():
        if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == "flotilla-launch":
            return int(child)
    raise AssertionError("there is no launcher")


def test_every_line_of_a_json_log_parses_and_names_its_request_and_run(make_server):
    server = make_server(**{"log.format": "json", "log.level": "debug"}).start()
    api = server.api
    definition = api.define("echo done", env=[{"name": "OF_DEFINITION", "value": HIDDEN}])
    run = api.execute(definition, env=[{"name": "OF_RUN", "value": HIDDEN}])
    api.wait(run["run_id"])
    api.get(f"/api/v1/history?env=OF_RUN|{HIDDEN}")
    api.request("PUT", f"/api/v1/{run['run_id']}/status", {"status": "no\nsuch\u2028status"})
    api.get("/nowhere%0a")

    lines = log_lines(server)
    for line in lines:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]), line
        assert line["level"] in ("debug", "info", "warning", "error"), line
        assert ("event" in line) != ("message" in line), line
    requests = [line for line in lines if line.get("event") == "request"]
    assert all(line["request_id"] and line["duration_ms"] >= 0 and line["status"] for line in requests)
    executed = next(line for line in requests if line.get("route", "").endswith("/execute"))
    assert executed["method"] == "PUT" and executed["level"] == "info" and executed["status"] == 200
    assert any(line.get("run_id") == run["run_id"] and line.get("event") != "request" for line in lines)
    refused = next(line for line in requests if line.get("route") == "/api/v1/{run_id}/status")
    assert refused["run_id"] == run["run_id"] and refused["status"] == 400 and refused["level"] == "info"
    assert next(line for line in requests if line.get("target") == "/nowhere%0a")["status"] == 404
    assert HIDDEN not in server.log_path.read_text()


def test_the_id_of_a_request_stands_in_all_that_it_causes(make_server):
    server = make_server(**{"log.format": "json"}).start()
    definition = server.api.define("true")
    request = urllib.request.Request(
        f"http://{server.address}/api/v4/task/{definition['definition_id']}/execute", method="PUT",
        data=json.dumps({"run_tags": {"owner_id": "tester"}}).encode(), headers={"X-Request-Id": "my-request"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        run = json.loads(answer.read())
    server.api.wait(run["run_id"])
    caused = [line for line in log_lines(server) if line.get("request_id") == "my-request"]
    assert {"request"} < {line.get("event", "in words") for line in caused}


def test_a_level_leaves_out_what_is_below_it(make_server):
    server = make_server(**{"log.level": "info"}).start()
    server.api.get("/api/v1/task")
    server.api.define("true")
    log = server.log_path.read_text()
    assert "event=request method=POST route=/api/v1/task status=200" in log
    assert "method=GET" not in log


def test_the_last_line_says_that_the_server_has_stopped(make_server):
    server = make_server(**{"log.format": "json"}).start()
    server.api.define("true")
    server.stop()
    assert [line.get("message") for line in log_lines(server)][-2:] == ["SIGTERM: stopping; jobs go on", "stopped"]


def test_counters_move_as_runs_are_made(make_server):
    server = make_server().start()
    route = "/api/v4/task/{definition_id}/execute"
    assert value(server, "flotilla_http_requests_total", method="PUT", route=route, status="200") == 0
    for command in ("true", "exit 3"):
        server.api.finish(command)
    assert value(server, "flotilla_http_requests_total", method="PUT", route=route, status="200") == 2
    assert value(server, "flotilla_http_request_duration_seconds_count", method="PUT", route=route) == 2
    assert value(server, "flotilla_http_connections_open") >= 1
    assert value(server, "flotilla_runs_submitted_total", cluster="default") == 2
    assert value(server, "flotilla_engine_submissions_total", cluster="default", outcome="accepted") == 2
    assert value(server, "flotilla_attempts_started_total", cluster="default") == 2
    assert value(server, "flotilla_attempt_launch_duration_seconds_count", cluster="default") == 2
    assert value(server, "flotilla_runs_finished_total", cluster="default", exit_class="completed") == 1
    assert value(server, "flotilla_runs_finished_total", cluster="default", exit_class="job_failed") == 1
    assert value(server, "flotilla_attempts_ended_total", cluster="default", exit_class="job_failed") == 1
    assert value(server, "flotilla_store_write_duration_seconds_count") > 2
    assert value(server, "flotilla_store_commit_writes_count") > 2


def test_runs_and_queues_are_shown_as_they_are(make_server):
    server = make_server(clusters="{default: {memory: 64}}").start()
    running = [server.api.start("sleep 60", memory=40) for _ in range(2)]
    eventually(lambda: value(server, "flotilla_runs", cluster="default", status="RUNNING") == 1)
    assert value(server, "flotilla_runs", cluster="default", status="QUEUED") == 1
    assert value(server, "flotilla_queue_depth", cluster="default") == 1
    assert value(server, "flotilla_queue_oldest_seconds", cluster="default") > 0
    for run in running:
        server.api.stop(run)
        server.api.wait(run["run_id"])
    assert value(server, "flotilla_queue_depth", cluster="default") == 0
    assert value(server, "flotilla_queue_oldest_seconds", cluster="default") == 0


def test_the_documented_metrics_are_those_that_the_server_has(make_server):
    server = make_server().start()
    server.api.finish("true")
    server.api.get("/nowhere")
    with pytest.raises(Exception):
        urllib.request.urlopen(f"http://{server.address}/a b", timeout=10)
    families, _ = metrics(server)
    exposed = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    documented = set(re.findall(r"^\| `((?:flotilla|process)_\w+)`", (PROJECT / "docs/operations.md").read_text(), re.M))
    assert exposed | {"flotilla_http_refused_total", "flotilla_queue_messages_parked_total"} == documented


def test_metrics_follow_the_conventions_of_prometheus(make_server):
    server = make_server().start()
    server.api.finish("true")
    families, _ = metrics(server)
    units = ("_seconds", "_bytes", "_total", "_info")
    for family in families:
        assert family.type in ("counter", "gauge", "histogram"), family.name
        assert re.fullmatch(r"(flotilla|process)_[a-z_]+", family.name)
        assert family.documentation.endswith("."), family.name
        if "duration" in family.name:
            assert family.name.endswith("_duration_seconds")
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert labels <= {"method", "route", "status", "cluster", "exit_class", "outcome", "version"}, family.name
    assert any(family.name.endswith(units) for family in families)


def test_labels_stay_few_whatever_strangers_ask_for(make_server):
    server = make_server().start()
    for number in range(5):
        server.api.get(f"/nowhere/{number}")
        server.api.get(f"/api/v1/history/no-such-run-{number}")
    routes = {dict(labels)["route"] for name, labels in metrics(server)[1] if name == "flotilla_http_requests_total"}
    assert "unknown" in routes
    assert not any("no-such-run" in route or "nowhere" in route for route in routes)
    assert value(server, "flotilla_http_requests_total", method="GET", route="unknown", status="404") == 5


def not_ready(server):
    """What `/ready` says is wrong; nothing if it is ready."""
    begin = time.monotonic()
    status, answer = server.api.get("/ready")
    assert time.monotonic() - begin < 2.5
    assert (status, answer.get("status")) in ((200, "ready"), (503, None))
    return answer.get("error")


def test_a_server_is_not_ready_while_its_launcher_hangs(make_server):
    server = make_server().start()
    assert not_ready(server) is None
    launcher = launcher_of(server)
    os.kill(launcher, signal.SIGSTOP)
    try:
        eventually(lambda: (not_ready(server) or "").endswith("cluster default: the launcher does not answer"))
        assert server.api.get("/health")[0] == 200
    finally:
        os.kill(launcher, signal.SIGCONT)
    eventually(lambda: not_ready(server) is None)


def test_a_launcher_that_was_killed_is_started_again(make_server):
    server = make_server().start()
    killed = launcher_of(server)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: not_ready(server) is None and launcher_of(server) != killed)
    assert server.api.finish("true")["exit_code"] == 0


def test_a_server_is_not_ready_while_its_data_folder_is_away(make_server):
    server = make_server().start()
    away = server.data.with_name("away")
    server.data.rename(away)
    error = eventually(lambda: not_ready(server))
    assert "store: the database file" in error and "was moved or removed" in error
    assert f"cluster default: {server.data}/runs cannot be reached" in error
    away.rename(server.data)
    eventually(lambda: not_ready(server) is None)


def test_a_server_is_not_ready_while_its_disk_is_full(small_disk, make_server):
    server = make_server(data_dir=small_disk).start()
    assert not_ready(server) is None
    filling = small_disk / "filling"
    with filling.open("wb") as file, pytest.raises(OSError):
        while True:
            file.write(b"x" * 65536)
            file.flush()
    error = eventually(lambda: not_ready(server))
    assert f"cluster default: the disk of {small_disk}/runs is full" in error
    assert value(server, "flotilla_store_failures_total") > 0 or "store" not in error
    filling.unlink()
    eventually(lambda: not_ready(server) is None)
    assert server.api.finish("true")["exit_code"] == 0
