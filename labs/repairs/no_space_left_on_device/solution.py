"""One way: what was never finished is removed."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """No push is running now: a running one would lose its bytes."""
    server = repair.node(1)
    server.exec(["sh", "-c", "rm -rf /srv/disk/docker/registry/v2/repositories/*/*/_uploads/*"])
    repair.push("registry.lab:5000/team/tool:1", node=2)
