"""What users see when PostgreSQL goes away, and that nothing is lost by it."""
import shutil
import signal
import subprocess
import threading
import time

import pytest

from api import fetch
from eventually import eventually
from postgres import Postgres


@pytest.fixture
def own_postgres():
    """A server that a test may stop."""
    made = Postgres().start()
    yield made
    made.close()


@pytest.fixture
def standby(own_postgres):
    made = own_postgres.standby()
    yield made
    made.close()


@pytest.fixture
def server(own_postgres, make_server):
    return make_server(database_url=own_postgres.new_database()).start()


def works_again(api, definition):
    def answered():
        status, run = api.request("PUT", f"/api/v4/task/{definition['definition_id']}/execute",
                                  {"run_tags": {"owner_id": "tester"}})
        return run if status == 200 else None

    return eventually(answered, timeout=30, interval=0.02)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_requests_are_told_to_come_back_jobs_go_on_and_service_is_back_in_two_seconds(server, own_postgres, how):
    definition = server.api.define("echo begin; sleep 3; echo end; exit 7")
    run = server.api.execute(definition)["run_id"]
    server.api.wait(run, "RUNNING")
    own_postgres.stop(how)
    for path in ("/api/v1/history", f"/api/v1/history/{run}", "/api/v1/task"):
        status, headers, body = fetch(server, path)
        assert status == 503 and int(headers["Retry-After"]) >= 1 and b"the database cannot be reached" in body
    assert server.api.get("/health")[0] == 200
    status, answer = server.api.get("/ready")
    assert status == 503 and "cannot be reached" in str(answer)
    own_postgres.start()
    begin = time.monotonic()
    works_again(server.api, definition)
    assert time.monotonic() - begin < 2
    ended = server.api.wait(run, timeout=30)
    assert ended["exit_code"] == 7 and ended["attempt_count"] == 1
    assert server.api.log(run).endswith("begin\n+ sleep 3\n+ echo end\nend\n+ exit 7")


def test_an_end_that_came_while_the_database_was_away_is_recorded(server, own_postgres):
    run = server.api.execute(server.api.define("sleep 0.5; exit 3"))["run_id"]
    server.api.wait(run, "RUNNING")
    own_postgres.stop()
    eventually(lambda: "news worker: the database cannot be reached" in server.log_path.read_text(), timeout=30)
    own_postgres.start()
    assert server.api.wait(run, timeout=30)["exit_code"] == 3


def test_a_server_waits_for_its_database_at_the_start(own_postgres, make_server):
    server = make_server(database_url=own_postgres.new_database())
    own_postgres.stop()
    starting = threading.Thread(target=server.start)
    starting.start()
    eventually(lambda: server.log_path.exists() and "waiting for the database" in server.log_path.read_text())
    own_postgres.start()
    starting.join(timeout=30)
    assert server.api.finish("true")["exit_code"] == 0


def test_connections_that_are_cut_at_any_moment_lose_nothing_and_double_nothing(server, own_postgres):
    definition = server.api.define("true", memory=8)
    cut = ("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
           " WHERE application_name = 'flotilla' AND pid <> pg_backend_pid()")
    is_over = threading.Event()

    def cut_all_the_time():
        while not is_over.wait(0.05):
            own_postgres.sql(cut, "postgres")

    cutting = threading.Thread(target=cut_all_the_time)
    cutting.start()
    accepted = {}
    try:
        for number in range(60):
            def answered(key=f"key-{number}"):
                status, run = server.api.request(
                    "PUT", f"/api/v4/task/{definition['definition_id']}/execute",
                    {"run_tags": {"owner_id": "tester"}, "idempotence_key": key})
                assert status in (200, 503), run
                return run if status == 200 else None

            accepted[number] = eventually(answered, timeout=30, interval=0.01)["run_id"]
    finally:
        is_over.set()
        cutting.join()
    runs = eventually(lambda: all_ended(server.api), timeout=60)
    assert {run["run_id"] for run in runs} == set(accepted.values()) and len(runs) == 60
    assert {(run["exit_code"], run["attempt_count"]) for run in runs} == {(0, 1)}


