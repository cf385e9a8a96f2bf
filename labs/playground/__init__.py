"""Playgrounds: nodes, each a Docker engine in a container, on a private network with a mirror, for one lesson."""

from labs.playground.failure import NodeUnavailable, PlaygroundError
from labs.playground.lookout import Lookout
from labs.playground.node import ExecResult, Node
from labs.playground.plan import Plan
from labs.playground.playground import Playground, find, open_playground
from labs.playground.publish import Published
from labs.playground.removal import others, remove_all, remove_strays, strays
from labs.playground.state import Member, ServiceState, SwarmState, TaskState
from labs.playground.store import Store, StoredObject
from labs.playground.swarm import Swarm

__all__ = [
    "ExecResult",
    "Lookout",
    "Member",
    "Node",
    "NodeUnavailable",
    "Plan",
    "Playground",
    "PlaygroundError",
    "Published",
    "ServiceState",
    "Store",
    "StoredObject",
    "Swarm",
    "SwarmState",
    "TaskState",
    "find",
    "open_playground",
    "others",
    "remove_all",
    "remove_strays",
    "strays",
]
