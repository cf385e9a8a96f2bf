"""Whether a cache asks the hub: a name that no one else asks for is asked for at the cache, and the hub's log has it.

That needs no image and changes nothing on the hub. A copy that someone filled, a redirected port and a proxy with
another upstream all leave the log without that name.
"""

from __future__ import annotations

from contextlib import suppress
from secrets import token_hex

from docker.models.containers import Container

from labs.lesson import Finding, not_attempted, not_yet
from labs.lessons.common import ask, named, no_registry, on_port, registries_of, setting
from labs.playground import Node, Playground
from labs.waiting import WaitTimeout, wait_until

# The registry writes its access log within milliseconds of the answer.
_LOG_S = 3.0
_OF_THE_LESSON = ("cache", "members")


def asks_upstream(node: Node, port: int, upstream: Container) -> bool:
    """Whether a request to a port of a node leads to one at `upstream`.

    Args:
        node: Where the cache runs.
        port: Its port.
        upstream: The container of the registry that it should ask.
    """
    name = f"library/course-check-{token_hex(6)}"
    ask(f"{node.url(port)}/v2/{name}/manifests/latest")
    with suppress(WaitTimeout):
        return wait_until(
            lambda: name.encode() in upstream.logs(stderr=False, tail=50),
            "the upstream's log",
            timeout_s=_LOG_S,
        )
    return False


def nothing_on(node: Node, port: int) -> Finding | None:
    """Return None if something answers on a port of a node; otherwise what is there instead.

    The lesson's own caches, on other ports, are not an attempt.
    """
    if ask(f"{node.url(port)}/v2/") is not None:
        return None
    if on_port(node, port):
        return no_registry(node, port)
    for container in registries_of(node):
        if container.status != "running" and container.name not in _OF_THE_LESSON:
            return not_yet(
                f"{named(container)} is {container.status}, wanted running",
                hint=f'docker.containers.get("{container.name}").logs() tells why, where it ever ran',
            )
    return not_attempted(f"run a cache that answers on port {port}")


def told_upstream(node: Node, port: int) -> tuple[Container | None, str]:
    """The container behind a port, and the upstream that its settings name; empty if they name none."""
    container = on_port(node, port)
    return container, setting(container, "proxy", "remoteurl") if container else ""


def hosts_of_first(playground: Playground, node: Node) -> set[str]:
    """The host names by which a node means the first one."""
    first = playground.node(1)
    own = {"127.0.0.1", "localhost", "[::1]"} if node.name == first.name else set()
    return {"node1", "registry.lab", first.inner_address, *own}
