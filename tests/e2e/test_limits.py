"""How long runs may take, how often they are tried, and calls that may be sent twice."""
from concurrent.futures import ThreadPoolExecutor

import pytest
from eventually import eventually


def test_a_run_that_takes_too_long_is_ended_and_said_to_be(api):
    run = api.finish("trap 'echo saved; exit 3' TERM; sleep 1000 & wait", timeout_seconds=1)
    assert (run["exit_class"], run["exit_reason"]) == (
        "timed_out", "ran longer than its timeout of 1 s; the last line of its log: saved")
    assert run["timeout_seconds"] == 1 and run["exit_code"] == 3
    assert "saved" in api.output(run["run_id"])
    kinds = [event["kind"] for event in api.ok("GET", f"/api/v1/{run['run_id']}/events")["events"]]
    assert kinds == ["queued", "submitted", "started", "timed_out", "ended"]


@pytest.mark.parametrize("again", [None, {"max_attempts": 2, "on": ["timed_out"], "backoff_seconds": 0}])
def test_a_job_that_says_0_when_its_time_is_up_has_timed_out_all_the_same(api, again):
    run = api.finish("trap 'exit 0' TERM; sleep 1000 & wait", timeout_seconds=1, **({"retry": again} if again else {}))
    assert (run["exit_class"], run["exit_code"]) == ("timed_out", 0)
    assert run["attempt_count"] == (2 if again else 1)


def test_a_job_that_says_0_when_it_is_stopped_was_stopped_all_the_same(api):
    run = api.start("trap 'exit 0' TERM; echo ready; sleep 1000 & wait")
    eventually(lambda: "ready" in api.output(run["run_id"]))
    api.stop(run)
    ended = api.wait(run["run_id"])
    assert (ended["exit_class"], ended["exit_code"]) == ("stopped_by_user", 0)
    assert ended["exit_reason"].startswith("stopped on request")


def test_a_timeout_holds_when_the_server_was_away(server):
    run = server.api.start("sleep 1000", timeout_seconds=1)
    server.api.wait(run["run_id"], "RUNNING")
    server.kill()
    server.start()
    assert server.api.wait(run["run_id"])["exit_class"] == "timed_out"


def test_a_run_in_time_is_left_alone(api):
    run = api.finish("true", active_deadline_seconds=100)
    assert (run["exit_class"], run["timeout_seconds"]) == ("completed", 100)


def test_a_run_may_have_another_timeout_than_its_definition(api):
    definition = api.define("sleep 1000", timeout_seconds=1000)
    assert api.wait(api.execute(definition, timeout_seconds=1)["run_id"])["exit_class"] == "timed_out"
    assert "timeout_seconds" not in api.execute(api.define("true", timeout_seconds=5), timeout_seconds=0)


def test_a_run_that_waits_too_long_ends(narrow):
    api = narrow.api
    holder = api.start("sleep 1000", run={"cluster": "narrow"})
    api.wait(holder["run_id"], "RUNNING")
    run = api.wait(api.start("true", queue_timeout_seconds=1, run={"cluster": "narrow"})["run_id"])
    assert run["exit_class"] == "queue_timed_out"
    assert run["exit_reason"] == "waited longer than its queue timeout of 1 s"
    assert "exit_code" not in run and "started_at" not in run
    api.stop(holder)
    api.wait(holder["run_id"])


def test_a_definitions_own_failures_are_tried_again(api):
    run = api.finish("echo try; exit 17", retry={"max_attempts": 3, "on": [17], "backoff_seconds": 0})
    assert [(one["number"], one["exit_code"]) for one in run["attempts"]] == [(1, 17), (2, 17), (3, 17)]
    assert run["retry"] == {"max_attempts": 3, "on": [17], "backoff_seconds": 0}
    assert api.output(run["run_id"]) == ["try"], "the log of the last attempt"


