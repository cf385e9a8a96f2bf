"""Playgrounds: nodes, each a Docker engine in a container, on a private network with a mirror, for one lesson."""

from labs.playground.node import ExecResult, Node
from labs.playground.node_errors import NodeUnavailable, PlaygroundError
from labs.playground.object_store import Store, StoredObject
from labs.playground.playground import Playground, find, open_playground
from labs.playground.removal import others, remove_all, remove_strays, strays
from labs.playground.spec import Plan
from labs.playground.swarm.monitor import Lookout
from labs.playground.swarm.publish import Published
from labs.playground.swarm.state import Member, ServiceState, SwarmState, TaskState
from labs.playground.swarm.swarm import Swarm
from labs.playground.temporary_course import temporary_course

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
    "temporary_course",
]
