"""Each kind of nasty log, byte for byte: while its job is alive, and once it has ended and the log is compressed."""
import hashlib
import http.client
import re
import subprocess

import pytest

from api import fetch
from eventually import eventually
from log_stream import LogStream, text_of
from server import ENGINE

pytestmark = pytest.mark.skipif(ENGINE != "local", reason="test_logs reads the logs of every engine")

BEGIN = b"+ set -e\n+ set +x\n"  # what the shell says of itself
STAY = "trap 'exit 0' TERM; sleep 600 & wait"
LEAST_COMPRESSED = 8192
MEBIBYTE = 1 << 20
LONG = "seq -f %01000g 1 15000"  # 15 MB

# What a job does, by what its log is.
KINDS = {
    "nothing of its own": "true",
    "no newline at its end": r"printf 'one\ntwo'",
    "NUL bytes": "head -c 300000 /dev/zero; echo end",
    "every byte": r"for i in $(seq 0 255); do printf \\$(printf %03o $i); done",
    "invalid UTF-8": r"for i in $(seq 1 3000); do printf 'a\377\300\200\355\240\200\342\202 z\360\237\232\200\n'; done",
    "carriage returns": r"for i in $(seq 1 3000); do printf '\r%d of 3000' $i; done; printf '\r\n\rdone\r'",
    "empty lines": "yes '' | head -n 300000",
    "one long line": r"head -c 3000000 /dev/zero | tr '\0' x; echo; echo end",
    "many lines": "seq 1 400000",
}


def printed_by(command):
    """What the log of a job with this command has to be."""
    return BEGIN + subprocess.run(["bash", "-c", command], stdout=subprocess.PIPE, check=True).stdout


def shown(log):
    """As JSON has it: each byte that is not UTF-8 is U+FFFD."""
    return re.sub("[\udc80-\udcff]", "\ufffd", log.decode(errors="surrogateescape"))


def digest(log):
    return hashlib.sha256(log).hexdigest(), len(log)


def raw(server, run, **headers):
    return fetch(server, f"/api/v1/{run['run_id']}/logs?raw", **headers)[2]


def read_everywhere(server, run, expected, is_complete):
    """Reads the log in each way that does not wait."""
    assert digest(raw(server, run)) == digest(expected)
    size = len(expected)
    for first, last in ((0, 0), (size // 3, size // 3 + 200_000), (size - 10, size + 10)):
        assert raw(server, run, Range=f"bytes={first}-{last}") == expected[first:last + 1]
    told = expected if is_complete else expected[:expected.rfind(b"\n") + 1]  # a line that has no end yet waits
    # where a page cuts a line there is no newline between them, else there is
    assert server.api.log(run["run_id"]).replace("\n", "") == shown(told).replace("\n", "")
    lines = told.decode(errors="replace").count("\n") + (not told.endswith(b"\n"))
    last = server.api.ok("GET", f"/api/v1/{run['run_id']}/logs/lines?count=1")
    assert last["total"] == lines and last["last_seen"] == f"1/{len(told)}"
    found = server.api.ok("GET", f"/api/v1/{run['run_id']}/logs/search?text=set")
    assert found["lines"][:2] == [1, 2] and found["total"] == 2


def files_of(server, run):
    return sorted(path.name.removeprefix(run["run_id"]) for path in server.data.glob(f"logs/*/{run['run_id']}.*"))


def end_and_compress(server, run, is_long=True):
    server.api.stop(run)
    server.api.wait(run["run_id"])
    eventually(lambda: files_of(server, run) == [".1.log.zst" if is_long else ".1.log"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_log_is_exact_alive_and_compressed(server, kind):
    expected = printed_by(KINDS[kind])
    run = server.api.start(f"set +x; {KINDS[kind]}; {STAY}")
    eventually(lambda: server.api.run(run["run_id"])["status"] == "RUNNING" and len(raw(server, run)) == len(expected))
    read_everywhere(server, run, expected, is_complete=False)
    end_and_compress(server, run, len(expected) >= LEAST_COMPRESSED)
    read_everywhere(server, run, expected, is_complete=True)
    with LogStream(server.address, run["run_id"]) as stream:
        told = text_of(stream)
    lines = shown(expected).replace("\r\n", "\n").replace("\r", "\n")  # every kind of line end is one
    assert told.rstrip("\n") == lines.rstrip("\n")


@pytest.fixture
def long(server):
    """A run that is alive, and its log."""
    run = server.api.start(f"set +x; {LONG}; {STAY}")
    expected = printed_by(LONG)
    server.api.wait(run["run_id"], "RUNNING")
    eventually(lambda: int(fetch(server, f"/api/v1/{run['run_id']}/logs?raw", "HEAD")[1]["Content-Length"]) == len(expected))
    yield run, expected
    server.api.stop(run)


def test_readers_that_stop_for_a_while_miss_nothing_when_the_log_is_compressed_meanwhile(server, long):
    run, expected = long
    connection = http.client.HTTPConnection(server.address, timeout=30)
    connection.request("GET", f"/api/v1/{run['run_id']}/logs?raw")
    answer = connection.getresponse()
    begin = answer.read(1000)
    with LogStream(server.address, run["run_id"]) as stream:
        events = iter(stream)
        first = next(events)
        end_and_compress(server, run)
        assert digest(begin + answer.read()) == digest(expected)
        connection.close()
        assert text_of([first, *events]).encode() == expected


def test_a_page_costs_the_page(server, long):
    run, expected = long

    def bytes_read():
        return int(re.search(r"rchar: (\d+)", (server.proc / "io").read_text()).group(1))

    def cost_of_a_page():
        before = bytes_read()
        page = server.api.ok("GET", f"/api/v1/{run['run_id']}/logs?last_seen=1/{12 * MEBIBYTE}")["log"]
        cost = bytes_read() - before
        assert page.encode() == expected[12 * MEBIBYTE:][:len(page)]
        return cost

    assert cost_of_a_page() < 2 * MEBIBYTE
    end_and_compress(server, run)
    assert cost_of_a_page() < MEBIBYTE


def test_logs_that_a_server_left_uncompressed_are_compressed_by_the_next(make_server):
    server = make_server().start()
    run = server.api.finish("set +x; seq 1 20000")
    expected = printed_by("seq 1 20000")
    eventually(lambda: files_of(server, run) == [".1.log.zst"])
    alive = server.api.start(f"set +x; seq 1 20000; {STAY}")
    server.api.wait(alive["run_id"], "RUNNING")
    eventually(lambda: raw(server, alive) == expected)
    server.stop()
    compressed = next(server.data.glob(f"logs/*/{run['run_id']}.*"))
    compressed.with_suffix("").write_bytes(expected)  # as before it was compressed
    half_made = compressed.with_name(compressed.name + ".tmp")
    compressed.rename(half_made)
    server.start()
    eventually(lambda: files_of(server, run) == [".1.log.zst"])
    assert raw(server, run) == expected
    assert files_of(server, alive) == [".1.log"], "a job that is alive goes on writing to it"
    end_and_compress(server, alive)
    assert raw(server, alive) == expected
    told = {"flotilla_logs_compressed_total 2", f"flotilla_logs_compressed_bytes_total {2 * len(expected)}"}
    eventually(lambda: told <= set(fetch(server, "/metrics")[2].decode().splitlines()))
