"""What the execute call says of images: answered soon, and by whom."""
import base64
import json
import os
import re
import subprocess
import time

import pytest

from eventually import eventually
from registry import SILENCE

USER, PASSWORD = "alice", "wonderland"
HTPASSWD = "alice:$2b$04$qlCMRaq/SZ/svLe2xNTtn.lCtqLuI1OvlJbA639JXEv1ZoNrc/hde\n"  # bcrypt of that password


def execute(api, image):
    """The answer of an execute call, and how many seconds it took."""
    definition = api.define("true", image=image)
    begin = time.monotonic()
    status, answer = api.request("PUT", f"/api/v1/task/{definition['definition_id']}/execute", {"cluster": "default"})
    return status, answer, time.monotonic() - begin


@pytest.mark.parametrize("fault, said", [
    (SILENCE, "did not answer within 2.8 seconds"),
    ((429, "TOOMANYREQUESTS"), "wants to be asked less often"),
    ((500, "UNKNOWN"), "is too busy or broken"),
    ((503, "UNAVAILABLE"), "is too busy or broken"),
])
def test_a_registry_in_trouble_is_named_within_three_seconds(make_server, registry, fault, said):
    registry.fault = fault
    status, answer, took = execute(make_server().start().api, f"{registry.address}/team/tool:1")
    assert status == 503
    assert f"registry {registry.address} {said}" in answer["error"]
    assert took < 3.5  # three, and what a busy machine adds


@pytest.mark.parametrize("page", [b"<html>log in first</html>", b"", b'{"error": "log in first"}'])
def test_an_answer_that_is_no_image_manifest_is_no_image(make_server, registry, page):
    registry.page = page
    status, answer, _ = execute(make_server().start().api, f"{registry.address}/team/tool:1")
    assert status == 503
    assert f"registry {registry.address} gave no image manifest for team/tool:1" in answer["error"]


def test_a_registry_whose_name_is_unknown_is_said_to_be_out_of_reach(make_server):
    status, answer, took = execute(make_server().start().api, "registry.invalid/team/tool:1")
    assert status == 503
    assert "registry registry.invalid " in answer["error"]
    assert took < 3.5


@pytest.mark.parametrize("fault", [(401, "UNAUTHORIZED"), (403, "DENIED")])
def test_an_image_that_may_not_be_read_counts_as_none(make_server, registry, fault):
    registry.fault = fault
    image = f"{registry.address}/team/tool:1"
    status, answer, _ = execute(make_server().start().api, image)
    assert (status, answer) == (
        404, {"error": f"image [{image}] was not found in any of the configured repositories"})


def test_an_answer_is_remembered(make_server, registry, base_image):
    api = make_server(clusters="{default: {max_running: 1}}").start().api
    holds = api.start("sleep 1000")
    api.wait(holds["run_id"], "RUNNING")
    image = registry.push("team/tool", "1", base_image)
    assert execute(api, image)[0] == 200
    asked = registry.requests
    assert execute(api, image)[0] == 200
    assert registry.requests == asked


@pytest.fixture
def guarded_registry(tmp_path, base_image):
    """Debian's docker-registry behind a password, with one image."""
    folder = tmp_path / "registry"
    folder.mkdir()
    (folder / "htpasswd").write_text(HTPASSWD)
    (folder / "config.yml").write_text(json.dumps({
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": str(folder / "store")}},
        "http": {"addr": "127.0.0.1:0"},
        "auth": {"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}},
    }))
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(["docker-registry", "serve", folder / "config.yml"], stdout=output, stderr=output)
    try:
        address = eventually(lambda: re.search(r"listening on (127\.0\.0\.1:\d+)", log.read_text())).group(1)
        image = f"{address}/team/tool:1"
        subprocess.run(
            ["skopeo", "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false",
             f"--dest-creds={USER}:{PASSWORD}", f"oci:{base_image.write(folder / 'layout')}", f"docker://{image}"],
            check=True)
        yield image
    finally:
        process.kill()
        process.wait()


def write_auth(folder, content):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(content))
    return folder / "config.json"


def basic(image):
    registry = image.partition("/")[0]
    return {"auths": {registry: {"auth": base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}}}


def finish(server, image):
    run = server.api.finish("echo ran", image=image)
    assert run["exit_code"] == 0, run
    assert server.api.output(run["run_id"]) == ["ran"]


def test_the_credentials_of_docker_auth_are_used(make_server, guarded_registry, tmp_path):
    assert execute(make_server().start().api, guarded_registry)[0] == 404
    auth = write_auth(tmp_path / "auth", basic(guarded_registry))
    finish(make_server(docker_auth=auth).start(), guarded_registry)


def test_without_docker_auth_those_of_the_home_folder_are_used(make_server, guarded_registry, tmp_path):
    write_auth(tmp_path / "home/.docker", basic(guarded_registry))
    finish(make_server(environment={"HOME": str(tmp_path / "home")}).start(), guarded_registry)


def test_a_credential_helper_is_asked(make_server, guarded_registry, tmp_path):
    helper = tmp_path / "bin/docker-credential-tests"
    helper.parent.mkdir()
    helper.write_text(f"#!/bin/sh\necho '{{\"Username\": \"{USER}\", \"Secret\": \"{PASSWORD}\"}}'\n")
    helper.chmod(0o755)
    path = f"{helper.parent}:{os.environ['PATH']}"
    registry = guarded_registry.partition("/")[0]
    auth = write_auth(tmp_path / "auth", {"credHelpers": {registry: "tests"}})
    finish(make_server(environment={"PATH": path}, docker_auth=auth).start(), guarded_registry)


def test_a_wrong_password_counts_as_no_image(make_server, guarded_registry, tmp_path):
    wrong = basic(guarded_registry)
    for entry in wrong["auths"].values():
        entry["auth"] = base64.b64encode(b"alice:looking-glass").decode()
    server = make_server(docker_auth=write_auth(tmp_path / "auth", wrong)).start()
    assert execute(server.api, guarded_registry)[0] == 404
