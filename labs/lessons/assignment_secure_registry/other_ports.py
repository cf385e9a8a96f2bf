"""What another machine is answered on each port of node 1 without a password."""

from __future__ import annotations

from collections.abc import Sequence

from labs.lessons.assignment_secure_registry.access_probe import HOST, PORT, REPOSITORY, TAG
from labs.lessons.common import PortAnswer, ask_ports, reading
from labs.playground import Playground


def answers(playground: Playground, digests: Sequence[str] = ()) -> list[PortAnswer]:
    """Ask every port of node 1 from node 2 what a reader asks.

    Args:
        playground: With both nodes.
        digests: Of blobs that the registry has, the manifest's first.
    """
    asked = [r for r in reading(REPOSITORY, TAG, digests) if r.method == "GET"]
    here, there = playground.node(1), playground.node(2)
    return ask_ports(there, here, asked, host=HOST, published=[PORT], always=[PORT])
