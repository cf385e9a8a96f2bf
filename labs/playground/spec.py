"""Specification of a playground: its ports, its number of nodes, whether they form a swarm. Nothing is created here."""

from __future__ import annotations

from dataclasses import dataclass

from labs.playground.node_errors import PlaygroundError

MAX_NODES = 9


@dataclass(frozen=True)
class PlaygroundSpec:
    """Size and shape of a playground.

    Attributes:
        ports: Ports inside each node that this machine can reach.
        nodes: Number of nodes, if they do not form a swarm.
        managers: Number of managers of the swarm; 0 for no swarm.
        workers: Number of workers of the swarm.
        closed: Whether it is isolated, for untrusted code: nothing in it reaches this machine or another network,
            and from here it is reached through a gateway only.
        images: References that its nodes must be able to pull, as they name them.
        loaded: Keys of images of the catalog that are in the first node from its start.
    """

    ports: tuple[int, ...] = (5000,)
    nodes: int = 1
    managers: int = 0
    workers: int = 0
    closed: bool = False
    images: tuple[str, ...] = ()
    loaded: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.managers and not self.workers:
            return
        if self.managers < 1 or self.workers < 0 or self.size > MAX_NODES:
            raise PlaygroundError(
                f"a swarm of {self.managers} managers and {self.workers} workers cannot be made",
                hint=f"at least one manager, at most {MAX_NODES} nodes in all: managers=3, workers=2",
            )

    @property
    def swarm(self) -> bool:
        """Whether its nodes form a swarm."""
        return self.managers > 0

    @property
    def size(self) -> int:
        """Number of nodes."""
        return self.managers + self.workers if self.swarm else self.nodes

    @property
    def names(self) -> list[str]:
        """Names of its nodes, in order: `node1`, `node2`."""
        return [f"node{index}" for index in range(1, self.size + 1)]

    @property
    def label(self) -> str:
        """What a node keeps in its label: another specification means another node."""
        # `images` and `loaded` are not in it: other images need no other node.
        ports = "ports=" + ",".join(str(port) for port in self.ports)
        ports += " closed" if self.closed else ""
        return f"{ports} swarm={self.managers}+{self.workers}" if self.swarm else ports

    def differs(self, label: str) -> str:
        """Say how a node's label differs from this specification; empty if it fits."""
        if label == self.label:
            return ""
        same_ports = label.partition(" ")[0] == self.label.partition(" ")[0]
        return "another swarm" if same_ports else "other ports"
