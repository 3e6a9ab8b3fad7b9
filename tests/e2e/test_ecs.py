"""The life of runs on Amazon ECS, as the emulator has it, with the credentials that the documentation's policy gives."""
import json
import re
import time
import uuid

import pytest

from aws_emulator import AwsEmulator, mistakes, of_query
from eventually import eventually
from server import PROJECT, Server

DOCUMENT = (PROJECT / "docs/engines/ecs.md").read_text()
POLICY = json.loads(re.search(r"```json\n(\{.*?\n\})\n```", DOCUMENT, re.S).group(1))
GROUP = "flotilla-os-logs"


class EcsServer(Server):
    """A server of which the containers are ECS's."""

    daemon = None

    def __init__(self, folder, emulator, environment, **settings):
        self.emulator = emulator
        super().__init__(folder, environment=environment, **{
            "execution_engine": "ecs", "worker.status_interval": "1s",
            "queue.process_time": "1",  # what a server had received when it ended comes again
            **settings})

    def task_of(self, run_id):
        """The ECS task of the run's attempt, once it has one."""
        def look():
            ecs = self.emulator.client("ecs")
            for arn in ecs.list_tasks(cluster="default")["taskArns"]:
                task = ecs.describe_tasks(cluster="default", tasks=[arn])["tasks"][0]
                if task["startedBy"].startswith(f"flotilla/{run_id}/"):
                    return task
            return None
        return eventually(look)

    def tell(self, task, status, version, **more):
        """What EventBridge tells of a task; the emulator tells nothing by itself."""
        container = {"name": task["containers"][0]["name"] if task["containers"] else "job", "lastStatus": status,
                     "taskArn": task["taskArn"], **{name: more.pop(name) for name in ("exitCode", "reason") if name in more}}
        detail = {"clusterArn": task["clusterArn"], "taskArn": task["taskArn"], "startedBy": task["startedBy"],
                  "containerInstanceArn": task["containerInstanceArn"], "lastStatus": status, "desiredStatus": status,
                  "containers": [container], "version": version, **more}
        entry = {"Source": "aws.ecs", "DetailType": "ECS Task State Change", "Detail": json.dumps(detail)}
        assert self.emulator.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0

    def running(self, task, version=3):
        self.tell(task, "RUNNING", version, startedAt="2026-01-01T10:00:00.5Z")

    def stopped(self, task, version=9, **more):
        self.tell(task, "STOPPED", version, stoppedAt="2026-01-01T10:01:00Z", **more)

    def write_log(self, run, task, *lines):
        logs = self.emulator.client("logs")
        stream = f"flotilla/{run['definition_id']}/{task['taskArn'].rpartition('/')[2]}"
        try:
            logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        except logs.exceptions.ResourceAlreadyExistsException:
            pass
        now = int(time.time() * 1000)
        logs.put_log_events(logGroupName=GROUP, logStreamName=stream,
                            logEvents=[{"timestamp": now + number, "message": line} for number, line in enumerate(lines)])

    def end_all_runs(self):
        """Nothing ends by itself at the emulator."""
        live = "/api/v1/history?status=QUEUED&status=PENDING&status=RUNNING&status=NEEDS_RETRY&limit=10000"
        for run in self.api.ok("GET", live)["history"]:
            self.api.stop(run)
            if self.api.run(run["run_id"])["status"] != "STOPPED":
                self.stopped(self.task_of(run["run_id"]), version=99, stopCode="UserInitiated")
        super().end_all_runs()


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    made = AwsEmulator(tmp_path_factory.mktemp("aws"))
    made.instance = made.cluster("default")
    made.environment = made.user(POLICY)
    made.verify_signatures()
    yield made
    made.close()


@pytest.fixture
def make_ecs_server(tmp_path, emulator, registry, base_image):
    image = registry.push("job", "1", base_image)
    servers = []

    def make(**settings):
        folder = tmp_path / f"server{len(servers)}"
        folder.mkdir()
        made = EcsServer(folder, emulator, emulator.environment,
                         **{"images.insecure_registries": f"[{registry.address}]", **settings})
        made.image = image
        servers.append(made)
        return made

    yield make
    for made in servers:
        made.close()


def define(server, **fields):
    return server.api.define(fields.pop("command", "echo hello"), image=server.image, memory=512, **fields)


