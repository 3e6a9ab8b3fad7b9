"""Runs on Amazon ECS that wait in queues of SQS, one for each cluster: the store stays the truth, whatever becomes of messages."""
import json
import pathlib
import threading

from api import fetch
from eventually import eventually
from fake_aws import IMAGE, Refusal
from server import Server

ORIGINAL = pathlib.Path(__file__).parent / "data/original"
QUEUE, PARKED = "dev-flotilla-default", "dev-flotilla_parked"


def define(api, command="exit 0"):
    return api.define(command, image=IMAGE)


def execute(api, definition, count):
    return [api.execute(definition)["run_id"] for _ in range(count)]


def all_ended_once(api, aws, runs):
    for run in runs:
        ended = api.wait(run, timeout=30)
        assert (ended["exit_code"], ended["attempt_count"]) == (0, 1)
    assert set(aws.tasks_by_attempt().values()) == {1} and len(aws.tasks) == len(runs)


def test_runs_go_through_the_queue_of_their_cluster(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    aws.capacity = 0
    run, = execute(server.api, define(server.api), 1)
    eventually(lambda: aws.bodies(QUEUE) == [json.dumps({"run_id": run}, separators=(",", ":"))])
    aws.capacity = 1
    all_ended_once(server.api, aws, [run])
    eventually(lambda: aws.messages(QUEUE) == 0)
    assert aws.messages(PARKED) == 0


def test_messages_that_are_lost_doubled_of_no_use_or_unreadable(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    definition = define(server.api)
    aws.fail("SendMessageBatch", lambda do: {"Successful": [], "Failed": []})
    lost, = execute(server.api, definition, 1)
    eventually(lambda: aws.calls["SendMessageBatch"] == 1)
    aws.fail("SendMessageBatch", lambda do: (do(), do())[1])
    doubled, = execute(server.api, definition, 1)
    all_ended_once(server.api, aws, [lost, doubled])
    aws.post(QUEUE, json.dumps({"run_id": doubled}))
    eventually(lambda: aws.messages(QUEUE) == 0)
    nonsense = ["", "{", "[]", '{"run_id": 7}', '{"run_id": "nobody"}']
    for body in nonsense:
        aws.post(QUEUE, body)
    all_ended_once(server.api, aws, [lost, doubled, *execute(server.api, definition, 1)])
    eventually(lambda: sorted(aws.bodies(PARKED)) == sorted(nonsense))
    assert f"flotilla_queue_messages_parked_total {len(nonsense)}" in fetch(server, "/metrics")[2].decode()


def test_a_server_that_is_killed_with_messages_in_flight_leaves_them_to_the_next(make_aws, start_on):
    aws = make_aws(latency=0.03)
    server = start_on(aws)
    runs = execute(server.api, define(server.api), 30)
    eventually(lambda: len(aws.tasks) > 8, interval=0.005)
    server.kill()
    assert aws.messages(QUEUE) > 0
    server.start()
    all_ended_once(server.api, aws, runs)
    eventually(lambda: aws.messages(QUEUE) == 0)


def test_a_server_that_ends_gives_its_messages_back_at_once(make_aws, start_on):
    aws = make_aws()
    aws.capacity = 0
    server = start_on(aws, **{"queue.process_time": "600"})
    runs = execute(server.api, define(server.api), 3)
    eventually(lambda: aws.hidden(QUEUE) == 3 and aws.is_asked_again(QUEUE))
    server.stop()
    assert aws.hidden(QUEUE) == 0
    aws.capacity = 3
    server.start()
    all_ended_once(server.api, aws, runs)


def test_servers_share_a_queue_and_one_of_them_dies(make_aws, start_on, postgres):
    aws = make_aws(latency=0.03)
    url = postgres.new_database()
    first, second = (start_on(aws, database_url=url) for _ in range(2))
    definition = define(first.api)
    runs = execute(first.api, definition, 15) + execute(second.api, definition, 15)
    eventually(lambda: len(aws.tasks) > 8, interval=0.005)
    first.kill()
    all_ended_once(second.api, aws, runs)
    eventually(lambda: aws.messages(QUEUE) == 0)


AS_SHIPPED = {"queue.process_time": "45"}  # for so long the message of a run that nobody answers for does not come again


def test_a_task_that_runs_before_runtask_answers_outlives_the_server(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws, **AS_SHIPPED)
    definition = define(server.api, "stay")
    runs = []
    for _ in range(2):
        aws.fail("RunTask", aws.hang)
        runs += execute(server.api, definition, 1)
        eventually(lambda: aws.tasks_of(runs[-1]))
        server.api.wait(runs[-1], "RUNNING")
        server.kill()
        if len(runs) == 2:  # it ends while nobody looks
            aws.end(aws.tasks_of(runs[-1])[0], {"exitCode": 0})
        server.start()
    eventually(lambda: aws.calls["DescribeTasks"] > 0)
    assert server.api.wait(runs[1])["exit_class"] == "completed"
    for run in runs:
        aws.write_log(aws.tasks_of(run)[0], "one")
        assert eventually(lambda run=run: server.api.output(run) == ["one"])
    assert server.api.run(runs[0])["status"] == "RUNNING"
    server.api.stop({"definition_id": definition["definition_id"], "run_id": runs[0]})
    ended = server.api.wait(runs[0])
    assert (ended["exit_class"], ended["exit_code"], ended["attempt_count"]) == ("stopped_by_user", 143, 1)
    assert set(aws.tasks_by_attempt().values()) == {1}


def test_servers_leave_a_task_alone_that_runs_before_runtask_answers(make_aws, start_on, postgres):
    aws = make_aws()
    url = postgres.new_database()
    first, second = (start_on(aws, database_url=url, **AS_SHIPPED) for _ in range(2))
    definition = define(first.api, "stay")
    answer = threading.Event()

    def late(do):
        done = do()
        answer.wait(20)
        return done
    aws.fail("RunTask", late)
    run, = execute(first.api, definition, 1)
    first.api.wait(run, "RUNNING")
    first.kill()  # whichever of them has submitted it
    first.start()  # it sweeps at once, and asks ECS for what it does not know
    eventually(lambda: aws.calls["DescribeTasks"] > 0)
    answer.set()
    assert second.api.stop({"definition_id": definition["definition_id"], "run_id": run})[0] == 200
    ended = second.api.wait(run)
    assert (ended["exit_class"], ended["exit_code"], ended["attempt_count"]) == ("stopped_by_user", 143, 1)
    assert set(aws.tasks_by_attempt().values()) == {1}


def test_without_the_action_to_keep_messages_longer_that_is_told_and_runs_go_on(make_aws, start_on):
    aws = make_aws()
    aws.capacity = 0
    aws.fail("ChangeMessageVisibilityBatch", Refusal("AccessDeniedException", "no"))
    server = start_on(aws)
    runs = execute(server.api, define(server.api), 1)
    loss, = eventually(lambda: server.api.ok("GET", "/ready")["checks"].get("losses", {}).get("default"))
    assert "add the action sqs:ChangeMessageVisibility to the policy" in loss
    aws.capacity = 1
    all_ended_once(server.api, aws, runs)


def test_a_queue_that_cannot_be_used_is_told(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    aws.fail("SendMessageBatch", *[Refusal("AccessDeniedException", "no")] * 100)
    runs = execute(server.api, define(server.api), 1)
    eventually(lambda: "add the action sqs:SendMessage to the policy" in server.api.run(runs[0]).get("waiting_for", ""))
    eventually(lambda: server.api.get("/ready")[0] == 503)
    aws.faults["SendMessageBatch"].clear()
    all_ended_once(server.api, aws, runs)
    eventually(lambda: server.api.get("/ready")[0] == 200)


def test_a_configuration_of_the_original_works_with_its_variables(make_aws, tmp_path, postgres):
    aws = make_aws()
    server = Server(tmp_path, environment=aws.environment(
        DATABASE_URL=postgres.new_database(), DATA_DIR=str(tmp_path / "data"), HTTP_SERVER_LISTEN_ADDRESS="127.0.0.1:0",
        QUEUE_MANAGER="sqs", QUEUE_NAMESPACE="prod", QUEUE_PROCESS_TIME="1"))
    server.config = ORIGINAL
    server.start()
    try:
        aws.capacity = 0
        runs = execute(server.api, define(server.api), 1)
        eventually(lambda: aws.messages("prod-default") == 1)
        aws.capacity = 1
        all_ended_once(server.api, aws, runs)
    finally:
        server.close()
