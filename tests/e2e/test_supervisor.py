"""What a server tells systemd, where that started it."""
import signal
import socket

import pytest


@pytest.fixture
def heard(tmp_path):
    """The socket at which systemd listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(20)
        yield listener


@pytest.mark.parametrize("address", ["127.0.0.1:0", ":0"])
def test_it_is_told_of_readiness_life_and_end(make_server, heard, address):
    server = make_server(environment={"NOTIFY_SOCKET": heard.getsockname(), "WATCHDOG_USEC": "400000"},
                         **{"http.server.listen_address": address, "auth.mode": "none"}).start()
    assert heard.recv(100) == b"READY=1"
    assert [heard.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=20) == 0
    said = b""
    while said != b"STOPPING=1":
        said = heard.recv(100)
        assert said in (b"WATCHDOG=1", b"STOPPING=1")
    server.process = None


def test_without_a_watchdog_it_gives_no_signs_of_life(make_server, heard):
    server = make_server(environment={"NOTIFY_SOCKET": heard.getsockname()}).start()
    server.stop()
    assert [heard.recv(100) for _ in range(2)] == [b"READY=1", b"STOPPING=1"]
