"""A client generated from docs/openapi.yaml by openapi-typescript: strangers need nothing else."""
import json
import shutil
import subprocess

import pytest

from server import PROJECT

SOURCES = PROJECT / "tests/openapi"


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240, **options)
    assert done.returncode == 0, f"{' '.join(map(str, command))}:\n{done.stdout}"
    return done.stdout


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """The compiled client, checked strictly."""
    modules = PROJECT / run(SOURCES / "packages").splitlines()[-1] / "node_modules"
    folder = tmp_path_factory.mktemp("client")
    for name in ("client.ts", "tsconfig.json", "package.json"):
        shutil.copy(SOURCES / name, folder)
    (folder / "node_modules").symlink_to(modules)
    run("node", modules / "openapi-typescript/bin/cli.js", PROJECT / "docs/openapi.yaml", "-o", folder / "api.d.ts")
    run("node", modules / "typescript/bin/tsc", "-p", folder)
    return folder / "client.js"


def test_it_defines_runs_waits_reads_and_lists(server, client):
    seen = json.loads(run("node", client, f"http://{server.address}", "base"))
    assert seen == {
        "refused": [400, "Group name can only contain letters, numbers, hyphens, and underscores"],
        "queued": "QUEUED",
        "ended": ["STOPPED", 3],
        "log": ["+ set -e", "+ echo hello ada", "hello ada", "+ exit 3"],
        "found": [True],
        "definitions": [True],
        "missing": [404, "Run with id nope not found"],
    }