def handed_over(server):
    """A run that ECS has, and its task."""
    run = server.api.execute(define(server))
    server.api.wait(run["run_id"], "PENDING")
    return run, server.task_of(run["run_id"])


def test_a_run_lives_its_whole_life_with_a_restart_in_between(make_ecs_server, emulator):
    server = make_ecs_server()
    server.start()
    definition = define(server, env=[{"name": "USERNAME", "value": "_fill_me_in_"}], tags=["nightly"])
    assert re.search(r":task-definition/tests-.*:1$", definition["arn"])
    run = server.api.execute(definition, env=[{"name": "USERNAME", "value": "you"}])
    server.api.wait(run["run_id"], "PENDING")
    task = server.task_of(run["run_id"])
    environment = {entry["name"]: entry["value"] for entry in task["overrides"]["containerOverrides"][0]["environment"]}
    assert environment["USERNAME"] == "you" and environment["FLOTILLA_RUN_ID"] == run["run_id"]

    server.running(task)
    seen = server.api.wait(run["run_id"], "RUNNING")
    assert seen["instance"]["instance_id"] == emulator.instance
    assert seen["started_at"].startswith("2026-01-01T10:00:00.5")
    server.write_log(run, task, "+ set -e", "+ echo hello", "hello")
    page = eventually(lambda: (answer := server.api.ok("GET", f"/api/v1/{run['run_id']}/logs"))["log"] and answer)
    assert page["log"] == "+ set -e\n+ echo hello\nhello"

    server.stop()
    server.start()
    assert server.api.run(run["run_id"])["status"] == "RUNNING"
    server.write_log(run, task, "more")
    server.stopped(task, exitCode=0)
    ended = server.api.wait(run["run_id"])
    assert (ended["exit_code"], ended["exit_class"]) == (0, "completed")
    assert eventually(lambda: server.api.output(run["run_id"]) == ["hello", "more"])


def test_a_run_that_is_stopped_stops_its_task(make_ecs_server, emulator):
    server = make_ecs_server()
    server.start()
    run, task = handed_over(server)
    server.running(task)
    server.api.wait(run["run_id"], "RUNNING")
    server.api.stop(run)
    assert server.api.run(run["run_id"])["status"] == "RUNNING", "until ECS says that it has stopped"
    eventually(lambda: emulator.client("ecs").describe_tasks(cluster="default", tasks=[task["taskArn"]])["tasks"][0]["desiredStatus"] == "STOPPED")
    server.stopped(task, exitCode=143, stopCode="UserInitiated")
    ended = server.api.wait(run["run_id"])
    assert (ended["exit_code"], ended["exit_class"]) == (143, "stopped_by_user")


def test_an_image_that_could_not_be_pulled_is_tried_again(make_ecs_server):
    server = make_ecs_server(**{"worker.retry_interval": "100ms"})
    server.start()
    run = server.api.execute(define(server))
    server.api.wait(run["run_id"], "PENDING")
    first = server.task_of(run["run_id"])
    server.stopped(first, stopCode="TaskFailedToStart", stoppedReason="Task failed to start",
                   reason="CannotPullContainerError: context deadline exceeded")
    assert server.api.wait(run["run_id"], "NEEDS_RETRY")["exit_class"] == "image_unavailable"
    server.stop()  # whose back-off is over when it comes back is tried again
    server.start()

    def second():
        seen = server.api.run(run["run_id"])
        return seen["status"] == "PENDING" and seen["attempt_count"] == 2
    eventually(second, timeout=60)
    tasks = emulator_tasks(server, run)
    assert sorted(task["startedBy"].rpartition("/")[2] for task in tasks) == ["1", "2"]
    retried = next(task for task in tasks if task["startedBy"].endswith("/2"))
    server.running(retried)
    server.stopped(retried, exitCode=7)
    ended = server.api.wait(run["run_id"])
    assert (ended["exit_code"], ended["attempt_count"]) == (7, 2)


def emulator_tasks(server, run):
    ecs = server.emulator.client("ecs")
    tasks = [ecs.describe_tasks(cluster="default", tasks=[arn])["tasks"][0] for arn in ecs.list_tasks(cluster="default")["taskArns"]]
    return [task for task in tasks if task["startedBy"].startswith(f"flotilla/{run['run_id']}/")]


