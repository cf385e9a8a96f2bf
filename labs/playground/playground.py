"""A playground: the nodes of one lesson, made or found again, repaired, reset and removed."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from docker.errors import APIError
from docker.models.containers import Container

from labs import course, images
from labs.engine import Engine
from labs.engine import find as find_engine
from labs.images import Catalog
from labs.playground import making
from labs.playground.certs import Authority, ClientFiles
from labs.playground.labels import NODE, PLAN, Names
from labs.playground.node import Node, NodeUnavailable, PlaygroundError
from labs.playground.removal import remove_objects

Say = Callable[[str], None]
_PATIENCE_S = 15.0


def _quiet(_: str) -> None:
    """Tell nobody."""


class Playground:
    """The engines of one lesson.

    Attributes:
        slug: The lesson's slug.
        nodes: In order, from node1.
    """

    def __init__(
        self, engine: Engine, names: Names, *, ports: tuple[int, ...] = (5000,), size: int = 1
    ) -> None:
        self._engine = engine
        self._names = names
        self._ports = ports
        self._size = size
        self._folder = course.state_folder() / "playgrounds" / names.slug
        self.slug = names.slug
        self.nodes: list[Node] = []

    def __repr__(self) -> str:
        return f"<Playground {self._names.network}: {len(self.nodes)} of {self._size} nodes>"

    @property
    def name(self) -> str:
        """Its name on the host's engine."""
        return self._names.network

    def node(self, index: int = 1) -> Node:
        """Node by number, from 1.

        Raises:
            PlaygroundError: There is no such node.
        """
        if not 1 <= index <= len(self.nodes):
            raise PlaygroundError(
                f"there is no node {index}: this playground has {len(self.nodes)}",
                hint=f"nodes are counted from 1 to {len(self.nodes)}",
            )
        return self.nodes[index - 1]

    def open(self, say: Say = _quiet) -> Playground:
        """Make the playground, or find it again and repair what is broken, saying so.

        Raises:
            PlaygroundError: A node cannot be made.
            NodeUnavailable: A node was made and its engine does not come up.
        """
        with self._lock():
            found = self._containers()
            mirror = next(
                (c.id for n, c in found.items() if n == "mirror" and c.status == "running"), ""
            )
            broken = self._broken(found)
            for name, why in broken.items():
                say(f"{name}: {why}")
            if broken or not self._files.complete:
                self._remove([found[n] for n in broken if n in found and n != "mirror"])
                found = {n: c for n, c in found.items() if n not in broken}
            self._start_stopped(found, say)
            for name in self._wanted() if found else []:
                if name not in found and name not in broken:
                    say(f"{name}: its container is gone, making it anew")
            self._make_missing(found, say)
            self.nodes = [self._node(i, found) for i in range(1, self._size + 1)]
            self._wait(say)
            if mirror != found["mirror"].id:
                making.wait_for_mirror(found["mirror"])
        return self

    def find(self) -> Playground:
        """See the playground as it is, changing nothing: for a second process.

        Raises:
            NodeUnavailable: A node is not there.
        """
        found = self._containers()
        missing = [f"node{i}" for i in range(1, self._size + 1) if f"node{i}" not in found]
        if missing or not self._files.complete:
            raise NodeUnavailable(
                f"the playground of {self.slug} is not there: no {', '.join(missing) or 'certificates'}",
                hint=f'labs.open("{self.slug}") makes it',
            )
        self.nodes = [self._node(i, found) for i in range(1, self._size + 1)]
        return self

    def reset(self, say: Say = _quiet) -> Playground:
        """Remove everything in it and make it anew."""
        self.close()
        return self.open(say)

    def close(self) -> None:
        """Remove its containers, volumes, network and certificates."""
        with self._lock():
            for node in self.nodes:
                node.forget()
            self.nodes = []
            remove_objects(self._engine, self._names.filters)
            shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _files(self) -> ClientFiles:
        return ClientFiles(self._folder / "certs")

    def _containers(self) -> dict[str, Container]:
        listed = self._engine.client.containers.list(
            all=True, filters=self._names.filters, ignore_removed=True
        )
        return {container.labels[NODE]: container for container in listed}

    def _broken(self, found: dict[str, Container]) -> dict[str, str]:
        """Nodes that no start would mend, by name, with the reason."""
        wanted = making.plan(self._ports)
        broken = {}
        for name, container in found.items():
            if name == "mirror":
                continue
            if not self._files.complete:
                broken[name] = "its certificates are lost, making it anew"
            elif container.labels.get(PLAN) != wanted:
                broken[name] = "it was made for other ports, making it anew"
            elif container.status in ("dead", "removing", "created"):
                broken[name] = f"its container is {container.status}, making it anew"
        return broken

    def _wanted(self) -> list[str]:
        return [*(f"node{i}" for i in range(1, self._size + 1)), "mirror"]

    def _start_stopped(self, found: dict[str, Container], say: Say) -> None:
        for name, container in list(found.items()):
            if container.status == "running":
                continue
            try:
                if container.status == "paused":
                    container.unpause()
                    say(f"{name}: was paused, goes on")
                    continue
                code = container.attrs["State"]["ExitCode"]
                container.start()
                if name != "mirror":
                    say(
                        f"{name}: had stopped (status {code}), started again; its images and volumes are kept"
                    )
            except APIError as error:
                say(f"{name}: cannot be started ({error.explanation}), making it anew")
                self._remove([container])
                del found[name]

    def _make_missing(self, found: dict[str, Container], say: Say) -> None:
        indexes = [i for i in range(1, self._size + 1) if f"node{i}" not in found]
        if not indexes and "mirror" in found:
            return
        self._require_images(say)
        client = self._engine.client
        making.make_network(client, self._names)
        authority = Authority.of(self._files.folder, self._names.network)
        with ThreadPoolExecutor(max_workers=8) as pool:
            mirror = None
            if "mirror" not in found:
                mirror = pool.submit(making.make_mirror, client, self._names, Catalog.read())
            made = {
                f"node{i}": pool.submit(
                    making.make_node,
                    self._engine,
                    self._names,
                    i,
                    ports=self._ports,
                    files=authority.node_files(f"node{i}"),
                )
                for i in indexes
            }
            found.update({name: job.result() for name, job in made.items()})
            if mirror is not None:
                found["mirror"] = mirror.result()

    def _require_images(self, say: Say) -> None:
        """Make what is missing, so that a lesson opened on its own works too."""
        if not all(s.present for s in images.stock(self._engine.client)):
            images.ensure(self._engine.client, say)

    def _node(self, index: int, found: dict[str, Container]) -> Node:
        name = f"node{index}"
        return Node(name, found[name], self._files, self._folder / "docker-config")

    def _wait(self, say: Say) -> None:
        """Wait for every engine; a node whose engine is dead in a running container is restarted once."""
        for node in self.nodes:
            if node.answers():
                continue
            try:
                node.wait(timeout_s=_PATIENCE_S)
            except NodeUnavailable:
                say(f"{node.name}: its engine did not answer, restarting it")
                node.container.restart(timeout=1)
                node.forget()
                node.wait()

    def _remove(self, containers: list[Container]) -> None:
        for container in containers:
            making.remove_container(container)
        for volume in self._engine.client.volumes.list(filters=self._names.filters):
            if volume.name in {container.name for container in containers}:
                volume.remove(force=True)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One process at a time makes or removes this playground; others wait for it."""
        folder = course.state_folder() / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{self.slug}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def open_playground(
    slug: str,
    *,
    ports: tuple[int, ...] = (5000,),
    nodes: int = 1,
    say: Say = _quiet,
    engine: Engine | None = None,
) -> Playground:
    """Make the playground of a lesson, or find it again, repaired.

    Args:
        slug: The lesson's slug.
        ports: Ports inside each node that this machine can reach.
        nodes: How many.
        say: Told what is made or repaired.
        engine: The host's engine; by default it is looked for.

    Raises:
        EngineNotFound: There is no engine on this host.
        PlaygroundError: A node cannot be made.
    """
    return _of(slug, ports, nodes, engine).open(say)


def find(
    slug: str, *, ports: tuple[int, ...] = (5000,), nodes: int = 1, engine: Engine | None = None
) -> Playground:
    """See a lesson's playground from another process; nothing is changed.

    Raises:
        NodeUnavailable: It is not there.
    """
    return _of(slug, ports, nodes, engine).find()


def _of(slug: str, ports: tuple[int, ...], nodes: int, engine: Engine | None) -> Playground:
    names = Names(course.course_id(), slug, str(course.course_root()))
    return Playground(engine or find_engine(), names, ports=ports, size=nodes)
