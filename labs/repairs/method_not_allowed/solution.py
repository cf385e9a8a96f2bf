"""One way: a new container without the setting, on the same volume."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """Then the push that was refused."""
    repair.remove("registry")
    repair.docker.containers.run(
        "registry:2",
        name="registry",
        ports={"5000/tcp": 5000},
        volumes=["registry-data:/var/lib/registry"],
        detach=True,
    )
    repair.wait(5000)
    repair.push("registry.lab:5000/team/tool:1", node=2)
