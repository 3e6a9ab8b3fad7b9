"""`flotilla backup` and `flotilla restore`: from either database to either."""
import os
import random
import signal
import sqlite3
import stat
import subprocess

import pytest

from eventually import eventually
from server import BINARY, ENGINE, STORE, flotilla

pytestmark = pytest.mark.skipif(STORE != "sqlite" or ENGINE != "local", reason="both databases and all engines are alike here")


def answers(api, run):
    """What clients see."""
    lists = [api.ok("GET", path) for path in (
        "/api/v1/task", "/api/v1/history?sort_by=run_id", "/api/v1/history?status=STOPPED&sort_by=run_id", "/api/v1/tags",
        "/api/v1/groups")]
    return lists, api.ok("GET", f"/api/v1/history/{run}"), api.log(run)


@pytest.fixture
def filled(make_server):
    """A server with definitions, runs, and a token, and one of the runs."""
    server = make_server(**{"auth.mode": "token"})
    server.use_token("ada")
    server.start()
    odd = server.api.define("seq 1 5000; exit 3", env=[{"name": "ODD", "value": "ü \\ \" \t \u0001 |"}], tags=["nightly"])
    run = server.api.execute(odd)["run_id"]
    server.api.wait(run)
    eventually(lambda: list(server.data.glob(f"logs/*/{run}.1.log.zst")))
    for _ in range(3):
        server.api.finish("true")
    return server, run


def back_up(server, file, *options):
    return server.flotilla("backup", file, "--config", server.config, *options).stdout


def restore(server, file, check=True):
    return server.flotilla("restore", file, "--config", server.config, check=check)


