"""One way: the proxy tells the registry how the client asked."""

from __future__ import annotations

from labs.repairs.repair_lab import RepairLab


def solution(repair: RepairLab) -> None:
    """A reload drops no connection."""
    server = repair.node(1)
    path = "/srv/proxy/registry.conf"
    rules = server.read_file(path).decode()
    told = "proxy_set_header X-Forwarded-Proto $scheme;\n        proxy_pass"
    server.write_file(path, rules.replace("proxy_pass", told))
    server.exec(["docker", "exec", "proxy", "nginx", "-s", "reload"])
    repair.push("registry.lab:5000/team/tool:1", node=2)
