"""One way: no limit in the proxy, and a reload."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """A reload drops no connection."""
    server = repair.node(1)
    path = "/srv/proxy/registry.conf"
    rules = server.read_file(path).decode()
    server.write_file(
        path, rules.replace("listen 5000;", "listen 5000;\n    client_max_body_size 0;")
    )
    server.exec(["docker", "exec", "proxy", "nginx", "-s", "reload"])
    repair.push("registry.lab:5000/team/tool:1", node=2)
