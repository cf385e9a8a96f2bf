"""Whether an address leads a node to another registry than that of node 1: asked by an upload that begins there.

The request comes from inside the node, so any port and host that the node reaches is asked. The upload is cancelled.
"""

from __future__ import annotations

import re
import shlex

from labs.lessons import on_port, read_file, setting
from labs.playground import Node
from labs.registry import STORAGE
from labs.repairs.common import REPOSITORY

_UPLOADS = f"/v2/{REPOSITORY}/blobs/uploads/"
_BEGUN = re.compile(
    r"^HTTP/1\.\d 202 .*?^location: (?:https?://[^/\s]+)?(?P<path>\S*?/uploads/(?P<id>[0-9a-f-]{36})\S*)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)


def leads_to_second(node: Node, host: str, server: Node) -> bool:
    """Whether what is pushed to a host, as a node reaches it, does not arrive in the registry of node 1.

    A relay hands an upload on, a cache begins none, and a registry on the same data keeps it in the same folder.
    """
    way, answer = _reach(node, host)
    begun = _BEGUN.search(answer)
    if not begun:
        return False
    goes_on = " 204 " in _first_line(
        _ask(server, "TCP:127.0.0.1:5000", f"GET {begun['path']}", host)
    )
    try:
        return not (goes_on or _keeps(server, begun["id"]))
    finally:
        _ask(node, way, f"DELETE {begun['path']}", host)


def _reach(node: Node, host: str) -> tuple[str, str]:
    """How a node reaches a host, over TLS or without, and what it answers to the begin of an upload."""
    name, _, port = host.partition(":")
    ways = (f"TCP:{name}:{port or 80}", f"OPENSSL:{name}:{port or 443},verify=0")
    answers = [(way, _ask(node, way, f"POST {_UPLOADS}", host)) for way in ways]
    return next((each for each in answers if _BEGUN.search(each[1])), answers[0])


def _ask(node: Node, way: str, request: str, host: str) -> str:
    lines = f"{request} HTTP/1.0\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n"
    command = f"printf %s {shlex.quote(lines)} | socat -T 5 - {shlex.quote(way)} 2>/dev/null"
    return node.read_output(["sh", "-c", command]).stdout


def _keeps(server: Node, upload: str) -> bool:
    """Whether the registry on port 5000 of node 1 has the folder of an upload: its own secret refuses another's."""
    container = on_port(server, 5000)
    if container is None:
        return False
    root = setting(container, "storage", "filesystem", "rootdirectory") or STORAGE
    path = f"{root}/docker/registry/v2/repositories/{REPOSITORY}/_uploads/{upload}/startedat"
    return read_file(container, path) is not None


def _first_line(answer: str) -> str:
    return answer.partition("\r\n")[0] + " "
