"""A playground created for one submission and removed after it: no node is ever used for two students."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from docker.errors import DockerException
from docker.models.containers import Container
from requests.exceptions import RequestException

from labs import course
from labs.engine import Engine
from labs.grading.models import GradingError
from labs.grading.sandbox.channel import LoopThread
from labs.grading.sandbox.gateway import (
    HUB,
    STORE,
    Gateway,
    GatewayHub,
    GatewayNode,
    GatewayStore,
    Ports,
)
from labs.playground import (
    HubServer,
    Names,
    Node,
    ObjectStore,
    Playground,
    PlaygroundSpec,
    cgroup_name,
    cgroup_of,
)

if TYPE_CHECKING:
    from labs.lesson import Lesson


class GatewayPlayground(Playground):
    """A playground on an isolated network, whose nodes are reached through a gateway.

    Args:
        engine: The host's.
        lesson: Whose playground it is.
        label: Part of its names, different for each submission.
    """

    def __init__(self, engine: Engine, lesson: Lesson, label: str) -> None:
        size = (lesson.ports, lesson.nodes, lesson.managers, lesson.workers)
        spec = PlaygroundSpec(*size, closed=True, loaded=lesson.loaded)
        super().__init__(engine, names_of(lesson.slug, label), spec)
        self._gateway: Gateway | None = None
        self._endpoints: tuple[Ports, str] = ({}, "")

    def open_gateway(self, loop: LoopThread) -> None:
        """Serve the ports in this process."""
        self._gateway = Gateway(self._engine, loop, self._names, self._spec.names, self._spec.ports)

    def use_gateway(self, ports: Ports, address: str) -> None:
        """Use the ports that another process serves."""
        self._endpoints = ports, address

    @property
    def endpoints(self) -> tuple[Ports, str]:
        """Where nodes are reached, and the gateway's address on their network: for another process."""
        return self._endpoints

    def trust(self) -> ssl.SSLContext:
        """TLS settings for a connection to the engine of one of its nodes."""
        folder = self._files.folder
        context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        return context

    def close(self) -> list[str]:
        """Remove it, with its gateway; return the names of what was removed."""
        if self._gateway:
            self._gateway.close()
        removed = super().close()
        # Stays while the kernel is in it: the pool, which removes that, then removes this.
        cgroup_of(self._engine.client, self._names.cgroup).remove()
        return removed

    def remaining(self) -> list[str]:
        """Names of its objects that still exist."""
        # By label, from the engine: objects that this process does not know of count too.
        client, filters = self._engine.client, self._names.filters
        # ignore_removed: a container that disappears while it is listed is not an error.
        found: list[Any] = client.containers.list(all=True, filters=filters, ignore_removed=True)
        found += [*client.volumes.list(filters=filters), *client.networks.list(filters=filters)]
        return [str(each.name) for each in found]

    def _adopt(self, found: dict[str, Container]) -> None:
        if self._gateway:
            self._gateway.open()
            self._endpoints = self._gateway.ports, self._gateway.address
        super()._adopt(found)

    def _store_of(self, container: Container, network: str, secret: str) -> ObjectStore:
        store = GatewayStore(container, network, secret)
        store.host_ports = self._endpoints[0][STORE]
        return store

    def _hub_of(self, container: Container) -> HubServer:
        hub = GatewayHub(container)
        hub.host_ports = self._endpoints[0][HUB]
        return hub

    def _node(self, name: str, container: Container) -> Node:
        node = GatewayNode(name, container, self._files, self._folder / "docker-config")
        ports, node.gateway_address = self._endpoints
        node.host_ports = ports[name]
        return node


class IsolatedPlayground:
    """The playground of one submission, open, with what the grader needs of it; changes are made one at a time.

    Args:
        engine: The host's.
        loop: Serves its gateway.
        lesson: Whose playground it is.
        label: Part of its names, different for each submission.
    """

    def __init__(self, engine: Engine, loop: LoopThread, lesson: Lesson, label: str) -> None:
        self._playground = GatewayPlayground(engine, lesson, label)
        self._changes, self._closed = threading.RLock(), False
        self._trust: ssl.SSLContext | None = None
        self.slug, self._label = lesson.slug, label
        self.ports, self.managers = lesson.ports, lesson.managers
        try:
            self._playground.open_gateway(loop)
            self._playground.open()
        # Ctrl-C too: no other object knows what was created so far.
        except BaseException:
            with suppress(Exception):
                self.close()
            raise

    @property
    def nodes(self) -> list[Node]:
        """Its nodes."""
        return self._playground.nodes

    @property
    def store(self) -> ObjectStore:
        """Its object store, created at the first use."""
        with self._changing():
            return self._playground.store

    def open_hub(self) -> None:
        """Create its hub, if it is not there."""
        with self._changing():
            self._playground.hub  # noqa: B018 - a property creates it

    @property
    def disks(self) -> list[str]:
        """Names of the containers and volumes that a student can fill."""
        names = names_of(self.slug, self._label)
        nodes = [str(node.container.name) for node in self.nodes]
        return [*nodes, names.store, f"{names.store}-disk", names.hub, f"{names.hub}-data"]

    @property
    def endpoints(self) -> tuple[Ports, str]:
        """What another process needs to reach it."""
        return self._playground.endpoints

    def trust(self) -> ssl.SSLContext:
        """TLS settings for a connection to the engine of one of its nodes; read once, for every connection."""
        if self._trust is None:
            self._trust = self._playground.trust()
        return self._trust

    def reset(self) -> None:
        """Remove it and create it again; its gateway keeps its ports."""
        with self._changing():
            # Not `self._playground.close()`, which would also close the gateway: the student's
            # kernel was given its ports.
            Playground.close(self._playground)
            self._trust = None  # the new nodes have new certificates
            self._playground.open()

    def close(self) -> None:
        """Remove it, and check that nothing is left.

        Raises:
            GradingError: Something is left.
        """
        try:
            with self._changes:
                self._closed = True
                self._playground.close()
                remaining = self._playground.remaining()
        except (DockerException, RequestException) as error:
            raise GradingError(f"the engine does not answer: {error}") from error
        if remaining:
            raise GradingError(
                f"a playground was not removed: {', '.join(remaining)} is still there",
                hint="`labs reset` removes all playgrounds of this course",
            )

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One change at a time, and none once it is closed.

        A student's last request may still be under way then; what it creates would never be removed.
        """
        with self._changes:
            if self._closed:
                raise GradingError("this playground is closed")
            yield


def names_of(slug: str, label: str) -> Names:
    """The names of the playground with this label."""
    own = course.course_id()
    return Names(own, f"{slug}-{label}", str(course.course_root()), cgroup_name(own, label))
