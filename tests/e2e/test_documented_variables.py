"""What the variables of the original's documentation change on Amazon ECS, each where it shows, said by environment on the
configuration as it is shipped. Those of the HTTP server are tried in test_door.py, with every engine; how the environment
overrides the file, in test_start.py."""
import datetime
import sqlite3

import pytest

from eventually import eventually
from fake_aws import IMAGE, FakeAws
from server import PROJECT, Server

NAMESPACE, STATUS_QUEUE, STATUS_RULE = "team-a", "team-a-states", "team-a-rule"

# Said by environment, as `docker run -e` does.
SAID = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "OWNER_ID_VAR": "JOB_OWNER",
    "LOG_NAMESPACE": "team-a-logs",
    "LOG_RETENTION_DAYS": "30",
    "LOG_DRIVER_OPTIONS_AWSLOGS_STREAM_PREFIX": "jobs",
    "LOG_DRIVER_OPTIONS_AWSLOGS-DATETIME-FORMAT": "%Y",
    "QUEUE_NAMESPACE": NAMESPACE,
    "QUEUE_RETENTION_SECONDS": "86400",
    "QUEUE_PROCESS_TIME": "600",
    "QUEUE_STATUS": STATUS_QUEUE,
    "QUEUE_STATUS_RULE": STATUS_RULE,
}


def on_shipped_configuration(folder, aws, **variables):
    """A server for that account; every variable is said by environment."""
    server = Server(folder, environment=aws.environment(
        EXECUTION_ENGINE="ecs", DATA_DIR=str(folder / "data"), HTTP_SERVER_LISTEN_ADDRESS="127.0.0.1:0", **variables))
    (server.config / "config.yml").write_text((PROJECT / "conf/config.yml").read_text())
    return server


class Account:
    """An account on which a run has lived that a server had with all of `SAID`."""

    def __init__(self, folder):
        self.aws = FakeAws()
        self.server = on_shipped_configuration(folder, self.aws, **SAID)
        self.server.start()
        self.definition = self.server.api.define("stay", image=IMAGE.replace("us-east-1", "eu-west-1"))
        self.run = self.server.api.execute(self.definition)
        self.server.api.wait(self.run["run_id"], "RUNNING")
        self.task, = self.aws.tasks_of(self.run["run_id"])
        self.aws.write_log(self.task, "one line")

    def container(self):
        return self.aws.definitions[self.definition["arn"]]["containerDefinitions"][0]

    def environment(self):
        return {entry["name"]: entry["value"] for entry in self.task.request["overrides"]["containerOverrides"][0]["environment"]}

    def attributes(self):
        return [self.aws.attributes[queue] for queue in (STATUS_QUEUE, f"{NAMESPACE}-default")]

    def close(self):
        self.server.close()
        self.aws.close()


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    made = Account(tmp_path_factory.mktemp("account"))
    yield made
    made.close()


@pytest.mark.parametrize("variable, seen, expected", [
    ("aws_default_region", lambda account: account.aws.regions, {"eu-west-1"}),
    ("owner_id_var", lambda account: account.environment()["JOB_OWNER"], "tester"),
    ("log.namespace", lambda account: list(account.aws.groups), ["team-a-logs"]),
    ("log.retention_days", lambda account: account.aws.groups["team-a-logs"], 30),
    ("log.driver.options.*", lambda account: account.container()["logConfiguration"]["options"],
     {"awslogs-group": "team-a-logs", "awslogs-stream-prefix": "jobs", "awslogs-region": "eu-west-1", "awslogs-datetime-format": "%Y"}),
    ("log.driver.options.awslogs-stream-prefix", lambda account: [name.split("/")[0] for name in account.aws.streams], ["jobs"]),
    ("queue.namespace", lambda account: set(account.aws.queues), {STATUS_QUEUE, f"{NAMESPACE}-default"}),
    ("queue.retention_seconds", lambda account: [one["MessageRetentionPeriod"] for one in account.attributes()], ["86400"] * 2),
    ("queue.process_time", lambda account: [one["VisibilityTimeout"] for one in account.attributes()], ["600"] * 2),
    ("queue.process_time", lambda account: account.aws.hidden_for, {600}),
    ("queue.status", lambda account: [list(rule.targets.values()) for rule in account.aws.rules.values()], [[STATUS_QUEUE]]),
    ("queue.status_rule", lambda account: list(account.aws.rules), [STATUS_RULE]),
])
def test_a_variable_changes_what_aws_is_asked_for(account, variable, seen, expected):
    assert seen(account) == expected, variable


