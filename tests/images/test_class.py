"""A class registry on the host's engine, and engines of nodes that get their images from it."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import docker
import httpx
import pytest

from labs.engine import Engine
from labs.images import (
    ClassAddress,
    ClassRegistry,
    ImageError,
    blob_download,
    class_images,
    class_registry,
    look,
    require_free,
    serve_class,
)
from labs.images.catalog import SOURCE_LABEL
from labs.playground import Playground
from labs.registry import RegistryClient
from labs.waiting import wait_until
from tests.images.class_process import some

pytestmark = pytest.mark.engine
KEYS = ("busybox", "hello-world")
SMALL = some(*KEYS)
ROOT = Path(__file__).resolve().parents[2]


def quiet(_: str) -> None:
    """Tell no one."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def left(engine: Engine) -> list[str]:
    """Containers of class registries that are there."""
    filters = [{"label": f"{SOURCE_LABEL}={value}"} for value in ("serving", "filling")]
    listed = engine.client.containers.list
    return [each.name for some in filters for each in listed(all=True, filters=some)]


@pytest.fixture(scope="module")
def served(engine: Engine) -> Iterator[tuple[ClassRegistry, str]]:
    """A class registry of a few small images, and its URL."""
    port = free_port()
    with serve_class(
        engine.client, quiet, address="127.0.0.1", port=port, catalog=SMALL
    ) as registry:
        yield registry, f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def students(opened: Callable[..., Playground]) -> list[docker.DockerClient]:
    """The engines of two nodes, each as a student's."""
    return [node.docker for node in opened("class", nodes=2).nodes]


def get(client: docker.DockerClient, address: str, folder: Path, say: Callable = quiet) -> list:
    parsed = ClassAddress.parse(address)
    return class_images.get(client, say, SMALL, parsed, SMALL.all(), folder)


def remove(client: docker.DockerClient) -> None:
    for image in SMALL.all():
        with suppress(docker.errors.ImageNotFound):
            client.images.remove(image.name)


def test_two_engines_get_the_same_images_and_every_byte_is_the_registrys(
    engine: Engine, served: tuple[ClassRegistry, str], students: list, tmp_path: Path
):
    registry, url = served
    counted: list[int] = []
    threading.Thread(target=lambda: counted.extend(registry.sent()), daemon=True).start()
    folders = [tmp_path / "one", tmp_path / "two"]
    with ThreadPoolExecutor(2) as pool:
        got = list(pool.map(get, students, [f"{url}/{registry.code}"] * 2, folders))
    assert got == [[image.name for image in SMALL.all()]] * 2
    for client in students:
        for image in SMALL.all():
            assert look(client, image).image_id == look(engine.client, image).image_id
    assert list(tmp_path.iterdir()) == []
    # Manifests and configs come on top: a few KB an image.
    wanted = 2 * registry.size_bytes
    wait_until(lambda: sum(counted) >= wanted, "the bytes of all answers")
    assert sum(counted) < wanted + 2 * 30_000


def test_class_registry_is_read_only_and_lists_the_course_alone(served: tuple[ClassRegistry, str]):
    _, url = served
    with httpx.Client(base_url=url, trust_env=False) as http:
        blobs = "/v2/registry-course/busybox/blobs"
        assert http.post(f"{blobs}/uploads/").status_code == 405
        assert http.put(
            "/v2/registry-course/busybox/manifests/1.37", content=b"{}"
        ).status_code in (*(400, 405),)
        digest = RegistryClient(url).head("registry-course/busybox", "1.37").digest
        assert http.delete(f"/v2/registry-course/busybox/manifests/{digest}").status_code == 405
        assert http.delete(f"{blobs}/{digest}").status_code == 405
        listed = http.get("/v2/_catalog").json()["repositories"]
    wanted = sorted(image.name.partition(":")[0] for image in SMALL.all())
    assert listed == wanted
    assert RegistryClient(url).head("registry-course/busybox", "1.37").digest == digest


def test_class_registry_that_is_filled_leaves_one_container_and_no_port_to_push_to(
    engine: Engine, served: tuple[ClassRegistry, str]
):
    container = served[0].container
    (mount,) = container.attrs["Mounts"]
    assert mount["RW"] is False
    ports = [entry for entries in container.ports.values() for entry in entries]
    assert {entry["HostIp"] for entry in ports} == {"127.0.0.1"}
    beside = engine.client.containers.list(filters={"volume": mount["Name"]})
    assert [each.id for each in beside] == [container.id]


