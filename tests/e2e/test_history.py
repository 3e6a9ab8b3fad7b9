"""How long runs and their logs are kept."""
import os
import sqlite3
import time

from eventually import eventually

DAY = 86_400_000_000  # microseconds


def let_time_pass(server, run, days):
    """As if the run had finished so long ago."""
    end = int(time.time() * 1e6) - days * DAY
    statement = f"UPDATE runs SET finished_at = {end}, shown_finished_at = {end} WHERE run_id = '{run}'"
    if server.postgres:
        server.postgres.sql(statement, server.database["database_url"])
        return
    with sqlite3.connect(server.data / "flotilla.db") as database:
        database.execute(statement)


def test_old_runs_are_removed_with_their_logs(make_server):
    server = make_server(**{"history.retention_days": 30}).start()
    old, young = [server.api.finish("echo hello")["run_id"] for _ in range(2)]
    logs = {run: list(server.data.glob(f"logs/*/{run}.*")) for run in (old, young)}
    assert all(logs.values())
    server.stop()
    let_time_pass(server, old, 31)
    let_time_pass(server, young, 29)
    server.start()
    eventually(lambda: not logs[old][0].exists())
    assert server.api.get(f"/api/v1/history/{old}")[0] == 404
    assert "hello" in server.api.log(young)
    eventually(lambda: "removed 1 runs that finished more than 30 days ago" in server.log_path.read_text())


def test_old_logs_are_removed_and_read_as_empty(make_server):
    server = make_server(**{"log.retention_days": 3}).start()
    old, long, young = [server.api.finish(f"set +x; seq 1 {lines}")["run_id"] for lines in (10, 10_000, 10)]
    eventually(lambda: list(server.data.glob(f"logs/*/{long}.1.log.zst")))
    server.stop()
    for run, days in ((old, 4), (long, 4), (young, 2)):
        log = next(server.data.glob(f"logs/*/{run}.*"))
        os.utime(log, (time.time() - days * 86_400,) * 2)
        let_time_pass(server, run, days)
    server.start()
    for run in (old, long):
        eventually(lambda: not list(server.data.glob(f"logs/*/{run}.*")))
        assert server.api.log(run) == "" and server.api.run(run)["exit_code"] == 0
    assert server.api.output(young)[-1] == "10"
    eventually(lambda: "removed 2 logs that were older than 3 days" in server.log_path.read_text())


def test_a_log_stays_as_long_as_its_run_is_young(make_server):
    """Whatever time its file shows: the clock of the host may have been set."""
    server = make_server(**{"log.retention_days": 3}).start()
    young, old = [server.api.finish("echo hello")["run_id"] for _ in range(2)]
    server.stop()
    for run in (young, old):
        os.utime(next(server.data.glob(f"logs/*/{run}.*")), (time.time() - 5 * 86_400,) * 2)
    let_time_pass(server, old, 5)
    server.start()
    eventually(lambda: "removed 1 logs that were older than 3 days" in server.log_path.read_text())
    assert "hello" in server.api.log(young) and server.api.log(old) == ""


def test_runs_are_kept_for_ever_if_nothing_is_said(make_server):
    server = make_server().start()
    run = server.api.finish("echo hello")["run_id"]
    server.stop()
    let_time_pass(server, run, 5000)
    server.start()
    assert server.api.finish("true")["exit_code"] == 0
    assert "hello" in server.api.log(run)
