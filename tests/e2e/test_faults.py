"""What befalls a machine: its server is paused, its disk is full or fails, its clock is set. No run is lost, started twice
or ends as it should not."""
import contextlib
import glob
import os
import pathlib
import re
import signal
import subprocess

import counting
import pytest
from api import fetch
from eventually import eventually
from server import Server, processes_of

LACKING = re.compile(rb"\n\[flotilla: (\d+) bytes could not be written here\]\n")
BEGIN = b"+ set -e\n+ set +x\n"  # of a log
STORAGE_FAILS = ["--trace=fsync,fdatasync", "--inject=fsync,fdatasync:error=EIO"]


def refused(api, definition):
    """Whether a run was refused, for the reason that the database cannot store it; what it said then."""
    status, answer = api.request("PUT", f"/api/v4/task/{definition['definition_id']}/execute",
                                 {"run_tags": {"owner_id": "tester"}})
    assert status in (200, 503), answer
    return answer["error"] if status == 503 else None


def readiness(api, status):
    return eventually(lambda: (answer := api.get("/ready"))[0] == status and answer[1])


@pytest.fixture
def small_disk_server(tmp_path, base_root):
    """A server whose data folder has a disk of its own, which is small."""
    folder = tmp_path / "server"
    data = folder / "data"
    data.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", data], check=True)
    try:
        server = Server(folder, {"base": base_root})
        server.start()
        try:
            yield server
        finally:
            server.close()
    finally:
        subprocess.run(["umount", data], check=True)


