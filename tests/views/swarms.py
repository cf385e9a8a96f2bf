"""Swarms as the playground describes them: whole, broken, without a quorum."""

from labs.lesson.swarm_map import SwarmMap
from labs.playground import Member, ServiceState, SwarmState, TaskState

EVIL = '<script>alert("x")</script> & $6$ or \\(x\\) more'
NGINX = "127.0.0.1:5000/nginx:latest@sha256:" + "a" * 64


def task(service, slot, node, state="running", desired="running", error=""):
    return TaskState(service, slot, node, NGINX, state, desired, error)


def whole():
    """Five managers, five replicas, one service that is everywhere."""
    nodes = tuple(
        Member(
            f"node{n}",
            "manager",
            leader=n == 1,
            tasks=(task("edge", 0, f"node{n}"), task("nginx", 6 - n, f"node{n}")),
        )
        for n in range(1, 6)
    )
    services = (
        ServiceState("edge", "haproxy:3", "global", 5, 5),
        ServiceState("nginx", NGINX, "replicated", 5, 5, "completed"),
    )
    return SwarmMap(SwarmState(nodes, quorum=True, services=services))


def broken():
    """One node of each status, drained and paused ones, tasks on their way, failed and waiting."""
    nodes = (
        Member("node1", "manager", tasks=(task("nginx", 1, "node1"), task("nginx", 2, "node1"))),
        Member("node2", "manager", leader=True, availability="drain"),
        Member("node3", "manager", status="stopped"),
        Member("node4", "manager", status="cut", tasks=(task("nginx", 3, "node4"),)),
        Member(
            "node5",
            "worker",
            availability="pause",
            tasks=(
                task("nginx", 4, "node5", desired="shutdown"),
                task("nginx", 5, "node5", "preparing"),
                task(EVIL, 1, "node5", "failed", "running", EVIL),
            ),
        ),
        Member("node6", "worker", status="down"),
        Member("node7", "worker", status="unreachable"),
        Member("node8", "worker", status="out", availability=""),
    )
    services = (ServiceState("nginx", EVIL, "replicated", 5, 2, "rollback_started"),)
    waiting = (task("registry", 1, "", "pending", error="no suitable node (1 node is full)"),)
    return SwarmMap(SwarmState(nodes, quorum=True, services=services, waiting=waiting))


def headless():
    """Three of five machines are off."""
    nodes = (
        Member("node1", "manager", status="stopped", availability=""),
        Member("node2", "manager", status="stopped", availability=""),
        Member("node3", "manager", status="stopped", availability=""),
        Member("node4", "manager", status="unknown", availability="", tasks=(task("web", 1, "4"),)),
        Member("node5", "manager", status="unknown", availability=""),
    )
    return SwarmMap(SwarmState(nodes, quorum=False))
