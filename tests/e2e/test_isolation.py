"""What a container keeps from a job: one program tries it in ours and in Docker's, both as they are by default, side by
side on a machine of their own. The table in docs/security.md is what it found; FLOTILLA_WRITE_TABLE=1 writes it."""
import contextlib
import ctypes
import os
import re
import socket
import subprocess

import pytest

from docker_daemon import DockerDaemon
from eventually import eventually
from host_network import LIBC, answer_of, connect_machines, listener, machine_without_network, network_of
from oci import Image, tar_of_files
from server import BINARY, ENGINE, PROJECT, Server, processes_of

DOCUMENT = PROJECT / "docs/security.md"
TABLE = re.compile(r"(?<=<!-- probes -->\n).*?(?=<!-- end of probes -->)", re.DOTALL)
METADATA = "169.254.169.254"
MEMORY = 512  # MiB of each container of ours

pytestmark = pytest.mark.skipif(ENGINE != "local", reason="it has both engines itself")


@contextlib.contextmanager
def shared_memory():
    """The key of a segment of this machine."""
    key = 0x466C6F74
    segment = LIBC.shmget(key, 4096, 0o1666)
    assert segment >= 0, ctypes.get_errno()
    try:
        yield key
    finally:
        LIBC.shmctl(segment, 0, None)


@pytest.fixture(scope="module")
def world(tmp_path_factory, base_layer):
    """A machine with dockerd and a server, and the network outside of it."""
    probe = (BINARY.parent / "flotilla-probe").read_bytes()
    image = Image().layer(base_layer).layer(tar_of_files({"probe": probe, "probe-setuid": (probe, 0o4755)})).write(
        tmp_path_factory.mktemp("image"))
    with contextlib.ExitStack() as stack:
        outside = stack.enter_context(machine_without_network())
        daemon = DockerDaemon(has_own_host=True)
        stack.callback(daemon.close)
        daemon.start()
        host = daemon.process.pid
        connect_machines(host, outside, [METADATA])
        daemon.import_image("probe", image)
        with network_of(host):
            server = Server(tmp_path_factory.mktemp("isolation"), {"probe": image},
                            clusters="{default: {memory: 4096}}", **{"run.pids_limit": 1000}).start()
        stack.callback(in_network_of(host, server.close))
        yield World(host, outside, daemon, server)


def in_network_of(process, call):
    def calling():
        with network_of(process):
            call()
    return calling


