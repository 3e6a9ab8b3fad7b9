"""Runs on Amazon ECS where the account, or the configuration, is not as it was: clusters come and go, somebody removes task definitions, and
what the server needs cannot be made."""
from eventually import eventually
from fake_aws import IMAGE, Cluster, Refusal, ecs_settings

STATUS_RULE = "flotilla-task-status"
DENIED = Refusal("AccessDeniedException", "no")
FAILING = Refusal("ManagedRuleException", "the rule is somebody else's")


def define(server):
    return server.api.define("exit 0", image=IMAGE)


def execute(server, definition, cluster):
    """The status and the body of the answer."""
    path = f"/api/v4/task/{definition['definition_id']}/execute"
    return server.api.request("PUT", path, {"run_tags": {"owner_id": "me"}, "cluster": cluster})


def has_ended(server, answer):
    status, run = answer
    assert status == 200, run
    ended = server.api.wait(run["run_id"])
    assert (ended["exit_code"], ended["attempt_count"]) == (0, 1), ended


def losses(server):
    return server.api.ok("GET", "/ready")["checks"].get("losses", {}).get("default", [])


def test_no_task_starts_while_nothing_would_tell_what_becomes_of_it(make_aws, start_on):
    aws = make_aws()
    aws.fail("PutRule", *[FAILING] * 1000)
    server = start_on(aws)
    run = server.api.execute(define(server))["run_id"]
    assert "somebody else" in eventually(lambda: (seen := server.api.run(run).get("waiting_for", "")) and "nothing would tell" in seen and seen)
    status, answer = server.api.request("GET", "/ready")
    assert status == 503 and "somebody else" in answer["error"]
    assert aws.calls["RunTask"] == 0
    aws.faults["PutRule"].clear()
    assert server.api.wait(run)["exit_code"] == 0