def test_the_log_is_read_where_the_options_of_its_driver_say(account):
    assert eventually(lambda: account.server.api.output(account.run["run_id"]) == ["one line"])


@pytest.fixture(scope="module")
def sweeping(tmp_path_factory):
    """A server whose workers look each tenth of a second for what no news and no wake-up told them of."""
    aws = FakeAws()
    intervals = {f"WORKER_{worker}_INTERVAL": "100ms" for worker in ("RETRY", "SUBMIT", "STATUS")}
    server = on_shipped_configuration(tmp_path_factory.mktemp("sweeping"), aws, QUEUE_PROCESS_TIME="1", **intervals)
    server.start()
    yield server, aws
    server.close()
    aws.close()


def store(server, assignments, run_id):
    """Changes a run in the database behind the server's back."""
    with sqlite3.connect(server.data / "flotilla.db", timeout=10) as database:
        assert database.execute(f"UPDATE runs SET {assignments} WHERE run_id = ?", (run_id,)).rowcount == 1
    database.close()


# Each is far shorter than the variable's default.
SOON = 3


def test_the_retry_interval_is_how_often_the_retry_worker_looks(sweeping):
    server, _ = sweeping
    run = server.api.wait(server.api.start("exit 3", image=IMAGE)["run_id"])
    store(server, "status = 'NEEDS_RETRY', retry_at = 0", run["run_id"])
    eventually(lambda: server.api.run(run["run_id"])["attempt_count"] == 2, timeout=SOON)
    server.api.wait(run["run_id"])


def test_the_submit_interval_is_how_often_the_submit_worker_looks(sweeping):
    server, aws = sweeping
    run = server.api.wait(server.api.start("exit 3", image=IMAGE)["run_id"])
    tasks = len(aws.tasks_of(run["run_id"]))
    store(server, "status = 'QUEUED', phase = 'waiting', message_due_at = 0, attempt_number = 2, handle = '', host = ''", run["run_id"])
    eventually(lambda: len(aws.tasks_of(run["run_id"])) == tasks + 1, timeout=SOON)
    server.api.wait(run["run_id"])


def test_the_status_interval_is_how_often_the_status_worker_looks(sweeping):
    server, aws = sweeping
    run = server.api.wait(server.api.start("stay", image=IMAGE)["run_id"], "RUNNING")
    store(server, "stop_requested_at = 1", run["run_id"])
    eventually(lambda: aws.calls["StopTask"] == 1, timeout=SOON)
    server.api.wait(run["run_id"])


@pytest.fixture
def start_without(make_aws, tmp_path):
    """Starts a server that has the workers but one, on an account; ends it whatever is left."""
    servers = []

    def start(worker):
        aws = make_aws()
        others = " ".join({"retry", "submit", "status"} - {worker})
        servers.append(on_shipped_configuration(tmp_path, aws, ENABLED_WORKERS=others))
        return servers[-1].start(), aws

    yield start
    for server in servers:
        server.kill()


def test_without_the_submit_worker_nothing_is_handed_over(start_without):
    server, aws = start_without("submit")
    run = server.api.start("exit 0", image=IMAGE)["run_id"]
    assert server.api.run(run)["status"] == "QUEUED" and "dev-flotilla-default" not in aws.queues


def test_without_the_status_worker_what_becomes_of_tasks_is_not_looked_at(start_without):
    server, aws = start_without("status")
    run = server.api.start("exit 0", image=IMAGE)["run_id"]
    server.api.wait(run, "PENDING")
    assert aws.tasks_of(run)[0].status == "STOPPED" and aws.messages("flotilla-status-updates-dev") > 0


def test_without_the_retry_worker_nothing_is_tried_again(start_without):
    server, aws = start_without("retry")
    run = server.api.start("pull fails", image=IMAGE)["run_id"]
    due = server.api.wait(run, "NEEDS_RETRY")["waiting_for"].rpartition(" ")[2]
    eventually(lambda: datetime.datetime.now(datetime.timezone.utc) > datetime.datetime.fromisoformat(due.replace("Z", "+00:00")))
    assert server.api.run(run)["status"] == "NEEDS_RETRY" and aws.calls["RunTask"] == 1
