"""Other machines' networks: a process can be in the network namespace of another."""
import contextlib
import ctypes
import socket
import subprocess
import threading

LIBC = ctypes.CDLL(None, use_errno=True)


def enter(path):
    with open(path, "rb") as namespace:
        if LIBC.setns(namespace.fileno(), 0x40000000) != 0:  # CLONE_NEWNET
            raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def network_of(process):
    """This thread, and what it starts, is in the network of another process."""
    own = f"/proc/self/task/{threading.get_native_id()}/ns/net"
    with open(own, "rb") as here:
        enter(f"/proc/{process}/ns/net")
        try:
            yield
        finally:
            assert LIBC.setns(here.fileno(), 0x40000000) == 0


@contextlib.contextmanager
def machine_without_network():
    """The id of a process in a network of its own, with nothing but a loopback interface, for as long as that is
    wanted."""
    process = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up; echo up; exec sleep infinity"],
                               stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        yield process.pid
    finally:
        process.kill()
        process.wait()


def connect_machines(here, there, addresses_there, prefix="10.99.0"):
    """Makes a cable between the networks of two processes; what `here` does not know it looks for `there`."""
    def run(process, command):
        subprocess.run(["nsenter", "--target", str(process), "--net", "ip", *command.split()], check=True)

    run(here, f"link add cable0 type veth peer name cable0 netns {there}")
    run(here, f"address add {prefix}.1/24 dev cable0")
    run(here, "link set cable0 up")
    run(here, f"route add default via {prefix}.2")
    run(there, f"address add {prefix}.2/24 dev cable0")
    run(there, "link set cable0 up")
    for address in addresses_there:
        run(there, f"address add {address}/32 dev lo")


@contextlib.contextmanager
def listener(address="0.0.0.0", port=0):
    """Somebody who listens, in this thread's network, and closes every connection with a greeting; the port."""
    with socket.create_server((address, port)) as server:
        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, peer = server.accept()
                    connection.sendall(f"{peer[0]}\n".encode())
                    connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def answer_of(address, port, timeout=5):
    """What somebody says who is reached there."""
    with socket.create_connection((address, port), timeout=timeout) as connection:
        return connection.makefile().readline().strip()
