"""One way: the authority's certificate in the folder of this registry."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """The file is read at each connection, so nothing restarts."""
    server, user = repair.node(1), repair.node(2)
    authority = server.read_file("/srv/ca/ca.crt")
    user.write_file("/etc/docker/certs.d/registry.lab:5000/ca.crt", authority)
    user.docker.images.pull("registry.lab:5000/team/app", tag="1")
