"""The swarm that a playground's nodes form: its formation, its state, and how its services are published."""

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.playground.swarm import formation, haproxy, service_spec
    from labs.playground.swarm.publication import Published
    from labs.playground.swarm.state import Member, ServiceState, SwarmState, TaskState
    from labs.playground.swarm.swarm import Swarm
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.playground.swarm": (
                "formation",
                "haproxy",
                "service_spec",
            ),
            "labs.playground.swarm.publication": ("Published",),
            "labs.playground.swarm.state": (
                "Member",
                "ServiceState",
                "SwarmState",
                "TaskState",
            ),
            "labs.playground.swarm.swarm": ("Swarm",),
        },
    )

__all__ = [
    "Member",
    "Published",
    "ServiceState",
    "Swarm",
    "SwarmState",
    "TaskState",
    "formation",
    "haproxy",
    "service_spec",
]
