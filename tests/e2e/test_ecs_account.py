"""Runs on Amazon ECS where the account is not as it was: clusters come and go, and the rule that tells of tasks cannot be made."""
from eventually import eventually
from fake_aws import IMAGE, Cluster, Refusal

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
