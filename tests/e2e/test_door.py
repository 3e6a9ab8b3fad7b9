"""Who gets in through the HTTP door, and what every answer says."""
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import time

import pytest

from eventually import eventually

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
    assert send(server, "GET", "/ready")[0] == 200
    database = sqlite3.connect(server.data / "flotilla.db", timeout=10)
    try:
        database.execute("ALTER TABLE runs RENAME TO gone")
        eventually(lambda: send(server, "GET", "/ready")[0] == 503)
        status, headers, answer = send(server, "GET", "/ready")
        assert status == 503 and "runs" in answer["error"] and headers["Retry-After"]
        assert send(server, "GET", "/health")[0] == 200
    finally:
        database.execute("ALTER TABLE gone RENAME TO runs")
        database.close()
    eventually(lambda: send(server, "GET", "/ready")[0] == 200)


def raw_exchange(server, request):
    """The status codes that the server answers to these bytes before it closes the connection or falls silent."""
    host, port = server.address.split(":")
    answers = b""
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        while data := connection.recv(65536):
            answers += data
    return [int(status) for status in re.findall(rb"(?:^|\n)HTTP/1\.1 (\d+) ", answers)]


@pytest.mark.parametrize("beginning, said", [
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "plain HTTP, not TLS"),
    (b"GET /health HTTP/1.1\nHost: localhost\n\n", "must end in CR LF"),
])
def test_who_speaks_otherwise_is_told_at_once(server, beginning, said):
    host, port = server.address.split(":")
    begin = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(beginning)
        answer = connection.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 400 ") and said in answer
    assert time.monotonic() - begin < 2


SMUGGLED = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize("fields", [
    b"Content-Length: 2\r\nTransfer-Encoding: chunked", b"Transfer-Encoding: chunked\r\nContent-Length: 2",
    b"Content-Length: 2\r\nContent-Length: 3", b"Content-Length: 2, 2", b"Content-Length : 2",
    b"Transfer-Encoding: chunked, identity", b"Transfer-Encoding: xchunked", b"Transfer-Encoding:\r\n chunked",
    b"Transfer-Encoding: \x0bchunked", b"Transfer-Encoding: chunked\nX: y", b"X: a\r\n b", b"X: a\x00b", b"X: a\rb",
])
def test_what_two_servers_could_read_differently_is_refused_and_nothing_after_it_is_answered(server, fields):
    request = b"POST /api/v1/task HTTP/1.1\r\nHost: localhost\r\n" + fields + b"\r\n\r\n0\r\n\r\n"
    assert raw_exchange(server, request + SMUGGLED) == [400]


@pytest.mark.parametrize("chunks", [b"2 \r\n{}", b"+2\r\n{}", b"0x2\r\n{}", b"10000000000000002\r\n{}", b"2\n{}",
                                    b"2;\n{}", b"2\r\n{}\n"])
def test_odd_chunks_are_refused(server, chunks):
    request = b"POST /api/v1/task HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    assert raw_exchange(server, request + b"\r\n0\r\n\r\n" + SMUGGLED) == [400]


def test_what_is_too_large_is_refused(server):
    head = b"POST /api/v1/task HTTP/1.1\r\nHost: localhost\r\n"
    deep = b'{"env":' + b"[" * 65 + b"]" * 65 + b"}"
    for expected, request in (
            (414, b"GET /" + b"x" * 8200 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (431, b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 17000 + b"\r\n\r\n"),
            (413, head + b"Content-Length: 1048577\r\n\r\n"),
            (413, head + b"Transfer-Encoding: chunked\r\n\r\n100001\r\n" + b"x" * 0x100001 + b"\r\n0\r\n\r\n"),
            (400, head + b"Content-Length: %d\r\n\r\n" % len(deep) + deep)):
        assert raw_exchange(server, request)[0] == expected


def drip(connection, request, pause):
    """Sends a byte at a time until the server has enough of it. What it answered, and after how many seconds."""
    begin = time.monotonic()
    connection.settimeout(pause)
    for byte in request:
        try:
            connection.sendall(bytes([byte]))
            answer = connection.recv(65536)
            return answer, time.monotonic() - begin
        except TimeoutError:
            continue  # the pause between two bytes
    raise AssertionError("the server took them all")


def test_a_client_that_sends_a_byte_now_and_then_is_sent_away(make_server):
    server = make_server(**{"http.server.read_timeout_seconds": 1}).start()
    host, port = server.address.split(":")
    head = b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 1000
    body = b"POST /api/v1/task HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
    for at_once, slowly in ((b"", head), (body, b"x" * 1000)):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(at_once)
            answer, took = drip(connection, slowly, 0.05)
        assert answer.startswith(b"HTTP/1.1 408 ") and took < 4


def test_a_client_that_reads_a_byte_now_and_then_is_sent_away(make_server):
    server = make_server(**{"http.server.write_timeout_seconds": 1}).start()
    run = server.api.finish("set +x; head -c 64000000 /dev/zero | tr '\\0' '\\n'")
    host, port = server.address.split(":")
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((host, int(port)))
        connection.sendall(f"GET /api/v1/{run['run_id']}/logs?raw HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        begin = time.monotonic()

        def is_over():
            connection.recv(1)
            return not established(server, connection)

        eventually(is_over, interval=0.1)
        assert time.monotonic() - begin > 0.9


def established(server, connection):
    """Whether the server's process still has its end of the connection."""
    port = connection.getsockname()[1]
    sockets = {os.readlink(each) for each in (server.proc / "fd").iterdir()
               if os.path.islink(each)}
    for line in (server.proc / "net/tcp").read_text().splitlines()[1:]:
        _, _, remote, *rest = line.split()
        if int(remote.split(":")[1], 16) == port and f"socket:[{rest[6]}]" in sockets:
            return True
    return False


def test_requests_in_flight_are_answered_when_the_server_stops(make_server):
    server = make_server().start()
    host, port = server.address.split(":")
    body = json.dumps({"alias": "late"}).encode()
    with socket.create_connection((host, int(port)), timeout=10) as busy:
        busy.sendall(b"POST /api/v1/task HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body))
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: refuses(host, int(port)))
        busy.sendall(body)
        answer = b"".join(iter(lambda: busy.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400 ") and b"Connection: close" in answer
    assert server.process.wait(timeout=10) == 0
    server.process = None


def refuses(host, port):
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return True
    return False


def test_a_server_may_have_as_many_connections_as_the_host_allows_and_jobs_the_usual_limit(server, api):
    limits = (server.proc / "limits").read_text()
    soft, hard = re.search(r"Max open files\s+(\d+)\s+(\d+)", limits).groups()
    assert soft == hard
    run = api.finish("set +x; ulimit -Sn")
    assert int(api.output(run["run_id"])[-1]) == min(1024, int(hard))