def test_a_rule_that_is_there_serves_though_it_may_not_be_changed(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    definition = define(server)
    has_ended(server, execute(server, definition, "default"))
    server.stop()
    aws.fail("PutRule", *[DENIED] * 1000)
    server.start()
    has_ended(server, execute(server, definition, "default"))
    assert any("events:PutRule" in loss for loss in losses(server))


def registered(aws, definition):
    """The names of the revisions of its task definition, and what each was made of."""
    return {name: made for name, made in aws.definitions.items() if f"/{definition['definition_id']}:" in name}


def revisions_of(aws, runs):
    return [aws.tasks_of(run)[0].request["taskDefinition"].rpartition(":")[2] for run in runs]


def test_a_changed_configuration_reaches_what_was_registered_before_with_the_next_run(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    definition = define(server)
    runs = [server.api.execute(definition)["run_id"]]
    server.api.wait(runs[0])
    server.stop()
    server.configure(**ecs_settings(**{"log.namespace": "another-group", "ecs.user": "nobody"}))
    server.start()
    runs += [server.api.execute(definition)["run_id"] for _ in range(2)]
    for run in runs:
        assert server.api.wait(run)["exit_code"] == 0
    assert revisions_of(aws, runs) == ["1", "2", "2"]
    first, second = (made["containerDefinitions"][0] for made in registered(aws, definition).values())
    assert (first["user"], second["user"]) == ("root", "nobody")
    assert second["logConfiguration"]["options"]["awslogs-group"] == "another-group"
    server.stop()
    server.start()
    has_ended(server, execute(server, definition, "default"))
    assert len(registered(aws, definition)) == 2


def test_a_run_keeps_where_its_log_is_whatever_the_configuration_says_later(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    definition = server.api.define("stay", image=IMAGE)
    run = server.api.execute(definition)["run_id"]
    server.api.wait(run, "RUNNING")
    aws.write_log(aws.tasks_of(run)[0], "one")
    server.stop()
    server.configure(**ecs_settings(**{"log.driver.options": "{awslogs-stream-prefix: jobs}", "log.namespace": "another"}))
    server.start()
    aws.write_log(aws.tasks_of(run)[0], "two")
    assert eventually(lambda: server.api.output(run) == ["one", "two"])
    later = server.api.execute(definition)["run_id"]
    server.api.wait(later, "RUNNING")
    aws.write_log(aws.tasks_of(later)[0], "three")
    assert eventually(lambda: server.api.output(later) == ["three"])


def test_a_task_definition_that_somebody_else_removed_is_registered_again_once(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    for remove in (aws.inactive.append, aws.definitions.pop):
        definition = define(server)
        aws.capacity = 0
        runs = [server.api.execute(definition)["run_id"] for _ in range(5)]
        eventually(lambda: "RESOURCE" in server.api.run(runs[0]).get("waiting_for", ""))
        with aws.changed:
            remove(definition["arn"])
            aws.capacity = 10**9
        for run in runs:
            has_ended(server, (200, server.api.run(run)))
        has_ended(server, execute(server, definition, "default"))
        assert server.api.ok("GET", f"/api/v1/task/{definition['definition_id']}")["arn"] != definition["arn"]
        assert set(revisions_of(aws, runs)) == {"2"}
    assert aws.calls["RegisterTaskDefinition"] == 4


def test_a_task_definition_that_is_removed_again_and_again_ends_runs_with_the_reason(make_aws, start_on):
    aws = make_aws()
    aws.fail("RunTask", *[Refusal("ClientException", "TaskDefinition is inactive")] * 1000)
    server = start_on(aws)
    ended = server.api.wait(server.api.execute(define(server))["run_id"])
    assert ended["exit_class"] == "rejected" and "somebody else removed the task definition" in ended["exit_reason"]
    assert "execute it anew" in ended["exit_reason"] and aws.calls["RegisterTaskDefinition"] == 2
    aws.faults["RunTask"].clear()
    has_ended(server, execute(server, define(server), "default"))


def test_a_log_group_that_is_there_needs_no_right_to_make_it(make_aws, start_on):
    aws = make_aws()
    aws.fail("CreateLogGroup", *[DENIED] * 1000)
    aws.groups["flotilla-os-logs"] = None
    server = start_on(aws)
    has_ended(server, execute(server, define(server), "default"))
    assert losses(server) == [] and "CreateLogGroup" not in server.log_path.read_text()
    assert aws.groups == {"flotilla-os-logs": 90}


def test_runs_wait_for_a_log_group_that_nobody_may_make(make_aws, start_on):
    aws = make_aws()
    aws.fail("CreateLogGroup", *[DENIED] * 1000)
    server = start_on(aws)
    run = server.api.execute(define(server))["run_id"]
    said = "the log group flotilla-os-logs does not exist: AWS denies logs:CreateLogGroup: add the action logs:CreateLogGroup"
    eventually(lambda: server.api.run(run).get("waiting_for", "").find(said) >= 0)
    status, answer = server.api.request("GET", "/ready")
    assert status == 503 and said in answer["error"]
    aws.faults["CreateLogGroup"].clear()
    assert server.api.wait(run, timeout=60)["exit_code"] == 0


def test_an_image_of_a_registry_that_the_server_cannot_reach_is_left_to_the_task(make_aws, start_on):
    server = start_on(make_aws())
    definition = server.api.define("exit 0", image="registry.invalid/job:1")
    for _ in range(2):
        has_ended(server, execute(server, definition, "default"))
    assert server.log_path.read_text().count("whether images of registry.invalid exist is not checked") == 1


def test_what_fargate_cannot_have_is_refused_and_what_it_takes_is_passed_on(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws, **{"ecs.launch_type": "FARGATE", "ecs.network_mode": "awsvpc", "ecs.subnets": "[subnet-1]",
                              "ecs.execution_role": "arn:aws:iam::1:role/r", "ecs.assign_public_ip": "ENABLED"})
    definition = define(server)
    status, answer = server.api.request("PUT", f"/api/v4/task/{definition['definition_id']}/execute",
                                        {"run_tags": {"owner_id": "me"}, "gpu": 1})
    assert status == 400 and "Fargate has no GPUs" in answer["error"]
    status, answer = server.api.request("PUT", f"/api/v1/task/{definition['definition_id']}", {"gpu": 1})
    assert status == 400 and "Fargate has no GPUs" in answer["error"]
    run = server.api.execute(definition)["run_id"]
    assert server.api.wait(run)["exit_code"] == 0
    network = aws.tasks_of(run)[0].request["networkConfiguration"]["awsvpcConfiguration"]
    assert network == {"subnets": ["subnet-1"], "securityGroups": [], "assignPublicIp": "ENABLED"}


def test_clusters_come_and_go_while_the_server_runs(make_aws, start_on):
    aws = make_aws()
    long = ["long-" + f"{number:x}" * 200 for number in range(10)]  # a rule that named them would be longer than AWS allows
    aws.clusters.update({name: Cluster() for name in long})
    aws.fail("ListClusters", *[Refusal("ClientException", "try again")] * 3)
    server = start_on(aws)
    definition = define(server)
    status, answer = execute(server, definition, long[0])
    assert status == 503 and "try again" in answer["error"]
    assert any("try again" in loss for loss in losses(server))
    eventually(lambda: set(long) <= set(server.api.ok("GET", "/api/v1/clusters")["clusters"]))
    has_ended(server, execute(server, definition, long[0]))
    assert len(aws.rules[STATUS_RULE].targets) == 1
    assert losses(server) == []

    status, answer = execute(server, definition, "later")
    assert status == 400 and "cluster [later] does not exist" in answer["error"]
    aws.clusters["later"] = Cluster()
    has_ended(server, eventually(lambda: (answer := execute(server, definition, "later"))[0] == 200 and answer))

    server.stop()
    aws.clusters["later"].status = "INACTIVE"
    aws.clusters["default"].instances = 0
    server.start()
    status, answer = execute(server, definition, "later")
    assert status == 400 and "cluster [later] does not exist" in answer["error"]
    run = server.api.execute(definition)["run_id"]
    eventually(lambda: "no container instances" in server.api.run(run).get("waiting_for", ""))
    assert any("no container instances" in loss for loss in losses(server))
    aws.clusters["default"].instances = 1
    assert server.api.wait(run)["exit_code"] == 0


def test_a_cluster_whose_queue_would_be_the_status_queue_is_left_out(make_aws, start_on):
    aws = make_aws()
    aws.clusters["states"] = Cluster()
    server = start_on(aws, **{"queue.namespace": "n", "queue.status": "n-states"})
    assert server.api.ok("GET", "/api/v1/clusters")["clusters"] == ["default"]
    assert "cluster states of the account is left out" in server.log_path.read_text()
    has_ended(server, execute(server, define(server), "default"))


def test_a_run_waits_for_a_cluster_that_went_and_comes_back(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws)
    definition = define(server)
    aws.clusters["default"].status = "INACTIVE"
    run = server.api.execute(definition)["run_id"]
    eventually(lambda: "no active cluster default" in server.api.run(run).get("waiting_for", ""))
    aws.clusters["default"].status = "ACTIVE"
    ended = server.api.wait(run)
    assert (ended["exit_code"], ended["attempt_count"]) == (0, 1)


def test_two_installations_share_an_account_and_a_rule(make_aws, start_on):
    aws = make_aws()
    servers = [start_on(aws, **{"queue.status": f"states-{name}", "queue.namespace": name}) for name in ("one", "two")]
    definitions = [define(server) for server in servers]
    for _ in range(5):
        for server, definition in zip(servers, definitions):
            has_ended(server, execute(server, definition, "default"))
    assert sorted(aws.rules[STATUS_RULE].targets.values()) == ["states-one", "states-two"]
    eventually(lambda: aws.messages("states-one") + aws.messages("states-two") == 0)
    assert aws.calls["StopTask"] == 0, "each leaves the other's tasks alone"


def test_a_server_learns_of_a_cluster_by_the_events_of_another_servers_runs(make_aws, start_on, postgres):
    aws = make_aws()
    url = postgres.new_database()
    first = start_on(aws, database_url=url)
    aws.clusters["later"] = Cluster()
    second = start_on(aws, database_url=url)
    definition = define(second)

    def first_knows():
        has_ended(second, execute(second, definition, "later"))
        return "later" in first.api.ok("GET", "/api/v1/clusters")["clusters"]
    eventually(first_knows)
