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

# What runs the containers of every server that does not say otherwise: `local`, or `docker` or `podman` on a daemon of
# the tests'.
ENGINE = os.environ.get("FLOTILLA_TEST_ENGINE", "local")

# Where every server that does not say otherwise keeps its data: `sqlite`, or `postgres` on a server of the tests'.
STORE = os.environ.get("FLOTILLA_TEST_STORE", "sqlite")

UUID_LENGTH = 36

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

    binary = BINARY
    daemon = None  # where its containers run, if that is a DockerDaemon
    postgres = None  # where its data are, if that is a Postgres

    def __init__(self, folder, images=None, environment=None, daemon=None, **settings):
        self.folder = folder
        self.daemon = daemon or self.daemon
        self.data = folder / "data"
        self.log_path = folder / "server.log"
        self.database = {"database_url": self.postgres.new_database()} if self.postgres else {}
        self.configure(**settings)
        docker = {"DOCKER_HOST": self.daemon.host} if self.daemon else {}
        self.environment = clean_environment(**docker, **(environment or {}))
        self.process = None
        self.address = None
        self.api = None
        self.token = None
        for name, path in (images or {}).items():
            self.import_image(name, path)

    def import_image(self, name, path):
        if self.daemon:
            self.daemon.import_image(name, path)
        else:
            self.flotilla("image", "import", name, path, "--config", self.config)

    def configure(self, **settings):
        """Writes its configuration anew; the next start reads it."""
        engine = {"execution_engine": "docker", "clusters": "{default: {network: host}}"} if self.daemon else {}
        self.config = write_config(self.folder / "conf", {**DEFAULTS, "data_dir": self.data, **engine, **self.database, **settings})

    def start(self):
        """Starts it and waits until it answers."""
        offset = self.log_path.stat().st_size if self.log_path.exists() else 0
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "serve", "--config", self.config], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment, cwd=self.folder)

        def listening():
            assert self.process.poll() is None, self.log_path.read_text()
            return re.search(r"listening on (?:127\.0\.0\.1)?(:\d+)", self.log_path.read_text()[offset:])

        self.address = f"127.0.0.1{eventually(listening, interval=0.005).group(1)}"
        self.api = Api(self.address, self.token)
        eventually(lambda: self.api.get("/health")[0] == 200)
        return self

    def use_token(self, name):
        """Makes a token for `name`, speaks to the server by it from now on, and returns it."""
        self.token = self.flotilla("token", "new", name, "--config", self.config).stdout.strip()
        if self.address:
            self.api = Api(self.address, self.token)
        return self.token

    def stop(self, with_signal=signal.SIGTERM, within=10):
        """Ends it as a supervisor does; it has so many seconds."""
        begin = time.monotonic()
        self.process.send_signal(with_signal)
        try:
            status = self.process.wait(timeout=max(within, 10))
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        took = time.monotonic() - begin
        self.process = None
        assert status == 0, self.log_path.read_text()
        assert took < within, f"took {took:.1f} s"

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
        runs = []
        try:
            if self.process is not None:
                self.end_all_runs()
                runs = [run["run_id"] for run in self.api.ok("GET", "/api/v1/history?limit=10000")["history"]]
                eventually(lambda: not cgroups_of(runs, self.daemon))
                self.stop()
                assert processes_of(runs, self.daemon) == [] and self.mounts() == []
                assert self.rules not in subprocess.run(["nft", "list", "tables"], capture_output=True, text=True).stdout
        finally:
            if self.process is not None:
                self.kill()
            for process in processes_of(runs or self.run_ids_on_disk(), self.daemon):
                os.kill(process, signal.SIGKILL)
            # A server that was killed leaves its rules to the next one of its data folder.
            subprocess.run(["nft", "delete", "table", "inet", self.rules], stderr=subprocess.DEVNULL, check=False)

    @property
    def rules(self):
        """The table of nftables with what its private networks may reach."""
        number = 2166136261
        for byte in str(self.data.resolve()).encode():
            number = (number ^ byte) * 16777619 & 0xFFFFFFFF
        return f"flotilla_{number:08x}"

    @property
    def proc(self):
        """What the kernel tells of its process."""
        return pathlib.Path("/proc", str(self.process.pid))

    def run_ids_on_disk(self):
        return [folder.name[:UUID_LENGTH] for pattern in ("runs/*", "docker/*/*") for folder in self.data.glob(pattern)]

    def mounts(self):
        """Mounts below the data folder that this machine's own processes see."""
        lines = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
        return [line for line in lines if f"{self.data}/" in line]

    def flotilla(self, *arguments, check=True, **options):
        """The command line, pointed at this server."""
        variables = {"FLOTILLA_SERVER": f"http://{self.address}"} if self.address else {}
        if self.token:
            variables["FLOTILLA_TOKEN"] = self.token
        options.setdefault("env", {**self.environment, **variables})
        return flotilla(*arguments, check=check, **options)


def contents_below(folder):
    """Every file below a folder with its bytes, while runs and their folders come and go."""
    for parent, _, names in os.walk(folder):
        for path in (pathlib.Path(parent, name) for name in names):
            try:
                if path.is_file() and not path.is_symlink():
                    yield path, path.read_bytes()
            except FileNotFoundError:
                pass  # a run has ended meanwhile


def cgroups_of(run_ids, daemon=None):
    """The folders of cgroups that are named after one of the runs, or after its container."""
    wanted = set(run_ids)
    daemon = daemon or Server.daemon
    if daemon:
        wanted.update(container["Id"] for container in daemon.containers()
                      if container["Labels"].get("flotilla.run_id") in run_ids)
    return [
        pathlib.Path(parent, name)
        for parent, names, _ in os.walk("/sys/fs/cgroup")
        for name in names
        if name[:UUID_LENGTH] in wanted or name.removeprefix("libpod-") in wanted
    ]


def processes_of(run_ids, daemon=None):
    """The ids of processes in the runs' cgroups."""
    found = set()
    for cgroup in cgroups_of(run_ids, daemon):
        try:
            found.update(int(process) for process in (cgroup / "cgroup.procs").read_text().split())
        except OSError:
            pass  # it was removed meanwhile, so it was empty
    return sorted(found)
