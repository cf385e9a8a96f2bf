"""The class registry: a read-only registry with the course's images, for machines in the same network.

It is a container of the mirror's image with a volume of its own, filled before any other machine can reach it. The
container ends when the process that started it does, by whatever signal: it reads a stream that the engine closes
with that process's connection. The engine then removes container and volume.
"""

from __future__ import annotations

import errno
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import APIError
from docker.models.containers import Container
from requests.exceptions import RequestException

from labs.images import mirror
from labs.images.catalog import SOURCE_LABEL, Catalog, ImageError
from labs.images.class_address import code_of
from labs.images.class_images import ClassImages
from labs.registry import RegistryClient, digest_of
from labs.waiting import wait_until

Say = Callable[[str], None]

_DATA = "/var/lib/registry"
# Its process is the registry; `cat` ends with the stream on its input, and the registry with `cat`.
_COMMAND = "exec 3<&0; { cat <&3 >/dev/null; kill 1; } & exec registry serve /etc/mirror.yml"
_SENT = re.compile(r'"GET /v2/\S+ HTTP/[\d.]+" 20[06] (?P<bytes>\d+)')


@dataclass(frozen=True)
class ClassRegistry:
    """One that runs.

    Attributes:
        port: On the addresses that it was given.
        code: Of its images, the end of its address.
        size_bytes: What a machine without any image downloads.
    """

    container: Container
    port: int
    code: str
    size_bytes: int

    def sent(self) -> Iterator[int]:
        """The bytes of each answer from now on, as it is sent; ends with the registry."""
        for line in self.container.logs(stream=True, follow=True, tail=0):
            if found := _SENT.search(line.decode(errors="replace")):
                yield int(found["bytes"])


@contextmanager
def serve_class(
    client: docker.DockerClient,
    say: Say,
    *,
    address: str = "0.0.0.0",
    port: int = 5005,
    catalog: Catalog | None = None,
) -> Iterator[ClassRegistry]:
    """Run one until the end of the block, of images that the engine has and that are current.

    Args:
        client: The engine.
        say: Receives each step.
        address: IPv4 address of this machine to serve on; by default every one.
        port: Where.
        catalog: The images; by default the course's.

    Raises:
        ImageError: The port or the address cannot be used, or an image is missing or out of date.
    """
    catalog = catalog or Catalog.read()
    require_free(address, port)  # before the half minute that filling takes
    with ExitStack() as until_the_end:
        with _started(client, catalog, ("127.0.0.1", None), writable=True) as filling:
            for image in catalog.all():
                say(f"  class registry: {image.name}")
                mirror.push(client, filling, image, image.name)
            serving = until_the_end.enter_context(
                _started(client, catalog, (address, port), volumes_of=filling)
            )
        yield _checked(client, catalog, serving, address, port)


def require_free(address: str, port: int) -> None:
    """Raise an ImageError if that address is not this machine's, or another program has the port."""
    with socket.socket() as probe:
        # Without it a port that was served a minute ago would be taken for one in use.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise _taken(address, port) from error
            if error.errno == errno.EADDRNOTAVAIL:
                raise ImageError(
                    f"this machine has no address {address}",
                    hint="without --address, `labs images serve` serves on every address and shows them",
                ) from error
            # A port below 1024 is not for this user, but may be for the engine, which is the one that opens it.


def _taken(address: str, port: int) -> ImageError:
    return ImageError(
        f"port {port} of {address} is taken: another program, or another `labs images serve`, listens there",
        hint=f"--port {port + 1}, or end that program",
    )


@contextmanager
def _started(
    client: docker.DockerClient,
    catalog: Catalog,
    published: tuple[str, int | None],
    *,
    writable: bool = False,
    volumes_of: Container | None = None,
) -> Iterator[Container]:
    """A registry that is there until the end of the block, or of this process."""
    api: Any = client.api
    container = client.containers.get(_create(api, catalog, published, writable, volumes_of))
    stream: Any = None
    try:
        stream = api.attach_socket(container.id, {"stdin": 1, "stream": 1})
        try:
            container.start()
        except APIError as error:
            if "already allocated" in str(error.explanation) or "in use" in str(error.explanation):
                raise _taken(published[0], published[1] or 0) from error
            raise ImageError(f"the class registry does not start: {error.explanation}") from error
        container.reload()
        _wait(container, published[0])
        yield container
    finally:
        # APIError: it is gone, or the engine removes it already. RequestException: the engine was stopped.
        with suppress(APIError, RequestException):
            container.remove(force=True, v=True)
        if stream is not None:
            stream.close()


def _wait(container: Container, address: str) -> None:
    def last_words() -> str:
        with suppress(APIError):
            return container.logs(tail=5).decode(errors="replace")
        return "its container has ended"

    port = int((container.ports["5000/tcp"] or [{}])[0]["HostPort"])
    with RegistryClient(_url(address, port)) as registry:
        wait_until(registry.speaks, "the class registry", last_words=last_words)


def _url(address: str, port: int) -> str:
    """Where this machine reaches what is published on an address."""
    return f"http://{'127.0.0.1' if address == '0.0.0.0' else address}:{port}"


def _create(
    api: Any,
    catalog: Catalog,
    published: tuple[str, int | None],
    writable: bool,
    volumes_of: Container | None,
) -> str:
    host = api.create_host_config(
        auto_remove=True,
        port_bindings={5000: published},
        volumes_from=[f"{volumes_of.id}:ro"] if volumes_of else None,
        # It is open to a network: nothing but reading files and answering is left to it.
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        read_only=True,
        pids_limit=200,
        # Each answer is a line.
        log_config={"Type": "json-file", "Config": {"max-size": "10m", "max-file": "1"}},
    )
    readonly = "false" if writable else "true"
    created = api.create_container(
        catalog.mirror.name,
        entrypoint=["sh", "-c", _COMMAND],
        command=[],
        # Together these two let the engine close the input with the connection of this process.
        stdin_open=True,
        detach=False,
        ports=[5000],
        volumes=None if volumes_of else [_DATA],
        environment={
            "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": _DATA,
            "REGISTRY_STORAGE_MAINTENANCE": f'{{"readonly": {{"enabled": {readonly}}}}}',
            "REGISTRY_LOG_ACCESSLOG_DISABLED": "false",
            "REGISTRY_LOG_LEVEL": "warn",
            "OTEL_TRACES_EXPORTER": "none",
        },
        labels={SOURCE_LABEL: "filling" if writable else "serving"},
        host_config=host,
    )
    return str(created["Id"])


def _checked(
    client: docker.DockerClient, catalog: Catalog, serving: Container, address: str, port: int
) -> ClassRegistry:
    """Ask it as a student's machine does, before the address is announced."""
    offers = ClassImages(_url(address, port), catalog, str(client.version()["Arch"])).offers()
    code = code_of({offer.image.name: digest_of(offer.config) for offer in offers.values()})
    size = sum(layer.size_bytes for offer in offers.values() for layer in offer.layers)
    return ClassRegistry(serving, port, code, size)
