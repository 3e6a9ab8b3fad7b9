"""A registry on loopback that serves images to pull, over plain HTTP:
https://github.com/opencontainers/distribution-spec"""
import http.server
import threading

SILENCE = object()


class Registry:
    def __init__(self):
        self.blobs = {}
        self.manifests = {}  # (repository, tag or digest) -> digest, media type
        self.fault = None  # what every request is answered with: status and message, or SILENCE
        self.page = None  # what every request is answered with in the place of what it asks for, as by a login page
        self.requests = 0
        self.fetched = []  # the digests of the blobs that were sent, each as often as it was
        self.go_on = None  # an event that layers of more than a mebibyte wait for halfway
        self.closed = threading.Event()
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                registry.requests += 1
                if self.command == "GET" and "/blobs/" in self.path:
                    registry.fetched.append(self.path.rpartition("/")[2])
                if registry.fault is SILENCE:
                    registry.closed.wait()
                    self.close_connection = True
                    return
                status, media_type, body = (
                    registry.fault_answer() or registry.page_answer() or registry.answer(self.path))
                self.send_response(status)
                if status == 401:
                    self.send_header("WWW-Authenticate", 'Basic realm="registry"')
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    half = len(body) // 2 if registry.go_on and len(body) > 1 << 20 else 0
                    self.wfile.write(body[:half])
                    if half:
                        registry.go_on.wait()
                    self.wfile.write(body[half:])

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = "127.0.0.1:%d" % self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def push(self, repository, tag, image):
        blobs, manifest = image.blobs()
        self.blobs.update(blobs)
        for reference in (tag, manifest["digest"]):
            self.manifests[(repository, reference)] = manifest
        return f"{self.address}/{repository}:{tag}"

    def remove(self, repository, reference):
        """Forgets a tag or a digest."""
        del self.manifests[(repository, reference)]

    def fault_answer(self):
        if self.fault is None:
            return None
        status, code = self.fault
        return status, "application/json", b'{"errors": [{"code": "%s", "message": "%s"}]}' % (
            code.encode(), code.lower().encode())

    def page_answer(self):
        return None if self.page is None else (200, "text/html", self.page)

    def answer(self, path):
        parts = path.strip("/").split("/")
        if parts == ["v2"]:
            return 200, "application/json", b"{}"
        kind, reference, repository = parts[-2], parts[-1], "/".join(parts[1:-2])
        if kind == "manifests" and (repository, reference) in self.manifests:
            manifest = self.manifests[(repository, reference)]
            return 200, manifest["mediaType"], self.blobs[manifest["digest"]]
        if kind == "blobs" and reference in self.blobs:
            return 200, "application/octet-stream", self.blobs[reference]
        code = "MANIFEST_UNKNOWN" if kind == "manifests" else "BLOB_UNKNOWN"
        return 404, "application/json", b'{"errors": [{"code": "%s", "message": "unknown"}]}' % code.encode()

    def close(self):
        self.closed.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
