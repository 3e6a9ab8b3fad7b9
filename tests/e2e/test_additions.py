"""What answers say beyond the original's, and what a run may have otherwise than its definition."""
import random

from api import fetch


def test_one_run_may_have_things_otherwise_than_its_definition(api):
    definition = api.define("echo defined", description="nightly", labels={"team": "x", "stage": "dev"}, cpu=500)
    run = api.execute(definition, command="echo overridden", memory=64, cpu=250, description="once",
                      labels={"stage": "prod"})
    run = api.wait(run["run_id"])
    assert api.output(run["run_id"]) == ["overridden"]
    assert {name: run[name] for name in ("command", "memory", "cpu", "description", "labels")} == {
        "command": "echo overridden", "memory": 64, "cpu": 250, "description": "once",
        "labels": {"team": "x", "stage": "prod"}}
    assert run["image_digest"].startswith("sha256:") and run["exit_class"] == "completed"
    assert (run["attempt_count"], [attempt["number"] for attempt in run["attempts"]]) == (1, [1])


def incompressible(size):
    return "".join(random.Random(size).choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=size))


def test_texts_that_stand_in_indexes_have_a_bound_and_up_to_it_they_work(api):
    longest, more = incompressible(1000), incompressible(1001)
    definition = api.define("exit 3", alias=longest, tags=[longest])
    path = f"/api/v1/task/{definition['definition_id']}"
    for field, value in {"alias": more, "tags": [more]}.items():
        status, refusal = api.request("PUT", path, {field: value})
        assert status == 400 and "must have at most 1000 bytes, was 1001" in refusal["error"], refusal
    execute = f"/api/v4/task/{definition['definition_id']}/execute"
    status, refusal = api.request("PUT", execute, {"run_tags": {"owner_id": more}})
    assert status == 400 and "must have at most 1000 bytes, was 1001" in refusal["error"], refusal
    run = api.ok("PUT", execute, {"run_tags": {"owner_id": longest}})
    assert api.wait(run["run_id"])["exit_code"] == 3
    assert api.ok("GET", f"/api/v1/history?user={longest}")["total"] == 1
    assert api.ok("GET", f"/api/v1/task?tags={longest}")["total"] == 1


def test_a_change_of_a_definition_that_has_changed_is_refused_to_who_says_what_it_is_of(server, api):
    definition = api.define("true", user="nobody", description="nightly")
    path = f"/api/v1/task/{definition['definition_id']}"
    tag = {"If-Match": fetch(server, path)[1]["ETag"]}
    assert api.request("PUT", path, {"memory": 96}, tag)[0] == 200
    status, refusal = api.request("PUT", path, {"memory": 128}, tag)
    assert status == 412 and "read it again" in refusal["error"]
    changed = api.ok("PUT", path, {"user": "", "description": ""})
    assert changed["memory"] == 96 and not {"user", "description"} & set(changed)


def test_the_history_of_a_run_is_told_as_events(api):
    run = api.finish("exit 3")
    events = api.ok("GET", f"/api/v1/{run['run_id']}/events")["events"]
    assert [event["kind"] for event in events] == ["queued", "submitted", "started", "ended"]
    assert events[-1]["message"].startswith("ended with exit code 3")
    assert api.get("/api/v1/nope/events")[0] == 404


def test_a_run_that_waits_says_what_for(narrow):
    api = narrow.api
    holder = api.start("sleep 1000", run={"cluster": "narrow"})
    api.wait(holder["run_id"], "RUNNING")
    waiting = api.start("true", run={"cluster": "narrow"})
    sentence = api.run(waiting["run_id"])["waiting_for"]
    assert sentence == "the one place of cluster narrow, which is taken; it is next"
    shown = narrow.flotilla("status", waiting["run_id"]).stdout
    assert f"waiting for {sentence}" in shown
    api.stop(holder)
    assert "waiting_for" not in api.wait(waiting["run_id"])


def test_cursors_lead_through_a_whole_list(api):
    definition = api.define("true", alias="cursors", labels={"list": "cursors"})
    made = {api.execute(definition)["run_id"] for _ in range(7)}
    for order in ("asc", "desc"):
        query = f"/api/v1/history?labels=list%7Ccursors&sort_by=queued_at&order={order}&limit=3"
        seen, after = [], ""
        while after is not None:
            page = api.ok("GET", f"{query}&after={after}")
            assert page["total"] == 7
            seen += [run["run_id"] for run in page["history"]]
            after = page.get("next")
        assert len(seen) == 7 and set(seen) == made
    assert api.get("/api/v1/history?after=nonsense")[0] == 400


def test_submissions_and_changes_of_status_are_lines_of_the_log(server):
    run = server.api.finish("echo $SAID", env=[{"name": "SAID", "value": "not-for-the-log"}])
    lines = [line for line in server.log_path.read_text().splitlines() if run["run_id"] in line]
    events = [line for line in lines if "event=run_" in line]
    assert "event=run_submitted" in events[0] and "owner=tester" in events[0]
    # Different threads write them, each after its change was stored: only `from` and `to` tell the order.
    followers = {line.split(" from=")[1].split()[0]: line for line in events[1:]}
    assert len(followers) == len(events) - 1
    status, line = "QUEUED", None
    while status in followers:
        line = followers.pop(status)
        status = line.split(" to=")[1].split()[0]
    assert status == "STOPPED" and "exit_code=0 exit_class=completed" in line and not followers
    assert "not-for-the-log" not in server.log_path.read_text()
