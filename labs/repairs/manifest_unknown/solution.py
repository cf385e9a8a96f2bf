"""One way: what is in the old volume is copied to one with a name."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """The volume that has the image is the one that no container uses."""
    docker = repair.docker
    (old,) = docker.volumes.list(filters={"dangling": True})
    repair.remove("registry")
    docker.images.pull("busybox", tag="latest")
    docker.containers.run(
        "busybox",
        "cp -a /old/. /new/",
        volumes=[f"{old.name}:/old:ro", "registry-data:/new"],
        remove=True,
    )
    docker.containers.run(
        "registry:2",
        name="registry",
        ports={"5000/tcp": 5000},
        volumes=["registry-data:/var/lib/registry"],
        detach=True,
    )
    repair.wait(5000)
    repair.node(2).docker.images.pull("registry.lab:5000/team/app", tag="1")
