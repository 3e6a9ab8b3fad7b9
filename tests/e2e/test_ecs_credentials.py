"""Runs on Amazon ECS where whoever has the credentials of the server gives none, or nothing at all is answered: what else goes on, who waits for
how long, and that the server can be ended."""
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from eventually import eventually
from fake_aws import CREDENTIALS_TOKEN, IMAGE, Cluster

PLACES = {"container": "the endpoint of containers", "instance": "the metadata service of EC2"}


def asking(aws, place):
    """The environment of a server that has its credentials there."""
    if place == "instance":
        return aws.environment(AWS_EC2_METADATA_SERVICE_ENDPOINT=aws.url)
    return aws.environment(AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{aws.url}/of-container", AWS_CONTAINER_AUTHORIZATION_TOKEN=CREDENTIALS_TOKEN)


def define(api, **fields):
    return api.define(fields.pop("command", "exit 0"), image=IMAGE, **fields)


def new_definition(alias):
    return {"alias": alias, "group_name": "g", "image": IMAGE, "memory": 32, "command": "exit 0"}


def timed(ask, *arguments):
    """Its status, its body and how many seconds it took."""
    begin = time.monotonic()
    return *ask(*arguments), time.monotonic() - begin


@pytest.mark.parametrize("place", PLACES)
def test_credentials_that_expire_are_asked_for_anew(make_aws, start_on, place):
    aws = make_aws()
    server = start_on(aws, asking(aws, place))
    definition = define(server.api)
    assert server.api.wait(server.api.execute(definition)["run_id"])["exit_code"] == 0
    assert aws.key_count == 1
    aws.expire_keys()
    assert server.api.wait(server.api.execute(definition)["run_id"])["exit_code"] == 0
    assert aws.key_count == 2


def test_keys_that_count_are_used_while_they_cannot_be_renewed(make_aws, start_on):
    aws = make_aws()
    aws.key_lifetime = 240  # which is when they are due
    server = start_on(aws, asking(aws, "container"))
    definition = define(server.api)
    assert server.api.wait(server.api.execute(definition)["run_id"])["exit_code"] == 0
    aws.give_keys(False)
    eventually(lambda: server.api.run(server.api.execute(definition)["run_id"]) and "cannot be renewed" in server.log_path.read_text())
    begin, asked = time.monotonic(), aws.calls["keys"]
    runs = [server.api.execute(definition)["run_id"] for _ in range(10)]
    for run in runs:
        assert server.api.wait(run)["exit_code"] == 0
    assert time.monotonic() - begin < 5
    assert aws.calls["keys"] - asked <= 2, "it is left alone for some seconds each time"
    assert server.api.get("/ready")[0] == 200
    assert server.log_path.read_text().count("cannot be renewed") == 1


@pytest.mark.parametrize("place", PLACES)
def test_nobody_waits_for_credentials_longer_than_for_aws(make_aws, start_on, place):
    aws = make_aws()
    server = start_on(aws, asking(aws, place))
    definition = define(server.api, command="stay")
    run = server.api.execute(definition)["run_id"]
    server.api.wait(run, "RUNNING")
    server.stop()
    aws.give_keys(False)
    begin = time.monotonic()
    server.start()
    assert time.monotonic() - begin < 5
    eventually(lambda: PLACES[place] in server.api.get("/ready")[1]["error"])
    execution = f"/api/v4/task/{definition['definition_id']}/execute"
    with ThreadPoolExecutor(30) as users:
        executed = [users.submit(timed, server.api.request, "PUT", execution, {"run_tags": {"owner_id": "me"}}) for _ in range(10)]
        defined = [users.submit(timed, server.api.request, "POST", "/api/v1/task", new_definition(f"a{number}")) for number in range(10)]
        read = [users.submit(timed, server.api.get, f"/api/v1/{run}/logs") for _ in range(10)]
        for asked, status, seconds in ((executed, 200, 2), (defined, 503, 3), (read, 503, 3)):
            for got, answer, took in (one.result() for one in asked):
                assert got == status and took < seconds + 1, (got, answer, took)
                assert status == 200 or f"{PLACES[place]} gives no AWS credentials: " in answer["error"]
    server.stop(within=4)
    aws.give_keys(True)
    server.start()
    server.api.stop({"definition_id": definition["definition_id"], "run_id": run})
    assert server.api.wait(run)["exit_class"] == "stopped_by_user"


def test_a_server_that_has_no_credentials_any_more_goes_on_once_it_has(make_aws, start_on):
    aws = make_aws()
    server = start_on(aws, asking(aws, "instance"))
    definition = define(server.api)
    assert server.api.wait(server.api.execute(definition)["run_id"])["exit_code"] == 0
    aws.give_keys(False)
    aws.expire_keys()
    run = server.api.execute(definition)["run_id"]
    eventually(lambda: PLACES["instance"] + " gives no AWS credentials" in server.api.get("/ready")[1].get("error", ""))
    aws.give_keys(True)
    assert server.api.wait(run, timeout=60)["exit_code"] == 0
    eventually(lambda: server.api.get("/ready")[0] == 200, timeout=60)


CLUSTERS = [f"c{number}" for number in range(20)]


def with_many_clusters(aws):
    aws.clusters.update({name: Cluster() for name in CLUSTERS})
    return aws


def test_a_server_of_many_clusters_ends_while_nobody_gives_credentials(make_aws, start_on):
    aws = with_many_clusters(make_aws())
    server = start_on(aws, asking(aws, "container"))
    definition = define(server.api)
    eventually(lambda: all(f"dev-flotilla-{name}" in aws.queues for name in CLUSTERS))
    aws.give_keys(False)
    aws.expire_keys()
    for name in CLUSTERS:
        server.api.execute(definition, cluster=name)
    eventually(lambda: server.api.get("/ready")[0] == 503)
    server.stop(within=4)
    aws.give_keys(True)
    server.start()


def test_a_server_ends_though_sqs_takes_back_no_message(make_aws, start_on):
    aws = with_many_clusters(make_aws())
    aws.capacity = 0
    server = start_on(aws)
    definition = define(server.api)
    for name in CLUSTERS:
        server.api.execute(definition, cluster=name)
    eventually(lambda: all(aws.hidden(f"dev-flotilla-{name}") for name in CLUSTERS))
    aws.is_reachable = False
    server.stop(within=4)
    aws.answer_again()
    server.start()
