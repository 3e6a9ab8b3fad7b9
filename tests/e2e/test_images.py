"""Images as people really have them."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import threading

import pytest

from eventually import eventually
from oci import Image
from server import ENGINE


PROFILE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture
def imported(server, tmp_path):
    """Imports an image under a name of its own and returns the name."""

    def make(name, image):
        server.flotilla("image", "import", name, image.write(tmp_path / name), "--config", server.config)
        return name

    return make


def test_the_path_of_the_image_is_kept_by_a_login_shell(api, imported, base_image):
    image = imported("python-slim", base_image.files({"opt/python/bin/python3": b"#!/bin/sh\necho Python 3.12.0\n"})
                     .configure(Env=[f"PATH=/opt/python/bin:{PROFILE_PATH}", "PYTHON_VERSION=3.12.0"]))
    run = api.finish('python3 --version; echo "$PYTHON_VERSION"', image=image)
    assert run["exit_code"] == 0
    assert api.output(run["run_id"]) == ["Python 3.12.0", "3.12.0"]


def test_an_entrypoint_is_replaced_by_the_shell(api, imported, base_image):
    image = imported("entrypoint", base_image.configure(Entrypoint=["/bin/false"], Cmd=["nothing"]))
    run = api.finish("echo mine", image=image)
    assert run["exit_code"] == 0
    assert api.output(run["run_id"]) == ["mine"]


def test_the_user_and_the_working_folder_of_the_image_are_honoured(api, imported, base_image):
    passwd = b"root:x:0:0:root:/root:/bin/bash\nworker:x:1234:1235:worker:/home/worker:/bin/bash\n"
    image = imported("worker", base_image
                     .files({"etc/passwd": (passwd, 0o644), "etc/group": (b"root:x:0:\nworker:x:1235:\n", 0o644)})
                     .files({"home/worker/": b""}, owner=1234)
                     .configure(User="worker", WorkingDir="/home/worker"))
    run = api.finish("id -u; id -g; pwd; touch here; echo ~", image=image)
    assert run["exit_code"] == 0
    assert api.output(run["run_id"]) == ["1234", "1235", "/home/worker", "/home/worker"]


def test_the_definitions_user_wins_over_the_images(api, imported, base_image):
    image = imported("nobody-there", base_image.configure(User="0"))
    run = api.finish("id -u", image=image, user="nobody")
    assert api.output(run["run_id"]) == ["65534"]


def test_an_image_without_bash_runs_by_sh(api, imported, base_image):
    dash = pathlib.Path(shutil.which("dash")).read_bytes()
    image = imported("alpine", base_image.files(
        {"usr/bin/.wh.bash": b"", "usr/bin/.wh.sh": b""}).files({"usr/bin/sh": dash}))
    run = api.finish('echo "by $0"; test ! -e /bin/bash', image=image)
    assert run["exit_code"] == 0
    assert api.log(run["run_id"]).split("\n")[0] == "+ set -e"
    assert api.output(run["run_id"])[0].startswith("by ")


def test_upper_layers_hide_files_of_lower_ones(api, imported, base_image):
    image = imported("layers", base_image
                     .files({"opt/a/one": b"1", "opt/a/two": b"2", "opt/b/one": b"1"})
                     .files({"opt/a/.wh.one": b"", "opt/b/.wh..wh..opq": b"", "opt/b/new": b"new"}))
    run = api.finish("ls /opt/a /opt/b", image=image)
    assert api.output(run["run_id"]) == ["/opt/a:", "two", "", "/opt/b:", "new"]


def test_what_a_job_writes_is_gone_with_it(api):
    definition = api.define("test ! -e /etc/mark; touch /etc/mark; rm /etc/profile; ls /bin/bash")
    for _ in range(2):
        assert api.wait(api.execute(definition)["run_id"])["exit_code"] == 0


def test_the_container_has_the_usual_files_and_devices(api):
    run = api.finish("""
        set +x
        test -s /etc/hosts; test -s /etc/hostname; test -e /etc/resolv.conf
        grep -q localhost /etc/hosts
        test "$(cat /etc/hostname)" = "$(hostname)"
        echo x >/dev/null; head -c 1 /dev/zero | wc -c; head -c 1 /dev/urandom >/tmp/byte
        cat <(echo substituted); echo to-stdout >/dev/stdout; touch /dev/shm/x
        ls /proc/self >/dev/null
        """)
    assert run["exit_code"] == 0, api.log(run["run_id"])
    assert api.output(run["run_id"])[-3:] == ["1", "substituted", "to-stdout"]


def test_a_missing_image_is_refused_when_its_registry_says_so(make_server, registry):
    api = make_server(**{"images.insecure_registries": f'["{registry.address}"]'}).start().api
    image = f"{registry.address}/team/missing:1"
    definition = api.define("true", image=image)
    status, answer = api.request("PUT", f"/api/v1/task/{definition['definition_id']}/execute", {"cluster": "default"})
    assert (status, answer) == (
        404, {"error": f"image [{image}] was not found in any of the configured repositories"})


def test_a_registry_that_is_away_is_named(make_server):
    api = make_server(**{"images.insecure_registries": '["127.0.0.1:1"]'}).start().api
    definition = api.define("true", image="127.0.0.1:1/team/tool:1")
    status, answer = api.request("PUT", f"/api/v1/task/{definition['definition_id']}/execute", {"cluster": "default"})
    assert status == 503
    assert "127.0.0.1:1" in answer["error"]


def test_a_run_pulls_its_image(make_server, registry, base_image):
    server = make_server(**{"images.insecure_registries": f'["{registry.address}"]'}).start()
    name = registry.push("team/tool", "1", base_image.configure(Env=["TOOL=1"]))
    run = server.api.finish('echo "tool $TOOL"', image=name)
    assert run["exit_code"] == 0
    assert server.api.output(run["run_id"]) == ["tool 1"]


def test_runs_that_want_an_image_at_once_share_one_pull(make_server, registry, base_image):
    server = make_server(**{"images.insecure_registries": f'["{registry.address}"]'}).start()
    definition = server.api.define("true", image=registry.push("team/shared", "1", base_image.files({"shared": b"1"})))
    runs = [server.api.execute(definition)["run_id"] for _ in range(6)]
    assert {server.api.wait(run)["exit_code"] for run in runs} == {0}
    assert len(registry.fetched) == len(set(registry.fetched)) > 1


def test_how_far_a_pull_is_can_be_seen(make_server, registry, base_image):
    server = make_server(**{"images.insecure_registries": f'["{registry.address}"]'}).start()
    name = registry.push("team/big", "1", base_image.files({"opt/data": os.urandom(4 << 20)}))
    run = server.api.execute(server.api.define("true", image=name))["run_id"]
    assert server.api.wait(run)["exit_code"] == 0
    registry.go_on = threading.Event()
    name = registry.push("team/big", "2", base_image.files({"opt/data": os.urandom(40 << 20)}))
    run = server.api.execute(server.api.define("true", image=name))["run_id"]
    try:
        far = eventually(lambda: re.search(r"the pull of image \S+ \((2\d) of 42 MB\)",
                                           server.api.run(run).get("waiting_for") or ""))
    finally:
        registry.go_on.set()
    assert int(far[1]) in range(20, 23)  # of its only layer that is not here
    assert server.api.wait(run)["exit_code"] == 0


def test_an_image_that_unpacks_to_more_than_the_store_may_take_is_one_line(make_server, registry, base_image):
    server = make_server(**{"images.insecure_registries": f'["{registry.address}"]', "images.max_size": "64MiB"})
    name = registry.push("team/bomb", "1", base_image.files({"zeros": bytes(80 << 20)}))
    failed = server.flotilla("image", "pull", name, "--config", server.config, check=False)
    assert failed.returncode == 1 and failed.stderr.count("flotilla: ") == 1
    assert "it unpacks to more than 64 MiB (images.max_size)" in failed.stderr
    assert not list(server.data.glob("images/work/*"))


def test_images_are_pulled_listed_and_removed_by_the_command_line(make_server, registry, base_image, base_root):
    server = make_server(**{"images.insecure_registries": f'["{registry.address}"]'})
    name = registry.push("team/tool", "1", base_image)
    assert server.flotilla("image", "pull", name, "--config", server.config).stdout.startswith(f"pulled {name} sha256:")
    server.flotilla("image", "import", "tool:2", base_root, "--config", server.config)

    header, *rows = server.flotilla("image", "list", "--config", server.config).stdout.splitlines()
    assert header.split() == ["NAME", "DIGEST", "SIZE", "ORIGIN", "AGE", "LAST", "USED"]
    origins = {row.split()[0]: re.split(r"  +", row)[3] for row in rows}
    assert origins == {"base:latest": "made here", name: "pulled", "tool:2": "made here"}
    listed = json.loads(server.flotilla("image", "list", "--json", "--config", server.config).stdout)
    assert {image["origin"] for image in listed["images"]} == {"pulled", "made here"}

    assert server.flotilla("image", "rm", "tool:2", "--config", server.config).stdout == "removed tool:2\n"
    again = server.flotilla("image", "rm", "tool:2", "--config", server.config, check=False)
    assert again.returncode == 1
    assert again.stderr.startswith("flotilla: ") and again.stderr.count("\n") == 1


def test_a_pull_of_what_does_not_exist_is_one_line(make_server, registry):
    server = make_server(**{"images.insecure_registries": f'["{registry.address}"]'})
    failed = server.flotilla("image", "pull", f"{registry.address}/team/missing:1", "--config", server.config,
                             check=False)
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].startswith("flotilla: ")


def test_an_archive_of_a_root_file_system_is_imported(server, api, base_root, tmp_path):
    archive = tmp_path / "root.tar"
    subprocess.run(["tar", "-C", base_root, "-cf", archive, "."], check=True)
    server.flotilla("image", "import", "from-tar", archive, "--config", server.config)
    assert api.finish("true", image="from-tar")["exit_code"] == 0


def test_what_is_no_image_is_refused(server, tmp_path):
    nonsense = tmp_path / "nonsense.tar"
    nonsense.write_bytes(b"not an archive" * 100)
    failed = server.flotilla("image", "import", "nonsense", nonsense, "--config", server.config, check=False)
    assert failed.returncode == 1
    assert failed.stderr.startswith("flotilla: ") and failed.stderr.count("\n") == 1


@pytest.mark.skipif(ENGINE != "local", reason="a Docker daemon keeps its own images")
def test_images_that_no_run_needs_make_room_the_least_recently_used_first(make_server, registry, base_image):
    server = make_server(**{"images.insecure_registries": f"[{registry.address}]"}).start()
    names = [registry.push("team/job", tag, Image().layer(base_image.layers[0]).files({f"data-{tag}": bytes(1 << 20)}))
             for tag in ("first", "second", "third")]

    def listed():
        images = json.loads(server.flotilla("image", "list", "--json", "--config", server.config).stdout)["images"]
        return {image["name"]: image for image in images}

    for name in (*names, names[0]):
        assert server.api.finish("true", image=name)["exit_code"] == 0
    assert listed()[names[0]]["used_at"] > listed()[names[2]]["used_at"] > listed()[names[1]]["used_at"]
    everything = sum({image["digest"]: image["size"] for image in listed().values()}.values())
    shared = 2 * (listed()[names[0]]["size"] - (1 << 20))  # the lowest layer is listed with each of the three
    server.stop()
    server.configure(**{"images.max_size": str(everything - shared - (1 << 19)),
                        "images.insecure_registries": f"[{registry.address}]"})
    server.start()
    eventually(lambda: set(names) & listed().keys() == {names[0], names[2]})
    assert server.api.finish("true", image=names[1])["exit_code"] == 0
