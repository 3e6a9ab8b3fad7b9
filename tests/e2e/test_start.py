"""What can be wrong when a server starts, and how it says so."""
import json
import pathlib
import re
import shutil
import socket
import subprocess

import pytest

from server import BINARY, clean_environment, flotilla, write_config

DATA = pathlib.Path(__file__).parent / "data"


def refused(config, *options, lines=1):
    """What `serve` says of a configuration by which it does not start: one line for each mistake."""
    failed = flotilla("serve", "--config", config, *options, check=False, timeout=20)
    assert failed.returncode == 1, failed
    errors = [line for line in failed.stderr.splitlines() if line.startswith("flotilla: ")]
    assert len(errors) == lines, failed.stderr
    return "\n".join(errors)


def failed_start(config):
    """The line of the log by which `serve` says that it cannot start, the last one."""
    failed = flotilla("serve", "--config", config, check=False, timeout=20)
    assert failed.returncode == 1, failed
    line = failed.stderr.splitlines()[-1]
    assert re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z error the server cannot start: ", line), failed.stderr
    return line


@pytest.fixture
def config(tmp_path):
    """Writes a configuration and returns its folder."""

    def write(**settings):
        return write_config(tmp_path / "conf", {
            "data_dir": tmp_path / "data", "http.server.listen_address": "127.0.0.1:0", **settings})

    return write


def test_a_port_in_use(config):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        line = failed_start(config(**{"http.server.listen_address": address}))
    assert address in line and "in use" in line


def test_a_data_folder_that_cannot_be_written(config, tmp_path):
    (tmp_path / "file").write_text("in the way")
    line = failed_start(config(data_dir=tmp_path / "file/data"))
    assert str(tmp_path / "file/data") in line


@pytest.mark.parametrize("as_what", [["--bounding-set=-sys_admin", "--inh-caps=-sys_admin"], ["--reuid=65534", "--clear-groups"]])
def test_a_host_that_lets_it_start_no_containers(config, tmp_path, as_what):
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents:
        parent.chmod(parent.stat().st_mode | 0o011)
    folder = config()
    program = shutil.copy(BINARY, tmp_path)
    failed = subprocess.run(["setpriv", *as_what, program, "serve", "--config", folder], capture_output=True, text=True,
                            timeout=20, env=clean_environment())
    assert failed.returncode == 1, failed
    assert "(make a mount namespace: Operation not permitted). Ways out: run flotilla as root;" in failed.stderr
    assert list((tmp_path / "data").glob(".trial*")) == []


def test_a_folder_without_a_configuration(tmp_path):
    assert str(tmp_path) in refused(tmp_path / "nothing")


def test_a_configuration_that_is_not_yaml(tmp_path):
    folder = tmp_path / "conf"
    folder.mkdir()
    (folder / "config.yml").write_text("a: [1, 2\nb: }")
    assert "config.yml" in refused(folder)


def test_all_mistakes_are_named_at_once(config):
    folder = config(**{"worker.submit_intervall": "1s", "worker.retry_interval": "soon", "flotilla_mod": "x"})
    line = refused(folder, lines=3)
    for part in ("worker.submit_intervall", "worker.submit_interval", "worker.retry_interval", "flotilla_mod"):
        assert part in line


def test_an_unknown_key_can_be_tolerated(config):
    folder = config(later_key="1")
    assert "later_key" in refused(folder, "--check")
    assert flotilla("serve", "--config", folder, "--check", "--ignore-unknown").returncode == 0


def test_a_second_server_on_the_same_data_folder(make_server):
    server = make_server().start()
    assert str(server.data) in failed_start(server.config)


def test_a_failing_start_is_told_in_the_format_of_the_log(config, tmp_path):
    (tmp_path / "file").write_text("in the way")
    folder = config(data_dir=tmp_path / "file/data", **{"log.format": "json", "log.level": "error"})
    failed = flotilla("serve", "--config", folder, check=False, timeout=20)
    lines = [json.loads(line) for line in failed.stderr.splitlines()]
    assert failed.returncode == 1 and [line["level"] for line in lines] == ["error"]
    assert lines[0]["message"].startswith(f"the server cannot start: cannot make the data folder {tmp_path}/file/data")


def test_the_originals_configuration_passes_the_check():
    checked = flotilla("serve", "--config", DATA / "original", "--check")
    assert checked.returncode == 0
    assert "not built" not in checked.stderr


def test_the_projects_own_configuration_passes_the_check_without_a_word(tmp_path):
    own = pathlib.Path(__file__).resolve().parents[2] / "conf"
    folder = shutil.copytree(own, tmp_path / "conf")
    checked = flotilla("serve", "--config", folder, "--check")
    assert "warning" not in (checked.stdout + checked.stderr).lower()


def test_the_environment_overrides_the_file(make_server):
    api = make_server(
        environment={"FLOTILLA_MODE": "prod", "OWNER_ID_VAR": "JOB_OWNER", "DEFAULT_CLUSTER": "small",
                     "CLUSTERS": '{"small": {"memory": 128}, "large": {"memory": 4096}}',
                     "WORKER_SUBMIT_INTERVAL": "", "ENABLED_WORKERS": "retry, submit status"},
        flotilla_mode="dev").start().api
    assert api.ok("GET", "/api/v1/clusters") == {"clusters": ["small", "large"]}
    run = api.start('echo "$FLOTILLA_SERVER_MODE $JOB_OWNER"')
    assert run["cluster"] == "small"
    api.wait(run["run_id"])
    assert api.output(run["run_id"]) == ["prod tester"]


def test_an_address_that_others_can_reach_is_refused_without_a_word_about_who_may(config):
    line = refused(config(**{"http.server.listen_address": "0.0.0.0:0"}))
    assert "auth.mode" in line


def test_a_worker_that_is_not_enabled_does_nothing(make_server):
    api = make_server(enabled_workers="[retry, status]").start().api
    run = api.start("true")
    other = api.start("true")
    assert api.run(run["run_id"])["status"] == api.run(other["run_id"])["status"] == "QUEUED"
