"""One way: an exception for this registry on the machine that pulls."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """Tell the engine of node 2; it need not restart."""
    user = repair.node(2)
    user.reload_engine({"insecure-registries": ["registry.lab:5000"]})
    user.docker.images.pull("registry.lab:5000/team/app", tag="1")