class World:
    def __init__(self, host, outside, daemon, server):
        self.host, self.outside, self.daemon, self.server = host, outside, daemon, server

    def run_here(self, command, env):
        with network_of(self.host):
            api = self.server.api
            run = api.finish(f"set +xe; {command}", image="probe", memory=MEMORY,
                             env=[{"name": name, "value": value} for name, value in env.items()])
            assert run["exit_code"] == 0, run
            return "\n".join(api.output(run["run_id"]))

    def run_in_docker(self, command, env):
        variables = [option for name, value in env.items() for option in ("--env", f"{name}={value}")]
        done = subprocess.run(["docker", "--host", self.daemon.host, "run", "--rm", *variables, "probe", "bash", "-c", command],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done
        return done.stdout


def verdicts(output):
    return dict(line.split("\t") for line in output.splitlines() if "\t" in line)


def table_of(ours, dockers):
    lines = ["| a job tries to | here | Docker |", "|---|---|---|"]
    lines += [f"| {name} | {verdict} | {dockers[name]} |" for name, verdict in ours.items()]
    return "\n".join(lines) + "\n"


def test_a_job_can_do_nothing_that_dockers_default_refuses(world, tmp_path):
    host_file = tmp_path / "of-the-host"
    host_file.write_text("secret\n")
    with contextlib.ExitStack() as stack:
        with network_of(world.host):
            on_loopback = stack.enter_context(listener("127.0.0.1"))
            on_all = stack.enter_context(listener("10.99.0.1"))
            abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
            abstract.bind(f"\0flotilla-probe-{os.getpid()}")
            abstract.listen()
        with network_of(world.outside):
            metadata = stack.enter_context(listener(METADATA))
            out = stack.enter_context(listener("10.99.0.2"))
        segment = stack.enter_context(shared_memory())
        server_port = world.server.address.rpartition(":")[2]
        addresses = {
            "the network outside": f"10.99.0.2:{out}",
            "the server": f"127.0.0.1:{server_port}",
            "what listens on the host's loopback": f"127.0.0.1:{on_loopback}",
            "what listens on another address of the host": f"10.99.0.1:{on_all}",
            "the metadata address of a cloud": f"{METADATA}:{metadata}",
        }
        env = {
            "PROBE_HOST_FILE": str(host_file), "PROBE_HOST_SEGMENT": str(segment),
            "PROBE_HOST_SOCKET": f"flotilla-probe-{os.getpid()}",
            "PROBE_ADDRESSES": ";".join(f"{name}={address}" for name, address in addresses.items()),
            "PROBE_PROCESSES": "1500", "PROBE_MEMORY": str(2 * MEMORY << 20),
        }
        ours = verdicts(world.run_here("/probe; true", env))
        dockers = verdicts(world.run_in_docker("/probe; true", env))
    assert ours.keys() == dockers.keys() and len(ours) > 60
    weaker = [name for name in ours if ours[name] == "yes" and dockers[name] != "yes"]
    assert weaker == []
    assert [name for name in ours if ours[name] == "yes"] == ["reach the network outside"]
    if os.environ.get("FLOTILLA_WRITE_TABLE"):
        DOCUMENT.write_text(TABLE.sub(table_of(ours, dockers), DOCUMENT.read_text()))
    # How a thing is refused, and what Docker allows, is another kernel's and another daemon's to say.
    told = [line.split(" | ")[0].removeprefix("| ") for line in TABLE.search(DOCUMENT.read_text())[0].splitlines()[2:]]
    assert told == list(ours), "docs/security.md has another table: FLOTILLA_WRITE_TABLE=1 writes it"


def test_a_run_goes_out_by_the_hosts_address_and_its_ports_are_the_hosts(world):
    with network_of(world.outside), listener("10.99.0.2") as out, network_of(world.host):
        api = world.server.api
        run = api.finish(f"set +x; cat < /dev/tcp/10.99.0.2/{out}; head -n 1 /proc/net/fib_trie | wc -l", image="probe")
        assert api.output(run["run_id"]) == ["10.99.0.1", "1"]
        with listener() as taken:
            refused = api.finish("true", image="probe", ports=[taken])
            assert refused["exit_class"] == "start_failed" and f"port {taken} of this host" in refused["exit_reason"]


def test_a_port_leads_to_its_run_also_when_the_server_was_killed(world):
    with network_of(world.host):
        api = world.server.api
        run = api.start("exec sleep 1000", image="probe", ports=[8123])["run_id"]
        api.wait(run, "RUNNING")
        process = processes_of([run])[-1]
    with network_of(process), listener(port=8123):
        for _ in range(2):
            with network_of(world.host):
                assert answer_of("127.0.0.1", 8123) == "10.87.0.1"
                assert answer_of("10.99.0.1", 8123)
            with network_of(world.outside):
                assert answer_of("10.99.0.1", 8123) == "10.99.0.2"
            with network_of(world.host):
                world.server.kill()
                world.server.start()
    with network_of(world.host):
        api = world.server.api
        assert api.run(run)["status"] == "RUNNING"
        assert "address already in use" in str(pytest.raises(OSError, socket.create_server, ("", 8123)).value).lower()
        api.stop(api.run(run))
        api.wait(run)
        eventually(lambda: pytest.raises(OSError, answer_of, "127.0.0.1", 8123))


def test_nothing_of_a_network_is_left_when_the_last_run_has_ended(world):
    def left():
        links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
        tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True).stdout
        return [line for line in (links + tables).splitlines() if "flt" in line or "flotilla_" in line]

    with network_of(world.host):
        world.server.end_all_runs()
        assert left()
        world.server.stop()
        eventually(lambda: not left())
        world.server.start()


def test_a_host_that_cannot_have_private_networks_is_said_with_the_way_out(make_server, tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    server = make_server()
    done = subprocess.run([BINARY, "serve", "--config", server.config], env={"PATH": str(programs), "HOME": str(tmp_path)},
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert ("cannot give the runs of cluster default private networks: the program nft is missing (Debian: apt install "
            "nftables); mend that, or say clusters: {default: {network: host}}") in done.stderr
