"""A Podman service of the tests' own, which answers the Docker Engine API."""
import os
import subprocess

from docker_daemon import DockerDaemon

# With these, Podman runs containers on machines with hybrid cgroups and without CAP_SYS_RESOURCE, too.
CONFIGURATION = """
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
"""


class PodmanService(DockerDaemon):
    """Its containers are processes of their own, which live on when it ends."""

    def launch(self, log):
        configuration = self.folder / "containers.conf"
        configuration.write_text(CONFIGURATION)
        folders = {name: self.folder / name for name in ("root", "runroot", "tmpdir")}
        return subprocess.Popen(
            ["podman", *(f"--{name}={folder}" for name, folder in folders.items()), "system", "service", "--time=0",
             self.host],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, "CONTAINERS_CONF": str(configuration)})
