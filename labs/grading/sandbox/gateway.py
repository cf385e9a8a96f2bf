"""The one way into a closed playground: a container of the grader's own on its network, and ports on 127.0.0.1 here.

The network leads nowhere, not to this machine either, so nothing that a student runs in a node can call what listens
here or elsewhere. The gate listens for nobody: it connects where the grader says, over a pipe like that of a kernel.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from docker.errors import APIError, ContainerError, DockerException
from docker.models.containers import Container
from requests.exceptions import RequestException

from labs.engine import Engine
from labs.grading.models import GradingError
from labs.grading.sandbox.channel import Loop, Pipe
from labs.grading.sandbox.container import RELAY, RELAY_COMMAND, RELAY_ENVIRONMENT
from labs.images import Catalog
from labs.images.kernel.mux import Stream, join
from labs.playground import (
    ENGINE_PORT,
    RELAY_OFFSET,
    STORE_PORT,
    Names,
    Node,
    ObjectStore,
    remove_container,
)

STORE = "store"
_SEAL = ("python3", "-I", "/opt/relay/labs/images/kernel/seal.py")
Ports = dict[str, dict[int, int]]
"""Where a node's port is reached here: by the node's name, then by the port inside."""


class Gate:
    """Ports of this machine that lead to those of nodes.

    Args:
        engine: The host's.
        loop: Serves them.
        names: Of the playground.
        nodes: Names of its nodes.
        ports: Of each node, beside its engine's.
    """

    def __init__(
        self, engine: Engine, loop: Loop, names: Names, nodes: list[str], ports: tuple[int, ...]
    ) -> None:
        self._engine, self._loop, self._names = engine, loop, names
        self._pipe: Pipe | None = None
        self._container: Container | None = None
        self._servers: list[asyncio.Server] = []
        inside = (ENGINE_PORT, *(RELAY_OFFSET + port for port in ports))
        wanted = {**dict.fromkeys(nodes, inside), STORE: (STORE_PORT,)}
        self.ports: Ports = loop.run(self._listen(wanted), 10)

    @property
    def address(self) -> str:
        """Of the gate, on the playground's network."""
        if self._container is None:
            return ""
        networks = self._container.attrs["NetworkSettings"]["Networks"]
        return str(networks[self._names.network]["IPAddress"])

    def open(self) -> None:
        """Make the container, on the network as it is now, and seal that.

        Raises:
            GradingError: The engine refused.
        """
        self._shut()
        seal(self._engine, self._names)
        try:
            self._container = self._engine.client.containers.run(
                Catalog.read().extra["kernel"].name,
                detach=True,
                name=f"{self._names.network}-gate",
                labels=self._names.labels(node="gate"),
                network=self._names.network,
                cap_drop=["ALL"],
                security_opt=["no-new-privileges"],
                read_only=True,
                mem_limit="128m",
                pids_limit=64,
                tmpfs={"/run/labs": "rw,nosuid,nodev,noexec,size=1m,mode=755,uid=990,gid=990"},
            )
            self._container.reload()
        except APIError as error:
            raise GradingError(f"cannot make a gate: {error.explanation or error}") from error
        self._pipe = Pipe(
            self._loop,
            self._engine.client,
            str(self._container.id),
            RELAY_COMMAND,
            user=RELAY,
            environment=RELAY_ENVIRONMENT,
            accept=_refuse,
        )

    def close(self) -> None:
        """Remove the container, and listen no more."""
        self._shut()

        async def end() -> None:
            for server in self._servers:
                server.close()

        with contextlib.suppress(TimeoutError):
            self._loop.run(end(), 5)

    def _shut(self) -> None:
        if self._pipe:
            self._pipe.close()
        if self._container:
            with contextlib.suppress(DockerException, RequestException):
                remove_container(self._container)
        self._pipe = self._container = None

    async def _listen(self, wanted: dict[str, tuple[int, ...]]) -> Ports:
        found: Ports = {name: {} for name in wanted}
        for name, inside in wanted.items():
            for port in inside:
                server = await asyncio.start_server(self._way_to(name, port), "127.0.0.1", 0)
                self._servers.append(server)
                found[name][port] = server.sockets[0].getsockname()[1]
        return found

    def _way_to(self, name: str, port: int) -> Callable[[Any, Any], Any]:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                if self._pipe is None:
                    return
                stream = await self._pipe.stream(f"tcp:{name}:{port}")
                await join(stream, reader, writer, halves=True)
                await stream.close()
            except OSError:
                return
            finally:
                writer.close()

        return connected


def seal(engine: Engine, names: Names) -> None:
    """Take this machine's own address off the network: root in a node would call what listens here by it.

    Raises:
        GradingError: That was refused.
    """
    try:
        network = engine.client.networks.get(names.network)
        engine.client.containers.run(
            Catalog.read().extra["kernel"].name,
            [*_SEAL, f"br-{str(network.id)[:12]}"],
            entrypoint="",
            remove=True,
            name=f"{names.network}-seal",
            labels=names.labels(node="seal"),
            network_mode="host",
            user="0:0",
            cap_drop=["ALL"],
            cap_add=["NET_ADMIN"],
            security_opt=["no-new-privileges"],
            read_only=True,
        )
    except (APIError, ContainerError) as error:
        raise GradingError(
            f"a playground's network could not be closed: {error}",
            hint="grading needs an engine that runs as root, as Docker's own packages set it up",
        ) from error


async def _refuse(stream: Stream, _target: str) -> None:
    """A gate opens nothing by itself."""
    await stream.close()


class GatedStore(ObjectStore):
    """The store of a closed playground.

    Attributes:
        at: Where its ports are reached here.
    """

    at: dict[int, int]

    def _published(self) -> str:
        return f"http://127.0.0.1:{self.at[STORE_PORT]}"


class GatedNode(Node):
    """A node of a closed playground.

    Attributes:
        at: Where its ports are reached here.
        gate: Address of the gate, which stays reachable when the node is cut from the others.
    """

    at: dict[int, int]
    gate: str

    def _host_port(self, port: int) -> str:
        if port in self.at:
            return str(self.at[port])
        raise self._not_published(port - RELAY_OFFSET, (each - RELAY_OFFSET for each in self.at))

    def _network(self) -> dict[str, Any]:
        return {**super()._network(), "Gateway": self.gate}
