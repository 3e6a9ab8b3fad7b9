"""`flotilla backup` and `flotilla restore`: from either database to either."""
import sqlite3
import stat

import pytest

from eventually import eventually
from server import ENGINE, STORE, flotilla

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


def test_what_is_not_there_is_said(tmp_path):
    settings = {"DATA_DIR": str(tmp_path / "data"), "PATH": "/usr/bin:/bin"}
    failed = flotilla("backup", tmp_path / "x", check=False, env=settings, cwd=tmp_path)
    assert failed.returncode == 1 and "there is no database" in failed.stderr and not (tmp_path / "x").exists()
    failed = flotilla("restore", tmp_path / "x", check=False, env=settings, cwd=tmp_path)
    assert failed.returncode == 1 and "No such file or directory" in failed.stderr
