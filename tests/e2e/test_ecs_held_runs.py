"""Runs on Amazon ECS that cannot be started now while others can: what concerns one holds up no other, and none is forgotten."""
import pytest

from eventually import eventually
from fake_aws import IMAGE, Refusal

QUEUES = pytest.mark.parametrize("queue", ["sqs", "store"])
DENIED = Refusal("AccessDeniedException", "User: x is not authorized to perform: ecs:RegisterTaskDefinition")


def define(server, **fields):
    return server.api.define(fields.pop("command", "exit 0"), image=IMAGE, **fields)


def execute(server, definition, owner="ann"):
    return server.api.execute(definition, run_tags={"owner_id": owner})["run_id"]


def waits_for(server, run, words):
    return eventually(lambda: words in server.api.run(run).get("waiting_for", "") and server.api.run(run)["waiting_for"])


def losses(server):
    return server.api.ok("GET", "/ready")["checks"].get("losses", {}).get("default", [])


def ends_soon(server, run, timeout=3):
    ended = server.api.wait(run, timeout=timeout)
    assert (ended["exit_code"], ended["attempt_count"]) == (0, 1)


def go_on(server, definition, times):
    """So many runs, one after the other, none of which waits for long."""
    for number in range(times):
        ends_soon(server, execute(server, definition, ("ann", "bob")[number % 2]))


def remove(aws, server, definition):
    """Somebody deregisters what stands for the definition."""
    with aws.changed:
        aws.inactive.append(server.api.ok("GET", f"/api/v1/task/{definition['definition_id']}")["arn"])


@QUEUES
@pytest.mark.parametrize("how", ["denied", "hanging"])
def test_a_run_whose_task_definition_cannot_be_registered_again_holds_up_no_other(make_aws, start_on, queue, how):
    aws = make_aws()
    server = start_on(aws, queue_manager=queue)
    stuck, free = define(server), define(server)
    ends_soon(server, execute(server, free))
    register = aws.register_task_definition

    def fail(_):
        if how == "hanging":
            aws.is_over.wait()
        raise DENIED

    aws.register_task_definition = fail
    remove(aws, server, stuck)
    runs = [execute(server, stuck) for _ in range(20)]
    waits_for(server, runs[0], "which cannot start this run now: somebody else removed the task definition")
    go_on(server, free, 4)
    waits_for(server, runs[0], "cannot be registered again")
    loss, = losses(server)
    assert loss.startswith(f"the start of runs of the definition {stuck['definition_id']} (") and "cannot be registered again" in loss
    asked = aws.calls["RunTask"]
    go_on(server, free, 10)
    assert aws.calls["RunTask"] - asked <= 10 + 6, "one is tried for all, seldom"
    for run in runs:
        assert server.api.run(run)["status"] == "QUEUED"
    aws.register_task_definition = register
    for run in runs:
        ends_soon(server, run, timeout=60)
    assert set(aws.tasks_by_attempt().values()) == {1}
    eventually(lambda: losses(server) == [])


@QUEUES
@pytest.mark.parametrize("resource", ["MEMORY", "GPU"])
def test_smaller_runs_pass_one_for_which_no_instance_has_room(make_aws, start_on, queue, resource):
    aws = make_aws()
    aws.clusters["default"].memory, aws.clusters["default"].gpus = 100, 0
    server = start_on(aws, queue_manager=queue)
    large = define(server, memory=200) if resource == "MEMORY" else define(server, gpu=1)
    small = define(server)
    run = execute(server, large)
    amount = "200 MiB of memory" if resource == "MEMORY" else "1 GPU"
    waits_for(server, run, f"room on cluster default, which has none for {amount} now: no instance has room for it (RESOURCE:{resource})")
    go_on(server, small, 10)
    assert aws.calls["RunTask"] <= 10 + 8, "the large one is tried again seldom"
    assert losses(server) == []
    with aws.changed:
        aws.clusters["default"].memory, aws.clusters["default"].gpus = 1000, 8
    ends_soon(server, run, timeout=40)


@QUEUES
def test_a_task_that_no_instance_can_run_holds_up_no_other(make_aws, start_on, queue):
    aws = make_aws()
    server = start_on(aws, queue_manager=queue)
    odd, small = define(server), define(server)
    run_task, arn = aws.run_task, odd["arn"]
    aws.run_task = lambda request: ({"tasks": [], "failures": [{"arn": "i", "reason": "ATTRIBUTE"}]} if request["taskDefinition"] == arn
                                    else run_task(request))
    runs = [execute(server, odd) for _ in range(150)]
    waits_for(server, runs[-1], "which cannot start this run now: no instance has what the task asks for (ATTRIBUTE)")
    go_on(server, small, 2)
    loss, = losses(server)
    assert arn in loss and "ATTRIBUTE" in loss
    aws.run_task = run_task
    for run in runs:
        ends_soon(server, run, timeout=60)
    eventually(lambda: losses(server) == [])


@QUEUES
def test_a_full_cluster_costs_few_calls_however_many_runs_wait(make_aws, start_on, queue):
    aws = make_aws()
    aws.clusters["default"].memory = 32 * 4 + 16
    server = start_on(aws, queue_manager=queue)
    definition = define(server, command="stay")
    staying = [execute(server, definition) for _ in range(4)]
    for run in staying:
        server.api.wait(run, "RUNNING")
    before = aws.calls["RunTask"]
    short, small = define(server), define(server, memory=16)
    waiting = [execute(server, short, f"owner{number % 5}") for number in range(60)]
    go_on(server, small, 10)
    assert aws.calls["RunTask"] - before <= 10 + 10
    waits_for(server, waiting[-1], "which has none for 32 MiB of memory now")
    before = aws.calls["RunTask"]
    with aws.changed:
        aws.clusters["default"].memory = 32 * 1000
    for run in waiting:
        ends_soon(server, run, timeout=40)
    assert aws.calls["RunTask"] - before <= 60 * 1.05
