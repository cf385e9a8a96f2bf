"""Whether the registry is back on its port with what it had, and the page is still served."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_yet, passed
from labs.lessons import on_port
from labs.playground import Node, Playground
from labs.repairs.common import image_kept, user_pulls
from labs.repairs.port_is_already_allocated.set_up import PAGE


def mended(playground: Playground, notes: Answers) -> Finding:
    """Node 2 has pulled the image by its name, and some port of node 1 has the page."""
    server = playground.node(1)
    return (
        _still_taken(server)
        or image_kept(playground, notes)
        or _page_gone(server)
        or user_pulls(playground, notes)
        or passed()
    )


def _still_taken(server: Node) -> Finding | None:
    container = on_port(server, 5000)
    if container is not None and container.name == "docs":
        return not_yet(
            "container docs still has port 5000 of node 1",
            hint="a published port is fixed when a container is made: remove it and run it with another one",
        )
    return None


def _page_gone(server: Node) -> Finding | None:
    """Return None if a container of node 1 serves the page at a port of the node."""
    for container in server.docker.containers.list(ignore_removed=True):
        bindings = container.attrs["NetworkSettings"]["Ports"] or {}
        for port in {each["HostPort"] for pairs in bindings.values() for each in pairs or ()}:
            given = server.read_output(["sh", "-c", _GET.format(port=port)])
            if given.stdout.endswith(PAGE):
                return None
    return not_yet(
        "the page of container docs is not served on any port of node 1",
        hint="run it as before, on another port: `docker run -d --name docs -p 5001:80 -v /srv/docs:/docs:ro "
        "busybox httpd -f -p 80 -h /docs`",
    )


# The node has no curl. -T: a registry waits for more of a request than this.
_GET = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | socat -T 2 - TCP:127.0.0.1:{port} 2>/dev/null"
