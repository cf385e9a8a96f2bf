"""`Workplace`: the nodes of a playground as a notebook works with them. It judges nothing; `Lab` and the repairs do."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import docker
import docker.errors
import httpx

from labs.lesson import shown, swarm_watch, transfer
from labs.lesson.arrival import wait_for_http
from labs.lesson.explanation import explain
from labs.lesson.recording import Recorded, Recording, Recordings
from labs.lesson.registry_container import find_container, find_on_nodes, port_of, stored_by
from labs.lesson.shown import Note, Show
from labs.lesson.swarm_map import SwarmMap
from labs.registry import RegistryClient, authorities

if TYPE_CHECKING:
    from labs.playground import HubServer, Node, ObjectStore, Playground, Swarm


class Workplace:
    """The nodes of an open playground, and what a notebook does with them.

    Args:
        playground: The nodes.
        ports: What they publish; the first one is the registry's.
        show: Shows results.
    """

    def __init__(self, playground: Playground, ports: Sequence[int], show: Show) -> None:
        self.playground = playground
        self._published = ports
        self._show = show

    @property
    def docker(self) -> docker.DockerClient:
        """The Docker client of the first node."""
        return self.node(1).docker

    @property
    def nodes(self) -> Sequence[Node]:
        """All nodes of the playground."""
        return self.playground.nodes

    @property
    def swarm(self) -> Swarm:
        """The swarm that the nodes form, in a lesson that has one."""
        return self.playground.swarm

    @property
    def store(self) -> ObjectStore:
        """The playground's S3 and Swift server, made at its first use."""
        return self.playground.store

    @property
    def hub(self) -> HubServer:
        """The playground's hub, made at its first use; engines call it `hub.lab`."""
        return self.playground.hub

    def node(self, number: int = 1) -> Node:
        """A node, counted from 1."""
        return self.playground.node(number)

    def url(self, port: int) -> str:
        """Where the first node's port is reached from this machine."""
        return self.node(1).url(port)

    @property
    def registry(self) -> RegistryClient:
        """A client of the registry on the first port that the lesson publishes."""
        # A new client each time: a node that was restarted has other ports.
        return RegistryClient(self.url(self._published[0]))

    def http(self, port: int = 5000, *, node: int = 1) -> httpx.Client:
        """An HTTP client for what listens on a node's port; proxy settings of this machine are ignored."""
        url = self.node(node).url(port)
        # The authorities that were read before: httpx would read them again for each client.
        return httpx.Client(base_url=url, verify=authorities(), trust_env=False)

    def remove(self, *names: str, node: int = 1) -> None:
        """Remove containers of a node by name; do nothing for one that does not exist.

        A cell that begins with this call can be run again.
        """
        for name in names:
            with suppress(docker.errors.NotFound):
                self.node(node).docker.containers.get(name).remove(force=True)

    def wait(self, port: int = 5000, *, node: int = 1, timeout_s: float = 15.0) -> None:
        """Wait until something speaks HTTP on a node's port: a container runs before it listens.

        Raises:
            LessonError: The container that should answer has exited; the message ends with its log.
            WaitTimeout: Nothing answered in time; the message ends with the container's log.
        """
        wait_for_http(self.node(node), port, timeout_s=timeout_s)

    def push(self, ref: str, *, node: int = 1) -> str:
        """Push from a node and return the digest; raise PushFailed where it fails."""
        return transfer.push(self.node(node).docker, ref, **self._look(node))

    def pull(self, ref: str, *, node: int = 1) -> str:
        """Pull into a node and return the digest; raise PullFailed where it fails."""
        return transfer.pull(self.node(node).docker, ref, **self._look(node))

    def explain(self, error: BaseException) -> str:
        """Say what to do about an error of Docker's SDK or an HTTP client; empty where nothing known was observed."""
        return explain(error, self.playground, self._published)

    def _look(self, number: int) -> dict[str, Any]:
        """What a failure of a push or pull on a node is looked into with."""
        node = self.node(number)
        return {"ports": self._urls(node), "served": self._served, "node": node.name}

    def _served(self) -> Sequence[str]:
        return self.playground.served

    def _urls(self, node: Node) -> dict[int, str]:
        return {port: node.url(port) for port in self._published}

    def storage(self, container: str = "registry") -> None:
        """Draw what the registry in `container`, running or not, has stored in its folder.

        Raises:
            LessonError: There is no such container, it stores elsewhere, or has no such folder.
        """
        found = find_container(self.docker, container)
        self._show(stored_by(found))

    def show_swarm(self) -> None:
        """Draw the swarm as it is now: its nodes, what runs on each, its services."""
        self._show(SwarmMap(self.swarm.state()))

    def watch(self) -> None:
        """Draw the swarm, and go on drawing it while other cells run, until you stop it."""
        self._show(swarm_watch.start(self.playground))

    @contextmanager
    def requests(self, *containers: str, port: int = 5000) -> Iterator[Recorded]:
        """Draw the requests to the registry in a container while the block runs; of several, side by side.

        Args:
            containers: Names, by default `registry`. One is on the first node, several are on any.
            port: Where one answers; of several it is found.

        Yields:
            What each registry was asked, by the container's name; empty until the block ends.

        Raises:
            LessonError: There is no such container, it does not answer, or writes no access log.
        """
        recorded: Recorded = {}
        found = self._recordings(containers or ("registry",), port)
        recordings = Recordings(found)
        recordings.start()
        try:
            yield recorded
        finally:
            traffic, documents = recordings.end()
            recorded.update(traffic)
            self._show(shown.requests(traffic, documents))

    def _recordings(self, names: Sequence[str], port: int) -> dict[str, Recording]:
        if len(names) == 1:
            container = find_container(self.docker, names[0])
            return {names[0]: Recording(container, self.url(port))}
        each = {name: find_on_nodes(self.nodes, name) for name in names}
        return {name: Recording(it, node.url(port_of(it))) for name, (node, it) in each.items()}

    def shell(self, node: int = 1) -> None:
        """Show what to type for the `docker` command line to speak to the same node."""
        from labs.playground import HOST_VARIABLES

        variables = self.node(node).environment()
        name = self.node(node).name
        lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
        text = "\n".join([f"unset {' '.join(HOST_VARIABLES)}", *lines, "docker ps"])
        self._show(
            Note(
                # The engine makes a missing folder without a word, so `-v "$(pwd)"/auth:/auth` mounts an empty one.
                f"A folder after -v is one of {name}, not of this machine: "
                f"lab.node({node}).write_file(path, content) writes there.\n"
                f"In a terminal, for this node:\n{text}"
            )
        )
