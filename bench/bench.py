"""What the programs of this folder share: a server to measure, load, and looks at what a process costs."""
import argparse
import contextlib
import json
import os
import pathlib
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time

PROJECT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "tests/e2e"))

from server import Server  # noqa: E402 (found by the line above)

ROUNDS = 5
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
DONE = """
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "failed": %d}\\n', summary.requests,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.timeout + errors.status))
end
"""


def arguments(text, **more):
    """What the program was called with: nothing, or what `more` says of its words (as add_argument takes it). --help tells `text`."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    if more:
        parser.add_argument("words", nargs="*", **more)
    return parser.parse_args()


@contextlib.contextmanager
def running_server(**settings):
    """A server with an image `base`, whose only place for runs is taken: what is executed is queued and stays so."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended then, too
    with tempfile.TemporaryDirectory(prefix="flotilla-bench-") as folder:
        folder = pathlib.Path(folder)
        subprocess.run([PROJECT / "tests/support/base-image", folder / "root"], check=True)
        server = Server(folder, {"base": folder / "root"}, **{
            "clusters": "{default: {memory: 1024, max_running: 1}}", **settings})
        server.start()
        try:
            blocker = server.api.start("sleep infinity")
            server.api.wait(blocker["run_id"], "RUNNING")
            yield server
        finally:
            server.api.stop(blocker)
            server.api.wait(blocker["run_id"], "STOPPED", 30)
            server.kill()


def define_many(server, count):
    """Definitions of the usual size."""
    return [server.api.define("echo hello; sleep 1", image="base", tags=["nightly", "reports"], user="nobody",
                              env=[{"name": f"NAME_{i}", "value": f"value number {i}"} for i in range(4)],
                              group_name=f"team-{number % 5}") for number in range(count)]


class Wrk:
    """wrk(1) with a script of its own; it reports as `done` above says."""

    def __init__(self, script=""):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".lua")
        self.file.write(script + DONE)
        self.file.flush()

    def run(self, url, connections=64, seconds=3):
        command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "-s", self.file.name, url]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return json.loads(done.stdout.splitlines()[-1])


def cpu_seconds(process):
    """What the process has used so far: in all, and each of its threads by id."""
    threads = {}
    for stat in pathlib.Path(f"/proc/{process}/task").glob("*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            threads[stat.parent.name] = seconds_in(stat)
    return seconds_in(pathlib.Path(f"/proc/{process}/stat")), threads


def seconds_in(stat):
    fields = stat.read_text().rpartition(")")[2].split()  # a name may hold blanks
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def settle(quiet=0.1, look=0.2, longest=10):
    """Waits until the processors idle, so that nothing measured pays for what came before it: the kernel takes namespaces
    and cgroups apart when their processes are long gone. Not for ever: a machine may have other work."""
    end = time.monotonic() + longest
    busy = 1
    while busy > quiet and time.monotonic() < end:
        before = processor_seconds()
        time.sleep(look)
        worked, idled = (now - then for now, then in zip(processor_seconds(), before))
        busy = worked / (worked + idled)


def processor_seconds():
    """What all processors have worked and idled since the machine started."""
    values = [int(value) for value in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    idled = values[3] + values[4]  # `iowait` is idle time
    return (sum(values) - idled) / CLOCK_TICKS, idled / CLOCK_TICKS


def children_cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def resident_mebibytes(process):
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {process} has no memory")


def median(values):
    return statistics.median(list(values))