@contextlib.contextmanager
def filled(folder):
    """Not a byte is free on its disk."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))
    try:
        yield
    finally:
        filler.unlink()


@contextlib.contextmanager
def failing_storage(server, log):
    """The kernel says of everything that the server wants to be on the disk that this failed."""
    tracer = subprocess.Popen(["strace", "--follow-forks", f"--attach={server.process.pid}", f"--output={log}",
                               *STORAGE_FAILS], stderr=subprocess.PIPE, text=True)
    try:
        assert "attached" in tracer.stderr.readline()
        yield
    finally:
        tracer.terminate()
        tracer.communicate(timeout=10)


def test_a_server_that_was_paused_goes_on_where_it_was(make_server):
    server = make_server(clusters="{default: {max_running: 6}}", **{"worker.status_interval": "1s"}).start()
    counted = counting.start(server.api, 5)  # and so the others wait for one place
    definition = server.api.define("set +x; echo once; sleep 0.2", memory=8)
    waiting = [server.api.execute(definition)["run_id"] for _ in range(20)]
    server.process.send_signal(signal.SIGSTOP)
    try:
        eventually(lambda: not processes_of(counted))
        other = server.flotilla("serve", "--config", server.config, check=False)
        assert other.returncode != 0 and "in use by another server" in other.stderr
    finally:
        server.process.send_signal(signal.SIGCONT)
    counting.assert_undisturbed(server.api, counted)
    for run_id in waiting:
        assert server.api.wait(run_id)["attempt_count"] == 1
        assert server.api.output(run_id) == ["once"]


def test_a_full_disk_refuses_new_runs_and_keeps_those_that_there_are(small_disk_server):
    api = small_disk_server.api
    known = api.define("true", memory=8)
    ended = api.finish("echo before")["run_id"]
    quiet = api.start("set +x; sleep 1; exit 5")["run_id"]
    loud = api.start("set +x; echo begin; sleep 1; seq 1 20000; exit 6")["run_id"]
    steady = api.start("set +x; trap 'exit 7' TERM; while :; do seq 1 1000; sleep 0.02; done")
    for run_id in (quiet, loud, steady["run_id"]):
        api.wait(run_id, "RUNNING")
    with filled(small_disk_server.data):
        assert "disk is full" in eventually(lambda: refused(api, known))
        assert "disk is full" in str(readiness(api, 503))
        eventually(lambda: not processes_of([quiet, loud]))
        assert api.output(ended) == ["before"], "what there is can be read"
    readiness(api, 200)
    assert api.wait(quiet)["exit_code"] == 5
    told = api.wait(loud)
    assert told["exit_code"] == 6 and "its log lacks" in told["exit_reason"]
    assert api.output(loud)[0] == "begin"
    assert_what_lacks_is_said(small_disk_server, steady)
    assert api.wait(api.execute(known)["run_id"])["exit_code"] == 0
    api.finish("true")


def log_after_a_full_disk(server, command):
    """The run, and its log, of a job that sleeps and ends while its disk is full, its log bounded to 2 MiB."""
    server.stop()
    server.configure(**{"run.log_limit": "2MiB"})
    run_id = server.start().api.start(command)["run_id"]
    sleeping = eventually(lambda: named("sleep", processes_of([run_id])))
    with filled(server.data):
        os.kill(sleeping, signal.SIGPIPE)  # of which a shell says nothing
        eventually(lambda: not processes_of([run_id]))
    return server.api.wait(run_id), log_of(server, run_id)


def test_the_end_of_a_log_that_waited_has_room_on_a_full_disk(small_disk_server):
    run, log = log_after_a_full_disk(
        small_disk_server, "set +x; seq 1 1000000; sleep 1000 || echo it broke; exit 6")
    assert "; the last line of its log: it broke" in run["exit_reason"]
    marker = rb"\n\[flotilla: log limit of 2097152 bytes reached, \d+ bytes are left out here\]\n"
    begin, end = re.split(marker, log)
    assert len(begin) == 1 << 20 and len(end) > 1_000_000, "whoever else writes may take a little of its room"
    assert b"\n1000000\n" in end and end.endswith(b"\nit broke\n")


def test_what_could_not_wait_for_the_end_of_a_log_is_said(small_disk_server):
    run, log = log_after_a_full_disk(
        small_disk_server, "set +x; seq 1 200000; sleep 1000 || seq 200001 230000; exit 7")
    printed = b"".join(b"%d\n" % number for number in range(1, 230001))
    there = LACKING.sub(b"", log.removeprefix(BEGIN))  # a notice at the end has no room as a rule
    lacking = len(printed) - len(there)
    assert printed.startswith(there) and 100_000 < lacking < 210_000
    assert run["exit_reason"].endswith(f"; its log lacks {lacking} bytes that could not be written")


def named(name, processes):
    """The one of the processes whose program is called so, if there is one."""
    return next((process for process in processes
                 if pathlib.Path(f"/proc/{process}/comm").read_text() == f"{name}\n"), None)


def assert_what_lacks_is_said(server, run):
    """A job that prints the numbers from 1 to 1,000 again and again: where some are missing its log says how many bytes."""
    eventually(lambda: LACKING.search(log_of(server, run["run_id"])))
    server.api.stop(run)
    server.api.wait(run["run_id"])
    first, *others = LACKING.split(log_of(server, run["run_id"]).removeprefix(BEGIN).removesuffix(b"Terminated\n"))
    lacking, parts = [int(number) for number in others[::2]], others[1::2]
    printed = b"".join(b"%d\n" % number for number in range(1, 1001)) * 10_000
    assert printed.startswith(first)
    at = len(first)
    for number, part in zip(lacking, parts):
        assert printed[at + number:].startswith(part)
        at += number + len(part)


def log_of(server, run_id):
    return fetch(server, f"/api/v1/{run_id}/logs?raw")[2]


def test_a_disk_that_fails_loses_and_repeats_nothing(make_server, tmp_path):
    server = make_server(**{"worker.status_interval": "1s"}).start()
    api = server.api
    definition = api.define("set +x; echo once; exit $CODE", memory=8)
    counted = counting.start(api, 5)

    def execute(number):
        body = {"run_tags": {"owner_id": "tester"}, "idempotence_key": f"key-{number}",
                "env": [{"name": "CODE", "value": str(number)}]}
        status, answer = api.request("PUT", f"/api/v4/task/{definition['definition_id']}/execute", body)
        assert status in (200, 503), answer
        return answer["run_id"] if status == 200 else None

    with failing_storage(server, tmp_path / "strace.log"):
        assert [execute(number) for number in range(10)] == [None] * 10
        assert "I/O error" in str(readiness(api, 503))
        eventually(lambda: not processes_of(counted))
    runs = [eventually(lambda number=number: execute(number)) for number in range(10)]
    counting.assert_undisturbed(api, counted)
    for number, run_id in enumerate(runs):
        assert api.wait(run_id)["exit_code"] == number
        assert api.output(run_id) == ["once"]
    assert api.ok("GET", f"/api/v1/task/{definition['definition_id']}/history")["total"] == 10
    server.kill()
    server.start()
    assert server.api.ok("GET", f"/api/v1/task/{definition['definition_id']}/history")["total"] == 10


def set_clock(server, by, told):
    """Sets the clock of the server alone, and waits until it has noticed."""
    begun = len(server.log_path.read_text())
    server.clock.write_text(by)
    eventually(lambda: f"the clock was set {told} by 3600" in server.log_path.read_text()[begun:])


@pytest.fixture
def server_with_clock(make_server, tmp_path):
    """A server whose clock can be set."""
    library, = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    clock = tmp_path / "clock"
    clock.write_text("+0")
    server = make_server(environment={"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(clock),
                                      "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
    server.clock = clock
    return server.start()


def test_an_hour_that_the_clock_leaves_out_is_not_counted(server_with_clock):
    api = server_with_clock.api
    patient = api.start("sleep 1000", timeout_seconds=600)["run_id"]
    api.wait(patient, "RUNNING")
    counted = counting.start(api, 3)
    set_clock(server_with_clock, "+3600", "forward")
    counting.assert_undisturbed(api, counted)
    assert api.run(patient)["status"] == "RUNNING"
    assert api.finish("exit 4")["exit_code"] == 4


def test_an_hour_that_the_clock_repeats_holds_nothing_up(server_with_clock):
    api = server_with_clock.api
    counted = counting.start(api, 3)
    again = api.start("exit 17", retry={"max_attempts": 2, "on": [17], "backoff_seconds": 3})["run_id"]
    hasty = api.start("sleep 1000", timeout_seconds=3)["run_id"]
    api.wait(hasty, "RUNNING")
    api.wait(again, "NEEDS_RETRY")
    set_clock(server_with_clock, "-3600", "back")
    assert api.wait(hasty)["exit_class"] == "timed_out"
    assert api.wait(again)["attempt_count"] == 2
    counting.assert_undisturbed(api, counted)
    assert api.finish("exit 4")["exit_code"] == 4
