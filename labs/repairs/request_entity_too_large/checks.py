"""Whether node 2's image came in through the proxy, and a much larger one would."""

from __future__ import annotations

import re

import httpx

from labs.lesson import Answers, Finding, not_yet, passed
from labs.lessons import ask
from labs.playground import Node, Playground
from labs.repairs.common import TOOL, image_kept, still_pulls, user_pushed

_HUGE_BYTES = 8 << 30  # an image of some gigabytes can be one layer
_CONFIGURATION = "/srv/proxy/registry.conf"


def mended(playground: Playground, notes: Answers) -> Finding:
    """Port 5000 is still the proxy's, has no limit that matters, and leads to both images."""
    server = playground.node(1)
    return (
        _without_proxy(server)
        or image_kept(playground, notes)
        or _limited(server)
        or user_pushed(playground)
        or still_pulls(playground.node(2), notes)
        or passed()
    )


def _without_proxy(server: Node) -> Finding | None:
    answer = ask(f"{server.url(5000)}/v2/")
    if answer is not None and "nginx" in answer.headers.get("server", ""):
        return None
    return not_yet(
        "what answers on port 5000 of node 1 is not the proxy",
        hint="`docker ps` and `docker logs proxy` on node 1; `docker exec proxy nginx -t` names a mistake in its file",
    )


def _limited(server: Node) -> Finding | None:
    """Return None if the proxy would let a huge layer pass. Only its header is sent: nginx refuses by that."""
    begun = ask(f"{server.url(5000)}/v2/{TOOL}/blobs/uploads/", method="POST")
    if begun is None or begun.status_code != 202:
        seen = "no answer" if begun is None else f"status {begun.status_code}"
        return not_yet(f"an upload cannot begin at registry.lab:5000: {seen}")
    place = httpx.URL(begun.headers["location"]).raw_path.decode()
    status = _status_of_huge(server, place)
    ask(server.url(5000) + place, method="DELETE")
    if status != 413:
        return None
    written = re.findall(
        r"client_max_body_size\s+([^;\s]+)", server.read_output(["cat", _CONFIGURATION]).stdout
    )
    if written == ["0"]:
        return not_yet(
            "the proxy still refuses large bodies with 413",
            hint=f"{_CONFIGURATION} has no limit any more; nginx reads it at `nginx -s reload`",
        )
    limit = f"client_max_body_size {written[0]}" if written else "the limit of nginx itself, 1 MB"
    return not_yet(
        f"the proxy still refuses a layer of 8 GB with 413: {limit}",
        hint="the next image is larger; 0 means without a limit",
    )


def _status_of_huge(server: Node, place: str) -> int:
    """The status that the proxy answers to the header of a huge body; 0 if it waits for the body."""
    script = (
        f"printf 'PATCH {place} HTTP/1.1\\r\\nHost: registry.lab:5000\\r\\nContent-Length: {_HUGE_BYTES}\\r\\n\\r\\n'"
        f" | socat -T 2 - TCP:127.0.0.1:5000 | head -c 12"
    )
    said = server.read_output(["sh", "-c", script.replace("%", "%%")]).stdout
    found = re.match(r"HTTP/1\.\d (\d{3})", said)
    return int(found[1]) if found else 0
