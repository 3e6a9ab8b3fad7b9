"""The server dies at each of its crash points and comes back: nothing is lost and nothing is done twice. At each point with
the first kind of run that comes by there, each point beginning with another kind; or with every kind (tests/long/crash_points,
FLOTILLA_TEST_EVERY_KIND). On the build of the sanitizers, which has crash points."""
import dataclasses
import http.client
import os
import pathlib
import re
import shutil
import signal
import urllib.error
from concurrent.futures import ThreadPoolExecutor

from docker_daemon import DockerDaemon
from eventually import eventually
from server import PROJECT, Server

CRASHING = pathlib.Path(os.environ.get("FLOTILLA_CRASHING_BINARY", PROJECT / "build/asan/flotilla")).resolve()
LABELS = sorted({label for file in (PROJECT / "src").rglob("*.cpp")
                 for label in re.findall(r'crash_point\("([a-z_.]+)"\)', file.read_text())})
# The store is at its work all the time: it dies at one of its first commits after those of its start.
TIMES = {"store.before_commit": range(13, 20), "store.committed": range(13, 20), "news.before_store": range(1, 4),
         "news.stored": range(1, 4)}
EVERY_KIND = "FLOTILLA_TEST_EVERY_KIND" in os.environ
# A second attempt goes through these once more.
TWICE = re.compile(r"submit|local\.(folder|task|image|launch|retired|before)|end|docker\.(?!stop|end)")
PULLED = "the image of the registry"


@dataclasses.dataclass
class Kind:
    """A run, and how it ends."""
    definition: dict
    exit_class: str
    exit_codes: tuple  # any of them
    attempts: int = 1
    outputs: tuple = (["begun"],)  # of the last attempt: any of them


KINDS = {
    "pull": Kind({"command": "echo begun", "image": PULLED}, "completed", (0,)),
    "success": Kind({"command": "echo begun; sleep 0.2"}, "completed", (0,)),
    "failure": Kind({"command": "echo begun; exit 3"}, "job_failed", (3,)),
    "stop": Kind({"command": "echo begun; sleep 1000"}, "stopped_by_user", (143,)),
    # Stopped as soon as it is accepted: it may have begun, or never begins.
    "early stop": Kind({"command": "echo begun; sleep 1000"}, "stopped_by_user", (None, 137, 143),
                       outputs=(["begun"], [], [""])),
    "report": Kind({"command": "echo begun; sleep 1000"}, "job_failed", (7,)),
    "retry": Kind({"command": "echo begun; exit 17", "retry": {"max_attempts": 2, "on": [17], "backoff_seconds": 0}},
                  "job_failed", (17,), attempts=2),
    "timeout": Kind({"command": "echo begun; sleep 1000", "timeout_seconds": 1}, "timed_out", (143,)),
    "deaf": Kind({"command": "trap '' TERM; echo begun; sleep 1000", "timeout_seconds": 1}, "timed_out", (137,)),
    "rejected": Kind({"command": "echo begun", "user": "nobody-of-this-name"}, "rejected", (None,), outputs=([""],)),
}


class CrashingServer(Server):
    binary = CRASHING

    def has_died(self):
        return self.process.poll() is not None

    def start_again(self):
        assert self.process.wait() == -signal.SIGKILL
        del self.environment["FLOTILLA_CRASH_AT"]
        self.start()


def persistently(server, call):
    """Calls until an answer comes, over the death and return of the server, as a client does that has no other way."""
    while True:
        try:
            return call(server.api)
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError):
            eventually(server.has_died)
            server.start_again()