def test_from_sqlite_to_postgresql_and_back_with_a_server_running(make_server, filled, postgres, tmp_path):
    server, run = filled
    file = tmp_path / "flotilla.backup"
    told = back_up(server, file)
    assert told.startswith("backed up 4 definitions, 4 runs, 1 tokens and 4 logs (") and told.endswith(f" to {file}\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and [path.name for path in tmp_path.glob("flotilla.backup*")] == [file.name]
    expected = answers(server.api, run)

    other = make_server(database_url=postgres.new_database(), **{"auth.mode": "token"})
    assert restore(other, file).stdout.startswith("restored 4 definitions, 4 runs, 1 tokens and 4 logs (")
    other.token = server.token
    other.start()
    assert answers(other.api, run) == expected
    assert other.api.finish("true")["exit_code"] == 0

    again = tmp_path / "again.backup"
    back_up(other, again)
    expected = answers(other.api, run)
    third = make_server(**{"auth.mode": "token"})
    restore(third, again)
    third.token = server.token
    third.start()
    assert answers(third.api, run) == expected


def test_a_job_lives_on_while_its_server_moves_to_postgresql(make_server, postgres, tmp_path):
    server = make_server().start()
    run = server.api.start("echo begun; sleep 1.5; echo done; exit 7")["run_id"]
    server.api.wait(run, "RUNNING")
    server.stop()
    file = tmp_path / "flotilla.backup"
    back_up(server, file)
    server.configure(database_url=postgres.new_database())
    restore(server, file)
    server.start()
    assert server.api.wait(run)["exit_code"] == 7
    assert server.api.output(run) == ["begun", "done"]


def test_a_database_that_holds_something_is_refused(make_server, filled, postgres, tmp_path):
    server, run = filled
    file = tmp_path / "flotilla.backup"
    back_up(server, file)
    failed = restore(server, file, check=False)
    assert failed.returncode == 1 and "is in use by another server" in failed.stderr
    server.stop()
    failed = restore(server, file, check=False)
    assert failed.returncode == 1
    assert failed.stderr == "flotilla: the database is not empty, it has definitions: restore into an empty one\n"
    server.start()
    assert len(server.api.ok("GET", "/api/v1/history")["history"]) == 4
    other = make_server(database_url=postgres.new_database())
    restore(other, file)
    failed = restore(other, file, check=False)
    assert failed.returncode == 1 and "is not empty" in failed.stderr


def test_a_file_that_is_damaged_or_cut_short_is_refused_and_nothing_is_restored(make_server, filled, tmp_path):
    server, _ = filled
    file = tmp_path / "flotilla.backup"
    back_up(server, file)
    whole = file.read_bytes()
    other = make_server()
    # Damage that undoes the compression, or cuts off the digest. (A bit of the archive's own padding means nothing.)
    middle = len(whole) // 2
    damaged = {"cut": whole[:-40], "half": whole[:middle], "empty": b"", "other": b"no backup at all" * 100,
               "zeros": whole[: middle - 50] + bytes(100) + whole[middle + 50:], "doubled": whole[:middle] + whole}
    for name, content in damaged.items():
        file.write_bytes(content)
        failed = restore(other, file, check=False)
        assert failed.returncode == 1 and failed.stderr.count("\n") == 1 and "nothing was restored" in failed.stderr, (name, failed)
        assert not (other.data / "flotilla.db").exists(), name
        assert not (other.data / "logs").exists() or not list(other.data.glob("logs/*/*")), name
    file.write_bytes(whole)
    restore(other, file)
    with sqlite3.connect(other.data / "flotilla.db") as database:
        assert database.execute("SELECT COUNT(*) FROM runs").fetchone() == (4,)


def test_logs_may_be_left_out(filled, tmp_path):
    server, _ = filled
    assert " and 0 logs " in back_up(server, tmp_path / "flotilla.backup", "--without-logs")


def test_texts_that_are_too_long_for_postgresql_get_a_digest_at_their_end(make_server, filled, postgres, tmp_path):
    server, run = filled
    server.stop()
    long = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz", k=4000))
    with sqlite3.connect(server.data / "flotilla.db") as database:  # as it could be before there was a bound
        database.execute("UPDATE runs SET owner = ?, alias = ? WHERE run_id = ?", (long, long, run))
        database.execute("UPDATE owner_turns SET owner = ?", (long,))
    file = tmp_path / "flotilla.backup"
    back_up(server, file)
    same = make_server()
    assert "digest" not in restore(same, file).stdout
    other = make_server(database_url=postgres.new_database(), **{"auth.mode": "token"})
    assert "\n3 aliases, groups, tags, owners or names of clusters were longer" in restore(other, file).stdout
    other.token = server.token
    other.start()
    owner = other.api.ok("GET", f"/api/v1/history/{run}")["user"]
    assert owner.startswith(long[:900]) and "-sha256:" in owner and len(owner) == 1000


def test_it_goes_to_the_standard_output_and_to_what_is_no_file(filled, make_server, tmp_path):
    server, _ = filled
    piped = tmp_path / "piped.backup"
    with piped.open("wb") as output:
        done = subprocess.run([BINARY, "backup", "-", "--config", server.config], stdout=output, stderr=subprocess.PIPE, text=True,
                              check=True, env=server.environment, cwd=tmp_path)
    assert done.stderr.startswith("backed up 4 definitions, 4 runs,") and not (tmp_path / "-").exists()
    assert restore(make_server(), piped).stdout.startswith("restored 4 definitions")
    full = tmp_path / "full"
    os.mknod(full, stat.S_IFCHR | 0o600, os.makedev(1, 7))
    failed = server.flotilla("backup", full, "--config", server.config, check=False)
    assert failed.returncode == 1 and "No space left on device" in failed.stderr and stat.S_ISCHR(full.stat().st_mode)
    link, real = tmp_path / "link", tmp_path / "real"
    link.symlink_to(real)
    real.write_text("before")
    back_up(server, link)
    assert link.is_symlink() and real.stat().st_size > 1000
    failed = server.flotilla("backup", tmp_path, "--config", server.config, check=False)
    assert failed.returncode == 1 and "it is a folder" in failed.stderr
    assert not list(tmp_path.parent.glob("*.unfinished"))


@pytest.mark.parametrize("end", (signal.SIGINT, signal.SIGTERM))
def test_one_that_is_interrupted_leaves_nothing(filled, tmp_path, end):
    server, _ = filled
    os.mkfifo(next(server.data.glob("logs/*")) / "waits.1.log")  # it waits here for whoever writes
    file = tmp_path / "flotilla.backup"
    file.write_text("of yesterday")
    with subprocess.Popen([BINARY, "backup", file, "--config", server.config], env=server.environment) as process:
        eventually(lambda: list(tmp_path.glob("*.unfinished")))
        process.send_signal(end)
        assert process.wait(timeout=30) == -end
    assert file.read_text() == "of yesterday" and not list(tmp_path.glob("*.unfinished"))


def test_what_is_not_there_is_said(tmp_path):
    settings = {"DATA_DIR": str(tmp_path / "data"), "PATH": "/usr/bin:/bin"}
    failed = flotilla("backup", tmp_path / "x", check=False, env=settings, cwd=tmp_path)
    assert failed.returncode == 1 and "there is no database" in failed.stderr and not (tmp_path / "x").exists()
    failed = flotilla("restore", tmp_path / "x", check=False, env=settings, cwd=tmp_path)
    assert failed.returncode == 1 and "No such file or directory" in failed.stderr
