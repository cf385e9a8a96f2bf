"""One way: switch deletion on, delete by digest, collect, restart."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """The volume stays; what is fixed in a container is made again."""
    docker = repair.docker
    repair.remove("registry")
    registry = docker.containers.run(
        "registry:2",
        name="registry",
        environment={"REGISTRY_STORAGE_DELETE_ENABLED": "true"},
        ports={"5000/tcp": 5000},
        volumes=["registry-data:/var/lib/registry"],
        detach=True,
    )
    repair.wait(5000)
    leaked = repair.registry.head("team/app", "leaked").digest
    repair.http(5000).delete(f"/v2/team/app/manifests/{leaked}")
    registry.exec_run("registry garbage-collect /etc/docker/registry/config.yml")
    registry.restart()
    repair.wait(5000)
