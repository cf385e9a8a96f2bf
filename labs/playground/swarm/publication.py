"""How a service's port is published on every node: by the routing mesh where the kernel can, else by HAProxy.

The routing mesh balances with IPVS. On a kernel without it a published service converges and no port answers, and no
error is reported; HAProxy as a global service then does the same work with what every kernel has. The functions here
change services and say whether they did; `Swarm.publish` waits for the result.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from labs.playground.node import Node
from labs.playground.node_errors import PlaygroundError
from labs.playground.swarm import haproxy, service_spec
from labs.playground.swarm.obstacles import listening
from labs.playground.swarm.service_spec import Raw
from labs.waiting import wait_until

# Nodes that missed gossip of the overlay network while they were off or cut learn it when two of them exchange their
# whole state: every 30 seconds, each with one other. Three rounds and a margin.
_GOSSIP_S = 100.0
# A server that is slow to start listens by then; a wrong port is told long before the time is over.
_LOOK_AFTER_S = 8.0
# In a row: connections go to the replicas in turn, and one of them may not listen yet.
_ANSWERS = 3
# HAProxy closes a connection to a backend that has acknowledged nothing for four seconds: a longer silence is the
# service's own.
_SILENCE_S = 6.0
_REQUEST = b"GET / HTTP/1.0\r\n\r\n"
_RELEASE_S = 30.0  # milliseconds on an idle machine
_LOOK = "[ -e /proc/net/ip_vs ] || modprobe ip_vs 2>/dev/null; [ -e /proc/net/ip_vs ]"


@dataclass(frozen=True)
class Published:
    """How a port came to be published.

    Attributes:
        how: `mesh` or `edge`.
        why: One sentence.
        service: What it leads to.
        port: The port on every node.
    """

    how: str
    why: str
    service: str
    port: int

    @classmethod
    def by(cls, *, mesh: bool, service: str, port: int) -> Published:
        """Say which of the two ways was taken, and why."""
        if mesh:
            return cls("mesh", "this kernel has IPVS", service, port)
        why = "this kernel has no IPVS, without which the routing mesh answers nobody"
        return cls("edge", why, service, port)

    def __str__(self) -> str:
        return (
            f"port {self.port} of every node leads to {self.service} by the {self.how}: {self.why}"
        )


def has_ipvs(node: Node) -> bool:
    """Whether the node's kernel balances for the routing mesh; a module that can be loaded is."""
    return node.exec(["sh", "-c", _LOOK]).exit_code == 0


def by_mesh(api: Any, raw: Raw, *, port: int, target: int | None = None) -> bool:
    """Publish a service with the routing mesh.

    Args:
        api: Of a manager.
        raw: The service, as the engine describes it.
        port: On every node.
        target: In the service's tasks.

    Returns:
        Whether the service was changed; if so, its own update settings have to be restored.

    Raises:
        PlaygroundError: Another service has the port.
    """
    _require_free(api, raw["Spec"]["Name"], port)
    wanted = target_of(raw, port, target)
    old = [p for p in service_spec.ports(raw) if p.get("PublishedPort") != port]
    endpoint = {"Mode": "vip", "Ports": [*old, service_spec.ingress(port, wanted)]}
    return service_spec.update(api, raw, endpoint=endpoint)


def by_edge(api: Any, raw: Raw, *, port: int, target: int | None = None) -> bool:
    """Publish a service with a global service of HAProxy, which finds the tasks by their DNS name.

    Args, result and errors are those of `by_mesh`.
    """
    service = raw["Spec"]["Name"]
    _require_free(api, service, port)
    network = haproxy.network(api)
    # The engine refuses `dnsrr` for a service that has ports in the routing mesh.
    host = [p for p in service_spec.ports(raw) if p.get("PublishMode") == "host"]
    wanted = target_of(raw, port, target)
    endpoint = {"Mode": "dnsrr", "Ports": host}
    changed = service_spec.update(api, raw, endpoint=endpoint, network=network)
    # Two services cannot hold one port: the edge's tasks would be rejected until the mesh has released it.
    _wait_for_release(api, raw["ID"], port)
    haproxy.serve(api, service, port=port, target=wanted, network=network)
    return changed


