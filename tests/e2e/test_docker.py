"""Runs by a Docker daemon that dies, comes back and hangs."""
import json
import os
import socket
import subprocess
import sys

import pytest

from api import fetch
from docker_daemon import DockerDaemon
from eventually import eventually
from server import processes_of
from test_image_check import PASSWORD, USER, basic, guarded_registry, write_auth  # noqa: F401  (a fixture among them)

COUNTING = "set +x; for i in $(seq 1 40); do echo line $i; sleep 0.1; done; exit 4"
COUNTED = [f"line {number}" for number in range(1, 41)]


@pytest.fixture
def make_daemon():
    """Makes daemons that are the test's own."""
    daemons = []

    def make(*options, **surroundings):
        daemons.append(DockerDaemon(*options, **surroundings).start())
        return daemons[-1]

    yield make
    for daemon in daemons:
        daemon.close()


@pytest.fixture
def make_docker_server(make_daemon, make_server):
    """Makes a server on a daemon of its own."""

    def make(*options, **settings):
        return make_server(daemon=make_daemon(*options), **settings).start()

    return make


def load(api, counting=COUNTING):
    """Ten jobs that count for four seconds or more, and twenty that wait for their turn or start at this moment."""
    counting = [api.start(counting, memory=16)["run_id"] for _ in range(10)]
    for run_id in counting:
        api.wait(run_id, "RUNNING", timeout=30)
    definition = api.define("set +x; echo short", memory=16)
    return counting, [api.execute(definition)["run_id"] for _ in range(20)]


def assert_counted_but_for_what_the_daemon_held(output):
    """A daemon that is killed has lines in its hands at that moment, which nobody ever sees again."""
    assert [line for line in COUNTED if line in output] == output and len(output) >= len(COUNTED) - 2, output


def assert_none_started_twice(api, runs):
    for run_id in runs:
        for attempt in range(1, api.run(run_id)["attempt_count"] + 1):
            log = api.ok("GET", f"/api/v1/{run_id}/logs?attempt={attempt}")["log"]
            assert log.count("short") <= 1 and log.count("line 1\n") <= 1, (run_id, attempt, log)


def test_jobs_go_on_when_a_daemon_with_live_restore_is_killed(make_docker_server):
    server = make_docker_server("--live-restore")
    api = server.api
    counting, short = load(api)
    server.daemon.kill()
    server.daemon.start()
    for run_id in counting:
        run = api.wait(run_id, timeout=60)
        assert (run["exit_code"], run["attempt_count"]) == (4, 1), run
        assert_counted_but_for_what_the_daemon_held(api.output(run_id))
    for run_id in short:
        run = api.wait(run_id, timeout=60)
        assert run["exit_class"] in ("completed", "host_lost"), json.dumps(run)
    assert_none_started_twice(api, counting + short)
    eventually(lambda: server.daemon.containers() == [])


@pytest.mark.parametrize("end", [DockerDaemon.kill, DockerDaemon.stop])
def test_without_live_restore_jobs_end_with_their_daemon_and_say_so(make_docker_server, end):
    server = make_docker_server()
    api = server.api
    counting, short = load(api, COUNTING.replace("exit 4", "sleep 1000"))  # they outlive a dockerd that is killed
    end(server.daemon)
    server.daemon.start()
    for run_id in counting:
        run = api.wait(run_id, timeout=60)
        assert run["exit_class"] == "host_lost" and run["exit_reason"], run
    for run_id in short:
        run = api.wait(run_id, timeout=60)
        assert run["exit_class"] in ("completed", "host_lost"), json.dumps(run)
    assert api.finish("exit 5")["exit_code"] == 5
    assert_none_started_twice(api, counting + short)
    eventually(lambda: server.daemon.containers() == [])


@pytest.mark.parametrize("end", [DockerDaemon.kill, DockerDaemon.stop])
def test_without_live_restore_jobs_end_with_their_daemon_though_the_server_was_away(make_docker_server, end):
    server = make_docker_server()
    runs = [server.api.start("exec sleep 1000")["run_id"] for _ in range(3)]
    for run_id in runs:
        server.api.wait(run_id, "RUNNING")
    server.kill()
    end(server.daemon)
    server.daemon.start()
    server.start()
    for run_id in runs:
        assert server.api.wait(run_id, timeout=30)["exit_class"] == "host_lost"


def test_an_exit_code_stays_the_jobs_when_its_daemon_only_hung(make_docker_server):
    server = make_docker_server()
    run_id = server.api.start("sleep 2; exit 255")["run_id"]
    server.api.wait(run_id, "RUNNING")
    server.daemon.hang()
    eventually(lambda: server.api.get("/ready")[0] == 503)
    server.daemon.go_on()
    run = server.api.wait(run_id, timeout=30)
    assert (run["exit_class"], run["exit_code"]) == ("job_failed", 255), run


