"""What a local run uses of its host, and what it sees of the host's folders."""
import os

import pytest

from server import ENGINE

pytestmark = pytest.mark.skipif(ENGINE != "local", reason="a Docker daemon keeps its own disk")


def test_what_a_run_writes_is_not_charged_to_its_memory(api):
    run = api.finish("for place in /tmp /root; do dd if=/dev/zero of=$place/file bs=1M count=1024 2>/dev/null; done; "
                     "stat -c %s /tmp/file /root/file", memory=256)
    assert run["exit_code"] == 0, run
    assert api.output(run["run_id"]) == [str(1 << 30)] * 2


def test_a_run_that_writes_more_than_it_may_is_ended_and_said_to_be(make_server):
    api = make_server(**{"run.disk_limit": "64MiB"}).start().api
    kept = api.start("dd if=/dev/zero of=/tmp/file bs=1M count=32 2>/dev/null; exec sleep 1000")
    run = api.finish("dd if=/dev/zero of=/tmp/file bs=1M count=128 2>/dev/null; exec sleep 1000")
    assert (run["exit_class"], run["exit_code"]) == ("job_failed", 137), run
    assert run["exit_reason"] == ("out of disk: it had written 128 MiB of the 64 MiB that a run may (run.disk_limit)")
    assert api.run(kept["run_id"])["status"] == "RUNNING"


def test_the_mounts_of_a_cluster_are_there_with_their_owners(make_server, tmp_path):
    for name in ("data", "results"):
        (tmp_path / name).mkdir()
    (tmp_path / "data/input").write_text("given\n")
    os.chown(tmp_path / "data/input", 1000, 1000)
    (tmp_path / "one-file").write_text("alone\n")
    mounts = ", ".join([f"{{host: {tmp_path}/data, path: /mnt/data}}",
                        f"{{host: {tmp_path}/results, path: /results, read_only: false}}",
                        f"{{host: {tmp_path}/one-file, path: /etc/one-file}}"])
    api = make_server(clusters=f"{{default: {{mounts: [{mounts}]}}}}").start().api
    run = api.finish("cat /mnt/data/input /etc/one-file; stat -c %u /mnt/data/input; echo made > /results/output; "
                     "chown 1000 /results/output; ! touch /mnt/data/x 2>/dev/null && echo read-only")
    assert run["exit_code"] == 0, api.output(run["run_id"])
    assert api.output(run["run_id"]) == ["given", "alone", "1000", "read-only"]
    made = (tmp_path / "results/output")
    assert made.read_text() == "made\n" and (made.stat().st_uid, made.stat().st_gid) == (1000, 0)


def test_a_mount_that_is_not_there_is_said(make_server, tmp_path):
    api = make_server(clusters=f"{{default: {{mounts: [{{host: {tmp_path}/none, path: /none}}]}}}}",
                      **{"worker.max_attempts": 1}).start().api
    run = api.finish("true")
    assert run["exit_class"] == "start_failed"
    assert run["exit_reason"] == f"the cluster's mount {tmp_path}/none cannot be had: No such file or directory (ENOENT)"


def test_what_a_run_used_is_told(server):
    api = server.api
    run = api.finish("head -c 40000000 /dev/zero > /dev/shm/x; for i in {1..150000}; do :; done", memory=256)
    assert run["exit_code"] == 0
    assert 38 <= run["max_memory_used"] <= 256
    assert 0.02 < run["cpu_seconds"] < 20 and 20 < run["max_cpu_used"] <= 2500, run
    assert f"{run['max_memory_used']} MiB of memory" in server.flotilla("status", run["run_id"]).stdout


def test_a_run_that_is_killed_from_outside_tells_what_is_known(api):
    run = api.start("exec sleep 1000")
    api.wait(run["run_id"], "RUNNING")
    api.stop(run)
    assert api.wait(run["run_id"])["max_memory_used"] >= 1