def _wait_for_release(api: Any, id: str, port: int) -> None:
    """Wait until the routing mesh has given the port back: on a busy machine that takes a moment after the update."""

    def released() -> bool:
        held = (api.inspect_service(id).get("Endpoint") or {}).get("Ports") or []
        return all(p.get("PublishedPort") != port or p["PublishMode"] == "host" for p in held)

    wait_until(released, f"the routing mesh to release port {port}", timeout_s=_RELEASE_S)


def target_of(raw: Raw, port: int, target: int | None) -> int:
    """The port in the container: as asked for, as published so far, as the edge has it, or the same."""
    if target is not None:
        return target
    known = {p.get("PublishedPort"): p["TargetPort"] for p in service_spec.ports(raw)}
    return int(known.get(port) or port)


def _require_free(api: Any, service: str, port: int) -> None:
    every = {raw["Spec"]["Name"]: raw for raw in api.services()}
    for raw in every.values():
        behind = (raw["Spec"].get("Labels") or {}).get(haproxy.BEHIND)
        name = behind or raw["Spec"]["Name"]
        taken = any(p.get("PublishedPort") == port for p in service_spec.ports(raw))
        if taken and name != service and name in every:  # an edge may outlive what was behind it
            raise PlaygroundError(
                f"port {port} is published by the service {name} already",
                hint=f"publish {service} on another port, or remove {name}",
            )


def wait_for_port(
    nodes: Iterable[Node], port: int, why_not: Callable[[], PlaygroundError | None]
) -> None:
    """Wait until the port answers on each node, as far as this machine reaches it.

    Args:
        nodes: All that should answer.
        port: On each.
        why_not: Called while one does not answer: an error where waiting longer is in vain.

    Raises:
        PlaygroundError: What `why_not` returned.
        WaitTimeout: It does not answer.
    """
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(lambda node: _wait_for(node, port, why_not), nodes))


def _wait_for(node: Node, port: int, why_not: Callable[[], PlaygroundError | None]) -> None:
    try:
        address = urlsplit(node.url(port)).netloc
    except PlaygroundError:  # the lesson does not publish this port to this machine
        return
    looked = time.monotonic()

    def answered() -> bool:
        nonlocal looked
        if all(answers(address) for _ in range(_ANSWERS)):
            return True
        if time.monotonic() - looked > _LOOK_AFTER_S:
            looked = time.monotonic()
            if error := why_not():
                raise error
        return False

    wait_until(
        answered, f"port {port} of {node.name} to answer", timeout_s=_GOSSIP_S, interval_s=0.2
    )


def wrong_target(
    containers: Mapping[Node, Iterable[str]], service: str, port: int, target: int
) -> PlaygroundError | None:
    """The error for a service whose tasks listen, and not on the port that is published; None if there is no such task.

    Args:
        containers: Its running containers by node.
        service: Its name.
        port: On every node.
        target: In the containers.
    """
    for node, ids in containers.items():
        for id in ids:
            pid = node.probe.api.inspect_container(id)["State"]["Pid"]
            # The node sees the processes of its containers: no shell in the image is needed.
            files = [f"/proc/{pid}/net/tcp", f"/proc/{pid}/net/tcp6"]
            ports = listening(node.read_output(["cat", *files]).stdout)
            if ports and target not in ports:
                return PlaygroundError(
                    f"port {port} does not answer: it leads to port {target} of {service}'s tasks, "
                    f"and they listen on {', '.join(map(str, ports))}",
                    hint=f'lab.swarm.publish("{service}", port={port}, target={ports[0]})',
                )
    return None


def answers(address: str) -> bool:
    """Whether a backend answers a request of HTTP, or holds the connection without a word.

    An open connection proves nothing: relay and HAProxy accept first, and close later if they reach no backend. A TLS
    server answers plain HTTP with an error, which is an answer too.
    """
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=_SILENCE_S) as connection:
            connection.sendall(_REQUEST)
            return bool(connection.recv(1))
    # Before OSError, of which TimeoutError is a subclass.
    except TimeoutError:
        return True
    except OSError:
        return False