def test_jobs_outlive_a_server_whose_daemon_goes_away_meanwhile(make_docker_server):
    server = make_docker_server("--live-restore")
    run_id = server.api.start(COUNTING)["run_id"]
    server.api.wait(run_id, "RUNNING")
    server.kill()
    server.daemon.kill()
    server.start()  # a server starts without its daemon, too
    assert server.api.run(run_id)["status"] == "RUNNING"
    assert server.api.get("/ready")[0] == 503
    server.daemon.start()
    assert server.api.wait(run_id, timeout=30)["exit_code"] == 4
    assert_counted_but_for_what_the_daemon_held(server.api.output(run_id))


def test_a_daemon_that_hangs_holds_up_its_own_cluster_alone(make_docker_server, base_root):
    server = make_docker_server(clusters="{default: {max_running: 1}, other: {engine: local}}")
    server.flotilla("image", "import", "base", base_root, "--config", server.config)
    api = server.api
    counting = api.start(COUNTING)["run_id"]
    api.wait(counting, "RUNNING")
    waiting = api.start("echo later")["run_id"]
    server.daemon.hang()
    try:
        assert api.wait(api.start("exit 6", run={"cluster": "other"})["run_id"])["exit_code"] == 6
        assert api.run(counting)["status"] == "RUNNING"
        assert api.stop(api.run(counting))[0] == 200
        eventually(lambda: "default" in str(api.get("/ready")[1]), timeout=10)
        assert api.run(waiting)["status"] == "QUEUED"
    finally:
        server.daemon.go_on()
    assert api.wait(waiting, timeout=60)["exit_code"] == 0
    assert api.wait(counting, timeout=30)["exit_class"] == "stopped_by_user"


def test_a_server_ends_in_time_though_its_daemon_hangs(make_docker_server):
    server = make_docker_server()
    run_id = server.api.start(COUNTING)["run_id"]
    server.api.wait(run_id, "RUNNING")
    server.daemon.hang()
    try:
        server.stop(within=2)
    finally:
        server.daemon.go_on()
    server.start()
    assert server.api.wait(run_id, timeout=30)["exit_code"] == 4
    assert server.api.output(run_id) == COUNTED


def test_the_log_of_a_job_that_writes_faster_than_its_daemon_gives_is_whole(make_docker_server):
    server = make_docker_server()
    run = server.api.finish("set +x; seq 1 400000", timeout=60)
    is_whole = fetch(server, f"/api/v1/{run['run_id']}/logs?raw")[2] == b"+ set -e\n+ set +x\n" + b"".join(
        b"%d\n" % number for number in range(1, 400001))
    assert is_whole
    assert "the stream of its log has not" not in server.log_path.read_text()


def said_at_start(server):
    """What a server says that does not start."""
    failed = server.flotilla("serve", "--config", server.config, check=False, timeout=20)
    assert failed.returncode == 1, failed
    return failed.stderr.splitlines()[-1]


def test_a_cluster_keeps_its_daemon_while_it_has_runs_there(make_docker_server, make_daemon):
    server = make_docker_server()
    run_id = server.api.start("sleep 1000")["run_id"]
    server.api.wait(run_id, "RUNNING")
    server.kill()
    elsewhere = f"{{default: {{host: '{make_daemon().host}'}}}}"
    server.configure(clusters=elsewhere)
    said = said_at_start(server)
    assert f"its Docker daemon was {server.daemon.host} and is now" in said and "1 of its runs" in said, said
    server.configure(execution_engine="local", clusters="{default: {}}")
    said = said_at_start(server)
    assert "its engine was docker and is now local, but 1 of its runs are still alive" in said, said
    server.configure()
    server.start()
    assert server.api.run(run_id)["status"] == "RUNNING"
    server.api.stop(server.api.run(run_id))
    server.api.wait(run_id)
    eventually(lambda: not list((server.data / "docker/default").iterdir()))
    server.stop()
    server.configure(clusters=elsewhere)
    server.start()


def test_a_container_that_is_removed_from_outside_is_a_lost_job(make_docker_server):
    server = make_docker_server()
    run_id = server.api.start("sleep 1000")["run_id"]
    server.api.wait(run_id, "RUNNING")
    assert server.daemon.ask("DELETE", f"/containers/flotilla-{run_id}.1?force=1")[0] == 204
    run = server.api.wait(run_id)
    # What was seen of it first: that it was killed, or that it is no more.
    assert (run["exit_class"], run.get("exit_code")) in (("job_failed", 137), ("host_lost", None))
    assert processes_of([run_id], server.daemon) == []


