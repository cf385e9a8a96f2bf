"""One way: a line in the hosts file of the machine that pulls."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """Node 1 keeps its own line."""
    import time

    user = repair.node(2)
    address = user.exec(["getent", "hosts", "node1"]).stdout.split()[0]
    user.exec(["sh", "-c", f"echo '{address} registry.team.lab' >> /etc/hosts"])
    time.sleep(5)  # the engine reads the file again after five seconds at most
    user.docker.images.pull("registry.team.lab:5000/team/app", tag="1")
