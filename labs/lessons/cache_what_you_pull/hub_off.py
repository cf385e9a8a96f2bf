"""The check of exercise 10.6: it switches the hub off, has both engines pull, and switches the hub on again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from docker.errors import ImageNotFound
from docker.models.containers import Container

from labs.lesson import Answers, Finding, PullFailed, not_attempted, not_yet, passed, pull
from labs.lessons.cache_what_you_pull.small_checks import asks, mirrors_of
from labs.lessons.cache_what_you_pull.upstream import asks_upstream, nothing_on, told_upstream
from labs.lessons.common import named, no_registry, tags_of
from labs.playground import Node, Playground
from labs.registry import Manifest, RegistryClient, RegistryError
from labs.waiting import wait_until

PORT, HUB_PORT = 5001, 5001
IMAGE, REPOSITORY, TAG = "shop", "library/shop", "latest"
_HUB = "hub"


def serves_both(playground: Playground, _answers: Answers) -> Finding:
    """Both engines pull shop by the cache on port 5001 while the hub is off."""
    here, there = playground.node(1), playground.node(2)
    here.docker.ping()  # an engine that is gone is not a wrong answer
    found = there.docker.containers.list(all=True, filters={"name": f"^/?{_HUB}$"})
    if not found:
        return not_attempted("run the cell that starts the hub first")
    hub = found[0]
    if hub.status != "running":
        return not_yet(
            f"container {_HUB} is {hub.status}, wanted running: the check switches it off itself",
            hint="hub.start()",
        )
    hubs = RegistryClient(there.url(HUB_PORT))
    if not hubs.speaks():
        return not_yet(
            f"container {_HUB} does not answer on port {HUB_PORT} of node 2",
            hint="run the cell that starts the hub again, then those that fill it",
        )
    if TAG not in tags_of(hubs, REPOSITORY):
        return not_attempted(f"run the first lines of the cell: they put {REPOSITORY} on the hub")
    return (
        nothing_on(here, PORT)
        or no_registry(here, PORT)
        or _no_cache_of(here, hub)
        or _not_asked(playground)
        or _while_off(playground, hub)
        or passed()
    )


def _no_cache_of(node: Node, hub: Container) -> Finding | None:
    """Return None if the cache asks the hub; otherwise what it does instead."""
    if asks_upstream(node, PORT, hub):
        return None
    container, upstream = told_upstream(node, PORT)
    name = named(container) if container else f"what answers on port {PORT}"
    if not upstream:
        return not_yet(
            f"{name} asks no hub: it is a registry of its own, wanted a pull-through cache",
            hint="REGISTRY_PROXY_REMOTEURL makes a cache of it",
        )
    return not_yet(
        f"{name} is told to ask {upstream}, and the hub's log has no request from it",
        hint=f'the hub is http://node2:{HUB_PORT}; only a container with network_mode="host" finds that name',
    )


def _not_asked(playground: Playground) -> Finding | None:
    """Return None if both engines ask the cache first; otherwise which one does not."""
    for number, node in enumerate(playground.nodes, 1):
        if not asks(playground, node, PORT):
            first = next(iter(mirrors_of(node)), "no mirror")
            return not_yet(
                f"{node.name}'s engine asks {first} first, wanted http://node1:{PORT}",
                hint=f'lab.node({number}).reload_engine({{"registry-mirrors": ["http://node1:{PORT}"]}})',
            )
    return None


def _while_off(playground: Playground, hub: Container) -> Finding | None:
    """Return None if both engines get the hub's image while it is off; otherwise what failed."""
    here, there = playground.node(1), playground.node(2)
    hubs = RegistryClient(there.url(HUB_PORT))
    wanted = hubs.head(REPOSITORY, TAG).digest
    with _switched_off(hub, there):
        if lacking := _lacking(RegistryClient(here.url(PORT)), wanted):
            return lacking
        for node in playground.nodes:
            if _pulled(node) != wanted:
                return not_yet(
                    f"with the hub off {node.name} does not get {IMAGE} with the hub's digest",
                    hint=f"lab.pull({IMAGE!r}, node=…) with the hub off, then the cache's log",
                )
    return None


@contextmanager
def _switched_off(hub: Container, node: Node) -> Iterator[None]:
    """The hub off for a while; it is on afterwards, whatever happens."""
    hub.stop(timeout=1)
    try:
        yield
    finally:
        hub.start()
        wait_until(RegistryClient(node.url(HUB_PORT)).speaks, "the hub to come back")


def _lacking(cache: RegistryClient, wanted: str) -> Finding | None:
    """Return None if the cache has the whole image; otherwise what it lacks."""
    refill = (
        f"the engine that pulled had it already: docker image prune -a, then pull {IMAGE} again"
    )
    try:
        manifest = cache.manifest(REPOSITORY, TAG)
    except RegistryError as error:
        return not_yet(
            f"with the hub off the cache answers {error.status} for {REPOSITORY}:{TAG}, wanted 200",
            hint=f"a cache has what was pulled through it: lab.pull({IMAGE!r}) once, with the hub on",
        )
    if manifest.digest != wanted:
        return not_yet(
            f"with the hub off the cache gives an older {REPOSITORY}:{TAG}",
            hint=f"the tag has moved since: lab.pull({IMAGE!r}) once more, with the hub on",
        )
    blobs = [manifest.config, *manifest.layers] if isinstance(manifest, Manifest) else []
    for name, blob in zip(("config", *("layer",) * len(blobs)), blobs, strict=False):
        try:
            cache.blob(REPOSITORY, blob.digest)
        except RegistryError as error:
            return not_yet(
                f"with the hub off the cache answers {error.status} for a {name} of {IMAGE}, wanted 200",
                hint=refill,
            )
    return None


def _pulled(node: Node) -> str:
    """The digest that a node's engine gets for the image; empty if it gets none. What was not there is removed."""
    images = node.docker.images
    try:
        images.get(IMAGE)
        there_before = True
    except ImageNotFound:
        there_before = False
    try:
        return pull(node.docker, IMAGE, node=node.name)
    except PullFailed:
        return ""
    finally:
        if not there_before:
            # Left behind, it would keep the student's next pull from filling a new cache.
            with suppress(ImageNotFound):
                images.remove(IMAGE, force=True)
