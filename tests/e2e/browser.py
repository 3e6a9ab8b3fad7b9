"""A real browser, Chromium without a screen, and the site of an attacker that it visits."""
import contextlib
import http.server
import json
import os
import pathlib
import queue
import signal
import socket
import subprocess
import threading
import urllib.parse

PAGES = pathlib.Path(__file__).with_name("data") / "pages"
REPORT_LIMIT_SECONDS = 90


def page(name, settings):
    """The page, which finds `settings` in a variable of that name."""
    script = (PAGES / "attempts.js").read_text()
    return (f"<!doctype html><title>page</title><body><script>const settings = {json.dumps(settings)};\n"
            f"{script}\n{(PAGES / name).read_text()}</script></body>").encode()


class Site:
    """A web server on a port of its own that serves one page and takes its report."""

    def __init__(self):
        self.reports = queue.Queue()
        self.content = b""
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802 (the base class names it)
                self.answer(200 if self.path == "/page" else 404, site.content if self.path == "/page" else b"")

            def do_POST(self):  # noqa: N802
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(200, b"")
                if self.path == "/report":
                    site.reports.put(json.loads(body))

            def answer(self, status, body):
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Rebinding:
    """What DNS rebinding comes to on the network: the same port of another address. It serves `content` at /page;
    every other connection goes, byte for byte, to the server at 127.0.0.1, as if the name had moved there."""

    ADDRESS = "127.0.0.2"

    def __init__(self, port, content):
        self.port = port
        self.content = content
        self.listener = socket.create_server((self.ADDRESS, port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):  # closed
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, contextlib.suppress(OSError):
            first = connection.recv(65536)
            if first.startswith(b"GET /page "):
                head = (f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"
                        f"Content-Length: {len(self.content)}\r\n\r\n")
                connection.sendall(head.encode() + self.content)
            elif first:
                with socket.create_connection(("127.0.0.1", self.port)) as server:
                    server.sendall(first)
                    back = threading.Thread(target=copy, args=(server, connection), daemon=True)
                    back.start()
                    copy(connection, server)
                    back.join()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def copy(source, target):
    """Passes bytes on until there are no more."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def visit(url, site, profile, address="127.0.0.1"):
    """Opens the page in a new browser, for which the host of the URL is at `address`; what it reports to `site`."""
    host = urllib.parse.urlsplit(url).hostname
    command = [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--disable-quic", "--disable-dev-shm-usage",
        f"--user-data-dir={profile}", f"--host-resolver-rules=MAP {host} {address},MAP site.example 127.0.0.1",
        "--remote-debugging-port=0", url]
    environment = {"PATH": os.environ["PATH"], "HOME": str(profile)}
    browser = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=environment, start_new_session=True)
    try:
        return site.reports.get(timeout=REPORT_LIMIT_SECONDS)
    finally:
        os.killpg(browser.pid, signal.SIGKILL)
        browser.wait()
