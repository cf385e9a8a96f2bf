"""One way: the page gets another port, the registry its own."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """The registry's container is as it was: it needs its port only."""
    docker = repair.docker
    repair.remove("docs")
    docker.containers.run(
        "busybox",
        ["httpd", "-f", "-p", "80", "-h", "/docs"],
        name="docs",
        ports={"80/tcp": 5001},
        volumes=["/srv/docs:/docs:ro"],
        detach=True,
    )
    docker.containers.get("registry").start()
    repair.wait(5000)
    repair.node(2).docker.images.pull("registry.lab:5000/team/app", tag="1")
