"""How a database is brought up to date, by the server or by `flotilla migrate`, and one of the original carried over."""
import os
import pathlib
import random
import sqlite3

import pytest

from server import flotilla, write_config

ORIGINAL = (pathlib.Path(__file__).parent / "data/original.sql").read_text()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request):
    return "sqlite:flotilla.db" if request.param == "sqlite" else request.getfixturevalue("postgres").new_database()


@pytest.fixture
def original(postgres):
    url = postgres.new_database()
    postgres.sql(ORIGINAL, url)
    return url


def test_migrate_says_what_it_would_do_and_does_it_once(tmp_path, database_url):
    config = write_config(tmp_path / "conf", {"data_dir": tmp_path / "data", "database_url": database_url})
    planned = flotilla("migrate", "--dry-run", "--config", config).stdout.splitlines()
    assert planned[0] == "would run 0001_initial" and len(planned) > 5
    assert not (tmp_path / "data").exists()
    done = flotilla("migrate", "--config", config).stdout.splitlines()
    assert [line.split()[-1] for line in done] == [line.split()[-1] for line in planned]
    assert flotilla("migrate", "--config", config).stdout == "the database is up to date\n"


def test_a_server_that_may_not_make_its_tables_says_which_are_missing(make_server, database_url):
    server = make_server(database_url=database_url, create_database_schema="false")
    failed = server.flotilla("serve", "--config", server.config, check=False)
    assert failed.returncode == 1 and "0001_initial" in failed.stderr and "flotilla migrate" in failed.stderr
    server.flotilla("migrate", "--config", server.config)
    server.start()


def test_a_database_of_a_newer_version_is_refused(tmp_path):
    config = write_config(tmp_path / "conf", {"data_dir": tmp_path / "data"})
    flotilla("migrate", "--config", config)
    with sqlite3.connect(tmp_path / "data/flotilla.db") as database:
        database.execute("INSERT INTO migrations VALUES (9999, 'future')")
    failed = flotilla("migrate", "--config", config, check=False)
    assert failed.returncode == 1 and "use a newer version" in failed.stderr


def test_a_database_that_cannot_hold_every_text_is_refused(tmp_path, postgres):
    name = f"latin_{os.getpid()}"
    postgres.sql(f"CREATE DATABASE {name} ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'", "postgres")
    config = write_config(tmp_path / "conf", {"data_dir": tmp_path / "data", "database_url": postgres.url(name)})
    failed = flotilla("serve", "--config", config, check=False)
    assert failed.returncode == 1 and failed.stderr.count("\n") == 1
    assert "is LATIN1" in failed.stderr and "createdb --encoding=UTF8" in failed.stderr


def test_rows_of_the_original_that_nobody_expected_are_carried_over_and_told(make_server, original, postgres):
    long = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz", k=4000))
    postgres.sql(f"""
        ALTER TABLE task DROP CONSTRAINT task_definition_id_fkey;
        INSERT INTO tags VALUES ('{long[:2000]}');
        INSERT INTO task_def_tags VALUES ('{long[:2000]}', 'taken');
        INSERT INTO task_def (definition_id, alias, image, group_name, container_name)
            VALUES ('long', '{long[:2000]}', 'x', '{long[:2000]}', 'long');
        INSERT INTO task (run_id, definition_id, alias, cluster_name, group_name, status, exit_code, env) VALUES
            ('long', 'long', '{long}', '{long[:2000]}', '{long[:2000]}', 'STOPPED', 0,
             '[{{"name": "FLOTILLA_RUN_OWNER_ID", "value": "{long}"}}]');
        INSERT INTO task (run_id, definition_id, status, exit_code, started_at, finished_at) VALUES
            ('orphan', 'gone', 'STOPPED', 0, NULL, NULL), ('ended', 'taken', 'RUNNING', 0, NULL, NULL),
            ('infinite', 'taken', 'STOPPED', 0, 'infinity', '-infinity'),
            ('zero', 'taken', 'STOPPED', 0, '0001-01-01 00:00:00+00', '0044-03-15 00:00:00+00 BC'),
            ('far', 'taken', 'STOPPED', 0, '200000-01-01 00:00:00+00', '2018-05-03 00:00:00+00');
        """, original)
    server = make_server(database_url=original).start()
    told = server.log_path.read_text()
    for part in ("3 rows of the original Flotilla have an alias", "3 runs of the original Flotilla have times",
                 "1 runs of the original Flotilla name definitions"):
        assert part in told, told
    runs = {run["run_id"]: run for run in server.api.ok("GET", "/api/v1/history")["history"]}
    assert len(runs) == 11
    for field in ("alias", "cluster", "group_name", "user"):
        cut = runs["long"][field]
        assert cut.startswith(long[:230] + "-sha256:") and len(cut) <= 1000, field
    assert runs["long"]["env"][0]["value"] == long
    assert server.api.ok("GET", "/api/v1/task/long")["alias"].startswith(long[:230])
    assert len(server.api.ok("GET", "/api/v1/tags")["tags"]) == 3
    for run in ("infinite", "zero"):
        assert not {"started_at", "finished_at"} & set(runs[run])
        assert runs[run]["queued_at"].startswith("2018-05-01T08:00")
    assert "started_at" not in runs["far"] and runs["far"]["finished_at"] == "2018-05-03T00:00:00Z"
    assert runs["ended"]["exit_class"] == "completed"
    assert runs["ended"]["exit_reason"] == "the original Flotilla left it RUNNING, with exit code 0"
    status, refusal = server.api.get("/api/v1/done/logs")
    assert status == 404 and "its cluster [prod] is not configured" in refusal["error"]


