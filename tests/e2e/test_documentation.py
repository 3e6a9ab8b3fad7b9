"""The session that the documentation shows, word for word."""
import json
import re

from eventually import eventually
from server import PROJECT

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
ORDER = ["QUEUED", "PENDING", "RUNNING", "STOPPED"]
HELLO = "+ set -e\n+ echo 'hello yourusername'\nhello yourusername"


def test_the_documented_session(make_server, base_root):
    api = make_server({"debian:12": base_root}).start().api
    example = (PROJECT / "examples/hello-world.json").read_bytes()

    assert api.ok("GET", "/api/v1/task")["definitions"] == []
    definition = api.ok("POST", "/api/v1/task", example)
    assert re.fullmatch(f"examples-{UUID}", definition["definition_id"])
    assert definition["alias"] == "hello-flotilla"
    listed = api.ok("GET", "/api/v1/task")
    assert [each["alias"] for each in listed["definitions"]] == ["hello-flotilla"]

    run = api.ok("PUT", "/api/v1/task/alias/hello-flotilla/execute", {
        "cluster": "default",
        "env": [{"name": "USERNAME", "value": "yourusername"}],
        "run_tags": {"owner_id": "youruser"},
    })
    run_id = run["run_id"]
    assert re.fullmatch(UUID, run_id)
    assert run["status"] == "QUEUED"
    assert run["definition_id"] == definition["definition_id"]
    assert run["instance"] == {"instance_id": "", "dns_name": ""}
    assert "exit_code" not in run

    seen = [run["status"]]
    while seen[-1] != "STOPPED":
        run = api.run(run_id)
        if run["status"] != seen[-1]:
            seen.append(run["status"])
    assert seen == [status for status in ORDER if status in seen]
    assert run["exit_code"] == 0
    assert run["alias"] == "hello-flotilla"
    assert run["image"] == json.loads(example)["image"]
    assert run["cluster"] == "default"
    assert run["user"] == "youruser"
    assert run["started_at"] <= run["finished_at"]
    assert run["instance"]["instance_id"] and run["instance"]["dns_name"]
    assert {(each["name"], each["value"]) for each in run["env"]} == {
        ("FLOTILLA_RUN_OWNER_ID", "youruser"),
        ("FLOTILLA_SERVER_MODE", "dev"),
        ("FLOTILLA_RUN_ID", run_id),
        ("USERNAME", "yourusername"),
    }

    page = api.ok("GET", f"/api/v1/{run_id}/logs")
    assert page["log"] == HELLO
    end = api.ok("GET", f"/api/v1/{run_id}/logs?last_seen={page['last_seen']}")
    assert end == {"log": "", "last_seen": page["last_seen"]}


def test_a_run_is_seen_running_with_its_log(api):
    run_id = api.start("echo begun; sleep 1000")["run_id"]
    run = api.wait(run_id, "RUNNING")
    assert run["started_at"] and "finished_at" not in run and "exit_code" not in run
    eventually(lambda: "begun" in api.output(run_id))
    assert api.stop(run) == (200, {"terminated": True})


def test_editing_a_definition_does_not_change_its_runs(api):
    definition = api.define("echo first")
    run = api.wait(api.execute(definition)["run_id"])
    api.ok("PUT", f"/api/v1/task/{definition['definition_id']}", {"command": "echo second", "memory": 48})
    assert api.output(run["run_id"]) == ["first"]
    again = api.wait(api.execute(definition)["run_id"])
    assert api.output(again["run_id"]) == ["second"]


def test_later_variables_win_in_the_container(api):
    run = api.start(
        'echo "$A $B $C $FLOTILLA_RUN_OWNER_ID $FLOTILLA_SERVER_MODE $FLOTILLA_RUN_ID"',
        env=[{"name": "A", "value": "definition"}, {"name": "B", "value": "definition"}],
        run={"env": [{"name": "B", "value": "run"}, {"name": "C", "value": "one"}, {"name": "C", "value": "two"}]})
    api.wait(run["run_id"])
    assert api.output(run["run_id"]) == [f"definition run two tester dev {run['run_id']}"]


def test_a_long_log_comes_in_pages_and_whole(api):
    run = api.finish("set +x; seq -f '%.0f and some text to fill the line with' 1 60000")
    assert run["exit_code"] == 0
    page = api.ok("GET", f"/api/v1/{run['run_id']}/logs")
    assert len(page["log"]) <= 1 << 20
    lines = api.output(run["run_id"])
    assert lines == [f"{number} and some text to fill the line with" for number in range(1, 60001)]
