"""What every end-to-end test may ask for. They need root and the built binary (FLOTILLA_BINARY)."""
import os
import shutil
import signal
import subprocess

import pytest

pytest.register_assert_rewrite("api", "contract", "server")  # before they are imported: failures then show values

from docker_daemon import DockerDaemon
from fake_aws import FakeAws, ecs_settings
from oci import Image, tar_of_folder
from podman_service import PodmanService
from postgres import Postgres
from registry import Registry
from server import BINARY, ENGINE, PROJECT, STORE, Server


def pytest_sessionstart():
    if os.geteuid() != 0:
        raise pytest.UsageError("the end-to-end tests run containers: run them as root")
    if not BINARY.exists():
        raise pytest.UsageError(f"{BINARY} does not exist: build it, or name it by FLOTILLA_BINARY")
    # What a shell starts in the background ignores these, and so would the programs that the tests interrupt.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


# What is otherwise on Podman's service, and why; docs/operations.md lists it for operators.
DIFFERENT_ON_PODMAN = {
    "test_a_run_that_takes_too_much_memory_is_killed_and_said_to_be": "Podman never says that a process was killed at "
                                                                      "its memory limit",
    "test_a_job_begins_with_no_signal_blocked_or_ignored": "Podman's init leaves SIGTSTP, SIGTTIN and SIGTTOU blocked",
}


def pytest_collection_modifyitems(items):
    for test in items:
        if ENGINE == "podman" and test.name in DIFFERENT_ON_PODMAN:
            test.add_marker(pytest.mark.xfail(reason=DIFFERENT_ON_PODMAN[test.name], strict=True))


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """The folder of a test that passed is removed at its end: all of them are gigabytes."""
    report = (yield).get_result()
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    if call.when == "teardown" and not item.stash[FAILED] and "tmp_path" in item.funcargs:
        shutil.rmtree(item.funcargs["tmp_path"])


@pytest.fixture(scope="session", autouse=True)
def engine():
    """What servers run containers on (FLOTILLA_TEST_ENGINE)."""
    if ENGINE == "local":
        yield
        return
    Server.daemon = {"docker": DockerDaemon, "podman": PodmanService}[ENGINE]().start()
    yield
    Server.daemon.close()


@pytest.fixture(scope="session", autouse=True)
def store():
    """Where servers keep their data (FLOTILLA_TEST_STORE)."""
    if STORE != "postgres":
        yield
        return
    Server.postgres = Postgres().start()
    yield
    Server.postgres.close()


@pytest.fixture(scope="module")
def postgres():
    """A PostgreSQL server that the tests of a file share."""
    if Server.postgres:
        yield Server.postgres
        return
    made = Postgres().start()
    yield made
    made.close()


@pytest.fixture(scope="session")
def base_root(tmp_path_factory):
    """A small root file system with bash and the usual programs."""
    folder = tmp_path_factory.mktemp("base") / "root"
    subprocess.run([PROJECT / "tests/support/base-image", folder], check=True)
    return folder


@pytest.fixture(scope="session")
def base_layer(base_root):
    """The same as the bytes of a tar."""
    return tar_of_folder(base_root)


@pytest.fixture
def base_image(base_layer):
    """The start of an image: the base as its lowest layer."""
    return Image().layer(base_layer)


@pytest.fixture
def registry():
    """A registry on this machine."""
    made = Registry()
    yield made
    made.close()


@pytest.fixture
def make_server(tmp_path, base_root):
    """Makes servers that are the test's own; each is ended and looked after at its end."""
    servers = []

    def make(images=None, environment=None, **settings):
        folder = tmp_path / f"server{len(servers)}"
        folder.mkdir()
        server = Server(folder, {"base": base_root, **(images or {})}, environment, **settings)
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory, base_root):
    """A server that the tests of a file share; each test makes definitions of its own."""
    made = Server(tmp_path_factory.mktemp("server"), {"base": base_root, "debian:12": base_root})
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def narrow(tmp_path_factory, base_root):
    """A server on whose cluster `narrow` one run has room at a time."""
    made = Server(tmp_path_factory.mktemp("narrow"), {"base": base_root},
                  clusters="{default: {memory: 1024}, narrow: {memory: 1024, max_running: 1}}")
    made.start()
    yield made
    made.close()


@pytest.fixture
def api(server):
    return server.api


@pytest.fixture
def make_aws():
    accounts = []

    def make(**options):
        accounts.append(FakeAws(**options))
        return accounts[-1]

    yield make
    for aws in accounts:
        aws.close()


@pytest.fixture
def start_on(tmp_path):
    """Starts a server on an account."""
    servers = []

    def start(aws, environment=None, **settings):
        folder = tmp_path / f"server{len(servers)}"
        folder.mkdir()
        server = Server(folder, environment=environment or aws.environment(), **ecs_settings(**settings))
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.close()
