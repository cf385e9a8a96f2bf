"""One way: log in at the name that is in the reference."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """In a terminal of node 2; in the SDK it is `docker.login(…, registry="registry.lab:5000")`."""
    login = "echo opensesame | docker login -u rosa --password-stdin registry.lab:5000"
    repair.node(2).exec(["sh", "-c", login])
    repair.node(2).exec(["docker", "push", "registry.lab:5000/team/tool:1"])
