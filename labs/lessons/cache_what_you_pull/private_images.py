"""The check of exercise 10.7: what a stranger gets from a cache of a hub that wants a login, and from other ports."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
from docker.models.containers import Container

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.cache_what_you_pull.private_hub import (
    ADA,
    DOOR_PORT,
    PASSWORD_PORT,
    REGISTRY_PORT,
    ROBOT,
)
from labs.lessons.cache_what_you_pull.upstream import asks_upstream, nothing_on, told_upstream
from labs.lessons.common import Request, ask, on_port, open_ports, setting, tags_of
from labs.playground import Node, Playground
from labs.registry import ACCEPT, Manifest, RegistryClient

PORT = 5002
_LESSON_PORTS = (5000, 5001, 5002, 5003)
PUBLIC, PRIVATE, TAG = "library/hello-world", "team/plans", "latest"
# A port that accepts and never answers would hold the check.
_FROM_NODE_2 = r"""
for port in $1; do
  printf 'GET %s HTTP/1.0\r\nHost: node1\r\nAccept: %s\r\n\r\n' "$2" "$3" |
    timeout 3 socat -t 2 - "TCP:node1:$port" 2>/dev/null | head -n 1 | grep -q ' 200 ' && echo "$port"
done
"""


def keeps_private(playground: Playground, _answers: Answers) -> Finding:
    """Port 5002 gives the public image to everyone, the plans to no one, and no other port gives them."""
    here, there = playground.node(1), playground.node(2)
    here.docker.ping()  # an engine that is gone is not a wrong answer
    vault = on_port(there, REGISTRY_PORT)
    if vault is None or on_port(there, PASSWORD_PORT) is None:
        return not_attempted("run the cell that starts the private hub first")
    hub = RegistryClient(there.url(REGISTRY_PORT))
    if TAG not in tags_of(hub, PRIVATE) or TAG not in tags_of(hub, PUBLIC):
        return not_attempted("run the cell that starts the private hub and fills it first")
    return (
        nothing_on(here, PORT)
        or _not_public(here, hub)
        or _no_cache(here, vault)
        or _given_away(here, hub)
        or _elsewhere(playground)
        or passed()
    )


def _not_public(node: Node, hub: RegistryClient) -> Finding | None:
    """Return None if the public image comes whole from the port; otherwise what is wrong."""
    for request in _reads(hub, PUBLIC):
        status = _status(node, request)
        if status != 200:
            return not_yet(
                f"{request} on port {PORT} gives {status} without a password, wanted 200",
                hint=_why_not(node),
            )
    return None


def _why_not(node: Node) -> str:
    """What in the cache's settings keeps it from the hub."""
    container, upstream = told_upstream(node, PORT)
    if container is None:
        return "what answers there passes on what is below /v2/library/, and the cache behind it logs in"
    if not upstream:
        return f"a cache has an upstream: http://node2:{DOOR_PORT}"
    if upstream.endswith(f":{PASSWORD_PORT}"):
        return f"version 2 of the registry cannot log in with Basic: the hub with tokens is on {DOOR_PORT}"
    user = setting(container, "proxy", "username")
    if not user:
        return "this hub gives nothing without a login: the cache needs one"
    known = dict((ADA, ROBOT))
    if known.get(user) != setting(container, "proxy", "password"):
        return f"{user} has another password: read the text above the private hub"
    return 'its log tells what the hub answered; it needs network_mode="host" to find node2'


def _no_cache(node: Node, vault: Container) -> Finding | None:
    if asks_upstream(node, PORT, vault):
        return None
    return not_yet(
        f"port {PORT} gives {PUBLIC} and does not ask the hub: that is a copy, wanted a cache",
        hint=f"a registry with the upstream http://node2:{DOOR_PORT}, and nothing pushed into it",
    )


def _given_away(node: Node, hub: RegistryClient) -> Finding | None:
    """Return None if nothing of the private repository comes from the port; otherwise what does."""
    for request in _reads(hub, PRIVATE):
        status = _status(node, request)
        if status == 200:
            return not_yet(
                f"{request} on port {PORT} gives 200 without a password, wanted nothing of {PRIVATE}",
                hint=_why_given(node),
            )
    return None


def _why_given(node: Node) -> str:
    container, _ = told_upstream(node, PORT)
    user = setting(container, "proxy", "username") if container else ""
    if container is None:
        return "a proxy has to refuse everything of it, GET and HEAD: name what may pass, not what may not"
    if user == ADA[0]:
        return "it logs in as ada, who may read the plans, for everyone: which account may not?"
    return (
        "it has them stored from before and gives them without asking: begin with an empty volume"
    )


def _elsewhere(playground: Playground) -> Finding | None:
    """Return None if no other port of node 1 gives the plans to another machine; otherwise which one does."""
    here, there = playground.node(1), playground.node(2)
    ports = " ".join(map(str, sorted(open_ports(here, _LESSON_PORTS) - {PORT})))
    path = f"/v2/{PRIVATE}/manifests/{TAG}"
    asked = ["sh", "-c", _FROM_NODE_2, "ask", ports, path, ACCEPT]
    said = there.read_output(asked).stdout.split()
    if not said:
        return None
    container = on_port(here, int(said[0]))
    name = container.name if container else "…"
    return not_yet(
        f"port {said[0]} of node 1 gives {PRIVATE} to anyone who asks",
        hint=f'lab.remove("{name}"), or let it listen on 127.0.0.1 alone',
    )


def _reads(hub: RegistryClient, repository: str) -> Iterator[Request]:
    """Everything that can be read of a repository: manifest by tag and by digest, each blob, the tags."""
    manifest = hub.manifest(repository, TAG)
    blobs = [manifest.config, *manifest.layers] if isinstance(manifest, Manifest) else []
    for method in ("GET", "HEAD"):
        for end in (TAG, manifest.digest):
            yield Request(method, f"/v2/{repository}/manifests/{end}")
        for blob in blobs:
            yield Request(method, f"/v2/{repository}/blobs/{blob.digest}")
    yield Request("GET", f"/v2/{repository}/tags/list")


def _status(node: Node, request: Request) -> int:
    answer: httpx.Response | None = ask(
        node.url(PORT) + request.path, method=request.method, headers={"Accept": ACCEPT}
    )
    return answer.status_code if answer is not None else 0
