"""What all checks of the capstone ask: swarm.lab:5000, through any node, as reader, as writer, as neither."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass

import httpx

from labs.lesson import Finding, not_attempted, not_yet
from labs.lessons.common import Member, Probe, ask, missing_nodes, silent
from labs.playground import Node, Playground
from labs.registry import ACCEPT, RegistryClient

HOST, PORT = "swarm.lab", 5000
ADDRESS = f"{HOST}:{PORT}"
READER: Member = ("reader", "reading-room")
WRITER: Member = ("writer", "writing-desk")
TRIES = "course-check"
"""Where checks push what is removed again: `course-check/…`."""

# A registry's answers, and those of a proxy in front that waits for it.
_SETTLED = (200, 401, 403, 404)
# Of a proxy in front that reaches no registry.
_NOBODY = (502, 503, 504)
_PAUSE_S = 0.3
_STARTED_S = 15.0
_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class DoorProbe(Probe):
    """Port 5000 of a node, asked over TLS. The certificate is not verified here.

    Attributes:
        node: Which one.
        patience_s: For how long it asks again where nobody answers: a clean-up may have the registry off for a moment.
    """

    node: Node
    patience_s: float = 30.0

    def ask(
        self,
        path: str = "/v2/",
        *,
        method: str = "GET",
        member: Member | None = None,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response | None:
        """Return the answer, or None if nothing there speaks TLS."""
        deadline = time.monotonic() + self.patience_s
        while True:
            answer = ask(
                _url(self.node) + path,
                method=method,
                member=member,
                headers={"Accept": ACCEPT, "Host": ADDRESS, **(headers or {})},
                content=content,
                host=HOST,
            )
            silent = answer is None or answer.status_code in _NOBODY
            if not silent or time.monotonic() > deadline:
                return answer
            time.sleep(_PAUSE_S)

    def plain(self) -> int:
        """The status of a GET without TLS, 0 for no answer; a port with TLS answers 400."""
        answer = ask(self.node.url(PORT) + "/v2/")
        return answer.status_code if answer is not None else 0


def http(node: Node, member: Member = WRITER) -> httpx.Client:
    """A client of the registry through a node, for what is pushed by hand."""

    def name(request: httpx.Request) -> None:
        request.extensions["sni_hostname"] = HOST

    return httpx.Client(
        base_url=_url(node),
        auth=member,
        verify=_unverified(),
        trust_env=False,
        timeout=_TIMEOUT_S,
        headers={"Host": ADDRESS},
        event_hooks={"request": [name]},
    )


def client(node: Node, member: Member = READER) -> RegistryClient:
    """The registry as the course's client asks it, through a node."""
    return RegistryClient(_url(node), auth=member, verify=_unverified(), timeout_s=_TIMEOUT_S)


def not_open(playground: Playground) -> Finding | None:
    """Return None if all nodes are on, and a registry with TLS answers through each; otherwise what is missing."""
    if missing := missing_nodes(playground):
        return missing
    patience_s = _STARTED_S if _has_services(playground) else 0
    left = silent(playground.nodes, _speaks, none_s=patience_s)
    if any(map(_is_plain, playground.nodes)):
        return not_yet(
            f"port {PORT} speaks plain HTTP, wanted TLS",
            hint="lesson 5 has the settings of a registry; a proxy in front has others",
        )
    if not left:
        return None
    total = len(playground.nodes)
    if len(left) < total:
        names = ", ".join(node.name for node in left)
        return not_yet(
            f"{ADDRESS} is the address of all {total} nodes, and no registry with TLS answers on {names}",
            hint='lab.swarm.publish("…", port=5000), or a service on each node',
        )
    if _has_services(playground):
        return not_yet(
            f"no registry with TLS answers on port {PORT} of any node",
            hint="docker service ls, docker service ps …, docker service logs …",
        )
    return not_attempted(f"run a registry that answers with TLS at {ADDRESS} first (60.1)")


def _speaks(node: Node) -> bool:
    """Whether a registry answers through a node, with TLS or without."""
    return DoorProbe(node, patience_s=0).status() in _SETTLED or _is_plain(node)


def _is_plain(node: Node) -> bool:
    """Whether a registry speaks HTTP without TLS; one with TLS answers that with 400."""
    return DoorProbe(node).plain() in _SETTLED


def _has_services(playground: Playground) -> bool:
    return bool(playground.swarm.state().services)


def _url(node: Node) -> str:
    return node.url(PORT).replace("http:", "https:", 1)


def _unverified() -> ssl.SSLContext:
    # `one_address` judges the certificate, from each node.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
