"""What a playground is made for: its ports, how many nodes, and whether they form a swarm. Nothing is made here."""

from __future__ import annotations

from dataclasses import dataclass

from labs.playground.node_errors import PlaygroundError

MOST_NODES = 9


@dataclass(frozen=True)
class PlaygroundSpec:
    """Size and shape of a playground.

    Attributes:
        ports: Ports inside each node that this machine can reach.
        nodes: How many nodes, where they form no swarm.
        managers: Managers of the swarm; 0 where there is none.
        workers: Workers of the swarm.
        closed: Whether nothing in it reaches this machine or any other, nor is reached from here but by way of
            a gate: for what strangers run.
    """

    ports: tuple[int, ...] = (5000,)
    nodes: int = 1
    managers: int = 0
    workers: int = 0
    closed: bool = False

    def __post_init__(self) -> None:
        if not self.managers and not self.workers:
            return
        if self.managers < 1 or self.workers < 0 or self.size > MOST_NODES:
            raise PlaygroundError(
                f"a swarm of {self.managers} managers and {self.workers} workers cannot be made",
                hint=f"at least one manager, at most {MOST_NODES} nodes in all: managers=3, workers=2",
            )

    @property
    def swarm(self) -> bool:
        """Whether its nodes form a swarm."""
        return self.managers > 0

    @property
    def size(self) -> int:
        """How many nodes there are."""
        return self.managers + self.workers if self.swarm else self.nodes

    @property
    def names(self) -> list[str]:
        """Of its nodes, in order: `node1`, `node2`."""
        return [f"node{index}" for index in range(1, self.size + 1)]

    @property
    def label(self) -> str:
        """What a node keeps in its label: another plan means another node."""
        ports = "ports=" + ",".join(str(port) for port in self.ports)
        ports += " closed" if self.closed else ""
        return f"{ports} swarm={self.managers}+{self.workers}" if self.swarm else ports

    def differs(self, label: str) -> str:
        """What a node with that label was made for; empty where it fits."""
        if label == self.label:
            return ""
        same_ports = label.partition(" ")[0] == self.label.partition(" ")[0]
        return "another swarm" if same_ports else "other ports"
