"""One way: a new container without the prepared settings, on the same volume."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """Variables are fixed when a container is made."""
    repair.remove("registry")
    repair.docker.containers.run(
        "registry:2",
        name="registry",
        ports={"5000/tcp": 5000},
        volumes=["registry-data:/var/lib/registry"],
        detach=True,
    )
    repair.wait(5000)
    repair.node(2).docker.images.pull("registry.lab:5000/team/app", tag="1")
