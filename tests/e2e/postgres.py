"""A PostgreSQL of the tests' own."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from eventually import eventually

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "support/postgres"
PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")


class Postgres:
    """One server on a socket in a folder of its own. Its data outlive its process."""

    def __init__(self, *settings):
        # Not in a test's folder: only root may enter those.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="flotilla-postgres-", dir="/tmp"))
        self.settings = settings
        self.process = None
        self.count = 0

    def start(self):
        self.launch()
        eventually(self.is_ready, timeout=60, interval=0.02)
        return self

    def launch(self):
        self.process = subprocess.Popen([SCRIPT, self.folder, *self.settings], stdin=subprocess.DEVNULL)

    def standby(self):
        """Another server, started, that has what this one commits before the commit is answered."""
        other = Postgres(*self.settings)
        data = other.folder / "data"
        subprocess.run([PROGRAMS / "pg_basebackup", "-h", self.folder, "-U", "flotilla", "-D", data, "-R", "--checkpoint=fast"],
                       check=True, capture_output=True)
        for path in (data, *data.rglob("*")):
            shutil.chown(path, "postgres", "postgres")
        other.start()
        eventually(lambda: self.sql("SELECT count(*) FROM pg_stat_replication", "postgres") == "1")
        self.sql("ALTER SYSTEM SET synchronous_standby_names = '*'; SELECT pg_reload_conf()", "postgres")
        return other

    def is_ready(self):
        if self.process.poll() is not None:  # what an immediate stop left behind may still hold its memory
            self.launch()
        return subprocess.run([PROGRAMS / "pg_isready", "-q", "-h", self.folder], check=False).returncode == 0

    def stop(self, how=signal.SIGINT):
        """SIGINT: connections are ended and the data are put in order; SIGQUIT: at once, as by a crash."""
        self.process.send_signal(how)
        self.process.wait(timeout=60)
        self.process = None

    @contextlib.contextmanager
    def hanging(self):
        """It takes connections, as its host does that for it, and says nothing more."""
        def signal_all(number):
            children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            for pid in (self.process.pid, *map(int, children)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)

        signal_all(signal.SIGSTOP)
        try:
            yield
        finally:
            signal_all(signal.SIGCONT)

    def restart(self, how=signal.SIGQUIT):
        self.stop(how)
        self.start()

    def url(self, database):
        return f"postgresql://flotilla@/{database}?host={self.folder}"

    def new_database(self):
        """The connection string of an empty database."""
        self.count += 1
        name = f"flotilla_{os.getpid()}_{self.count}"
        self.sql(f"CREATE DATABASE {name}", "postgres")
        return self.url(name)

    def sql(self, statement, database_or_url):
        """What psql prints: a row a line, columns parted by |."""
        url = database_or_url if "://" in database_or_url else self.url(database_or_url)
        done = subprocess.run([PROGRAMS / "psql", "-XqtA", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"],
                              input=statement, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def close(self):
        if self.process:
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


class RemotePostgres(Postgres):
    """One that is reached by TCP, at an address of this host that no other has."""

    def __init__(self):
        pid = os.getpid()
        self.address = f"127.{64 + (pid >> 16)}.{pid >> 8 & 255}.{pid & 255}"
        super().__init__(f"listen_addresses={self.address}")

    def url(self, database):
        return f"postgresql://flotilla@{self.address}/{database}"

    @contextlib.contextmanager
    def unreachable(self):
        """Packets to it and from it are lost."""
        table = f"flotilla-test-{os.getpid()}"
        rules = (f"table ip {table} {{ chain lost {{ type filter hook output priority 0;"
                 f" ip daddr {self.address} drop; ip saddr {self.address} drop; }}; }}")
        subprocess.run(["nft", rules], check=True)
        try:
            yield
        finally:
            subprocess.run(["nft", "delete", "table", "ip", table], check=True)
