"""Runs on Amazon ECS where what surrounds them fails: events, RunTask, quotas, credentials, and the server itself."""
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from eventually import eventually
from fake_aws import IMAGE, THROTTLED, Bucket, Disordered, FakeAws, Refusal, ecs_settings
from log_stream import LogStream
from test_crash_points import CRASHING, LABELS, CrashingServer, persistently

STATUS_QUEUE, STATUS_RULE, PARKED = "flotilla-status-updates-dev", "flotilla-task-status", "dev-flotilla_parked"


class Silent:
    """No event comes."""

    def bodies(self, _events, _has_ended):
        return []


def page_of_a_proxy(status):
    refusal = Refusal("", "", status)
    refusal.body = b"<html>blocked</html>"
    return refusal


def define(api, **fields):
    return api.define(fields.pop("command", "exit 0"), image=IMAGE, **fields)


@pytest.mark.parametrize("queue", ["sqs", "store"])
def test_runs_end_as_their_tasks_did_in_whatever_order_events_come(make_aws, start_on, queue):
    aws = make_aws(delivery=Disordered(8))
    server = start_on(aws, queue_manager=queue)
    definition = define(server.api)
    runs = {code: server.api.execute(definition, command=f"exit {code}")["run_id"] for code in range(40)}
    for code, run in runs.items():
        ended = server.api.wait(run)
        assert (ended["exit_code"], ended["attempt_count"]) == (code, 1)
        assert ended["instance"]["dns_name"] == "i-1.internal"
    assert set(aws.tasks_by_attempt().values()) == {1}
    eventually(lambda: aws.messages(STATUS_QUEUE) == 0)
    assert aws.messages(PARKED) > 0
    assert aws.calls["DescribeTasks"] == 0, "nobody polls"
    assert aws.calls["RunTask"] == 40
    assert ("dev-flotilla-default" in aws.queues) == (queue == "sqs")


def test_host_names_that_do_not_come_hold_up_nothing_and_are_told_later(make_aws, start_on):
    aws = make_aws()
    name, names = aws.describe_instances, threading.Event()
    aws.describe_instances = lambda form: names.wait() and name(form)
    server = start_on(aws)
    definition = define(server.api)
    lasting = server.api.execute(definition, command="stay")["run_id"]
    runs = [server.api.execute(definition)["run_id"] for _ in range(3)]
    for run in runs:
        assert server.api.wait(run, timeout=5)["exit_code"] == 0
    assert server.api.wait(lasting, "RUNNING")["instance"]["dns_name"] == ""
    loss, = server.api.ok("GET", "/ready")["checks"]["losses"]["default"]
    assert loss.startswith("the host names of runs that started lately: ")
    names.set()
    eventually(lambda: server.api.run(lasting)["instance"]["dns_name"] == "i-1.internal")
    eventually(lambda: "losses" not in server.api.ok("GET", "/ready")["checks"])


def test_runs_whose_events_are_lost_are_looked_for_together(make_aws, start_on):
    aws = make_aws(delivery=Silent())
    server = start_on(aws)
    definition = define(server.api)
    runs = [server.api.execute(definition, command=f"exit {code}")["run_id"] for code in range(3)]
    eventually(lambda: len(aws.tasks) == 3)
    for run in runs:
        server.api.wait(run, "PENDING")
    server.stop()
    server.start()
    assert [server.api.wait(run)["exit_code"] for run in runs] == [0, 1, 2]
    assert aws.calls["DescribeTasks"] == 1


