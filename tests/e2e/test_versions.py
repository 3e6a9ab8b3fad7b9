"""The versions of the execute call, and jobs that report their own status."""
from eventually import eventually
from server import processes_of


def execute(api, version, body):
    definition = api.define("true")
    return api.request("PUT", f"/api/v{version}/task/{definition['definition_id']}/execute", body)


def test_version_1_needs_no_tags(api):
    status, run = execute(api, 1, {"cluster": "default"})
    assert status == 200
    assert run["user"] == "v1-unknown"


def test_version_2_needs_an_address_and_a_team(api):
    tags = {"owner_email": "ada@example.org", "team_name": "engines"}
    status, run = execute(api, 2, {"cluster": "default", "run_tags": tags})
    assert status == 200
    assert run["user"] == "ada@example.org"
    refusal = (400, {"error": "run_tags must exist in body and contain [owner_email] and [team_name]"})
    assert execute(api, 2, {"cluster": "default"}) == refusal
    assert execute(api, 2, {"cluster": "default", "run_tags": {"owner_email": "ada@example.org"}}) == refusal


def test_version_4_needs_an_owner(api):
    status, run = execute(api, 4, {"run_tags": {"owner_id": "ada"}})
    assert status == 200
    assert run["user"] == "ada"
    assert execute(api, 4, {}) == (400, {"error": "run_tags must exist in body and contain [owner_id]"})


def test_reserved_variables_cannot_be_set(api):
    status, answer = execute(api, 1, {"env": [{"name": "FLOTILLA_RUN_ID", "value": "x"}]})
    assert (status, answer) == (409, {"error": "environment variable FLOTILLA_RUN_ID is reserved"})


def test_a_job_reports_its_own_end(api):
    run = api.start("sleep 1000")
    api.wait(run["run_id"], "RUNNING")
    path = f"/api/v1/{run['run_id']}/status"
    assert api.request("PUT", path, {"status": "STOPPED", "exit_code": 3, "other": []}) == (200, {"updated": True})
    reported = api.run(run["run_id"])
    assert (reported["status"], reported["exit_code"]) == ("STOPPED", 3)
    eventually(lambda: not processes_of([run["run_id"]]))
    assert api.run(run["run_id"])["exit_code"] == 3


def test_a_lower_status_is_accepted_and_ignored(api):
    run = api.start("sleep 1000")
    api.wait(run["run_id"], "RUNNING")
    assert api.request("PUT", f"/api/v1/{run['run_id']}/status", {"status": "QUEUED"}) == (200, {"updated": True})
    assert api.run(run["run_id"])["status"] == "RUNNING"
    api.stop(run)


def test_an_unknown_status_or_run_is_refused(api):
    run = api.start("true")
    assert api.request("PUT", f"/api/v1/{run['run_id']}/status", {"status": "DONE"}) == (
        400, {"error": "status DONE is invalid"})
    assert api.request("PUT", "/api/v1/9f3f0e0e-0000-4000-8000-000000000000/status", {"status": "RUNNING"})[0] == 404


def test_a_job_that_asks_for_another_attempt_gets_it(api):
    run = api.start("sleep 1000")
    api.wait(run["run_id"], "RUNNING")
    api.ok("PUT", f"/api/v1/{run['run_id']}/status", {"status": "NEEDS_RETRY"})
    first = run["run_id"] + ".1"

    def second_attempt_runs():
        shown = api.run(run["run_id"])
        return shown["status"] == "RUNNING" and shown["task_arn"] not in ("", first)

    eventually(second_attempt_runs, timeout=60)
    api.stop(run)