def test_a_daemon_pulls_with_the_credentials_of_docker_auth(
        make_docker_server, guarded_registry, tmp_path):  # noqa: F811
    server = make_docker_server(docker_auth=write_auth(tmp_path / "auth", basic(guarded_registry)))
    run = server.api.finish("echo ran", image=guarded_registry)
    assert run["exit_code"] == 0, run
    assert server.api.output(run["run_id"]) == ["ran"]


def test_a_daemon_pulls_with_what_a_credential_helper_knows(
        make_docker_server, guarded_registry, tmp_path):  # noqa: F811
    helper = tmp_path / "bin/docker-credential-tests"
    helper.parent.mkdir()
    registry = guarded_registry.partition("/")[0]
    helper.write_text(f"""#!/bin/sh
test "$(cat)" = {registry} && echo '{{"Username": "{USER}", "Secret": "{PASSWORD}"}}'
""")
    helper.chmod(0o755)
    auth = write_auth(tmp_path / "auth", {"credHelpers": {registry: "tests"}})
    server = make_docker_server(docker_auth=auth, environment={"PATH": f"{helper.parent}:{os.environ['PATH']}"})
    assert server.api.finish("true", image=guarded_registry)["exit_code"] == 0


def make_certificates(folder):
    """A folder as docker's own client has it, with certificates of a daemon on loopback besides."""
    folder.mkdir()

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, stderr=subprocess.DEVNULL)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=tests", "-keyout", "ca-key.pem",
            "-out", "ca.pem")
    for name, extension in (("server", "subjectAltName=IP:127.0.0.1"), ("client", "extendedKeyUsage=clientAuth")):
        cert, key = ("cert.pem", "key.pem") if name == "client" else ("server-cert.pem", "server-key.pem")
        (folder / "extension").write_text(extension)
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", "request.pem")
        openssl("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial",
                "-days", "1", "-extfile", "extension", "-out", cert)
    return folder


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_a_daemon_is_spoken_to_by_tls_with_certificates(make_daemon, make_server, tmp_path):
    folder = make_certificates(tmp_path / "certificates")
    host = f"tcp://127.0.0.1:{free_port()}"
    daemon = make_daemon("--host", host, "--tlsverify", "--tlscacert", str(folder / "ca.pem"),
                         "--tlscert", str(folder / "server-cert.pem"), "--tlskey", str(folder / "server-key.pem"))
    trusted, stranger = (make_server(daemon=daemon, clusters=f"{{default: {{host: '{host}'{certificates}}}}}").start()
                         for certificates in (f", certificates: {folder}", ""))
    run = trusted.api.finish("exit 3")
    assert run["exit_code"] == 3
    assert run["instance"] == {"instance_id": "127.0.0.1", "dns_name": "127.0.0.1"}
    status, answer = stranger.api.get("/ready")
    assert status == 503 and "the Docker daemon" in answer["error"], answer
    trusted.stop()
    (folder / "key.pem").unlink()
    assert f"{folder}/key.pem cannot be read" in said_at_start(trusted)