def test_what_keeps_tasks_from_starting_now_ends_no_run(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    definition = define(server.api)
    faults = [lambda _, reason=reason: {"tasks": [], "failures": [{"arn": "i", "reason": reason}]}
              for reason in ("RESOURCE:MEMORY", "RESOURCE:CPU", "RESOURCE:PORTS", "AGENT", "ATTRIBUTE", "LOCATION")]
    faults += [lambda _: {"tasks": [], "failures": []}, Refusal(*THROTTLED), Refusal("ServerException", "", 500),
               Refusal("ServiceUnavailable", "", 503),
               Refusal("InvalidParameterException", "No Container Instances were found in your cluster."),
               Refusal("ClientException", "Capacity is unavailable at this time. Please try again later"),
               Refusal("InvalidParameterException", "Error retrieving subnet information: (ErrorCode: RequestLimitExceeded)"),
               page_of_a_proxy(302), page_of_a_proxy(403)]
    for fault in faults:
        aws.fail("RunTask", fault)
        ended = server.api.wait(server.api.execute(definition)["run_id"])
        assert (ended["exit_code"], ended["attempt_count"]) == (0, 1)
    for code, words in (("AccessDeniedException", "no"), ("InvalidParameterException", "Invalid 'cpu' setting")):
        aws.fail("RunTask", Refusal(code, words))
        ended = server.api.wait(server.api.execute(definition)["run_id"])
        assert (ended["exit_class"], ended["attempt_count"]) == ("rejected", 1)
        if code == "AccessDeniedException":
            loss, = server.api.ok("GET", "/ready")["checks"]["losses"]["default"]
            assert "add the action ecs:RunTask" in loss and "add the action ecs:RunTask" in ended["exit_reason"]
        else:
            assert words in ended["exit_reason"]
    aws.capacity = 1
    first = server.api.execute(definition, command="stay")["run_id"]
    server.api.wait(first, "RUNNING")
    second = server.api.execute(definition, command="exit 5")["run_id"]
    eventually(lambda: "RESOURCE:MEMORY" in server.api.run(second).get("waiting_for", ""))
    server.api.stop({"definition_id": definition["definition_id"], "run_id": first})
    assert server.api.wait(first)["exit_class"] == "stopped_by_user"
    assert server.api.wait(second)["exit_code"] == 5


def test_the_last_lines_of_a_log_are_read_though_they_come_after_the_end_of_the_run(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    definition = define(server.api, command="stay")
    run = server.api.execute(definition)["run_id"]
    server.api.wait(run, "RUNNING")
    task, = aws.tasks_of(run)
    aws.write_log(task, "first")
    assert eventually(lambda: server.api.output(run) == ["first"])
    with ThreadPoolExecutor(2) as readers:
        followers = [readers.submit(server.flotilla, "logs", "-f", run, "--server", server.address),
                     readers.submit(streamed, server, run)]
        aws.end(task, {"exitCode": 0})
        server.api.wait(run)
        aws.write_log(task, "last")
        assert followers[0].result().stdout.splitlines() == followers[1].result() == ["first", "last"]


def streamed(server, run):
    """The lines of the log as the server sends them, until it says that there are no more."""
    with LogStream(server.address, run) as stream:
        return [line for event in stream if event.type == "message" for line in event.data.splitlines()]


def test_a_call_that_hangs_after_it_was_done_starts_no_other_task(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    aws.fail("RunTask", aws.hang)
    run = server.api.execute(define(server.api, command="exit 3"))["run_id"]
    assert server.api.wait(run)["exit_code"] == 3
    eventually(lambda: aws.calls["RunTask"] == 2)
    assert len(aws.tasks) == 1


def test_a_task_that_is_taken_down_before_it_ran_has_not_started(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws, **{"worker.max_attempts": 2})
    failed = server.api.execute(define(server.api, command="pull fails"))["run_id"]
    stopped = server.api.execute(define(server.api, command="never starts"))
    eventually(lambda: aws.tasks_of(stopped["run_id"]))
    server.api.wait(stopped["run_id"], "PENDING")
    server.api.stop(stopped)
    for run, exit_class, attempts in ((failed, "image_unavailable", 2), (stopped["run_id"], "stopped_by_user", 1)):
        ended = server.api.wait(run)
        assert (ended["exit_class"], ended["attempt_count"], ended.get("started_at")) == (exit_class, attempts, None)


def test_no_run_fails_by_throttling(make_aws, start_on):
    aws = make_aws(buckets={"run": Bucket(2, 4), "read": Bucket(10, 10), "register": Bucket(1, 1)})
    server = start_on(aws)
    definition = define(server.api)
    runs = [server.api.execute(definition)["run_id"] for _ in range(14)]
    for run in runs:
        ended = server.api.wait(run, timeout=30)
        assert (ended["exit_code"], ended["attempt_count"]) == (0, 1)
    assert aws.throttled["RunTask"] > 0
    assert set(aws.tasks_by_attempt().values()) == {1}


def test_a_log_stream_comes_to_be_when_the_job_writes(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    run = server.api.execute(define(server.api, command="stay"))["run_id"]
    server.api.wait(run, "RUNNING")
    assert server.api.ok("GET", f"/api/v1/{run}/logs")["log"] == ""
    aws.write_log(aws.tasks_of(run)[0], "one", "two")
    assert eventually(lambda: server.api.output(run) == ["one", "two"])


def test_a_log_goes_on_where_it_was_after_its_token_expired(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    run = server.api.execute(define(server.api, command="stay"))["run_id"]
    server.api.wait(run, "RUNNING")
    lines = [f"line {number}" for number in range(10)]

    def written(some):
        aws.write_log(aws.tasks_of(run)[0], *some)
        shown = lines[:lines.index(some[-1]) + 1]
        assert eventually(lambda: server.api.output(run) == shown)
    written(lines[:4])
    last_seen = server.api.ok("GET", f"/api/v1/{run}/logs")["last_seen"]
    aws.expire_log_tokens()
    written(lines[4:6])
    assert server.api.ok("GET", f"/api/v1/{run}/logs?last_seen={last_seen}")["log"] == "line 4\nline 5"
    server.stop()
    aws.expire_log_tokens()
    server.start()
    written(lines[6:])


def test_readers_of_a_log_wait_together_while_cloudwatch_does_not_answer(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    run = server.api.execute(define(server.api, command="stay"))["run_id"]
    server.api.wait(run, "RUNNING")
    aws.write_log(aws.tasks_of(run)[0], "one")
    aws.fail("GetLogEvents", *[aws.hang] * 100)
    begin = time.monotonic()
    with ThreadPoolExecutor(20) as readers:
        asked = [readers.submit(server.api.get, f"/api/v1/{run}/logs") for _ in range(20)]
        assert server.api.ok("GET", "/api/v1/history?limit=1000")["total"] == 1
        assert time.monotonic() - begin < 2, "nobody else waits"
        assert {reader.result()[0] for reader in asked} == {503}
    assert time.monotonic() - begin < 15
    aws.faults["GetLogEvents"].clear()
    assert eventually(lambda: server.api.get(f"/api/v1/{run}/logs")[1].get("log") == "one")


def test_a_stop_that_aws_denies_is_told_and_asked_for_seldom(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    run = server.api.execute(define(server.api, command="stay"))
    server.api.wait(run["run_id"], "RUNNING")
    aws.fail("StopTask", Refusal("AccessDeniedException", "no"))
    path = f"/api/v1/task/{run['definition_id']}/history/{run['run_id']}"
    assert server.api.ok("DELETE", path)["terminated"]
    denied = "its end, for which its engine cannot be asked: AWS denies ecs:StopTask: add the action ecs:StopTask"
    eventually(lambda: server.api.run(run["run_id"]).get("waiting_for", "").startswith(denied))
    assert server.api.ok("DELETE", path)["waiting_for"].startswith(denied)
    loss, = server.api.ok("GET", "/ready")["checks"]["losses"]["default"]
    assert loss.startswith("the end of runs that have to end: AWS denies ecs:StopTask")
    assert aws.calls["StopTask"] == 1 and server.log_path.read_text().count("AWS denies ecs:StopTask") == 1
    aws.end(aws.tasks_of(run["run_id"])[0], {"exitCode": 0})
    assert server.api.wait(run["run_id"])["exit_code"] == 0


def test_images_of_ecr_are_looked_for_with_a_token_that_is_kept(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    elsewhere = IMAGE.replace("us-east-1", "eu-west-1")
    aws.registry_answers = {"/v2/job/manifests/typo": 404, "/v2/job/manifests/theirs": 403}
    for image, status in ((IMAGE, 200), (elsewhere, 200), (IMAGE.replace(":1", ":2"), 200), (IMAGE.replace(":1", ":typo"), 404),
                          (IMAGE.replace(":1", ":theirs"), 200)):
        definition = server.api.define("exit 0", image=image)
        got, answer = server.api.request("PUT", f"/api/v4/task/{definition['definition_id']}/execute", {"run_tags": {"owner_id": "me"}})
        assert got == status, answer
        if status == 404:
            assert answer["error"] == f"image [{image}] was not found in any of the configured repositories"
        else:
            server.api.wait(answer["run_id"])
    assert aws.calls["GetAuthorizationToken"] == 2 and aws.calls["manifest"] == 5 and aws.regions == {"us-east-1", "eu-west-1"}
    assert "whether images of 123456789012.dkr.ecr.us-east-1.amazonaws.com exist is not checked" in server.log_path.read_text()


@pytest.mark.parametrize("operation, lost, action", [
    ("GetAuthorizationToken", "the check that images of ECR exist", "ecr:GetAuthorizationToken"),
    ("ListRuleNamesByTarget", "the look whether the rule of EventBridge still has the status queue as its target",
     "events:ListRuleNamesByTarget"),
    ("GetLogEvents", "logs", "logs:GetLogEvents")])
def test_what_is_lost_by_an_action_that_is_not_allowed_is_told(make_aws, start_on, operation, lost, action):
    aws = make_aws()
    aws.fail(operation, *[Refusal("AccessDeniedException", "no")] * 9)
    server = start_on(aws)
    run = server.api.execute(define(server.api))["run_id"]
    assert server.api.wait(run)["exit_code"] == 0
    server.api.get(f"/api/v1/{run}/logs")
    loss, = server.api.ok("GET", "/ready")["checks"]["losses"]["default"]
    assert loss.startswith(f"{lost}: AWS denies {action}")
    assert server.log_path.read_text().count(f"AWS denies {action}") == 1


def test_states_of_tasks_come_while_eventbridge_does_not_answer(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    run = server.api.execute(define(server.api, command="stay"))["run_id"]
    server.api.wait(run, "RUNNING")
    server.stop()
    aws.fail("ListRuleNamesByTarget", *[aws.hang] * 100)
    aws.fail("DescribeTasks", *[Refusal("AccessDeniedException", "no")] * 9)
    server.start()
    aws.end(aws.tasks_of(run)[0], {"exitCode": 3})
    assert server.api.wait(run, timeout=4)["exit_code"] == 3
    aws.faults["ListRuleNamesByTarget"].clear()


def test_a_server_that_cannot_reach_aws_listens_and_goes_on_once_it_can(make_aws, start_on):
    aws = make_aws()
    aws.is_reachable = False
    begin = time.monotonic()
    server = start_on(aws)
    assert time.monotonic() - begin < 5
    assert server.api.ok("GET", "/api/v1/history")["total"] == 0
    status, answer = server.api.get("/ready")
    assert status == 503 and "cannot reach" in answer["checks"]["losses"]["default"][0]
    eventually(lambda: "cannot reach" in server.api.get("/ready")[1]["error"])
    aws.answer_again()
    eventually(lambda: server.api.get("/ready")[0] == 200, timeout=60)
    eventually(lambda: "flotilla-os-logs" in aws.groups, timeout=60)
    assert server.api.wait(server.api.execute(define(server.api))["run_id"], timeout=60)["exit_code"] == 0


def test_a_status_queue_that_somebody_removed_is_made_anew(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    eventually(lambda: STATUS_QUEUE in aws.queues)
    with aws.changed:
        del aws.queues[STATUS_QUEUE]
        aws.changed.notify_all()
    eventually(lambda: STATUS_QUEUE in aws.queues)
    assert server.api.wait(server.api.execute(define(server.api))["run_id"])["exit_code"] == 0


# The end of a run at each place where the server dies on the way to ECS: by itself, by a stop, and after a second attempt.
POINTS = [label for label in LABELS if label.startswith(("submit.", "sqs.", "ecs.", "news."))]
AT_ECS = ["ecs.task_run", "submit.engine_has_it"]  # ECS has the task, and nobody else knows
ENDINGS = {"exit 3": ("job_failed", 3, 1), "stay": ("stopped_by_user", 143, 1), "exit 17": ("job_failed", 17, 2)}


def lived(folder, point, command):
    """What went wrong where the server died once; nothing if all is well."""
    folder.mkdir()
    aws = FakeAws(delivery=Disordered(len(point)) if command == "exit 3" else None)
    server = CrashingServer(folder, environment=aws.environment(), **ecs_settings())
    server.environment["FLOTILLA_CRASH_AT"] = point
    try:
        server.start()
        retry = {"retry": {"max_attempts": 2, "on": [17], "backoff_seconds": 0}}
        definition = persistently(server, lambda api: define(api, command=command, **retry))
        run = persistently(server, lambda api: api.execute(definition, idempotence_key="once"))["run_id"]
        if command == "stay":
            persistently(server, lambda api: api.wait(run, "RUNNING"))
            persistently(server, lambda api: api.stop({"definition_id": definition["definition_id"], "run_id": run}))
        ended = persistently(server, lambda api: api.wait(run, timeout=30))
        assert (ended["exit_class"], ended["exit_code"], ended["attempt_count"]) == ENDINGS[command], ended
        if "FLOTILLA_CRASH_AT" in server.environment:  # it dies after the end is stored
            eventually(server.has_died)
            server.start_again()
        names = {f"flotilla/{run}/{attempt}" for attempt in range(1, ended["attempt_count"] + 1)}
        assert dict(aws.tasks_by_attempt()) == dict.fromkeys(names, 1)
        server.close()
        return None
    except Exception as error:  # one of many: told with the others
        return f"{point}, {command}: {error!r}\n{server.log_path.read_text()[-2000:]}"
    finally:
        if server.process is not None:
            server.kill()
        aws.close()


def test_wherever_the_server_dies_an_attempt_has_one_task(tmp_path):
    assert CRASHING.exists(), f"{CRASHING} is not there: tools/build asan flotilla"
    cases = [(point, "exit 3") for point in POINTS]
    cases += [(point, "stay") for point in AT_ECS] + [(f"{point}:2", "exit 17") for point in (*AT_ECS, "sqs.message_noted")]
    with ThreadPoolExecutor(4) as threads:
        problems = list(threads.map(lambda case: lived(tmp_path / re.sub("[: ]", "-", "-".join(case)), *case), cases))
    problems = [problem for problem in problems if problem]
    assert not problems, f"{len(problems)} of {len(cases)}:\n" + "\n".join(problems)
