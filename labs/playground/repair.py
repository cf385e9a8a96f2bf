"""Repairs a playground: removes containers that cannot be started, starts stopped ones, creates missing ones.

Each repair is reported; the creation of a playground that did not exist is not.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from docker.errors import APIError
from docker.models.containers import Container

from labs import images
from labs.engine import Engine
from labs.images import Catalog
from labs.playground import creation
from labs.playground.certs import Authority, ClientFiles
from labs.playground.container_start import start_container
from labs.playground.deletion import remove_container, remove_volume
from labs.playground.labels import NODE, SPEC, Names, Say
from labs.playground.network import make_network
from labs.playground.spec import PlaygroundSpec

# created: a process was killed before it added the certificates.
_BEYOND_REPAIR = (
    "dead",
    "removing",
    "created",
)


class Repair:
    """One repair of one playground. Hold the playground's lock.

    Args:
        engine: The host's.
        names: Of the playground.
        spec: The playground as it should be.
        files: The client's certificates.
        say: Receives progress.
    """

    def __init__(
        self, engine: Engine, names: Names, spec: PlaygroundSpec, files: ClientFiles, say: Say
    ) -> None:
        self._engine = engine
        self._names = names
        self._spec = spec
        self._files = files
        self._say = say
        self.made: set[str] = set()
        self.started: set[str] = set()

    def run(self) -> dict[str, Container]:
        """Repair and create; return the containers by the name in their label, all of them started.

        Raises:
            PlaygroundError: A container cannot be created.
        """
        found = containers(self._engine, self._names)
        broken = self._broken(found)
        for name, why in broken.items():
            self._say(f"{name}: {why}")
        if broken or not self._files.complete:
            self._remove([found[name] for name in broken])
            found = {name: c for name, c in found.items() if name not in broken}
        self.started = {name for name, c in found.items() if c.status != "running"}
        self._start_stopped(found)
        for name in [*self._spec.names, "mirror"] if found else []:
            if name not in found and name not in broken:
                self._say(f"{name}: its container is gone, making a new one")
        self._make_missing(found)
        return found

    def _broken(self, found: dict[str, Container]) -> dict[str, str]:
        """Return the nodes that a start would not repair, by name, with the reason."""
        broken = {}
        for name, container in found.items():
            if not name.startswith("node"):
                continue
            # A new CA is made then, and the node's engine trusts the old one only.
            if not self._files.complete:
                broken[name] = "its certificates are lost, making a new one"
            elif other := self._spec.differs(container.labels.get(SPEC, "")):
                broken[name] = f"it was made for {other}, making a new one"
            elif container.status in _BEYOND_REPAIR:
                broken[name] = f"its container is {container.status}, making a new one"
        return broken

    def _remove(self, broken: list[Container]) -> None:
        for container in broken:
            remove_container(container)
        for volume in self._engine.client.volumes.list(filters=self._names.filters):
            # A node's volume has its container's name. Kept, it would give the new node the old one's images and
            # swarm.
            if volume.name in {container.name for container in broken}:
                remove_volume(volume)

    def _start_stopped(self, found: dict[str, Container]) -> None:
        stopped = {name: c for name, c in found.items() if c.status != "running"}
        with ThreadPoolExecutor(max_workers=8) as pool:
            refused = dict(zip(stopped, pool.map(_start, stopped.values()), strict=True))
        for name, container in stopped.items():
            if refused[name]:
                self._say(f"{name}: cannot be started ({refused[name]}), making a new one")
                self._remove([container])
                del found[name]
            elif container.status == "paused":
                self._say(f"{name}: was paused, continued")
            elif name.startswith("node"):
                code = container.attrs["State"]["ExitCode"]
                self._say(
                    f"{name}: had stopped (status {code}), started again; "
                    "its images and volumes are kept"
                )

    def _make_missing(self, found: dict[str, Container]) -> None:
        indexes = [i for i, name in enumerate(self._spec.names, 1) if name not in found]
        if not indexes and "mirror" in found:
            return
        # Before the network is created: a lesson that is interrupted while images are made leaves nothing behind.
        self._require_images()
        client = self._engine.client
        network = make_network(
            client, self._names, fixed=self._spec.swarm, closed=self._spec.closed
        )
        authority = Authority.of(self._files.folder, self._names.network)
        # In parallel: creating a container is mostly waiting for the host's engine.
        jobs: dict[str, Future[Container]] = {}
        with ThreadPoolExecutor(max_workers=8) as pool:
            if "mirror" not in found:
                jobs["mirror"] = pool.submit(
                    creation.make_mirror, client, self._names, Catalog.read()
                )
            for index in indexes:
                jobs[f"node{index}"] = pool.submit(
                    creation.make_node,
                    self._engine,
                    self._names,
                    index,
                    spec=self._spec,
                    network=network,
                    files=authority.node_files(f"node{index}"),
                )
            found.update({name: job.result() for name, job in jobs.items()})
        self.made = set(jobs)
        self.started |= self.made

    def _require_images(self) -> None:
        """Get missing images, or wait for them, so that a lesson opened before or beside `labs start` works too."""
        client, served, loaded = self._engine.client, self._spec.images, self._spec.loaded
        known = Catalog.read().images
        lacking = [key for key in loaded if not images.look(client, known[key]).present]
        if not images.can_serve(client, served):
            missing = images.missing(client, served)
            self._say(f"images that this lesson needs are still coming: {', '.join(missing)}")
            images.ensure(client, self._say, served=served, late=loaded)
        elif lacking:
            self._say(f"getting what only this lesson needs: {', '.join(lacking)}")
            images.ensure(client, self._say, served=served, late=loaded)


def _start(container: Container) -> str:
    """Start or unpause a container; return the engine's error, empty on success."""
    try:
        if container.status == "paused":
            container.unpause()
        else:
            start_container(container)
    except APIError as error:
        return str(error.explanation or error)
    return ""


def containers(engine: Engine, names: Names) -> dict[str, Container]:
    """Return all containers of a playground, by the name in their label."""
    listed = engine.client.containers.list(all=True, filters=names.filters, ignore_removed=True)
    found = {container.labels[NODE]: container for container in listed}
    return dict(sorted(found.items()))
