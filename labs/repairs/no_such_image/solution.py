"""One way: the service names the registry by an address that leads to node 1 from both nodes."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """Nothing has to be done on node 2, nor on a node that joins later and takes the registry's name."""
    service = repair.docker.services.get("web")
    service.update(image="registry.lab:5000/team/app:1", fetch_current_spec=True)
    repair.swarm.settle("web")
