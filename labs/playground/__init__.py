"""Playgrounds: nodes, each a Docker engine in a container, on a private network with a mirror, for one lesson."""

from labs.playground.node import ExecResult, Node, NodeUnavailable, PlaygroundError
from labs.playground.playground import Playground, find, open_playground
from labs.playground.removal import others, remove_all, remove_strays, strays

__all__ = [
    "ExecResult",
    "Node",
    "NodeUnavailable",
    "Playground",
    "PlaygroundError",
    "find",
    "open_playground",
    "others",
    "remove_all",
    "remove_strays",
    "strays",
]
