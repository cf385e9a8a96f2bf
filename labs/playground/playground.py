"""The playground of one lesson: open, find, repair, reset and close it; a lock admits one process at a time."""

from __future__ import annotations

import fcntl
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from docker.models.containers import Container

from labs import course
from labs.engine import Engine
from labs.engine import find as find_engine
from labs.playground import companion, creation
from labs.playground.certs import ClientFiles
from labs.playground.hub_container import HubServer, bring_git, open_hub, trust_hub
from labs.playground.labels import Names, Say, quiet
from labs.playground.mirror_content import Config, Mirror
from labs.playground.node import Node
from labs.playground.node_errors import NodeUnavailable, PlaygroundError
from labs.playground.object_store import ObjectStore, open_store
from labs.playground.removal import remove_objects
from labs.playground.repair import Repair, containers
from labs.playground.revival import revive
from labs.playground.spec import PlaygroundSpec
from labs.playground.swarm import Swarm, formation


class Playground:
    """The engines of one lesson.

    Attributes:
        slug: The lesson's slug.
        nodes: In order, from node1.
    """

    def __init__(self, engine: Engine, names: Names, spec: PlaygroundSpec) -> None:
        self._engine = engine
        self._names = names
        self._spec = spec
        self._folder = course.state_folder() / "playgrounds" / names.slug
        self._swarm: Swarm | None = None
        self._mirror = Mirror(engine, names.mirror)
        self.slug = names.slug
        self.nodes: list[Node] = []

    @classmethod
    def of(cls, slug: str, spec: PlaygroundSpec, engine: Engine | None = None) -> Playground:
        """The playground of a lesson, as it should be; nothing is made or looked for but the engine.

        Raises:
            EngineNotFound: There is no engine on this host.
        """
        names = Names(course.course_id(), slug, str(course.course_root()))
        return cls(engine or find_engine(), names, spec)

    def __repr__(self) -> str:
        return f"<Playground {self._names.network}: {len(self.nodes)} of {self._spec.size} nodes>"

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
        """The swarm that its nodes form.

        Raises:
            PlaygroundError: They do not form one.
        """
        if self._swarm is None:
            raise PlaygroundError(
                f"the playground of {self.slug} has no swarm",
                hint='labs.open("serve-a-swarm") makes one',
            )
        return self._swarm

    @property
    def store(self) -> ObjectStore:
        """An S3 and Swift server that nodes reach; created at the first use, started again if it stopped.

        Raises:
            PlaygroundError: It cannot be created.
            NodeUnavailable: It does not come up.
        """
        with self._lock():
            return open_store(self._engine, self._names, _tell, self._store_of)

    @property
    def hub(self) -> HubServer:
        """A hub that nodes reach at `https://hub.lab`; created at the first use, started again if it stopped.

        Raises:
            PlaygroundError: It cannot be created.
            NodeUnavailable: It does not come up.
        """
        with self._lock():
            for node in self.nodes:
                trust_hub(node, self._files)
            hub = open_hub(
                self._engine, self._names, self._files, self.node(1), _tell, hub_of=self._hub_of
            )
            if self.node(1).answers():  # else at the next use
                bring_git(self._engine.client, self.node(1), _tell)
            return hub

    def course_image(self, name: str) -> list[Config]:
        """Return what an image of the course is: its OCI config, one for each platform that the mirror serves.

        Args:
            name: As nodes pull it: `busybox:latest`.

        Raises:
            PlaygroundError: The mirror does not serve it, or does not exist.
        """
        found = self._mirror.configs_of(name)
        if not found:
            raise PlaygroundError(
                f"the mirror of {self.slug} does not serve {name}",
                hint=f'labs.open("{self.slug}") makes it again',
            )
        return found

    @property
    def served(self) -> list[str]:
        """What nodes can pull from its mirror, such as `registry:2`; empty where the mirror does not tell."""
        return self._mirror.served

    def open(self, say: Say = quiet) -> Playground:
        """Create the playground, or find it again and report what is repaired.

        Raises:
            PlaygroundError: A node cannot be created.
            NodeUnavailable: A node was created and its engine does not come up.
        """
        with self._lock():
            try:
                self._make(say)
            except NodeUnavailable:
                # Once more only for a node that another process stopped meanwhile: other failures would come again.
                if not any(node.status == "stopped" for node in self.nodes):
                    raise
                say("a node was lost meanwhile, trying once more")
                self._make(say)
        return self

    def _make(self, say: Say) -> None:
        repair = Repair(self._engine, self._names, self._spec, self._files, say)
        found = repair.run()
        self._adopt(found)
        if self._swarm and repair.made.issuperset(self._spec.names):
            # All nodes are new: none is cut or in another swarm, so each joins as soon as its own engine answers.
            formation.begin(self._swarm)
        else:
            revive(self.nodes, say, swarm=self._swarm is not None)
            if self._swarm:
                formation.form(self._swarm, repair.made, say)
        for key in self._spec.loaded:
            companion.load_image(self._engine.client, self.node(1), key, f"{key}:latest", say)
        if "mirror" in repair.started:
            # Last: the mirror has started while the engines did, so mostly nothing is left to wait for.
            creation.wait_for_mirror(found["mirror"])

    def find(self) -> Playground:
        """Find the playground as it is and change nothing: for a second process.

        Raises:
            NodeUnavailable: A node does not exist.
        """
        found = containers(self._engine, self._names)
        missing = [name for name in self._spec.names if name not in found]
        # Without the certificates its engines cannot be reached, so for this process it does not exist.
        if missing or not self._files.complete:
            raise NodeUnavailable(
                f"the playground of {self.slug} is not there: no {', '.join(missing) or 'certificates'}",
                hint=f'labs.open("{self.slug}") makes it',
            )
        self._adopt(found)
        return self

    def again(self) -> Playground:
        """Return the same playground with clients of its own, for another thread.

        Raises:
            NodeUnavailable: A node does not exist.
        """
        return Playground(self._engine, self._names, self._spec).find()

    def reset(self, say: Say = quiet) -> Playground:
        """Remove everything in it and create it again."""
        self._remove("lab.reset()")
        return self.open(say)

    def close(self) -> list[str]:
        """Remove its containers, volumes, network and certificates; return their names."""
        return self._remove("lab.close()")

    def _remove(self, call: str) -> list[str]:
        with self._lock():
            for node in self.nodes:
                node.retire(call)
            self.nodes, self._swarm = [], None
            self._mirror = Mirror(self._engine, self._names.mirror)
            removed = remove_objects(self._engine, self._names.filters)
            # After the containers: nodes that are left without certificates could not be used or repaired.
            shutil.rmtree(self._folder, ignore_errors=True)
        return removed

    @property
    def _files(self) -> ClientFiles:
        return ClientFiles(self._folder / "certs")

    def _adopt(self, found: dict[str, Container]) -> None:
        self.nodes = [self._node(name, found[name]) for name in self._spec.names]
        self._swarm = Swarm(self.nodes, self._spec.managers) if self._spec.swarm else None

    def _node(self, name: str, container: Container) -> Node:
        return Node(name, container, self._files, self._folder / "docker-config")

    def _store_of(self, container: Container, network: str, secret: str) -> ObjectStore:
        return ObjectStore(container, network, secret)

    def _hub_of(self, container: Container) -> HubServer:
        return HubServer(container)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Let one process at a time create or remove this playground; others wait."""
        folder = course.state_folder() / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{self.slug}.lock").open("w") as lock:
            # flock, and not the file's existence: the kernel releases it when a process is killed.
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _tell(line: str) -> None:
    """Say what takes long where no progress is drawn."""
    print(line, file=sys.stderr)


def open_playground(
    slug: str,
    *,
    ports: tuple[int, ...] = (5000,),
    nodes: int = 1,
    managers: int = 0,
    workers: int = 0,
    loaded: tuple[str, ...] = (),
    say: Say = quiet,
    engine: Engine | None = None,
) -> Playground:
    """Create the playground of a lesson, or find and repair it.

    Args:
        slug: The lesson's slug.
        ports: Ports inside each node that this machine can reach.
        nodes: Number of nodes, if they do not form a swarm.
        managers: Managers of the swarm that the nodes form; 0 for no swarm.
        workers: Workers of the swarm.
        loaded: Keys of images of the catalog that are in the first node from its start.
        say: Receives progress.
        engine: The host's engine; found if it is not given.

    Raises:
        EngineNotFound: There is no engine on this host.
        PlaygroundError: A node cannot be created, or a swarm of that size.
    """
    spec = PlaygroundSpec(ports, nodes, managers, workers, loaded=loaded)
    return Playground.of(slug, spec, engine).open(say)


def find(
    slug: str,
    *,
    ports: tuple[int, ...] = (5000,),
    nodes: int = 1,
    managers: int = 0,
    workers: int = 0,
    engine: Engine | None = None,
) -> Playground:
    """Find a lesson's playground from another process; nothing is changed.

    Raises:
        NodeUnavailable: It does not exist.
    """
    return Playground.of(slug, PlaygroundSpec(ports, nodes, managers, workers), engine).find()
