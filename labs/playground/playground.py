"""The playground of one lesson: opened, found again, repaired, reset, closed; one process at a time."""

from __future__ import annotations

import fcntl
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from docker.models.containers import Container

from labs import course
from labs.engine import Engine
from labs.engine import find as find_engine
from labs.playground import creation
from labs.playground.certs import ClientFiles
from labs.playground.labels import Names, Say, quiet
from labs.playground.node import Node
from labs.playground.node_errors import NodeUnavailable, PlaygroundError
from labs.playground.object_store import ObjectStore, open_store
from labs.playground.removal import remove_objects
from labs.playground.repair import Repair, containers
from labs.playground.spec import PlaygroundSpec
from labs.playground.swarm import Swarm, formation

_PATIENCE_S = 15.0
_MANAGERS_PATIENCE_S = 45.0  # all started at once, they elect a leader before their engines answer


class Playground:
    """The engines of one lesson.

    Attributes:
        slug: The lesson's slug.
        nodes: In order, from node1.
    """

    def __init__(self, engine: Engine, names: Names, plan: PlaygroundSpec) -> None:
        self._engine = engine
        self._names = names
        self._plan = plan
        self._folder = course.state_folder() / "playgrounds" / names.slug
        self._swarm: Swarm | None = None
        self.slug = names.slug
        self.nodes: list[Node] = []

    def __repr__(self) -> str:
        return f"<Playground {self._names.network}: {len(self.nodes)} of {self._plan.size} nodes>"

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

    @property
    def swarm(self) -> Swarm:
        """The swarm of its nodes.

        Raises:
            PlaygroundError: They form none.
        """
        if self._swarm is None:
            raise PlaygroundError(
                f"the playground of {self.slug} has no swarm",
                hint='labs.open("serve-a-swarm") makes one',
            )
        return self._swarm

    @property
    def store(self) -> ObjectStore:
        """An S3 and Swift server that nodes reach; made at the first use, started again where it stopped.

        Raises:
            PlaygroundError: It cannot be made.
            NodeUnavailable: It does not come up.
        """
        with self._lock():
            return open_store(
                self._engine,
                self._names,
                lambda line: print(line, file=sys.stderr),
                self._store_seen,
            )

    def open(self, say: Say = quiet) -> Playground:
        """Make the playground, or find it again and repair what is broken, saying so.

        Raises:
            PlaygroundError: A node cannot be made.
            NodeUnavailable: A node was made and its engine does not come up.
        """
        with self._lock():
            try:
                self._make(say)
            except NodeUnavailable:
                if not any(node.status == "stopped" for node in self.nodes):
                    raise
                say("a node was lost meanwhile, once more")
                self._make(say)
        return self

    def _make(self, say: Say) -> None:
        repair = Repair(self._engine, self._names, self._plan, self._files, say)
        found = repair.run()
        self._take(found)
        if self._swarm and repair.made.issuperset(self._plan.names):
            formation.begin(self._swarm)
        else:
            self._heal(say)
            self._wait(say)
            if self._swarm:
                formation.form(self._swarm, repair.made, say)
        if "mirror" in repair.started:
            creation.wait_for_mirror(found["mirror"])

    def find(self) -> Playground:
        """See the playground as it is, changing nothing: for a second process.

        Raises:
            NodeUnavailable: A node is not there.
        """
        found = containers(self._engine, self._names)
        missing = [name for name in self._plan.names if name not in found]
        if missing or not self._files.complete:
            raise NodeUnavailable(
                f"the playground of {self.slug} is not there: no {', '.join(missing) or 'certificates'}",
                hint=f'labs.open("{self.slug}") makes it',
            )
        self._take(found)
        return self

    def again(self) -> Playground:
        """The same playground with clients of its own, for a thread beside.

        Raises:
            NodeUnavailable: A node is not there.
        """
        return Playground(self._engine, self._names, self._plan).find()

    def reset(self, say: Say = quiet) -> Playground:
        """Remove everything in it and make it anew."""
        self.close()
        return self.open(say)

    def close(self) -> None:
        """Remove its containers, volumes, network and certificates."""
        with self._lock():
            for node in self.nodes:
                node.forget()
            self.nodes, self._swarm = [], None
            remove_objects(self._engine, self._names.filters)
            shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _files(self) -> ClientFiles:
        return ClientFiles(self._folder / "certs")

    def _take(self, found: dict[str, Container]) -> None:
        self.nodes = [self._node(name, found[name]) for name in self._plan.names]
        self._swarm = Swarm(self.nodes, self._plan.managers) if self._plan.swarm else None

    def _node(self, name: str, container: Container) -> Node:
        return Node(name, container, self._files, self._folder / "docker-config")

    def _store_seen(self, container: Container, network: str, secret: str) -> ObjectStore:
        return ObjectStore(container, network, secret)

    def _heal(self, say: Say) -> None:
        for node in self.nodes:
            if node.status == "cut":
                node.heal()
                say(f"{node.name}: was cut from the others, connected again")

    def _wait(self, say: Say) -> None:
        """Wait for every engine; a node whose engine is dead in a running container is restarted once."""
        patience_s = _MANAGERS_PATIENCE_S if self._swarm else _PATIENCE_S
        with ThreadPoolExecutor(max_workers=8) as pool:
            alive = list(pool.map(lambda node: _comes_up(node, patience_s), self.nodes))
        for node, up in zip(self.nodes, alive, strict=True):
            if not up:
                say(f"{node.name}: its engine did not answer, restarting it")
                node.container.restart(timeout=1)
                node.forget()
                node.wait()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One process at a time makes or removes this playground; others wait for it."""
        folder = course.state_folder() / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{self.slug}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _comes_up(node: Node, patience_s: float) -> bool:
    try:
        node.wait(timeout_s=patience_s)
    except NodeUnavailable:
        return False
    return True


def open_playground(
    slug: str,
    *,
    ports: tuple[int, ...] = (5000,),
    nodes: int = 1,
    managers: int = 0,
    workers: int = 0,
    say: Say = quiet,
    engine: Engine | None = None,
) -> Playground:
    """Make the playground of a lesson, or find it again, repaired.

    Args:
        slug: The lesson's slug.
        ports: Ports inside each node that this machine can reach.
        nodes: How many, where they form no swarm.
        managers: Of the swarm that the nodes form; 0 for none.
        workers: Of the swarm.
        say: Told what is made or repaired.
        engine: The host's engine; by default it is looked for.

    Raises:
        EngineNotFound: There is no engine on this host.
        PlaygroundError: A node cannot be made, or a swarm of that size.
    """
    return _of(slug, PlaygroundSpec(ports, nodes, managers, workers), engine).open(say)


def find(
    slug: str,
    *,
    ports: tuple[int, ...] = (5000,),
    nodes: int = 1,
    managers: int = 0,
    workers: int = 0,
    engine: Engine | None = None,
) -> Playground:
    """See a lesson's playground from another process; nothing is changed.

    Raises:
        NodeUnavailable: It is not there.
    """
    return _of(slug, PlaygroundSpec(ports, nodes, managers, workers), engine).find()


def _of(slug: str, plan: PlaygroundSpec, engine: Engine | None) -> Playground:
    names = Names(course.course_id(), slug, str(course.course_root()))
    return Playground(engine or find_engine(), names, plan)
