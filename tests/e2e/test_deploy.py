"""What the project ships for operators: it names only what there is."""
import json
import re
import socket
import ssl
import subprocess
import urllib.request

import pytest
import yaml

from eventually import eventually
from server import PROJECT, Server, clean_environment, flotilla

MONITORING = PROJECT / "deploy/monitoring"


def metrics_in(text):
    return set(re.findall(r"\b(?:flotilla|process)_[a-z_]+", text))


def test_dashboard_and_alerts_ask_for_metrics_that_there_are():
    known = set(re.findall(r"^\| `(\w+)` \|", (PROJECT / "docs/operations.md").read_text(), re.MULTILINE))
    known |= {f"{name}_bucket" for name in known}
    rules = [rule for group in yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
    panels = json.loads((MONITORING / "dashboard.json").read_text())["panels"]
    asked = [rule["expr"] for rule in rules] + [target["expr"] for panel in panels for target in panel["targets"]]
    assert len(rules) >= 5 and len(panels) >= 10
    for expression in asked:
        assert expression.startswith("up{") or metrics_in(expression), expression
        assert metrics_in(expression) <= known, expression


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory, base_root):
    """One that is served at a path, and finds its page below it."""
    made = Server(tmp_path_factory.mktemp("server"), {"base": base_root}, **{"http.server.base_path": "/flotilla"})
    made.start()
    yield made
    made.close()


@pytest.fixture
def proxied(server, tmp_path):
    """The address of nginx before a server, with the sample's configuration but for names, ports and files: at / and, as
    the sample says, at a path."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
                   check=True, stderr=subprocess.DEVNULL)
    port = free_port()
    sample = (PROJECT / "deploy/nginx/flotilla.conf").read_text()
    for theirs, ours in (("flotilla.example.org", "localhost"), ("127.0.0.1:3000", server.address),
                         ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), ("listen 80", f"listen unix:{tmp_path}/plain"),
                         ("/etc/ssl/certs/flotilla.pem", f"{tmp_path}/cert.pem"),
                         ("/etc/ssl/private/flotilla.key", f"{tmp_path}/key.pem")):
        assert theirs in sample
        sample = sample.replace(theirs, ours)
    at_root, rest = sample.split("    location / {", 1)
    block = rest.split("    }\n", 1)[0]
    sample = f"{at_root}    location /flotilla/ {{{block}    }}\n    location / {{{rest}"
    (tmp_path / "nginx.conf").write_text(
        f"daemon off;\nuser root;\npid {tmp_path}/pid;\nerror_log {tmp_path}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{sample}}}\n")
    nginx = subprocess.Popen(["/usr/sbin/nginx", "-c", tmp_path / "nginx.conf"], stderr=subprocess.PIPE)
    trust = ssl.create_default_context(cafile=tmp_path / "cert.pem")

    def open_path(path, method="GET", body=None):
        request = urllib.request.Request(f"https://localhost:{port}{path}", method=method, data=body)
        return urllib.request.build_opener(urllib.request.HTTPSHandler(context=trust)).open(request, timeout=20)

    def serves():
        assert nginx.poll() is None, nginx.stderr.read()
        try:
            return open_path("/health").status == 200
        except OSError:
            return False

    eventually(serves)
    yield open_path
    nginx.terminate()
    nginx.wait()


def test_nginx_as_in_the_sample_passes_on_what_the_server_says(server, proxied):
    definition = server.api.define("set +x; echo begun; while ! test -e /go; do sleep 0.1; done")
    with proxied(f"/api/v1/task/{definition['definition_id']}/execute", "PUT", b"{}") as answer:
        run_id = json.load(answer)["run_id"]
    with proxied(f"/api/v1/{run_id}/logs/stream") as stream:
        lines = iter(stream.readline, b"")
        assert any(b"begun" in line for line in lines), "the log comes while the job runs"
    server.api.wait(run_id, "RUNNING")
    with proxied("/metrics") as answer:
        assert b"flotilla_build_info" in answer.read()
    with proxied("/") as answer:
        assert answer.headers["Content-Type"].startswith("text/html")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_below_a_path_the_page_and_programs_find_all_that_they_ask_for(server, proxied):
    with proxied("/flotilla/runs/some-run") as answer:
        document = answer.read().decode()
    addresses = re.findall(r'="(/[^"]*)"', document)
    assert len(addresses) > 4 and all(address.startswith("/flotilla/") for address in addresses)
    for address in addresses:
        with proxied(address) as answer:
            assert answer.status == 200
    definition = server.api.define("echo from below")
    environment = clean_environment(FLOTILLA_SERVER=f"http://{server.address}/flotilla")
    done = flotilla("run", definition["alias"], "--follow", env=environment)
    assert "from below" in done.stdout
    with proxied(f"/flotilla/api/v1/task/{definition['definition_id']}") as answer:
        assert json.load(answer)["alias"] == definition["alias"]
