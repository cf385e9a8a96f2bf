"""One way: restart the registry, push once more."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """The memory of blobs is the process's own, so it goes with the process."""
    repair.docker.containers.get("registry").restart()
    repair.wait(5000)
    repair.push("registry.lab:5000/team/tool:1", node=2)
