"""Engines for tests: the host's, a playground of a course folder of its own, and a second engine to break.

Whatever is made here is removed here, and carries a course folder of its own: the playgrounds of anyone who
works on this machine are never touched.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from labs import images
from labs import playground as playgrounds
from labs.engine import Embedded, Engine, find
from labs.playground import Playground

# Beside another dockerd: no chains to fight over. Each passes over address ranges that have a route by now.
BESIDE = ("--iptables=false", "--ip-masq=false")


@contextmanager
def course_folder(folder: Path) -> Iterator[Path]:
    """Make `folder` the course folder of this process and of those it starts."""
    before = os.environ.get("LABS_COURSE")
    os.environ["LABS_COURSE"] = str(folder)
    try:
        yield folder
    finally:
        os.environ.pop("LABS_COURSE")
        if before is not None:
            os.environ["LABS_COURSE"] = before


@contextmanager
def bridge(name: str) -> Iterator[None]:
    """A network bridge, made as brctl does: iproute2 is not on every machine. Docker gives it an address."""
    add, remove, set_flags = 0x89A0, 0x89A1, 0x8914  # SIOCBRADDBR, SIOCBRDELBR, SIOCSIFFLAGS
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, add, name.encode() + b"\0")
        try:
            yield
        finally:
            fcntl.ioctl(control, set_flags, struct.pack("16sh22x", name.encode(), 0))
            fcntl.ioctl(control, remove, name.encode() + b"\0")


def unmount_below(folder: Path) -> None:
    """Unmount what is below a folder: with mapped ids, dockerd's own folder is one level deeper."""
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for place in sorted((m for m in mounts if Path(m).is_relative_to(folder)), reverse=True):
        subprocess.run(["umount", "--quiet", place], check=False)


@contextmanager
def embedded(*arguments: str) -> Iterator[Embedded]:
    """An embedded engine of its own, not started; stopped and removed at the end.

    It gets a bridge: with --bridge=none, or restarted with a --default-address-pool, dockerd removes docker0
    from under the other one's feet.
    """
    folder = Path(tempfile.mkdtemp(prefix="labs-"))  # short: a socket's path has 108 bytes at most
    folder.chmod(0o711)  # as /var/lib: root in a container is another user
    beside = (f"--bridge={folder.name}", *BESIDE, *arguments)
    own = Embedded(data=folder / "data", run=folder / "run", arguments=beside)
    if reason := own.why_not() or ("" if shutil.which("dockerd") else "no dockerd is here"):
        shutil.rmtree(folder)
        pytest.skip(f"no engine of the test's own can be started: {reason}")
    try:
        with bridge(folder.name):
            yield own
            own.stop()
    finally:
        own.stop()
        # A dockerd that died at its start leaves its data folder mounted on itself.
        unmount_below(own.data)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The host's engine, with the course's images."""
    found = find()
    missing = [s.image.name for s in images.stock(found.client) if not s.present]
    assert not missing, f"`labs start --no-lab` makes {missing}"
    return found


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A course folder of the module's own."""
    with course_folder(tmp_path_factory.mktemp("course")) as folder:
        yield folder


@pytest.fixture(scope="module")
def opened(engine: Engine, course: Path) -> Iterator[Callable[..., Playground]]:
    """`open_playground` in the module's course folder; whatever it made is removed."""
    yield playgrounds.open_playground
    with course_folder(course):
        playgrounds.remove_all(engine)


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """A playground of one node, shared by a module's tests, which leave it as it was."""
    return opened("shared")


@pytest.fixture
def own_engine() -> Iterator[Embedded]:
    """An engine that a test may start, stop and break."""
    with embedded() as own:
        yield own


@pytest.fixture(scope="module")
def own_host(engine: Engine) -> Iterator[Embedded]:
    """A running engine of the module's own with the images that nodes are made of."""
    with embedded() as own:
        own.start(lambda _: None)
        copy_images(engine, own)
        yield own
        for container in find(own, timeout_s=5).client.containers.list(all=True):
            container.remove(force=True, v=True)


def copy_images(source: Engine, target: Embedded) -> None:
    """Give an engine the course's images."""
    from labs.engine import EngineClient

    names = [image.name for image in images.Catalog.read().all()]
    api = source.client.api
    response = api._get(api._url("/images/get"), params={"names": names}, stream=True)
    EngineClient(target.address).images.load(response.iter_content(1 << 20))