def test_a_container_has_what_its_run_and_cluster_say_and_no_more(make_docker_server, tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/file").write_text("from the host\n")
    server = make_docker_server(
        clusters=f"{{default: {{network: none, mounts: [{{host: {tmp_path}/shared, path: /shared}}]}}}}")
    run_id = server.api.start("set +x; cat /shared/file; touch /shared/file || echo read-only; echo up; sleep 1000",
                              memory=48, cpu=500)["run_id"]
    eventually(lambda: "up" in server.api.output(run_id))
    assert server.api.output(run_id)[0] == "from the host" and "read-only" in server.api.output(run_id)
    made = json.loads(server.daemon.ask("GET", f"/containers/flotilla-{run_id}.1/json")[1])
    host = made["HostConfig"]
    assert (host["Memory"], host["MemorySwap"], host["NanoCpus"]) == (48 << 20, 48 << 20, 500_000_000)
    assert (host["PidsLimit"], host["NetworkMode"], host["Init"]) == (4096, "none", True)
    assert (host["Privileged"], host["CapAdd"], host["Binds"]) == (False, None, None)
    assert made["Config"]["Labels"]["flotilla.run_id"] == run_id
    assert made["Config"]["Labels"]["flotilla.cluster"] == "default"


def listen_in_network_of(process, port):
    """A process that listens to all addresses of another's network."""
    return subprocess.Popen(["nsenter", "--target", str(process), "--net", sys.executable, "-m", "http.server", str(port)],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def connects_from_network_of(process, host, port):
    connecting = f"import socket; socket.create_connection(('{host}', {port}), timeout=5)"
    return subprocess.run(["nsenter", "--target", str(process), "--net", sys.executable, "-c", connecting],
                          stderr=subprocess.DEVNULL).returncode == 0


def test_a_private_network_reaches_out_but_neither_this_host_nor_other_runs(make_daemon, make_server):
    daemon = make_daemon(has_own_host=True)
    server = make_server(daemon=daemon, clusters="{default: {memory: 1024}}")
    api = server.start().api
    definition = api.define("echo first")
    for already_there in (2, 0):  # two that servers made at the same moment, neither of which they took back
        for _ in range(already_there):
            body = json.dumps({"Name": "flotilla", "Driver": "bridge", "Labels": {"flotilla.network": "private"}})
            assert daemon.ask("POST", "/networks/create", body)[0] == 201
        for run in [api.execute(definition) for _ in range(6)]:
            assert api.wait(run["run_id"], timeout=30)["exit_code"] == 0
        network, = [network for network in json.loads(daemon.ask("GET", "/networks")[1]) if network["Name"] == "flotilla"]
        if already_there:
            eventually(lambda: daemon.ask("DELETE", f"/networks/{network['Id']}")[0] == 204)
    serving = api.start("exec sleep 1000", ports=[8123])["run_id"]
    api.wait(serving, "RUNNING")
    made = json.loads(daemon.ask("GET", f"/containers/flotilla-{serving}.1/json")[1])
    address = made["NetworkSettings"]["Networks"]["flotilla"]
    listeners = [listen_in_network_of(daemon.process.pid, 8124), listen_in_network_of(made["State"]["Pid"], 8123)]
    try:
        host = daemon.process.pid
        eventually(lambda: connects_from_network_of(host, "127.0.0.1", 8124))
        eventually(lambda: connects_from_network_of(host, "127.0.0.1", 8123))  # its port is the host's
        peers = f"127.0.0.1/8124 {address['IPAddress']}/8123 {address['Gateway']}/8124"
        run = api.finish(f"""set +xe
                         for peer in {peers}; do timeout 2 bash -c "true < /dev/tcp/$peer" && echo reached $peer; done
                         echo done""")
        output = api.output(run["run_id"])
        assert [line for line in output if line.startswith("reached") or line == "done"] == [
            f"reached {address['Gateway']}/8124", "done"]  # where it goes out
        waiting = api.start("true", ports=[8123])["run_id"]
        assert api.run(waiting)["waiting_for"].startswith("port 8123, which another run on cluster default has")
    finally:
        for listener in listeners:
            listener.kill()
            listener.wait()


def test_a_gpu_is_one_runs_alone(make_daemon, make_server, tmp_path):
    hook = tmp_path / "programs/nvidia-container-runtime-hook"  # which tells Docker that its host has GPUs
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\nexit 0\n")
    hook.chmod(0o755)
    server = make_server(daemon=make_daemon(programs=hook.parent), clusters="{default: {network: host, gpu: 3}}")
    api = server.start().api
    tell = "set +x; echo GPUs $NVIDIA_VISIBLE_DEVICES; exec sleep 1000"
    first = api.start(tell, gpu=2)["run_id"]
    api.wait(first, "RUNNING")
    server.kill()
    server.start()
    api = server.api
    definition = api.define(tell, gpu=1)
    second, third = (api.execute(definition)["run_id"] for _ in range(2))
    for run_id, gpus in ((first, "0,1"), (second, "2")):
        eventually(lambda: api.output(run_id) == [f"GPUs {gpus}"])
    assert api.run(third)["waiting_for"].startswith("gpu: it needs 1, 0 of 3 are free on cluster default")
    api.stop({"definition_id": definition["definition_id"], "run_id": second})
    eventually(lambda: api.output(third) == ["GPUs 2"])
    assert api.run(third)["gpu"] == 1
    status, answer = api.request("PUT", f"/api/v4/task/{definition['definition_id']}/execute",
                                 {"gpu": 4, "run_tags": {"owner_id": "ada"}})
    assert status == 400 and "it asks for 4 GPUs, the cluster has 3" in answer["error"]


def test_a_host_without_gpus_is_said(make_docker_server):
    server = make_docker_server(clusters="{default: {network: host, gpu: 1}}", **{"worker.max_attempts": 1})
    run = server.api.finish("true", gpu=1)
    assert run["exit_class"] == "start_failed" and "NVIDIA Container Toolkit" in run["exit_reason"], run
