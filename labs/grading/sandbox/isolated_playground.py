"""A playground made for one submission, and removed after it: no node is ever handed on to another student."""

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
from labs.grading.sandbox.channel import Loop
from labs.grading.sandbox.gateway import STORE, Gate, GatedNode, GatedStore, Ports
from labs.playground import Names, Node, ObjectStore, Playground, PlaygroundSpec

if TYPE_CHECKING:
    from labs.lesson import Lesson


class ClosedPlayground(Playground):
    """A playground whose network leads nowhere; its nodes are reached by way of a gate.

    Args:
        engine: The host's.
        lesson: Whose playground it is.
        label: What tells it from those of other submissions.
    """

    def __init__(self, engine: Engine, lesson: Lesson, label: str) -> None:
        size = (lesson.ports, lesson.nodes, lesson.managers, lesson.workers)
        super().__init__(engine, names_of(lesson.slug, label), PlaygroundSpec(*size, closed=True))
        self._gate: Gate | None = None
        self._by: tuple[Ports, str] = ({}, "")

    def open_gate(self, loop: Loop) -> None:
        """Have this process serve the ports."""
        self._gate = Gate(self._engine, loop, self._names, self._spec.names, self._spec.ports)

    def use_gate(self, ports: Ports, address: str) -> None:
        """Use the ports that another process serves."""
        self._by = ports, address

    @property
    def by(self) -> tuple[Ports, str]:
        """Where nodes are reached, and the gate's own address: for another process."""
        return self._by

    def trust(self) -> ssl.SSLContext:
        """For a connection to the engine of one of its nodes."""
        folder = self._files.folder
        context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        return context

    def close(self) -> None:
        """Remove it, with its gate."""
        if self._gate:
            self._gate.close()
        super().close()

    def left(self) -> list[str]:
        """What is still there of it."""
        client, filters = self._engine.client, self._names.filters
        found: list[Any] = client.containers.list(all=True, filters=filters, ignore_removed=True)
        found += [*client.volumes.list(filters=filters), *client.networks.list(filters=filters)]
        return [str(each.name) for each in found]

    def _adopt(self, found: dict[str, Container]) -> None:
        if self._gate:
            self._gate.open()
            self._by = self._gate.ports, self._gate.address
        super()._adopt(found)

    def _store_of(self, container: Container, network: str, secret: str) -> ObjectStore:
        seen = GatedStore(container, network, secret)
        seen.at = self._by[0][STORE]
        return seen

    def _node(self, name: str, container: Container) -> Node:
        node = GatedNode(name, container, self._files, self._folder / "docker-config")
        ports, node.gate = self._by
        node.at = ports[name]
        return node


class Place:
    """The playground of one submission, open.

    Args:
        engine: The host's.
        loop: Serves its gate.
        lesson: Whose playground it is.
        label: What tells it from those of other submissions.
    """

    def __init__(self, engine: Engine, loop: Loop, lesson: Lesson, label: str) -> None:
        self._playground = ClosedPlayground(engine, lesson, label)
        self._changes, self._over = threading.RLock(), False
        self.slug, self._label = lesson.slug, label
        self.ports, self.managers = lesson.ports, lesson.managers
        try:
            self._playground.open_gate(loop)
            self._playground.open()
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
        """Its store, made at the first use."""
        with self._changing():
            return self._playground.store

    @property
    def disks(self) -> list[str]:
        """Names of the containers and volumes that a student can fill."""
        store = names_of(self.slug, self._label).store
        nodes = [str(node.container.name) for node in self.nodes]
        return [*nodes, store, f"{store}-disk"]

    @property
    def by(self) -> tuple[Ports, str]:
        """What another process needs to reach it."""
        return self._playground.by

    def trust(self) -> ssl.SSLContext:
        """For a connection to the engine of one of its nodes."""
        return self._playground.trust()

    def reset(self) -> None:
        """Make it anew."""
        with self._changing():
            Playground.close(self._playground)
            self._playground.open()

    def close(self) -> None:
        """Remove it, and look that nothing is left of it.

        Raises:
            GradingError: Something is.
        """
        try:
            with self._changes:
                self._over = True
                self._playground.close()
                left = self._playground.left()
        except (DockerException, RequestException) as error:
            raise GradingError(f"the engine does not answer: {error}") from error
        if left:
            raise GradingError(
                f"a playground was not removed: {', '.join(left)} is still there",
                hint="`labs reset` removes all playgrounds of this course",
            )

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One change after the other, and none once it is closed: what is asked for last must not outlive it."""
        with self._changes:
            if self._over:
                raise GradingError("this playground is closed")
            yield


def names_of(slug: str, label: str) -> Names:
    """The names of the playground that goes by `label`."""
    return Names(course.course_id(), f"{slug}-{label}", str(course.course_root()))