def test_a_definition_is_registered_once_for_each_real_change(make_ecs_server, emulator):
    server = make_ecs_server()
    server.start()
    definition = define(server)
    path = f"/api/v1/task/{definition['definition_id']}"
    same = server.api.ok("PUT", path, {"description": "what it does", "memory": 512})
    assert same["arn"] == definition["arn"]
    changed = server.api.ok("PUT", path, {"command": "echo changed"})
    assert changed["arn"].endswith(":2")
    registered = emulator.client("ecs").describe_task_definition(taskDefinition=changed["arn"])["taskDefinition"]
    container = registered["containerDefinitions"][0]
    assert registered["family"] == container["name"] == definition["definition_id"]
    assert container["command"] == ["bash", "-l", "-c", "set -x\nset -e\n\necho changed"]
    assert container["logConfiguration"]["options"]["awslogs-group"] == GROUP
    server.api.ok("DELETE", path)


def test_what_ecs_cannot_have_is_refused(make_ecs_server):
    server = make_ecs_server()
    server.start()
    status, answer = server.api.request("POST", "/api/v1/task", {
        "alias": f"a-{uuid.uuid4()}", "group_name": "a", "image": server.image, "memory": 2, "command": "true"})
    assert status == 400 and "int [memory] has to be 4 or more on ECS" in answer["error"]
    definition = define(server)
    body = {"run_tags": {"owner_id": "me"}, "env": [{"name": "LONG", "value": "x" * 9000}]}
    status, answer = server.api.request("PUT", f"/api/v4/task/{definition['definition_id']}/execute", body)
    assert status == 400 and "8192" in answer["error"]
    status, answer = server.api.request("PUT", f"/api/v4/task/{definition['definition_id']}/execute",
                                        {"run_tags": {"owner_id": "me"}, "memory": 10_000_000})
    assert status == 400 and "largest instance" in answer["error"]


def test_events_of_other_tasks_and_unreadable_ones_change_nothing(make_ecs_server, emulator):
    server = make_ecs_server()
    server.start()
    run, task = handed_over(server)
    sqs = emulator.client("sqs")
    url = sqs.get_queue_url(QueueName="flotilla-status-updates-dev")["QueueUrl"]
    for body in ("no JSON", "[]", '{"detail": {"startedBy": "flotilla/x/1"}}', '{"detail": 3}'):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    server.tell({**task, "startedBy": "somebody"}, "STOPPED", 5)
    server.running(task)
    server.api.wait(run["run_id"], "RUNNING")
    server.running(task)
    server.stopped(task, exitCode=3)
    server.running(task, version=4)
    assert server.api.wait(run["run_id"])["exit_code"] == 3
    eventually(lambda: server.log_path.read_text().count("queue_message_parked") == 4)
    assert "cannot be deleted" not in server.log_path.read_text()
    eventually(lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["ApproximateNumberOfMessages"] == "0")


def test_every_request_is_such_as_aws_takes(emulator):
    faults, count = emulator.refused_requests()
    assert not faults and count.total() > 20 and {"RunTask", "DescribeInstances"} <= count.keys()


def test_requests_that_aws_would_refuse_are_seen(emulator):  # which brings the models of AWS along
    import botocore.session
    model = botocore.session.get_session().get_service_model
    of = lambda service, operation: model(service).operation_model(operation).input_shape  # noqa: E731
    shape = of("logs", "GetLogEvents")
    stream = {"logGroupName": "a", "logStreamName": "b"}
    assert not mistakes({**stream, "limit": 1}, shape, "")
    assert "is not within 1 and 10000" in mistakes({**stream, "limit": 0}, shape, "")[0]
    assert "does not match" in mistakes({**stream, "logGroupName": "a b"}, shape, "")[0]
    assert "is not within 1 and 64" in mistakes({"Name": "r" * 65}, of("events", "PutRule"), "")[0]
    instances = of("ec2", "DescribeInstances")
    fields = {"InstanceId.1": "i-1", "InstanceId.2": "i-2", "MaxResults": "5", "Filter.1.Name": "a", "Filter.1.Value.1": "b"}
    assert of_query(fields, instances) == (
        {"InstanceIds": ["i-1", "i-2"], "MaxResults": 5, "Filters": [{"Name": "a", "Values": ["b"]}]}, [])
    assert of_query({"InstanceIds.1": "i-1"}, instances)[1] == ["InstanceIds.1"]