def test_a_standby_that_takes_over_has_all_that_was_accepted(own_postgres, standby, make_server):
    both = own_postgres.new_database().replace(f"{own_postgres.folder}", f"{own_postgres.folder},{standby.folder}")
    server = make_server(database_url=f'"{both}&target_session_attrs=read-write"').start()
    definition = server.api.define("sleep 0.2; exit 5", memory=8)
    accepted = [server.api.execute(definition)["run_id"] for _ in range(20)]
    own_postgres.stop(signal.SIGQUIT)
    status, _, body = fetch(server, "/api/v1/history")
    assert status == 503 and b"the database cannot be reached" in body
    standby.sql("SELECT pg_promote()", "postgres")
    begin = time.monotonic()
    accepted.append(works_again(server.api, definition)["run_id"])
    assert time.monotonic() - begin < 2
    accepted += [server.api.execute(definition)["run_id"] for _ in range(20)]
    runs = eventually(lambda: all_ended(server.api), timeout=60)
    assert sorted(run["run_id"] for run in runs) == sorted(accepted)
    assert {(run["exit_code"], run["attempt_count"]) for run in runs} == {(5, 1)}


def all_ended(api):
    status, answer = api.get("/api/v1/history?limit=100")
    ended = status == 200 and all(run["status"] == "STOPPED" for run in answer["history"])
    return answer["history"] if ended else None


def test_a_database_that_may_only_be_read_answers_but_is_not_ready(own_postgres, make_server):
    url = own_postgres.new_database()
    server = make_server(database_url=url).start()
    definition = server.api.define("true")
    name = url.split("/")[3].split("?")[0]
    drop = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND application_name <> 'psql'"
    own_postgres.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on; {drop}", "postgres")
    eventually(lambda: "read-only" in str(server.api.get("/ready")))
    assert server.api.get("/ready")[0] == 503
    execute = ("PUT", f"/api/v4/task/{definition['definition_id']}/execute", {"run_tags": {"owner_id": "tester"}})
    assert server.api.request(*execute)[0] == 503
    eventually(lambda: server.api.get("/api/v1/history")[0] == 200)
    own_postgres.sql(f"ALTER DATABASE {name} RESET default_transaction_read_only; {drop}", "postgres")
    server.api.wait(works_again(server.api, definition)["run_id"])
    eventually(lambda: server.api.get("/ready")[0] == 200)


@pytest.fixture
def small_tablespace(own_postgres):
    """The name of a place for databases that is soon full."""
    folder = own_postgres.folder / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "small", folder], check=True)
    try:
        shutil.chown(folder, "postgres")
        own_postgres.sql(f"CREATE TABLESPACE small LOCATION '{folder}'", "postgres")
        yield "small"
    finally:
        own_postgres.stop(signal.SIGQUIT)
        subprocess.run(["umount", folder], check=True)


def test_a_full_database_is_not_ready_and_takes_runs_again_when_there_is_room(own_postgres, small_tablespace, make_server):
    own_postgres.sql(f"CREATE DATABASE tiny TABLESPACE {small_tablespace}", "postgres")
    server = make_server(database_url=own_postgres.url("tiny")).start()
    definition = server.api.define("true")
    execute = ("PUT", f"/api/v4/task/{definition['definition_id']}/execute",
               {"run_tags": {"owner_id": "tester"}, "env": [{"name": "LONG", "value": "x" * 5000}]})
    with pytest.raises(AssertionError, match="No space left"):
        own_postgres.sql("CREATE TABLE filler (text text);" + "INSERT INTO filler SELECT repeat('x', 2000);" * 20_000, "tiny")
    eventually(lambda: server.api.request(*execute)[0] == 503, interval=0)
    status, answer = server.api.get("/ready")
    assert status == 503 and "No space left" in str(answer)
    own_postgres.sql("DROP TABLE filler", "tiny")
    server.api.wait(works_again(server.api, definition)["run_id"])
