"""Playgrounds: nodes, each a Docker engine in a container, on a private network with a mirror, for one lesson."""

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.playground.certs import Authority, ClientFiles
    from labs.playground.cgroups import Cgroup, cgroup_folders, cgroup_name, cgroup_of
    from labs.playground.creation import CAPABILITIES, capabilities
    from labs.playground.deletion import remove_container
    from labs.playground.hub_container import PAGE_PORT, HubServer
    from labs.playground.isolation import RUNTIME, Isolation, isolation_of
    from labs.playground.labels import COURSE, FOLDER, Names, course_filters
    from labs.playground.monitor import SwarmMonitor
    from labs.playground.node import ENGINE_PORT, HOST_VARIABLES, RELAY_OFFSET, Node
    from labs.playground.node_errors import NodeUnavailable, PlaygroundError
    from labs.playground.node_files import ExecResult
    from labs.playground.object_store import BUCKET, STORE_PORT, ObjectStore, StoredObject
    from labs.playground.playground import Playground, find, open_playground
    from labs.playground.removal import others, remove_all, remove_objects, remove_strays, strays
    from labs.playground.spec import PlaygroundSpec
    from labs.playground.swarm import (
        Member,
        Published,
        ServiceState,
        Swarm,
        SwarmState,
        TaskState,
        haproxy,
        service_spec,
    )
    from labs.playground.temporary_folder import temporary_course
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.playground.certs": (
                "Authority",
                "ClientFiles",
            ),
            "labs.playground.cgroups": (
                "Cgroup",
                "cgroup_folders",
                "cgroup_name",
                "cgroup_of",
            ),
            "labs.playground.creation": (
                "CAPABILITIES",
                "capabilities",
            ),
            "labs.playground.deletion": ("remove_container",),
            "labs.playground.hub_container": (
                "PAGE_PORT",
                "HubServer",
            ),
            "labs.playground.isolation": (
                "RUNTIME",
                "Isolation",
                "isolation_of",
            ),
            "labs.playground.labels": (
                "COURSE",
                "FOLDER",
                "Names",
                "course_filters",
            ),
            "labs.playground.monitor": ("SwarmMonitor",),
            "labs.playground.node": (
                "ENGINE_PORT",
                "HOST_VARIABLES",
                "RELAY_OFFSET",
                "Node",
            ),
            "labs.playground.node_errors": (
                "NodeUnavailable",
                "PlaygroundError",
            ),
            "labs.playground.node_files": ("ExecResult",),
            "labs.playground.object_store": (
                "BUCKET",
                "STORE_PORT",
                "ObjectStore",
                "StoredObject",
            ),
            "labs.playground.playground": (
                "Playground",
                "find",
                "open_playground",
            ),
            "labs.playground.removal": (
                "others",
                "remove_all",
                "remove_objects",
                "remove_strays",
                "strays",
            ),
            "labs.playground.spec": ("PlaygroundSpec",),
            "labs.playground.swarm": (
                "Member",
                "Published",
                "ServiceState",
                "Swarm",
                "SwarmState",
                "TaskState",
                "haproxy",
                "service_spec",
            ),
            "labs.playground.temporary_folder": ("temporary_course",),
        },
    )

__all__ = [
    "BUCKET",
    "CAPABILITIES",
    "COURSE",
    "ENGINE_PORT",
    "FOLDER",
    "HOST_VARIABLES",
    "PAGE_PORT",
    "RELAY_OFFSET",
    "RUNTIME",
    "STORE_PORT",
    "Authority",
    "Cgroup",
    "ClientFiles",
    "ExecResult",
    "HubServer",
    "Isolation",
    "Member",
    "Names",
    "Node",
    "NodeUnavailable",
    "ObjectStore",
    "Playground",
    "PlaygroundError",
    "PlaygroundSpec",
    "Published",
    "ServiceState",
    "StoredObject",
    "Swarm",
    "SwarmMonitor",
    "SwarmState",
    "TaskState",
    "capabilities",
    "cgroup_folders",
    "cgroup_name",
    "cgroup_of",
    "course_filters",
    "find",
    "haproxy",
    "isolation_of",
    "open_playground",
    "others",
    "remove_all",
    "remove_container",
    "remove_objects",
    "remove_strays",
    "service_spec",
    "strays",
    "temporary_course",
]
