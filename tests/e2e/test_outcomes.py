"""How runs end."""
from concurrent.futures import ThreadPoolExecutor

from eventually import eventually
from server import cgroups_of, processes_of


def test_200_runs_at_once_all_end_well_and_none_twice(api):
    definition = api.define("echo started; true", memory=8)
    with ThreadPoolExecutor(32) as threads:
        runs = [run["run_id"] for run in threads.map(lambda _: api.execute(definition), range(200))]
    assert len(set(runs)) == 200

    history = f"/api/v1/task/{definition['definition_id']}/history"
    eventually(lambda: api.ok("GET", f"{history}?status=STOPPED")["total"] == 200, timeout=60)
    listed = api.ok("GET", history)["history"]
    assert {run["run_id"] for run in listed} == set(runs)
    assert {run["exit_code"] for run in listed} == {0}
    with ThreadPoolExecutor(32) as threads:
        outputs = list(threads.map(api.output, runs))
    assert outputs == [["started"]] * 200


def test_a_run_that_takes_too_much_memory_is_killed_and_said_to_be(api):
    run = api.finish("head -c 500000000 /dev/zero | tail", memory=64)
    assert run["exit_code"] == 137
    assert "out of memory" in run["exit_reason"].lower()
    assert "64" in run["exit_reason"]


def cpu_statistics(run_id):
    """What the kernel says of a run's cpu: how often it was throttled, and more."""
    found = {}
    for cgroup in cgroups_of([run_id]):
        if (cgroup / "cpu.stat").exists():
            lines = (cgroup / "cpu.stat").read_text().splitlines()
            found.update({name: int(value) for name, value in map(str.split, lines)})
    return found


def test_a_job_is_held_to_its_cpu(api):
    run = api.start("set +x; while true; do :; done", cpu=250)
    eventually(lambda: cpu_statistics(run["run_id"]).get("nr_throttled", 0) >= 5)
    assert api.run(run["run_id"])["cpu"] == 250
    api.stop(run)
    api.wait(run["run_id"])


def test_a_run_may_ask_for_less_cpu_than_its_definition(api):
    run = api.start("set +x; while true; do :; done", cpu=4000, run={"cpu": 100})
    eventually(lambda: cpu_statistics(run["run_id"]).get("nr_throttled", 0) >= 5)
    api.stop(run)
    api.wait(run["run_id"])


def test_an_exit_code_is_the_jobs_own(api):
    run = api.finish("exit 7")
    assert run["exit_code"] == 7
    assert run["exit_reason"]


def test_a_failing_line_ends_the_job(api):
    run = api.finish("false\necho not reached")
    assert run["exit_code"] == 1
    assert api.log(run["run_id"]) == "+ set -e\n+ false"


def test_a_missing_command_is_named_in_the_log(api):
    run = api.finish("no-such-command --now")
    assert run["exit_code"] == 127
    assert any("no-such-command: command not found" in line for line in api.output(run["run_id"]))
    assert run["exit_reason"]


def test_a_stopped_run_is_gone_within_its_grace_period(api):
    run_id = api.start("sleep 1000")["run_id"]
    run = api.wait(run_id, "RUNNING")
    assert len(processes_of([run_id])) > 0
    assert api.stop(run) == (200, {"terminated": True})
    run = api.wait(run_id, timeout=5)
    assert run["exit_reason"]
    assert processes_of([run_id]) == []
    status, answer = api.stop(run)
    assert status == 400
    assert answer["error"].startswith("invalid run, state: STOPPED, arn: ")


def test_a_stopped_run_that_ignores_the_request_is_killed_after_it(api):
    run_id = api.start("trap '' TERM; echo deaf; sleep 1000 & wait; sleep 1000")["run_id"]
    run = api.wait(run_id, "RUNNING")
    eventually(lambda: "deaf" in api.output(run_id))
    api.stop(run)
    assert api.wait(run_id, timeout=6)["exit_code"] == 137


def test_a_stopped_run_may_clean_up(api):
    job = "set +x; trap 'echo cleaned; exit 3' TERM; echo ready; while true; do sleep 0.05; done"
    run_id = api.start(job)["run_id"]
    run = api.wait(run_id, "RUNNING")
    eventually(lambda: "ready" in api.output(run_id))
    api.stop(run)
    assert api.wait(run_id, timeout=5)["exit_code"] == 3
    assert "cleaned" in api.output(run_id)


def test_a_waiting_run_is_stopped_at_once(make_server):
    api = make_server(clusters="{default: {max_running: 1}}").start().api
    first = api.start("sleep 1000")
    api.wait(first["run_id"], "RUNNING")
    second = api.start("true")
    assert api.stop(second) == (200, {"terminated": True})
    stopped = api.run(second["run_id"])
    assert stopped["status"] == "STOPPED"
    assert "exit_code" not in stopped


def test_a_definition_too_large_for_the_cluster_is_refused(api):
    definition = api.define("true", memory=2_000_000_000)
    status, answer = api.request("PUT", f"/api/v1/task/{definition['definition_id']}/execute", {"cluster": "default"})
    assert (status, answer) == (
        400, {"error": f"definition [{definition['definition_id']}] cannot be run on cluster [default]"})


def test_background_processes_do_not_outlive_the_job(api):
    run = api.finish("sleep 1000 & echo done")
    assert run["exit_code"] == 0
    eventually(lambda: not processes_of([run["run_id"]]))


def test_a_job_sees_only_its_own_processes(api):
    run = api.finish("set +x; ls /proc | grep -c '^[0-9]'; hostname >/dev/null; cat /etc/hostname | wc -l")
    assert run["exit_code"] == 0
    assert int(api.output(run["run_id"])[0]) < 8


def test_a_job_begins_with_no_signal_blocked_or_ignored(api):
    run = api.finish("grep -E '^Sig(Blk|Ign)' /proc/self/status")
    assert [int(line.split()[1], 16) for line in api.output(run["run_id"])] == [0, 0]
