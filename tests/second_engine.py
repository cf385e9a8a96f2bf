"""An embedded engine in network and mount namespaces of its own, with cgroup v2, as most students' Linux has it.

It has its own iptables and ports, so it can do all that the machine's engine does, swarms too. It has no route out:
its images come from the machine's engine.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from labs.engine import Embedded, Engine
from labs.waiting import wait_until
from tests.engine_fixtures import unmount_below

ROOT = Path(__file__).resolve().parents[1]
# A sysfs of the namespace: bridges that are made in it are listed there.
_SETUP = """
set -e
mount -t sysfs sysfs /sys
mount -t cgroup2 none /sys/fs/cgroup
touch "$1"
exec sleep infinity
"""
# SIOCGIFFLAGS is not needed: loopback has no other flags to keep. 0x8914 is SIOCSIFFLAGS, 0x49 up, loopback, running.
_LOOPBACK_UP = """
import fcntl, socket, struct
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
    fcntl.ioctl(control, 0x8914, struct.pack("16sh22x", b"lo", 0x49))
"""
_START = """
import sys
from pathlib import Path
from labs.engine import Embedded
Embedded(Path(sys.argv[1]), Path(sys.argv[2]), user_namespace=sys.argv[3] == "True").start(print)
"""


class SecondEngine:
    """An engine in namespaces of its own.

    Args:
        own: The engine.
        holder: The process that holds the namespaces.
    """

    def __init__(self, own: Embedded, holder: int) -> None:
        self.own = own
        self._enter = ["nsenter", f"--target={holder}", "--net", "--mount", "--"]

    def run(self, words: Sequence[str], **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command in its namespaces, with no other engine in sight."""
        words = [
            *self._enter,
            "env",
            f"--chdir={ROOT}",
            *(f"{k}={v}" for k, v in variables.items()),
            *words,
        ]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    def python(self, *words: str, **variables: str) -> str:
        """Run Python there, on this engine; return what it printed."""
        host = {"DOCKER_HOST": self.own.address, **variables}
        done = self.run([sys.executable, *words], **host)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def second_engine(engine: Engine, names: Sequence[str], *, mapped: bool) -> Iterator[SecondEngine]:
    """An engine with cgroup v2 that is there until the end of the block.

    Args:
        engine: The machine's.
        names: Of the images that it gets.
        mapped: Whether its containers are in a user namespace.
    """
    folder = Path(tempfile.mkdtemp(prefix="labs-"))  # short: a socket's path has 108 bytes at most
    folder.chmod(0o711)  # as /var/lib: root in a container is another user
    own = Embedded(folder / "data", folder / "run")
    ready = folder / "ready"
    # Private: a mount made here must not appear on the machine.
    new = ["unshare", "--net", "--mount", "--propagation", "private"]
    holder = subprocess.Popen([*new, "sh", "-c", _SETUP, "sh", ready], stderr=subprocess.PIPE)
    try:
        wait_until(lambda: ready.exists() or holder.poll() is not None, "the namespaces")
        assert holder.poll() is None, holder.stderr.read() if holder.stderr else ""
        second = SecondEngine(own, holder.pid)
        second.python("-c", _LOOPBACK_UP)
        second.python("-c", _START, str(own.data), str(own.run), str(mapped))
        _copy_images(engine, second, names)
        yield second
    finally:
        own.stop()
        holder.kill()
        holder.wait()
        if holder.stderr:
            holder.stderr.close()
        unmount_below(own.data)
        shutil.rmtree(folder)


def _copy_images(engine: Engine, second: SecondEngine, names: Sequence[str]) -> None:
    """By a file and `docker load`'s API: the second engine is in another network, not in another file system."""
    file = second.own.data / "images.tar"
    api = engine.client.api
    # The SDK asks for one image; several in one file share their layers.
    reply = api._get(api._url("/images/get"), params={"names": list(names)}, stream=True)
    with reply, file.open("wb") as tar:
        tar.writelines(reply.iter_content(1 << 20))
    load = f"import docker; docker.from_env(timeout=300).images.load(open({str(file)!r}, 'rb'))"
    second.python("-c", load)
    file.unlink()