def test_a_database_of_the_original_is_carried_over(make_server, original, postgres):
    server = make_server(database_url=original)
    planned = server.flotilla("migrate", "--dry-run", "--config", server.config).stdout
    assert planned.endswith("would carry over 3 definitions and 5 runs of the original Flotilla\n")
    server.start()
    assert "carried over 3 definitions and 5 runs" in server.log_path.read_text()
    check_definitions(server.api)
    check_runs(server.api)
    assert server.flotilla("migrate", "--config", server.config).stdout == "the database is up to date\n"
    assert postgres.sql("SELECT COUNT(*) FROM task", original) == "5"
    server.stop()
    server.start()
    assert server.api.ok("GET", "/api/v1/history")["total"] == 5


def check_definitions(api):
    assert api.ok("GET", "/api/v1/task")["total"] == 3
    nightly = api.ok("GET", "/api/v1/task/alias/nightly")
    assert nightly["definition_id"] == "etl-3f0e" and nightly["arn"].endswith("etl-3f0e:4")
    assert nightly["env"] == [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}, {"name": "EMPTY", "value": ""},
                              {"name": "NULL", "value": ""}]
    assert nightly["ports"] == [80, 443] and nightly["tags"] == ["daily", "etl"]
    assert nightly["command"] == "echo $A; echo 'é'" and nightly["memory"] == 512
    nameless = api.ok("GET", "/api/v1/task/nameless")
    assert nameless["alias"].startswith("nameless-") and nameless["env"] == [] and "tags" not in nameless
    assert nameless["group_name"] == "odd\\group"
    assert api.ok("GET", "/api/v1/task/alias/nameless")["definition_id"] == "taken"
    assert api.ok("GET", "/api/v1/groups")["groups"] == ["etl", "odd\\group"]
    assert api.ok("GET", "/api/v1/tags")["tags"] == ["daily", "etl"]
    status, refused = api.request("PUT", "/api/v4/task/nameless/execute", {"run_tags": {"owner_id": "ada"}})
    assert status == 400 and "memory" in refused["error"]


def check_runs(api):
    runs = {run["run_id"]: run for run in api.ok("GET", "/api/v1/history")["history"]}
    assert sorted(runs) == ["bare", "done", "failed", "odd", "running-for-ever"]
    assert {run["status"] for run in runs.values()} == {"STOPPED"}
    done = runs["done"]
    assert done["exit_code"] == 0 and done["user"] == "ada" and done["cluster"] == "prod"
    assert done["started_at"] == "2018-05-01T08:00:00.123456Z" and done["finished_at"] == "2018-05-01T09:00:00Z"
    assert done["instance"] == {"instance_id": "i-1", "dns_name": "host-1"} and done["task_arn"].endswith("task/1")
    assert runs["failed"]["exit_code"] == 3 and runs["failed"]["group_name"] == "etl"
    assert "exit_code" not in runs["running-for-ever"]
    assert "RUNNING" in runs["running-for-ever"]["exit_reason"] and "QUEUED" in runs["bare"]["exit_reason"]
    assert runs["odd"]["env"] == [] and runs["running-for-ever"]["env"] == []
    assert api.ok("GET", "/api/v1/history/bare")["run_id"] == "bare"
    assert api.ok("GET", "/api/v1/task/etl-3f0e/history?env=FLOTILLA_RUN_OWNER_ID%7Cada")["total"] == 1
