"""A dockerd of the tests' own, with everything of it in a folder that goes away with it."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

from eventually import eventually
from oci import tar_of_folder


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("docker", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class DockerDaemon:
    def __init__(self, *options, has_own_host=False, programs=None):
        """Its options are those of dockerd, besides what makes it the tests' own. It sets no rules
        of iptables, unless it `has_own_host`: a network namespace with nothing but a loopback.
        `programs`: a folder whose programs it finds first."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="flotilla-dockerd-"))  # a socket's path has to be short
        self.socket = self.folder / "docker.sock"
        self.host = f"unix://{self.socket}"
        self.log = self.folder / "log"
        self.options = options
        self.has_own_host = has_own_host
        self.environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"} if programs else None
        self.process = None

    def start(self):
        """Starts it and waits until it answers."""
        with self.log.open("ab") as log:
            self.process = self.launch(log)

        def answers():
            assert self.process.poll() is None, self.log.read_text()
            try:
                return self.ask("GET", "/_ping")[0] == 200
            except OSError:
                return False

        eventually(answers, timeout=30)
        return self

    def launch(self, log):
        command = ["dockerd", "--host", self.host, "--data-root", self.folder / "data", "--exec-root",
                   self.folder / "exec", "--pidfile", self.folder / "pid", *self.options]
        if self.has_own_host:
            command = ["unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh", *command]
        else:
            command += ["--bridge", "none", "--iptables=false"]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment)

    def kill(self):
        """Ends it with no warning."""
        containerd = self.folder / "exec/containerd/containerd.pid"
        process = pathlib.Path("/proc", containerd.read_text(), "stat")
        self.process.kill()
        self.process.wait()
        # Its containerd dies with it. The next dockerd must not take what is left of either for alive.
        eventually(lambda: not process.exists() or process.read_text().rpartition(")")[2].split()[0] == "Z")
        containerd.unlink()
        (self.folder / "pid").unlink()

    def stop(self):
        """Ends it as its supervisor does; without live-restore its containers end with it."""
        self.process.terminate()
        self.process.wait(timeout=30)

    def hang(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def ask(self, method, path, body=None, media_type="application/json"):
        """Status and bytes of an answer."""
        connection = UnixConnection(self.socket)
        try:
            connection.request(method, "/v1.41" + path, body, {"Content-Type": media_type} if body else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def import_image(self, name, path):
        """Takes a folder: an OCI layout, or a root file system."""
        if (path / "oci-layout").exists():
            tagged = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
            subprocess.run(["skopeo", "--insecure-policy", "copy", "--quiet", "--dest-daemon-host", self.host,
                            f"oci:{path}", f"docker-daemon:{tagged}"], check=True)
            return
        repository, _, tag = name.partition(":")
        status, answer = self.ask("POST", f"/images/create?fromSrc=-&repo={repository}&tag={tag or 'latest'}",
                                  tar_of_folder(path), "application/x-tar")
        assert status == 200, answer

    def containers(self):
        """Every container, running or not."""
        status, answer = self.ask("GET", "/containers/json?all=1")
        assert status == 200, answer
        return json.loads(answer)

    def close(self):
        if self.process.poll() is None:
            self.go_on()
            for container in self.containers():
                self.ask("DELETE", f"/containers/{container['Id']}?force=1&v=1")
            self.ask("DELETE", "/networks/flotilla")  # its bridge would stay
            self.stop()
        self.clear_leftovers()
        shutil.rmtree(self.folder)

    def clear_leftovers(self):
        """A dockerd that was killed leaves shims and mounts behind, any other the mount of a network namespace."""
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if str(self.folder).encode() in (process / "cmdline").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)
            except (FileNotFoundError, ProcessLookupError):
                pass  # it has ended meanwhile
        mounts = [line.split()[4] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()]
        for mount in reversed([mount for mount in mounts if mount.startswith(f"{self.folder}/")]):
            subprocess.run(["umount", "--lazy", mount], check=True)
