"""Where runs go, and whose turn it is."""
from eventually import eventually

ONE_AT_A_TIME = "{default: {max_running: 1}}"


def by_start(api, runs):
    ended = [api.wait(run["run_id"], timeout=30) for run in runs]
    assert {run["exit_code"] for run in ended} == {0}
    return [run["run_id"] for run in sorted(ended, key=lambda run: run["started_at"])]


def test_a_run_goes_to_the_cluster_that_was_asked_for(make_server):
    api = make_server(clusters="{small: {memory: 256}, large: {memory: 2048}}", default_cluster="small").start().api
    assert api.ok("GET", "/api/v1/clusters") == {"clusters": ["small", "large"]}
    definition = api.define("true")
    assert api.execute(definition)["cluster"] == "small"
    assert api.execute(definition, cluster="large")["cluster"] == "large"

    status, answer = api.request("PUT", f"/api/v1/task/{definition['definition_id']}/execute", {"cluster": "huge"})
    assert status == 400
    assert "huge" in answer["error"] and "small" in answer["error"] and "large" in answer["error"]


def test_each_cluster_has_its_own_size(make_server):
    api = make_server(clusters="{small: {memory: 256}, large: {memory: 2048}, none: {memory: 0}}",
                      default_cluster="small").start().api
    definition = api.define("true", memory=256)
    path = f"/api/v1/task/{definition['definition_id']}/execute"
    refusal = f"definition [{definition['definition_id']}] cannot be run on cluster "
    assert api.request("PUT", path, {"cluster": "small"}) == (400, {"error": refusal + "[small]"})
    assert api.request("PUT", path, {"cluster": "none"}) == (400, {"error": refusal + "[none]"})
    assert api.wait(api.execute(definition, cluster="large")["run_id"])["exit_code"] == 0


def test_a_full_cluster_does_not_hold_another_up(make_server):
    api = make_server(clusters="{a: {max_running: 1}, b: {max_running: 1}}", default_cluster="a").start().api
    blocker = api.start("sleep 1000")
    api.wait(blocker["run_id"], "RUNNING")
    waiting = api.start("true")
    assert api.wait(api.start("true", run={"cluster": "b"})["run_id"])["exit_code"] == 0
    assert api.run(waiting["run_id"])["status"] == "QUEUED"


def test_owners_take_turns(make_server):
    api = make_server(clusters=ONE_AT_A_TIME).start().api
    blocker = api.start("sleep 1000")
    api.wait(blocker["run_id"], "RUNNING")
    definition = api.define("true")
    greedy = [api.execute(definition, run_tags={"owner_id": "greedy"}) for _ in range(4)]
    modest = [api.execute(definition, run_tags={"owner_id": "modest"}) for _ in range(2)]
    api.stop(blocker)

    order = by_start(api, greedy + modest)
    greedy, modest = ([run["run_id"] for run in runs] for runs in (greedy, modest))
    assert [run for run in order if run in greedy] == greedy  # within an owner in order of arrival
    assert [run for run in order if run in modest] == modest
    assert order.index(modest[0]) <= 1 and order.index(modest[1]) <= 3


def test_a_run_holds_its_memory(make_server):
    api = make_server(clusters="{default: {memory: 100}}").start().api
    first = api.start("sleep 1000", memory=60)
    api.wait(first["run_id"], "RUNNING")
    second = api.start("true", memory=60)
    small = api.start("true", memory=20)
    assert api.wait(small["run_id"])["exit_code"] == 0  # a smaller one passes
    assert api.run(second["run_id"])["status"] == "QUEUED"
    api.stop(first)
    assert api.wait(second["run_id"])["exit_code"] == 0


def test_runs_that_share_a_port_take_turns(make_server):
    api = make_server().start().api
    definition = api.define("sleep 1000", ports=[18080])
    first, second = api.execute(definition), api.execute(definition)
    api.wait(first["run_id"], "RUNNING")
    other = api.start("true", ports=[18081])
    assert api.wait(other["run_id"])["exit_code"] == 0
    assert api.run(second["run_id"])["status"] == "QUEUED"
    api.stop(first)
    api.wait(second["run_id"], "RUNNING")


def test_a_definition_is_not_removed_under_a_live_run(make_server):
    api = make_server().start().api
    definition = api.define("sleep 1000")
    run = api.execute(definition)
    path = f"/api/v1/task/{definition['definition_id']}"
    assert api.request("DELETE", path)[0] == 409
    api.stop(run)
    api.wait(run["run_id"])
    eventually(lambda: api.request("DELETE", path) == (200, {"deleted": True}))
    assert api.get(f"/api/v1/history/{run['run_id']}")[0] == 404
