"""One way: the line is replaced by one that Apache's `htpasswd` makes with bcrypt."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """The image of the registry has no htpasswd any more; that of Apache has."""
    server, docker = repair.node(1), repair.docker
    docker.images.pull("httpd", tag="2")
    line = docker.containers.run(
        "httpd:2", ["htpasswd", "-Bbn", "rosa", "opensesame"], remove=True
    ).decode()
    others = [
        each
        for each in server.read_file("/srv/auth/htpasswd").decode().splitlines()
        if not each.startswith("rosa:")
    ]
    server.write_file("/srv/auth/htpasswd", "\n".join([*others, line.strip(), ""]))
