"""Publishing a service's port on every node: by the routing mesh where the kernel can, else by an edge of HAProxy.

The mesh balances with IPVS. On a kernel without it a published service converges and no port answers, and nothing
says why; the edge then does the same job with what every kernel has.
"""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from labs.playground.node import Node
from labs.playground.node_errors import PlaygroundError
from labs.playground.swarm import haproxy, service_spec
from labs.waiting import wait_until

if TYPE_CHECKING:
    from labs.playground.swarm.swarm import Swarm

# What a node missed of the overlay network's gossip, while it or another was away, it learns when the nodes compare
# all they know: every 30 seconds, with one other.
_GOSSIP_S = 100.0
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

    def __str__(self) -> str:
        return (
            f"port {self.port} of every node leads to {self.service} by the {self.how}: {self.why}"
        )


def has_ipvs(node: Node) -> bool:
    """Whether the node's kernel balances for the routing mesh; a module that can be loaded is."""
    return node.exec(["sh", "-c", _LOOK]).exit_code == 0


def publish(swarm: Swarm, service: str, *, port: int, target: int | None = None) -> Published:
    """Let `port` of every node lead to a service; what is so already is left alone.

    Raises:
        NodeUnavailable: The swarm has no quorum.
        PlaygroundError: There is no such service, or the port is not to be had.
        WaitTimeout: The tasks do not run, or the port does not answer.
    """
    if has_ipvs(swarm.reach()):
        by_mesh(swarm, service, port=port, target=target)
        return Published("mesh", "this kernel has IPVS", service, port)
    by_edge(swarm, service, port=port, target=target)
    why = "this kernel has no IPVS, without which the routing mesh answers nobody"
    return Published("edge", why, service, port)


def by_mesh(swarm: Swarm, service: str, *, port: int, target: int | None = None) -> None:
    """Publish with the routing mesh."""
    api = swarm.reach().docker.api
    raw = service_spec.service(api, service)
    _require_free(api, service, port)
    wanted = _port(raw, port, target)
    old = [p for p in service_spec.ports(raw) if p.get("PublishedPort") != port]
    endpoint = {"Mode": "vip", "Ports": [*old, service_spec.ingress(port, wanted)]}
    changed = service_spec.update(api, raw, endpoint=endpoint)
    swarm.settle(service)
    if changed:
        service_spec.restore(api, raw)
    _wait(_up(swarm), port)


def by_edge(swarm: Swarm, service: str, *, port: int, target: int | None = None) -> None:
    """Publish with a global service of HAProxy, which finds the tasks by their name."""
    api = swarm.reach().docker.api
    raw = service_spec.service(api, service)
    _require_free(api, service, port)
    network = haproxy.network(api)
    host = [p for p in service_spec.ports(raw) if p.get("PublishMode") == "host"]
    wanted = _port(raw, port, target)
    changed = service_spec.update(
        api, raw, endpoint={"Mode": "dnsrr", "Ports": host}, network=network
    )
    name = haproxy.serve(api, service, port=port, target=wanted, network=network)
    swarm.settle(service)
    if changed:
        service_spec.restore(api, raw)
    swarm.settle(name)
    _wait(_up(swarm), port)


def _port(raw: dict[str, Any], port: int, target: int | None) -> int:
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


def _up(swarm: Swarm) -> list[Node]:
    """Nodes on which the port is to answer."""
    ready = {
        m.name for m in swarm.state().nodes if m.status == "ready" and m.availability != "drain"
    }
    return [node for node in swarm.nodes if node.name in ready]


def _wait(nodes: list[Node], port: int) -> None:
    """Wait until the port answers on each, as far as this machine reaches it."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(lambda node: _wait_for(node, port), nodes))


def _wait_for(node: Node, port: int) -> None:
    try:
        address = urlsplit(node.url(port)).netloc
    except PlaygroundError:  # no port of the lesson
        return
    wait_until(
        lambda: opens(address),
        f"port {port} of {node.name} to answer",
        timeout_s=_GOSSIP_S,
        interval_s=0.2,
    )


def opens(address: str) -> bool:
    """Whether a connection stays open: relay and edge both hang up where nothing is behind them."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=0.3) as connection:
            return bool(connection.recv(1))
    except TimeoutError:
        return True
    except OSError:
        return False
