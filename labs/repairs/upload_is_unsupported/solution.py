"""One way: two registries, one that takes pushes and one that is a cache."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """The registry keeps its name, its port and its volume; the cache moves."""
    docker = repair.docker
    repair.remove("registry")
    docker.containers.run(
        "registry:2",
        name="registry",
        ports={"5000/tcp": 5000},
        volumes=["registry-data:/var/lib/registry"],
        detach=True,
    )
    settings = {
        "REGISTRY_PROXY_REMOTEURL": "http://mirror:5000",
        "REGISTRY_HTTP_ADDR": ":5001",
    }
    docker.containers.run(
        "registry:2", name="cache", network_mode="host", environment=settings, detach=True
    )
    repair.wait(5000)
    repair.wait(5001)
    repair.node(2).reload_engine({"registry-mirrors": ["http://registry.lab:5001"]})
    repair.push("registry.lab:5000/team/tool:1", node=2)
