"""Who gets in through the HTTP door, and what every answer says."""
import http.client
import json
import socket
import sqlite3

import pytest

from contract import HELD

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def send(server, method, path, body=None, **headers):
    """One request with exactly these headers, underscores for hyphens: status, headers, body as JSON."""
    connection = http.client.HTTPConnection(server.address, timeout=10)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, names)
        answer = connection.getresponse()
        content = answer.read()
        HELD.check(method, path, answer.status, answer.headers, content)
        return answer.status, answer.headers, json.loads(content or b"null")
    finally:
        connection.close()


@pytest.mark.parametrize("host", ["localhost:1", "10.1.2.3", "[::1]:3000", socket.gethostname()])
def test_a_host_of_ours_is_let_in(server, host):
    assert send(server, "GET", "/health", Host=host)[0] == 200


@pytest.mark.parametrize("path", ["/health", "/ready", "/api/v1/task", "/nothing"])
def test_another_host_is_told_what_to_set(server, path):
    status, _, answer = send(server, "GET", path, Host="evil.example:3000")
    assert status == 421
    assert "evil.example" in answer["error"] and "http.server.allowed_hosts" in answer["error"]


def test_configured_names_are_let_in(make_server):
    server = make_server(**{"http.server.allowed_hosts": "[one.example]",
                            "http.server.public_url": "https://two.example"}).start()
    hosts = ("one.example:80", "two.example", "three.example")
    assert [send(server, "GET", "/health", Host=host)[0] for host in hosts] == [200, 200, 421]
    origins = ("https://two.example", "http://one.example")
    assert [send(server, "POST", "/api/v1/task", "{}", Origin=origin)[0] for origin in origins] == [400, 403]


def test_a_page_of_another_site_changes_nothing(server, api):
    definition = api.define("true")
    path = f"/api/v1/task/{definition['definition_id']}"
    for origin in ("http://evil.example", "null"):
        for method, body in (("PUT", '{"memory": 64}'), ("DELETE", None)):
            status, _, answer = send(server, method, path, body, Origin=origin)
            assert status == 403 and "http.server.cors_allowed_origins" in answer["error"]
        assert send(server, "GET", path, Origin=origin)[2]["memory"] == definition["memory"]


def test_our_own_pages_and_allowed_ones_may_change_things(server, api):
    path = f"/api/v1/task/{api.define('true')['definition_id']}"
    for memory, origin in enumerate((f"http://{server.address}", "http://localhost:3000"), start=64):
        status, _, answer = send(server, "PUT", path, json.dumps({"memory": memory}), Origin=origin)
        assert status == 200 and answer["memory"] == memory


def test_every_answer_has_safe_headers_and_an_id(server):
    requests = [
        ("GET", "/health", {}, 200),
        ("HEAD", "/ready", {}, 200),
        ("GET", "/api/v1/history/nope", {}, 404),
        ("POST", "/api/v1/task", {}, 400),
        ("POST", "/api/v1/task", {"Origin": "http://evil.example"}, 403),
        ("GET", "/health", {"Host": "evil.example"}, 421),
        ("GET", "/" + "x" * 9000, {}, 414),
    ]
    ids = set()
    for method, path, given, expected in requests:
        status, headers, _ = send(server, method, path, **given)
        assert status == expected
        assert {name: headers[name] for name in SAFE_HEADERS} == SAFE_HEADERS
        ids.add(headers["X-Request-Id"])
    assert len(ids) == len(requests)


def test_a_requests_own_id_comes_back_unless_it_could_do_harm(server):
    assert send(server, "GET", "/health", X_Request_Id="proxy-1.2_a")[1]["X-Request-Id"] == "proxy-1.2_a"
    assert send(server, "GET", "/health", X_Request_Id="two words")[1]["X-Request-Id"] != "two words"


def test_a_server_whose_database_fails_lives_but_is_not_ready(make_server):
    server = make_server().start()
    assert send(server, "GET", "/ready")[::2] == (200, {"status": "ready"})
    database = sqlite3.connect(server.data / "flotilla.db", timeout=10)
    try:
        database.execute("ALTER TABLE runs RENAME TO gone")
        status, headers, answer = send(server, "GET", "/ready")
        assert status == 503 and "runs" in answer["error"] and headers["Retry-After"]
        assert send(server, "GET", "/health")[0] == 200
    finally:
        database.execute("ALTER TABLE gone RENAME TO runs")
        database.close()
    assert send(server, "GET", "/ready")[0] == 200
