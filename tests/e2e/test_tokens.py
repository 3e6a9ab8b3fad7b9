"""A server that asks for tokens: who gets in, as whom, and what of a token is left lying about."""
import http.client
import json
import re
import sqlite3
import stat

import pytest

from api import Api
from contract import OPERATIONS
from eventually import eventually
from server import PROJECT, Server, contents_below, flotilla, write_config
from test_door import send

TOKEN = re.compile(r"flt_[0-9a-f]{64}")

# Besides those of the document.
OTHER_REQUESTS = [
    ("GET", "/api/v1/r/logs?raw"),
    ("GET", "/api/v1/nothing"),
    ("GET", "/api"),
    ("HEAD", "/api/v1/task"),
    ("OPTIONS", "/api/v1/task"),
    ("GET", "/%61pi/v1/task"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory, base_root):
    """A server with a token for ada, which `server.api` and `server.flotilla` use."""
    made = Server(tmp_path_factory.mktemp("server"), {"base": base_root}, **{"auth.mode": "token"})
    made.start()
    made.use_token("ada")
    yield made
    made.close()


def request(server, method, path, headers):
    """The status of an answer of any kind."""
    connection = http.client.HTTPConnection(server.address, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def with_token(token):
    return {"Authorization": f"Bearer {token}"}


def requests_of_the_document(is_open):
    return [(each.method.upper(), each.path) for each in OPERATIONS if each.is_open == is_open]


@pytest.mark.parametrize("method, path", requests_of_the_document(is_open=False) + OTHER_REQUESTS)
def test_every_route_wants_a_token(server, method, path):
    path = path.replace("{", "").replace("}", "")
    status, headers, answer = send(server, method, path, "{}" if method in ("POST", "PUT") else None)
    assert status == 401 and headers["WWW-Authenticate"] == "Bearer"
    assert method == "HEAD" or "token is missing" in answer["error"]


def test_what_is_open_is_open_to_everybody(server):
    requests = requests_of_the_document(is_open=True)
    assert {path for _, path in requests} == {
        "/health", "/ready", "/api/docs", "/api/openapi.json", "/api/v1/session"}
    for method, path in requests:
        if path == "/api/v1/session":
            continue  # it takes a token as its body
        for headers in ({}, {"Authorization": "nonsense"}):
            assert request(server, method, path, headers) == 200


def test_what_is_wrong_with_a_token_is_said(server):
    wrong = {
        "Basic YTpi": "Authorization is malformed",
        "Bearer": "Authorization is malformed",
        "Bearer ada": "token is malformed",
        f"Bearer {server.token} x": "token is malformed",
        "Bearer flt_" + "0" * 64: "token is not known",
    }
    for field, message in wrong.items():
        status, headers, answer = send(server, "GET", "/api/v1/task", Authorization=field)
        assert status == 401 and headers["WWW-Authenticate"] == "Bearer"
        assert message in answer["error"] and "\n" not in answer["error"]
    assert send(server, "GET", "/api/v1/task", Authorization=f"bEARER {server.token}")[0] == 200


def test_a_name_is_known_and_owns_what_it_runs(server, api):
    assert api.ok("GET", "/api/v1/whoami") == {"name": "ada", "auth_mode": "token"}
    definition = api.define("true")
    by_id = f"/api/v1/task/{definition['definition_id']}/execute"
    run = api.ok("PUT", by_id, {})
    assert run["user"] == "ada"
    assert {"name": "FLOTILLA_RUN_OWNER_ID", "value": "ada"} in run["env"]
    run_id = server.flotilla("run", definition["alias"]).stdout.strip()
    assert api.run(run_id)["user"] == "ada"
    run_id = server.flotilla("run", definition["alias"], "--owner", "bob").stdout.strip()
    assert api.run(run_id)["user"] == "bob"
    assert api.request("PUT", by_id.replace("v1", "v4"), {})[0] == 400


def test_who_makes_changes_runs_and_stops_is_recorded(server, api):
    definition = api.define("exec sleep 60")
    assert definition["created_by"] == "ada"
    token = server.flotilla("token", "new", "dora", "--config", server.config).stdout.strip()
    dora = Api(server.address, token)
    changed = dora.ok("PUT", f"/api/v1/task/{definition['definition_id']}", {"memory": 48})
    assert (changed["created_by"], changed["updated_by"]) == ("ada", "dora")
    run = api.execute(definition)
    assert (run["executed_by"], run["user"]) == ("ada", "tester")
    assert dora.stop(run)[0] == 200
    assert api.wait(run["run_id"])["stopped_by"] == "dora"


def test_without_tokens_nobody_is_known(make_server):
    server = make_server().start()
    assert server.api.ok("GET", "/api/v1/whoami") == {"name": "", "auth_mode": "none"}
    definition = server.api.define("true")
    assert server.api.ok("PUT", f"/api/v1/task/{definition['definition_id']}/execute", {})["user"] == "v1-unknown"
    server.use_token("ada")
    assert server.api.ok("GET", "/api/v1/whoami") == {"name": "", "auth_mode": "none"}


def test_a_token_can_be_made_and_revoked_while_the_server_runs(server):
    token = server.flotilla("token", "new", "bob", "--config", server.config).stdout.strip()
    bob = Api(server.address, token)
    assert bob.ok("GET", "/api/v1/whoami")["name"] == "bob"
    assert server.flotilla("token", "revoke", "bob", "--config", server.config).stdout == "revoked bob\n"
    eventually(lambda: bob.get("/api/v1/whoami")[0] == 401, timeout=2)
    again = server.flotilla("token", "new", "bob", "--config", server.config).stdout.strip()
    assert again != token
    assert Api(server.address, again).ok("GET", "/api/v1/whoami")["name"] == "bob"
    assert bob.get("/api/v1/whoami")[0] == 401


def test_a_token_outlives_the_server(make_server):
    server = make_server(**{"auth.mode": "token"}).start()
    server.use_token("ada")
    server.stop()
    server.flotilla("token", "new", "bob", "--config", server.config)
    server.start()
    assert server.api.ok("GET", "/api/v1/whoami")["name"] == "ada"


def test_the_command_line_says_that_a_token_is_missing(server):
    for command in (["runs"], ["status", "r"], ["logs", "r"], ["stop", "r"], ["run", "x"]):
        failed = flotilla(*command, "--server", server.address, check=False)
        assert failed.returncode == 1 and failed.stdout == ""
        assert "set FLOTILLA_TOKEN or --token" in failed.stderr and failed.stderr.count("\n") == 1
        wrong = "flt_" + "1" * 64
        failed = flotilla(*command, "--server", server.address, "--token", wrong, check=False)
        assert "check FLOTILLA_TOKEN or --token" in failed.stderr and wrong not in failed.stderr


def test_only_the_token_is_printed(server):
    made = server.flotilla("token", "new", "carol", "--config", server.config)
    assert TOKEN.fullmatch(made.stdout.strip()) and made.stdout.count("\n") == 1
    assert made.stderr.startswith("flotilla: the token of carol;") and made.stdout.strip() not in made.stderr
    listed = server.flotilla("token", "list", "--config", server.config).stdout
    assert re.search(r"^carol +(now|\d+s ago) +- +-$", listed, re.M) and not TOKEN.search(listed)
    tokens = json.loads(server.flotilla("token", "list", "--json", "--config", server.config).stdout)["tokens"]
    assert {"ada", "carol"} <= {token["name"] for token in tokens}
    assert all(token.keys() <= {"name", "created_at", "last_used_at", "revoked_at"} for token in tokens)


def test_a_token_is_nowhere_on_disk_and_in_no_log(server, api):
    run = api.finish("env")
    assert server.token not in api.log(run["run_id"])
    assert files_with(server.folder, server.token) == []
    assert stat.S_IMODE((server.data / "flotilla.db").stat().st_mode) == 0o600


def files_with(folder, text):
    """The files below a folder that hold a text."""
    contents = dict(contents_below(folder))
    assert {"flotilla.db", "server.log"} <= {path.name for path in contents}
    return [path for path, content in contents.items() if text.encode() in content]


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
def test_a_page_of_another_site_gets_nothing(server, api, origin):
    path = f"/api/v1/task/{api.define('true')['definition_id']}"
    status, headers, _ = send(server, "GET", path, Origin=origin)
    assert status == 401 and "Access-Control-Allow-Origin" not in headers
    status, headers, _ = send(server, "OPTIONS", path, Origin=origin, Access_Control_Request_Method="DELETE",
                              Access_Control_Request_Headers="authorization")
    assert "Access-Control-Allow-Origin" not in headers
    status, headers, _ = send(server, "DELETE", path, Origin=origin, **with_token(server.token))
    assert status == 403 and "Access-Control-Allow-Origin" not in headers
    assert send(server, "GET", path, Host="evil.example", **with_token(server.token))[0] == 421
    assert api.get(path)[0] == 200


def failure(*arguments, status=1):
    """The one line on standard error."""
    failed = flotilla(*arguments, check=False)
    assert failed.returncode == status and failed.stdout == ""
    assert failed.stderr.startswith("flotilla: ") and failed.stderr.count("\n") == 1, failed.stderr
    return failed.stderr


def test_mistakes_with_tokens_are_one_line(server):
    at = ("--config", server.config)
    assert "[a b]" in failure("token", "new", "a b", *at)
    assert "[v1-unknown]" in failure("token", "new", "v1-unknown", *at)
    assert "[ada]" in failure("token", "new", "ada", *at)
    assert "[nobody]" in failure("token", "revoke", "nobody", *at)
    assert "NAME is missing" in failure("token", "new", *at, status=2)
    assert "new, list, revoke" in failure("token", "show", status=2)


def test_a_database_that_cannot_be_used_is_said_to_be(make_server):
    server = make_server()
    for command in (["list"], ["revoke", "ada"]):
        assert str(server.data / "flotilla.db") in failure("token", *command, "--config", server.config)
    assert not (server.data / "flotilla.db").exists()
    server.start().stop()
    with sqlite3.connect(server.data / "flotilla.db") as database:
        database.execute("INSERT INTO migrations (number, name) VALUES (9999, 'future')")
    assert "9999" in failure("token", "new", "ada", "--config", server.config)
    (server.data / "flotilla.db").write_bytes(b"no database at all" * 100)
    assert "database" in failure("token", "list", "--config", server.config)


def test_a_token_can_be_made_before_the_servers_first_start(make_server):
    server = make_server(**{"auth.mode": "token"})
    made = server.flotilla("token", "new", "ada", "--config", server.config)
    assert made.stderr.splitlines()[0].startswith(f"flotilla: made the database {server.data}/flotilla.db")
    assert made.stderr.count("\n") == 2
    assert stat.S_IMODE((server.data / "flotilla.db").stat().st_mode) == 0o600
    again = server.flotilla("token", "new", "bob", "--config", server.config)
    assert "made the database" not in again.stderr
    server.token = made.stdout.strip()
    assert server.start().api.ok("GET", "/api/v1/whoami")["name"] == "ada"


def test_a_token_needs_a_data_folder_that_can_be_made(tmp_path):
    (tmp_path / "file").write_text("in the way")
    config = write_config(tmp_path / "conf", {"data_dir": tmp_path / "file/data"})
    line = failure("token", "new", "ada", "--config", config)
    assert f"cannot make the data folder {tmp_path}/file/data" in line


def test_a_database_that_cannot_be_reached_is_said_to_be(make_server):
    server = make_server(database_url="host=/nowhere dbname=flotilla connect_timeout=1")
    line = failure("token", "list", "--config", server.config)
    assert "the database cannot be reached" in line and "/nowhere" in line


def test_an_older_database_is_brought_up_to_date(make_server):
    server = make_server().start()
    server.stop()
    for file in server.data.glob("flotilla.db*"):
        file.unlink()
    with sqlite3.connect(server.data / "flotilla.db") as database:
        database.execute("CREATE TABLE migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL)")
        for number, file in enumerate(sorted((PROJECT / "src/store/migrations").glob("*.sql"))[:2], 1):
            database.executescript(file.read_text())
            database.execute("INSERT INTO migrations VALUES (?, ?)", (number, file.stem))
    server.configure(create_database_schema="false")
    line = failure("token", "new", "ada", "--config", server.config)
    assert "0003_tokens" in line and "create_database_schema" in line
    server.configure()
    assert TOKEN.fullmatch(server.flotilla("token", "new", "ada", "--config", server.config).stdout.strip())
