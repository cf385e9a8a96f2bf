"""The only way into an isolated playground: a container on its network, and ports on 127.0.0.1 of this machine.

The network has no route out, not to this machine either, so nothing that a student runs in a node can connect to what
listens here or elsewhere. The gateway's container listens on no port: it connects where the grader says, over a
channel like a kernel's.
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
from labs.graded import Stream, join
from labs.grading.models import GradingError
from labs.grading.sandbox.channel import ExecChannel, LoopThread
from labs.grading.sandbox.kernel_container import RELAY, RELAY_COMMAND, RELAY_ENVIRONMENT
from labs.images import Catalog
from labs.playground import (
    ENGINE_PORT,
    PAGE_PORT,
    RELAY_OFFSET,
    STORE_PORT,
    HubServer,
    Names,
    Node,
    ObjectStore,
    cgroup_of,
    remove_container,
)

STORE = "store"
"""The name of the object store on the playground's network."""
HUB = "hub"
"""The name of the hub on the playground's network."""
_ISOLATE_COMMAND = ("python3", "-I", "/opt/relay/labs/graded/container/isolate_network.py")
Ports = dict[str, dict[int, int]]
"""Where a node's port is reached on this machine: by the node's name, then by the port inside."""


class Gateway:
    """Ports of this machine that lead to ports of nodes.

    Args:
        engine: The host's.
        loop: Serves them.
        names: Of the playground.
        nodes: Names of its nodes.
        ports: Of each node, in addition to its engine's.
    """

    def __init__(
        self,
        engine: Engine,
        loop: LoopThread,
        names: Names,
        nodes: list[str],
        ports: tuple[int, ...],
    ) -> None:
        self._engine, self._loop, self._names = engine, loop, names
        self._channel: ExecChannel | None = None
        self._container: Container | None = None
        self._servers: list[asyncio.Server] = []
        inside = (ENGINE_PORT, *(RELAY_OFFSET + port for port in ports))
        wanted = {**dict.fromkeys(nodes, inside), STORE: (STORE_PORT,), HUB: (PAGE_PORT,)}
        # Only local sockets are opened: a wait this long means that the loop hangs.
        self.ports: Ports = loop.run(self._listen(wanted), 10)

    @property
    def address(self) -> str:
        """Of the gateway's container, on the playground's network."""
        if self._container is None:
            return ""
        networks = self._container.attrs["NetworkSettings"]["Networks"]
        return str(networks[self._names.network]["IPAddress"])

    def open(self) -> None:
        """Isolate the playground's network, and create the container on it; again after a reset.

        Raises:
            GradingError: The engine refused.
        """
        self._remove_container()
        isolate_network(self._engine, self._names)
        try:
            # Its network has untrusted nodes on it, so it is as hardened as a kernel's container.
            # It copies bytes and runs no other program: memory and processes are small.
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
                cgroup_parent=cgroup_of(self._engine.client, self._names.cgroup).parent,
                tmpfs={"/run/labs": "rw,nosuid,nodev,noexec,size=1m,mode=755,uid=990,gid=990"},
            )
            # Its address is known only once it has started.
            self._container.reload()
        except APIError as error:
            raise GradingError(f"cannot make a gateway: {error.explanation or error}") from error
        self._channel = ExecChannel(
            self._loop,
            self._engine.client,
            str(self._container.id),
            RELAY_COMMAND,
            user=RELAY,
            environment=RELAY_ENVIRONMENT,
            accept=_reject,
        )

    def close(self) -> None:
        """Remove the container, and close the ports."""
        self._remove_container()

        async def close_servers() -> None:
            for server in self._servers:
                server.close()

        with contextlib.suppress(TimeoutError):
            self._loop.run(close_servers(), 5)

    def _remove_container(self) -> None:
        if self._channel:
            self._channel.close()
        if self._container:
            with contextlib.suppress(DockerException, RequestException):
                remove_container(self._container)
        self._channel = self._container = None

    async def _listen(self, wanted: dict[str, tuple[int, ...]]) -> Ports:
        found: Ports = {name: {} for name in wanted}
        for name, inside in wanted.items():
            for port in inside:
                # 127.0.0.1: other machines must not reach a student's nodes. Port 0: graders beside
                # each other get different ports.
                server = await asyncio.start_server(self._forward_to(name, port), "127.0.0.1", 0)
                self._servers.append(server)
                found[name][port] = server.sockets[0].getsockname()[1]
        return found

    def _forward_to(self, name: str, port: int) -> Callable[[Any, Any], Any]:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                # Between a reset's removal of the old container and the start of the new one.
                if self._channel is None:
                    return
                stream = await self._channel.stream(f"tcp:{name}:{port}")
                await join(stream, reader, writer, halves=True)
                await stream.close()
            except OSError:
                return
            finally:
                writer.close()

        return connected


def isolate_network(engine: Engine, names: Names) -> None:
    """Remove this machine's own address from the network's bridge.

    Without this, root in a node could connect to any server on this machine, by that address.

    Raises:
        GradingError: The engine refused.
    """
    try:
        network = engine.client.networks.get(names.network)
        engine.client.containers.run(
            Catalog.read().extra["kernel"].name,
            # br- and 12 digits of the id: how Docker names the bridge of a network.
            [*_ISOLATE_COMMAND, f"br-{str(network.id)[:12]}"],
            entrypoint="",
            remove=True,
            name=f"{names.network}-seal",
            labels=names.labels(node="seal"),
            network_mode="host",  # the bridge is the host's
            userns_mode="host",  # an engine that maps user ids gives its network to nobody else
            user="0:0",
            cap_drop=["ALL"],
            # In the host's network namespace: the one capability that changing the bridge needs.
            cap_add=["NET_ADMIN"],
            security_opt=["no-new-privileges"],
            read_only=True,
        )
    except (APIError, ContainerError) as error:
        raise GradingError(
            f"a playground's network could not be closed: {error}",
            hint="grading needs an engine that runs as root, as Docker's own packages set it up",
        ) from error


async def _reject(stream: Stream, _target: str) -> None:
    """Close a stream that the container opens: the gateway carries connections in one direction only."""
    await stream.close()


class GatewayStore(ObjectStore):
    """The object store of an isolated playground.

    Attributes:
        host_ports: Where its ports are reached on this machine.
    """

    host_ports: dict[int, int]

    def _published(self) -> str:
        return f"http://127.0.0.1:{self.host_ports[STORE_PORT]}"


class GatewayHub(HubServer):
    """The hub of an isolated playground.

    Attributes:
        host_ports: Where its ports are reached on this machine.
    """

    host_ports: dict[int, int]

    def _published(self) -> str:
        return f"http://127.0.0.1:{self.host_ports[PAGE_PORT]}"


class GatewayNode(Node):
    """A node of an isolated playground.

    Attributes:
        host_ports: Where its ports are reached on this machine.
        gateway_address: Of the gateway, which stays reachable when the node is cut from the others.
    """

    host_ports: dict[int, int]
    gateway_address: str

    def _host_port(self, port: int) -> str:
        if port in self.host_ports:
            return str(self.host_ports[port])
        ports = (each - RELAY_OFFSET for each in self.host_ports)
        raise self._not_published(port - RELAY_OFFSET, ports)

    def _network(self) -> dict[str, Any]:
        return {**super()._network(), "Gateway": self.gateway_address}
