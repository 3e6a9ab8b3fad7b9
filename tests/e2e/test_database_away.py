"""What users see when PostgreSQL goes away, and that nothing is lost by it."""
import concurrent.futures
import shutil
import signal
import subprocess
import threading
import time

import pytest

from api import fetch
from eventually import eventually
from postgres import Postgres, RemotePostgres


@pytest.fixture
def own_postgres():
    """A server that a test may stop."""
    made = Postgres().start()
    yield made
    made.close()


@pytest.fixture
def remote_postgres():
    made = RemotePostgres().start()
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
    log = server.log_path.read_text()
    assert log.count("the database cannot be reached") == 1 and log.count("the database can be reached again") == 1


def test_an_end_that_came_while_the_database_was_away_is_recorded(server, own_postgres):
    run = server.api.execute(server.api.define("sleep 0.5; exit 3"))["run_id"]
    server.api.wait(run, "RUNNING")
    own_postgres.stop()
    logs = server.data / "logs"
    eventually(lambda: any("+ exit 3" in log.read_text() for log in logs.rglob("*") if log.is_file()), timeout=30)
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


def test_a_server_waits_for_room_at_its_database_and_then_makes_do_with_few_connections(postgres, make_server):
    """Another one, and the two that a server cannot do without, are all that the database takes."""
    url = postgres.new_database()
    name = url.split("?")[0].split("/")[-1]
    user = f"user_of_{name}"
    postgres.sql(f"CREATE ROLE {user} LOGIN; ALTER DATABASE {name} OWNER TO {user};"
                 f" ALTER DATABASE {name} CONNECTION LIMIT 0", "postgres")
    server = make_server(database_url=url.replace("flotilla@", f"{user}@"))
    starting = threading.Thread(target=server.start)
    starting.start()
    eventually(lambda: server.log_path.exists() and "waiting for the database: the database cannot be reached: "
               in server.log_path.read_text())
    assert "too many connections" in server.log_path.read_text()
    postgres.sql(f"ALTER DATABASE {name} CONNECTION LIMIT 2", "postgres")
    starting.join(timeout=30)
    definition = server.api.define("true", memory=8)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: fetch(server, "/api/v1/history")[0], range(80)))
        runs = list(pool.map(lambda _: server.api.execute(definition), range(16)))
    assert set(answers) == {200} and len(runs) == 16
    postgres.sql(f"ALTER DATABASE {name} CONNECTION LIMIT -1", "postgres")


def test_a_database_that_refuses_a_server_for_good_is_not_waited_for(postgres, make_server):
    server = make_server(database_url=postgres.url("absent"))
    failed = server.flotilla("serve", "--config", server.config, check=False, timeout=20)
    assert failed.returncode == 1 and "absent" in failed.stderr and "does not exist" in failed.stderr
    assert "waiting" not in failed.stderr


def test_a_database_that_hangs_is_503_within_six_seconds_and_service_is_back_in_two(server, own_postgres):
    is_503_meanwhile_and_back_in_two_seconds(server, own_postgres.hanging())


def test_a_database_whose_packets_are_lost_is_503_as_well_and_back_as_soon(remote_postgres, make_server):
    server = make_server(database_url=remote_postgres.new_database()).start()
    is_503_meanwhile_and_back_in_two_seconds(server, remote_postgres.unreachable())


def is_503_meanwhile_and_back_in_two_seconds(server, outage):
    definition = server.api.define("true")
    server.api.finish("true")
    paths = ("/api/v1/history", "/api/v1/task", "/ready", "/api/v1/history") * 4
    with outage, concurrent.futures.ThreadPoolExecutor(len(paths) + 1) as pool:
        begin = time.monotonic()
        execute = pool.submit(server.api.request, "PUT", f"/api/v4/task/{definition['definition_id']}/execute",
                              {"run_tags": {"owner_id": "tester"}})
        assert {status for status, _, _ in pool.map(lambda path: fetch(server, path), paths)} == {503}
        assert execute.result()[0] == 503
        assert time.monotonic() - begin < 6
        begin = time.monotonic()
        assert server.api.get("/health")[0] == 200 and time.monotonic() - begin < 1
    begin = time.monotonic()
    works_again(server.api, definition)
    assert time.monotonic() - begin < 2


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
