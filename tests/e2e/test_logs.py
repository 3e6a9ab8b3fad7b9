"""Logs as bytes, in pages and as a stream, of real containers."""
import json
import re
import socket
import time

import pytest

from api import fetch
from eventually import eventually
from log_stream import LogStream, text_of
from server import ENGINE

# Every kind of byte that a log may hold: no text, NUL, an empty line, a carriage return, a line without an end.
ODD_BYTES = r"""set +x; printf 'caf\303\251 \360\237\232\200\n\n\377\376bad\000nul\nprogress 1\rprogress 2\r\nlast'"""
ODD_OUTPUT = b"caf\xc3\xa9 \xf0\x9f\x9a\x80\n\n\xff\xfebad\x00nul\nprogress 1\rprogress 2\r\nlast"
TRACE = b"+ set -e\n+ set +x\n"  # that logs begin with
MARKER = b"\n[flotilla: log limit of 4096 bytes reached, %d bytes are left out here]\n"


def raw(server, run_id, **headers):
    return fetch(server, f"/api/v1/{run_id}/logs?raw", **headers)


def shown(log):
    """Bytes of a log as an event stream shows them: every kind of line end is one."""
    text = log.decode(errors="surrogateescape")
    text = "".join("\ufffd" if "\udc80" <= character <= "\udcff" else character for character in text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") or not text else text + "\n"


@pytest.fixture(scope="module")
def odd(server):
    """A finished run with odd bytes in its log."""
    return server.api.finish(ODD_BYTES)["run_id"]


@pytest.fixture(scope="module")
def long(server):
    """A finished run with some 400 kB of log, one line of them longer than an event may be."""
    command = "set +x; seq 1 20000; head -c 200000 /dev/zero | tr '\\0' x; echo; seq 1 10000"
    return server.api.finish(command)["run_id"]


def test_raw_is_the_exact_bytes(server, odd):
    status, headers, body = raw(server, odd)
    assert status == 200 and body.endswith(ODD_OUTPUT)
    path = next(server.data.glob(f"logs/*/{odd}.1.log"))
    assert body == path.read_bytes()
    assert headers["Content-Type"].startswith("text/plain") and headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"] == f'inline; filename="{odd}.log"'
    assert fetch(server, f"/api/v1/{odd}/logs?raw", "HEAD")[1]["Content-Length"] == str(len(body))


def test_a_log_is_compressed_once_the_container_is_gone_and_read_as_before(server):
    run = server.api.finish("set +x; seq 1 20000")["run_id"]
    eventually(lambda: [path.name for path in server.data.glob(f"logs/*/{run}.*")] == [f"{run}.1.log.zst"])
    assert raw(server, run)[2].endswith(b"".join(b"%d\n" % number for number in range(1, 20001)))


def test_a_log_beyond_its_limit_keeps_its_beginning_and_its_end(make_server):
    server = make_server(**{"run.log_limit": "4KiB"}).start()
    command = "set +x; echo x; seq 1000 2999; sleep 0.5; seq 3000 3999; echo it broke; exit 3"
    run_id = server.api.start(command)["run_id"]
    eventually(lambda: raw(server, run_id)[2].endswith(b"\n1404\n140"))  # half of the limit, while the job runs
    with LogStream(server.address, run_id) as stream:
        streamed = text_of(stream)
    ended = server.api.run(run_id)
    assert ended["exit_reason"] == "the job ended with exit code 3; the last line of its log: it broke"
    log = raw(server, run_id)[2]
    begin, marker, end = re.split(rb"\n(\[flotilla: log limit of 4096 bytes reached, .* bytes are left out here\])\n", log)
    printed = TRACE + b"x\n" + b"".join(b"%d\n" % number for number in range(1000, 4000)) + b"it broke\n"
    assert printed.startswith(begin) and printed.endswith(b"\n" + end) and end.endswith(b"\n3999\nit broke\n")
    assert int(marker.split()[7]) == len(printed) - len(begin) - len(end)
    assert len(begin) == 2048 and 2040 < len(end) <= 2048
    assert streamed == shown(log) and server.api.log(run_id) + "\n" == log.decode()
    assert server.flotilla("logs", run_id).stdout == server.flotilla("logs", "--raw", run_id).stdout == log.decode()
    assert list(server.data.rglob("*.end")) == []


def test_a_log_of_exactly_its_limit_is_whole_and_one_byte_more_is_left_out(make_server):
    server = make_server(**{"run.log_limit": "4KiB"}).start()
    room = 4096 - len(TRACE)
    for size, expected in ((room, TRACE + b"x" * room),
                           (room + 1, TRACE + b"x" * (room - 2048) + MARKER % 1 + b"x" * 2048)):
        run_id = server.api.finish(f"set +x; head -c {size} /dev/zero | tr '\\0' x")["run_id"]
        assert raw(server, run_id)[2] == expected, size


def test_ranges_of_raw_are_honoured(server, odd):
    _, headers, whole = raw(server, odd)
    size = len(whole)
    for wanted, expected in (("bytes=0-0", whole[:1]), ("bytes=5-9", whole[5:10]), ("bytes=7-", whole[7:]),
                             ("bytes=-6", whole[-6:]), (f"bytes=3-{size * 2}", whole[3:])):
        status, answer, body = raw(server, odd, Range=wanted)
        first = size - len(expected) if wanted == "bytes=-6" else int(wanted[6:].split("-")[0])
        assert status == 206 and body == expected
        assert answer["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{size}"
    status, answer, _ = raw(server, odd, Range=f"bytes={size}-")
    assert status == 416 and answer["Content-Range"] == f"bytes */{size}"
    for ignored in ("bytes=1-2,4-5", "lines=1-2", "bytes=5-1", "nonsense"):
        assert raw(server, odd, Range=ignored)[::2] == (200, whole)
    assert raw(server, odd, Range="bytes=1-2", If_Range=headers["ETag"])[0] == 206
    assert raw(server, odd, Range="bytes=1-2", If_Range='"older"')[::2] == (200, whole)


def test_raw_of_a_live_run_is_what_is_there(server, api):
    run = api.start("set +x; echo begun; sleep 60")
    eventually(lambda: raw(server, run["run_id"])[2].endswith(b"begun\n"))
    api.stop(run)


def test_what_has_not_begun_is_empty(make_server):
    server = make_server(clusters="{default: {memory: 64}, other: {memory: 64}}").start()
    first = server.api.start("sleep 60", memory=63)
    server.api.wait(first["run_id"], "RUNNING")
    waiting = server.api.start("echo at last", memory=63)
    assert raw(server, waiting["run_id"])[::2] == (200, b"")
    with LogStream(server.address, waiting["run_id"]) as stream:
        events = iter(stream)
        server.api.stop(first)
        assert text_of(events).endswith("at last\n")
        assert stream.comments > 0


def test_wrong_requests_are_told_what_is_wrong(api, odd):
    for query, status in (("logs?raw&last_seen=1/0", 400), ("logs?attempt=x", 400), ("logs?attempt=2", 404),
                          ("logs?raw&attempt=2", 404), ("logs/stream?last_seen=x", 400)):
        answer = api.get(f"/api/v1/{odd}/{query}")
        assert answer[0] == status and answer[1]["error"], query
    for path in ("logs?raw", "logs/stream"):
        assert api.get(f"/api/v1/nope/{path}")[0] == 404


def test_a_stream_of_a_finished_run_gives_all_and_ends(server, odd):
    with LogStream(server.address, odd) as stream:
        assert stream.status == 200 and stream.headers["Content-Type"] == "text/event-stream"
        *events, end = stream
    assert text_of(events) == shown(raw(server, odd)[2])
    assert end.type == "end" and end.json == {"status": "STOPPED", "exit_code": 0}


def test_a_stream_is_live(server, api):
    command = "set +x; for i in 1 2 3 4; do date +%s.%N; sleep 0.3; done; exit 3"
    run_id = api.start(command)["run_id"]
    delays = []
    with LogStream(server.address, run_id) as stream:
        for event in stream:
            seen = time.time()
            last = event.data.split("\n")[-1]
            if last[:1].isdigit():
                delays.append(seen - float(last))
    assert len(delays) >= 3 and min(delays) < 0.25 and max(delays) < 1, delays
    assert event.type == "end" and event.json["exit_code"] == 3


@pytest.mark.skipif(ENGINE != "local", reason="a Docker daemon keeps a line until it ends")
def test_a_progress_bar_shows_while_it_runs_and_is_told_whole_once_it_ended(server, api):
    command = r"set +x; for i in 1 2 3; do printf '\r%d of 3' $i; done; trap exit TERM; sleep 600 & wait"
    run_id = api.start(command)["run_id"]
    api.wait(run_id, "RUNNING")  # before, only a stream tells what it writes
    with LogStream(server.address, run_id, "?json", timeout=60) as stream:
        events = iter(stream)
        bar = next(event for event in events if event.type == "unfinished" and event.json == "3 of 3")
        lines = api.ok("GET", f"/api/v1/{run_id}/logs/lines")
        assert lines["unfinished"] == "3 of 3" and "3 of 3" not in str(lines["lines"])
        assert bar.id == lines["last_seen"], "it moves no position"
        with LogStream(server.address, run_id, Last_Event_ID=bar.id) as other:
            again = next(iter(other))
            assert (again.type, again.data) == ("unfinished", "3 of 3")
        api.stop(api.run(run_id))
        rest = [event.json for event in events if event.type == "message"]
    assert rest[-1][0] == "\r1 of 3\r2 of 3\r3 of 3"
    with LogStream(server.address, run_id) as stream:
        assert text_of(stream) == shown(raw(server, run_id)[2])
    assert "unfinished" not in api.ok("GET", f"/api/v1/{run_id}/logs/lines")


def test_a_stream_resumes_exactly_from_every_event(server, long):
    whole = shown(raw(server, long)[2])
    with LogStream(server.address, long) as stream:
        events = list(stream)
    assert text_of(events) == whole
    assert len(events) > 5 and any(event.type == "part" for event in events)
    for position, event in enumerate(events[:-1]):
        with LogStream(server.address, long, Last_Event_ID=event.id) as stream:
            rest = list(stream)
        assert text_of(events[:position + 1]) + text_of(rest) == whole
        assert rest[-1].type == "end"
    with LogStream(server.address, long, f"?last_seen={events[0].id}") as stream:
        assert text_of(events[:1]) + text_of(stream) == whole


def test_a_client_that_keeps_breaking_off_misses_nothing(server, api):
    command = "set +x; for i in $(seq 1 300); do echo line $i; [ $((i % 30)) -ne 0 ] || sleep 0.05; done"
    run_id = api.start(command)["run_id"]
    told, last_id, done = [], "", False
    while not done:
        with LogStream(server.address, run_id, Last_Event_ID=last_id) as stream:
            event = next(iter(stream))
        told.append(event)
        last_id, done = event.id, event.type == "end"
    assert text_of(told) == shown(raw(server, run_id)[2])


def test_a_page_token_and_an_event_id_are_the_same(server, api, long):
    with LogStream(server.address, long) as stream:
        first = next(iter(stream))
    page = api.ok("GET", f"/api/v1/{long}/logs?last_seen={first.id}")
    assert shown(raw(server, long)[2]).startswith(first.data + "\n" + page["log"][:1000])


def test_a_stream_goes_on_with_the_next_attempt(make_server):
    server = make_server(**{"http.server.public_url": "http://localhost:1"}).start()
    api = server.api
    run_id = api.start("set +x; echo attempt; sleep 60")["run_id"]
    kinds, texts = [], []
    with LogStream(server.address, run_id) as stream:
        for event in stream:
            kinds.append(event.type)
            texts.append(event.data)
            if event.data.endswith("attempt") and "attempt" not in kinds:
                api.ok("PUT", f"/api/v1/{run_id}/status", {"status": "NEEDS_RETRY"})
            elif event.data.endswith("attempt"):
                api.stop(api.run(run_id))
            if event.type == "attempt":
                assert event.json == {"number": 2} and event.id == "2/0"
    assert kinds.count("attempt") == 1 and "message" in kinds[:kinds.index("attempt")] and kinds[-1] == "end"
    assert "".join(texts).count("attempt") == 2
    earlier = fetch(server, f"/api/v1/{run_id}/logs?raw&attempt=1")[2]
    assert earlier.endswith(b"attempt\n") and api.get(f"/api/v1/{run_id}/logs?attempt=1")[1]["log"]
    with LogStream(server.address, run_id, Last_Event_ID="1/0") as stream:
        assert text_of(stream) == shown(earlier) + shown(raw(server, run_id)[2])


def test_stopping_the_server_ends_streams_and_a_new_one_goes_on(make_server):
    server = make_server().start()
    run = server.api.start("set +x; echo before; sleep 60")
    stream = LogStream(server.address, run["run_id"])
    events = iter(stream)
    before = next(events)
    while not before.data.endswith("before"):
        before = next(events)
    server.stop(within=2)
    assert list(events) == []
    server.start()
    with LogStream(server.address, run["run_id"], Last_Event_ID=before.id) as stream:
        server.api.stop(run)
        assert [event.type for event in stream][-1] == "end"


def test_an_old_client_is_answered_until_the_connection_closes(server, odd):
    host, port = server.address.split(":")
    with socket.create_connection((host, int(port)), timeout=15) as connection:
        connection.sendall(f"GET /api/v1/{odd}/logs/stream HTTP/1.0\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding" not in head and b"Connection: close" in head
    assert body.rstrip().endswith(json.dumps({"status": "STOPPED", "exit_code": 0}, separators=(",", ":")).encode())


def test_two_hundred_streams_at_once_need_no_thread_each_and_tell_all(make_server):
    server = make_server(**{"http.server.threads": 4}).start()
    api = server.api
    run = api.start("set +x; for i in $(seq 1 20); do echo line $i; sleep 0.1; done")
    api.wait(run["run_id"], "RUNNING")
    threads = len(list((server.proc / "task").iterdir()))
    streams = [LogStream(server.address, run["run_id"]) for _ in range(200)]
    try:
        assert len(list((server.proc / "task").iterdir())) <= threads + 4, "all of those that answer requests"
        assert api.get("/health")[0] == 200
        texts = {text_of(stream) for stream in streams}
    finally:
        for stream in streams:
            stream.connection.close()
    assert texts == {shown(raw(server, run["run_id"])[2])}