def live(server, name, kind):
    """Has a run of that kind live and end while the server dies once. Says whether it died."""
    try:
        server.start()
    except (AssertionError, urllib.error.URLError, ConnectionError):
        server.start_again()
    known = persistently(server, lambda api: api.define(**kind.definition))
    # Calls whose answer was lost are sent again.
    run = persistently(server, lambda api: api.execute(known, idempotence_key="once"))["run_id"]

    def ends():
        if name in ("stop", "report"):
            persistently(server, lambda api: api.wait(run, "RUNNING"))
        if name in ("stop", "early stop"):
            persistently(server, lambda api: api.stop({"definition_id": known["definition_id"], "run_id": run}))
        if name == "report":
            report = {"status": "STOPPED", "exit_code": 7}
            persistently(server, lambda api: api.ok("PUT", f"/api/v1/{run}/status", report))
        return persistently(server, lambda api: api.wait(run, timeout=30))

    def nothing_is_left():
        if server.has_died():
            server.start_again()
        return not [*server.data.glob("runs/[0-9a-f]*"), *server.data.glob("docker/default/*")]

    ends()
    eventually(nothing_is_left, timeout=30)
    ended = persistently(server, lambda api: api.wait(run))
    assert (ended["exit_class"], ended["attempt_count"]) == (kind.exit_class, kind.attempts), ended
    assert ended.get("exit_code") in kind.exit_codes, ended
    assert persistently(server, lambda api: api.output(run)) in kind.outputs, "it was started once"
    assert [attempt["number"] for attempt in ended["attempts"]] == list(range(1, kind.attempts + 1))
    runs = persistently(server, lambda api: api.ok("GET", f"/api/v1/task/{known['definition_id']}/history"))
    assert runs["total"] == 1
    if server.has_died():
        server.start_again()
    return "FLOTILLA_CRASH_AT" not in server.environment


def lived(folder, images, daemon, image, point, name):
    """What became of it: whether the server died, or what went wrong."""
    folder.mkdir()
    network = "private" if name == "success" else "host"  # the kernel takes its time to end networks
    server = CrashingServer(folder, images, daemon=daemon, clusters=f"{{default: {{network: {network}}}}}", **{
        "worker.status_interval": "1s", "images.insecure_registries": f"[{image.partition('/')[0]}]"})
    server.environment["FLOTILLA_CRASH_AT"] = point
    kind = KINDS[name]
    if kind.definition.get("image") == PULLED:
        kind = dataclasses.replace(kind, definition={**kind.definition, "image": image})
    try:
        try:
            died = live(server, name, kind)
        finally:
            server.close()  # and nothing of the run is left
        shutil.rmtree(folder)
        return died
    except Exception as error:  # one of hundreds: told with the others
        return f"{point}, {name}: {error!r}\n{server.log_path.read_text()[-2000:]}"


def try_all(folder, labels, images, image, daemon=None):
    """Runs with a death at each of the labels."""
    assert CRASHING.exists(), f"{CRASHING} is not there: tools/build asan flotilla"
    points = [label if label not in TIMES else f"{label}:{time}" for label in labels for time in TIMES.get(label, [1])]
    second_points = [f"{label}:2" for label in labels if TWICE.match(label)]

    def deaths_at(point, names):
        """How many died there, and what went wrong."""
        count, failures = 0, []
        for name in names:
            outcome = lived(folder / re.sub("[: ]", "-", f"{point}-{name}"), images, daemon, image, point, name)
            if isinstance(outcome, str):
                failures.append(outcome)
            elif outcome:
                count += 1
                if not EVERY_KIND:
                    break
        return count, failures

    names = list(KINDS)
    cases = [(point, names[turn % len(names):] + names[:turn % len(names)]) for turn, point in enumerate(points)]
    cases += [(point, ["retry"]) for point in second_points]
    with ThreadPoolExecutor(6) as threads:
        outcomes = list(threads.map(lambda case: deaths_at(*case), cases))
    failures = [failure for _, failures in outcomes for failure in failures]
    assert not failures, f"{len(failures)} went wrong:\n" + "\n".join(failures)
    unreached = [point for (point, _), (count, _) in zip(cases, outcomes) if count == 0]
    assert not unreached, "no kind of run comes by there"


def test_the_server_may_die_at_any_of_its_steps(tmp_path, base_root, registry, base_image):
    try_all(tmp_path, [label for label in LABELS if not label.startswith(("docker.", "ecs.", "sqs."))], {"base": base_root},
            registry.push("team/tool", "1", base_image))


def test_it_may_die_at_any_step_of_its_docker_engine(tmp_path, base_root, registry, base_image):
    daemon = DockerDaemon().start()
    try:
        daemon.import_image("base", base_root)
        try_all(tmp_path, [label for label in LABELS if label.startswith("docker.")], {},
                registry.push("team/tool", "1", base_image), daemon)
    finally:
        daemon.close()
