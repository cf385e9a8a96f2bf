"""One way: a new container with the port on all addresses, on the same volume."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """What is stored is in the volume, so the container can go."""
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