def test_a_job_that_succeeds_at_the_second_try_has_succeeded(api, tmp_path):
    retry = {"max_attempts": 5, "backoff_seconds": 0}
    definition = api.define("exit $WISH", retry=retry)
    run = api.wait(api.execute(definition, env=[{"name": "WISH", "value": "0"}])["run_id"])
    assert run["attempt_count"] == 1
    run = api.wait(api.execute(definition, env=[{"name": "WISH", "value": "4"}], retry={"max_attempts": 1})["run_id"])
    assert (run["attempt_count"], run["exit_code"]) == (1, 4)


def test_a_waiting_retry_can_be_stopped(api):
    run = api.start("exit 1", retry={"max_attempts": 2, "backoff_seconds": 1000})
    waiting = api.wait(run["run_id"], "NEEDS_RETRY")
    assert waiting["waiting_for"].startswith("its back-off: attempt 2 may begin at")
    api.stop(run)
    assert api.wait(run["run_id"])["exit_class"] == "stopped_by_user"


@pytest.mark.parametrize("field, message", [
    ({"timeout_seconds": -1}, "timeout_seconds"),
    ({"queue_timeout_seconds": 10**9}, "queue_timeout_seconds"),
    ({"timeout_seconds": 1, "active_deadline_seconds": 2}, "one setting"),
    ({"retry": {}}, "retry.max_attempts"),
    ({"retry": {"max_attempts": 0}}, "retry.max_attempts"),
    ({"retry": {"max_attempts": 2, "on": ["nonsense"]}}, "retry.on[0]"),
    ({"retry": {"max_attempts": 2, "on": ["completed"]}}, "never tried again"),
    ({"retry": {"max_attempts": 2, "on": [0]}}, "no exit code of a failure"),
    ({"retry": {"max_attempts": 2, "backoff_seconds": -1}}, "retry.backoff_seconds"),
])
def test_limits_that_make_no_sense_are_refused(api, field, message):
    definition = {"alias": "no-sense", "group_name": "tests", "image": "base", "memory": 32, "command": "true"}
    status, answer = api.request("POST", "/api/v1/task", {**definition, **field})[:2]
    assert status == 400 and message in answer["error"], answer


def test_calls_of_one_key_make_one_run(api):
    definition = api.define("true")
    with ThreadPoolExecutor(16) as threads:
        runs = list(threads.map(lambda _: api.execute(definition, idempotence_key="nightly"), range(32)))
    assert len({run["run_id"] for run in runs}) == 1
    ended = api.wait(runs[0]["run_id"])
    assert ended["idempotence_key"] == "nightly"
    assert api.execute(definition, idempotence_key="nightly")["status"] == "STOPPED"
    assert api.ok("GET", f"/api/v1/task/{definition['definition_id']}/history")["total"] == 1
    assert api.execute(definition)["run_id"] != runs[0]["run_id"]
    assert api.execute(api.define("true"), idempotence_key="nightly")["run_id"] != runs[0]["run_id"]


def test_a_key_may_come_as_a_header_too(api):
    definition = api.define("true")
    path, body = f"/api/v4/task/{definition['definition_id']}/execute", {"run_tags": {"owner_id": "tester"}}
    first = api.ok("PUT", path, body, headers={"Idempotency-Key": "k"})
    assert api.ok("PUT", path, {**body, "idempotence_key": "k"})["run_id"] == first["run_id"]
    for headers, given in (({"Idempotency-Key": "a"}, {"idempotence_key": "b"}), ({"Idempotency-Key": "a b"}, {})):
        assert api.request("PUT", path, {**body, **given}, headers=headers)[0] == 400


def test_the_command_line_takes_them(server):
    server.api.define("sleep 1000", alias="from-the-command-line")
    arguments = ("run", "from-the-command-line", "--timeout", 1, "--queue-timeout", 100, "--key", "once")
    run = server.flotilla(*arguments).stdout.strip()
    assert server.flotilla(*arguments).stdout.strip() == run
    ended = server.api.wait(run)
    assert (ended["exit_class"], ended["queue_timeout_seconds"]) == ("timed_out", 100)
    assert "ran longer than its timeout of 1 s" in server.flotilla("status", run).stdout
