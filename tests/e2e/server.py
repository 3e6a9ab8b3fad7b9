"""The real binary, started as a user starts it."""
import os
import pathlib
import re
import signal
import subprocess
import time

from api import Api
from eventually import eventually

PROJECT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("FLOTILLA_BINARY", PROJECT / "build/release/flotilla")).resolve()

DEFAULTS = {
    "http.server.listen_address": "127.0.0.1:0",
    "run.stop_grace": "1s",
}


def write_config(folder, settings):
    """A configuration folder whose file holds the settings, names dotted, values as YAML."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{name}: {value}\n" for name, value in settings.items()]
    (folder / "config.yml").write_text("".join(lines))
    return folder


def clean_environment(**variables):
    """This process's environment without what would configure a server, plus `variables`."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return {**kept, **variables}


def flotilla(*arguments, check=True, **options):
    """Runs the command line to its end."""
    options.setdefault("env", clean_environment())
    options.setdefault("timeout", 60)
    result = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, **options)
    assert not check or result.returncode == 0, result
    return result


class Server:
    """One server with its own configuration and data folder, which outlive its process."""

    def __init__(self, folder, images=None, environment=None, **settings):
        self.folder = folder
        self.data = folder / "data"
        self.log_path = folder / "server.log"
        self.config = write_config(folder / "conf", {**DEFAULTS, "data_dir": self.data, **settings})
        self.environment = clean_environment(**(environment or {}))
        self.process = None
        self.address = None
        self.api = None
        for name, path in (images or {}).items():
            self.flotilla("image", "import", name, path, "--config", self.config)

    def start(self):
        """Starts it and waits until it answers."""
        offset = self.log_path.stat().st_size if self.log_path.exists() else 0
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "serve", "--config", self.config], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment, cwd=self.folder)

        def listening():
            assert self.process.poll() is None, self.log_path.read_text()
            return re.search(r"listening on (127\.0\.0\.1:\d+)", self.log_path.read_text()[offset:])

        self.address = eventually(listening, interval=0.005).group(1)
        self.api = Api(self.address)
        eventually(lambda: self.api.get("/health")[0] == 200)
        return self

    def stop(self, with_signal=signal.SIGTERM):
        """Ends it as a supervisor does; it has two seconds."""
        begin = time.monotonic()
        self.process.send_signal(with_signal)
        try:
            status = self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        took = time.monotonic() - begin
        self.process = None
        assert status == 0, self.log_path.read_text()
        assert took < 2, f"took {took:.1f} s"

    def kill(self):
        """Ends it with no warning."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def end_all_runs(self):
        """Stops every run that is alive and waits for its end."""
        live = "/api/v1/history?status=QUEUED&status=PENDING&status=RUNNING&status=NEEDS_RETRY&limit=10000"
        for run in self.api.ok("GET", live)["history"]:
            self.api.stop(run)
        eventually(lambda: self.api.ok("GET", live)["total"] == 0)

    def close(self):
        """Ends everything and makes sure that nothing of it is left on this machine."""
        if self.process is None:
            return
        self.end_all_runs()
        eventually(lambda: not self.leftovers())
        runs = [run["run_id"] for run in self.api.ok("GET", "/api/v1/history?limit=10000")["history"]]
        self.stop()
        assert not self.leftovers()
        assert not left_cgroups(runs)

    def leftovers(self):
        """Processes that see a mount made from the data folder, with one such mount each; the server aside."""
        found = {}
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                mounts = (process / "mountinfo").read_text()
            except OSError:
                continue  # it ended
            if self.process is not None and process.name == str(self.process.pid):
                continue
            for line in mounts.splitlines():
                if f"{self.data}/" in line:
                    found[process.name] = line
        return found

    def flotilla(self, *arguments, check=True, **options):
        """The command line, pointed at this server."""
        variables = {"FLOTILLA_SERVER": f"http://{self.address}"} if self.address else {}
        options.setdefault("env", {**self.environment, **variables})
        return flotilla(*arguments, check=check, **options)


def left_cgroups(run_ids):
    """Cgroups that are named after one of the runs."""
    wanted = set(run_ids)
    return [
        os.path.join(parent, name)
        for parent, names, _ in os.walk("/sys/fs/cgroup")
        for name in names
        if any(part in wanted for part in re.split(r"[./]", name))
    ]
