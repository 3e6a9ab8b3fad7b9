"""A run runs the image that its name meant when it was made."""
import pytest

from oci import Image


@pytest.fixture
def version(base_layer):
    """Makes images that differ in one file."""
    return lambda number: Image().layer(base_layer).files({"opt/version": f"{number}\n".encode()})


@pytest.fixture
def busy_server(make_server):
    """A server whose one place is taken by `holds`."""
    server = make_server(clusters="{default: {max_running: 1}}", **{"worker.max_attempts": 1}).start()
    holds = server.api.start("sleep 1000")
    server.api.wait(holds["run_id"], "RUNNING")
    server.holds = holds
    return server


def import_as(server, name, image, folder):
    server.flotilla("image", "import", name, image.write(folder), "--config", server.config)


def shown(server, run):
    ended = server.api.wait(run["run_id"])
    assert ended["exit_code"] == 0, ended
    return server.api.output(run["run_id"])


def test_an_image_imported_anew_changes_no_run_that_waits(busy_server, version, tmp_path):
    server, api = busy_server, busy_server.api
    import_as(server, "tool", version(1), tmp_path / "one")
    definition = api.define("cat /opt/version", image="tool")
    first = api.execute(definition)
    import_as(server, "tool", version(2), tmp_path / "two")
    second = api.execute(definition)
    assert first["image_digest"] != second["image_digest"]
    api.stop(server.holds)
    assert shown(server, first) == ["1"]
    assert shown(server, second) == ["2"]


def test_an_image_whose_name_is_removed_stays_for_the_run_that_waits_over_a_kill(busy_server, version, tmp_path):
    server, api = busy_server, busy_server.api
    import_as(server, "tool", version(1), tmp_path / "one")
    run = api.start("cat /opt/version", image="tool")
    server.kill()
    server.flotilla("image", "rm", "tool", "--config", server.config)
    server.start()
    server.api.stop(server.holds)
    assert shown(server, run) == ["1"]


def test_a_tag_that_moves_in_the_registry_changes_no_run_that_waits(busy_server, registry, version):
    server, api = busy_server, busy_server.api
    image = registry.push("team/tool", "1", version(1))
    run = api.start("cat /opt/version", image=image)
    registry.push("team/tool", "1", version(2))
    api.stop(server.holds)
    assert shown(server, run) == ["1"]
    names = server.flotilla("image", "list", "--config", server.config).stdout
    assert image not in names  # the tag means another image by now


def test_an_image_that_left_its_registry_ends_the_run_with_a_sentence(busy_server, registry, version):
    server, api = busy_server, busy_server.api
    image = registry.push("team/tool", "1", version(1))
    run = api.start("true", image=image)
    registry.push("team/tool", "1", version(2))
    registry.remove("team/tool", run["image_digest"])
    api.stop(server.holds)
    ended = api.wait(run["run_id"])
    assert ended["exit_class"] == "image_not_found"
    assert ended["exit_reason"] == (
        f"image {image} means another image now than when the run was made ({run['image_digest'][:19]}), "
        "and that one can no longer be had: run it again")


def test_the_digest_is_that_of_the_registrys_manifest(make_server, registry, version):
    server = make_server().start()
    image = version(1)
    run = server.api.start("cat /opt/version", image=registry.push("team/tool", "1", image))
    assert run["image_digest"] == image.blobs()[1]["digest"]
    assert shown(server, run) == ["1"]
    again = server.api.start("true", image=f"{registry.address}/team/tool:1")
    assert again["image_digest"] == run["image_digest"]