def test_wrong_code_loads_nothing(served: tuple[ClassRegistry, str], students, tmp_path: Path):
    remove(students[0])
    with pytest.raises(ImageError, match="not 0000-0000-0000-0000 as the address says"):
        get(students[0], f"{served[1]}/{'0' * 16}", tmp_path)
    assert not any(look(students[0], image).present for image in SMALL.all())


@contextmanager
def serving(port: int) -> Iterator[tuple[subprocess.Popen, str]]:
    """A process that serves, and its address."""
    command = [sys.executable, "-m", "tests.images.class_process", str(port), *KEYS]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGINT)


def volume_of(engine: Engine, port: int) -> str:
    """The volume of the class registry on a port of the loopback."""
    every = engine.client.containers.list(filters={"label": f"{SOURCE_LABEL}=serving"})
    (own,) = (each for each in every if f"'{port}'" in str(each.ports))
    return str(own.attrs["Mounts"][0]["Name"])


def gone(port: int) -> bool:
    try:
        require_free("127.0.0.1", port)
    except ImageError:
        return False
    return True


def test_server_killed_in_the_middle_leaves_nothing_and_a_student_goes_on_with_the_next(
    engine: Engine, students: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(blob_download, "_STEP_BYTES", 4_000_000)
    remove(students[1])
    port, before = free_port(), left(engine)
    volumes: list[str] = []
    said: list[str] = []
    again = []

    with serving(port) as (process, address), ThreadPoolExecutor(1) as pool:

        def say(line: str) -> None:
            said.append(line)
            # The large layer: the rest of a small one is on its way already, in buffers of the two systems.
            if re.search(r"mirror: 4 of [2-9]\d MB", line) and process.poll() is None:
                volumes.append(volume_of(engine, port))
                process.kill()  # SIGKILL: it cannot clean up
                wait_until(lambda: gone(port), "the port to be free")
            if "trying again" in line and not again:
                wait_until(lambda: left(engine) == before, "the containers to be removed")
                again.append(pool.submit(next_one))

        def next_one() -> str:
            with serving(port) as (_, address):
                wait_until(lambda: "done" in said, "the student", timeout_s=120)
                return address

        try:
            names = get(students[1], address, tmp_path / "kept", say)
        finally:
            said.append("done")
        assert names == [image.name for image in SMALL.all()]
        assert again[0].result() == address  # the same images, the same code
    stopped = next(line for line in said if "trying again" in line)
    megabytes = int(stopped.split()[1])
    assert 4 <= megabytes < int(stopped.split()[3])
    begun = [line for line in said if line.startswith("  mirror: ") and "trying" not in line]
    assert len(begun) == len(set(begun)), "a part came twice"
    wait_until(lambda: left(engine) == before, "the containers to be removed")
    assert not {volume.name for volume in engine.client.volumes.list()} & set(volumes)


@pytest.mark.full
def test_port_that_only_the_engine_knows_as_taken_is_told(
    engine: Engine, served: tuple[ClassRegistry, str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(class_registry, "require_free", lambda *_: None)
    port, before = served[0].port, left(engine)
    with (
        pytest.raises(ImageError, match=f"port {port} of 127.0.0.1 is taken"),
        serve_class(engine.client, quiet, address="127.0.0.1", port=port, catalog=SMALL),
    ):
        pass
    assert left(engine) == before


@pytest.mark.full
def test_engine_with_the_containerd_image_store_gets_them_too(
    served: tuple[ClassRegistry, str], opened: Callable[..., Playground], tmp_path: Path
):
    node = opened("class-containerd").node()
    node.configure_engine({"features": {"containerd-snapshotter": True}})
    assert "io.containerd.snapshotter.v1" in str(node.docker.info()["DriverStatus"])
    get(node.docker, f"{served[1]}/{served[0].code}", tmp_path / "kept")
    # Ids are digests of manifests there, so the label tells which version an image is.
    assert all(look(node.docker, image).current for image in SMALL.all())
    busybox = SMALL.base.name
    assert node.docker.containers.run(busybox, ["echo", "it runs"], remove=True) == b"it runs\n"
