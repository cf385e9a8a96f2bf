"""The check of 60.5: all engines ask a cache, and what one of them pulled the others get without the hub."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from docker.errors import ImageNotFound

from labs.lesson import Answers, Finding, PullFailed, not_attempted, not_yet, passed, pull
from labs.lessons.common import ask, missing_nodes, missing_part, silent
from labs.playground import Node, Playground
from labs.registry import RegistryClient

CACHE_PORT = 5001
_MIRROR = "mirror"
_IMAGE = "hello-world"
# What no service of the stack is likely to need: a copy that someone pushed would have the stack's own images.
_ALSO = ("httpd:2", "busybox:latest")
_STORED_S = 2.0
_RULE = "-d {address} -j REJECT --reject-with tcp-reset -p tcp"


def without_the_hub(playground: Playground, _answers: Answers) -> Finding:
    """Each engine asks port 5001 of its own node first; with the hub cut off, all get what one has pulled."""
    if missing := missing_nodes(playground):
        return missing
    return _not_asked(playground) or _no_cache(playground) or _not_shared(playground) or passed()


def _not_asked(playground: Playground) -> Finding | None:
    """Return None if each engine asks port 5001 first; otherwise which one does not."""
    firsts = {node.name: _first_mirror(node) for node in playground.nodes}
    if all(f"//{_MIRROR}" in first for first in firsts.values()):
        return not_attempted(
            f"run a cache on port {CACHE_PORT} of all nodes, and let engines ask it"
        )
    for name, first in firsts.items():
        if not first.rstrip("/").endswith(f":{CACHE_PORT}"):
            return not_yet(
                f"{name}'s engine asks {first or 'no mirror'} first, wanted port {CACHE_PORT}",
                hint='lab.node(…).reload_engine({"registry-mirrors": ["http://127.0.0.1:5001"]}) on each node',
            )
    return None


def _first_mirror(node: Node) -> str:
    mirrors: list[str] = node.docker.info()["RegistryConfig"].get("Mirrors") or []
    return mirrors[0] if mirrors else ""


def _no_cache(playground: Playground) -> Finding | None:
    """Return None if port 5001 of each node is a cache; otherwise what it is."""
    left = silent(playground.nodes, lambda node: _cache(node).speaks())
    if left:
        names = ", ".join(node.name for node in left)
        return not_yet(
            f"nothing answers on port {CACHE_PORT} of {names}",
            hint=f'lab.swarm.publish("…", port={CACHE_PORT}, target=5000)',
        )
    begun = _http_post(playground.node(1))
    if begun != 405:
        return not_yet(
            f"port {CACHE_PORT} answers {begun} to a push, wanted 405: it is no pull-through cache",
            hint="lesson 10: REGISTRY_PROXY_REMOTEURL, or proxy: remoteurl in its file",
        )
    return None


def _http_post(node: Node) -> int:
    answer = ask(f"{node.url(CACHE_PORT)}/v2/library/none/blobs/uploads/", method="POST")
    return answer.status_code if answer is not None else 0


def _cache(node: Node) -> RegistryClient:
    return RegistryClient(node.url(CACHE_PORT), timeout_s=15.0)


def _not_shared(playground: Playground) -> Finding | None:
    """Return None if all nodes get, without the hub, what one of them pulled with it; otherwise what they lack."""
    first, last = playground.node(3), playground.node(4)
    try:
        pull(first.docker, _IMAGE, node=first.name)
        id = str(first.docker.images.get(_IMAGE).id)
        wanted = _pulled(first, id)
        for image in _ALSO:
            if missing := _lacks(playground.node(1), image):
                return not_yet(f"the cache does not get {image} from the hub: {missing}")
    except PullFailed as error:
        return not_yet(f"{first.name} cannot pull {_IMAGE}: {error.message}")
    # A cache stores what it passes on beside that, and may need a moment longer.
    time.sleep(_STORED_S)
    with cut_from_hub(playground):
        for image in _ALSO:
            if any(_ask_all(playground, image)):
                return not_yet(
                    f"without the hub, some nodes do not get {image} of port {CACHE_PORT}, which was pulled before",
                    hint="replicas that keep a copy each need the hub once more: let them share one",
                )
        try:
            got = _pulled(last, id)
        except PullFailed:
            got = ""
        if got != wanted:
            return not_yet(
                f"without the hub {last.name} does not get {_IMAGE}, which {first.name} had pulled",
                hint="docker pull on that node, and the cache's log",
            )
    return None


def _ask_all(playground: Playground, image: str) -> list[str]:
    """What each node does not get of an image; replicas take turns, so each node asks twice."""
    nodes = [*playground.nodes, *playground.nodes]
    with ThreadPoolExecutor(max_workers=len(playground.nodes)) as pool:
        return list(pool.map(lambda node: _lacks(node, image), nodes))


def _lacks(node: Node, image: str) -> str:
    """What the cache does not give of an image of the hub, through a node; empty if it gives all."""
    name, _, tag = image.partition(":")
    return missing_part(_cache(node), f"library/{name}", tag)


def _pulled(node: Node, id: str) -> str:
    """The digest that a node's engine gets for the image, every byte of which it has to fetch.

    Args:
        node: Whose engine.
        id: Of the image: it is removed under all its names, since layers that are there are not asked for.
    """
    with suppress(ImageNotFound):
        node.docker.images.remove(id, force=True)
    return pull(node.docker, _IMAGE, node=node.name)


@contextmanager
def cut_from_hub(playground: Playground) -> Iterator[None]:
    """No node, and no container in it, reaches the hub for a while."""
    address = playground.node(1).read_output(["getent", "hosts", _MIRROR]).stdout.split()[0]
    rule = _RULE.format(address=address)
    try:
        _on_all(playground, "; ".join(f"iptables -w -I {c} {rule}" for c in ("OUTPUT", "FORWARD")))
        yield
    finally:
        gone = "while iptables -w -D {chain} {rule} 2>/dev/null; do :; done"
        every = (gone.format(chain=c, rule=rule) for c in ("OUTPUT", "FORWARD"))
        _on_all(playground, "; ".join(every))


def _on_all(playground: Playground, script: str) -> None:
    for node in playground.nodes:
        node.exec(["sh", "-c", script])
