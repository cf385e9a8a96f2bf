"""A digest of what a repair can change in a playground, to tell a wrong repair from none."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labs.playground import Node, Playground

# Logins of the `docker` command in a node are in /root. Content and not times: a set-up may write the same twice.
_FILES = (
    "find /srv /etc/docker /etc/hosts /etc/ssl/certs /usr/local/share/ca-certificates /root/.docker"
    " -type f -not -path '*/_uploads/*' -exec sha256sum {} + 2>/dev/null | sort"
)


def fingerprint(playground: Playground) -> str:
    """What it is now: containers, images, volumes, settings and files of its nodes, and its services, in one digest.

    A container that restarts by itself counts as the same one.
    """
    state = [_state(node) for node in playground.nodes]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()


def _state(node: Node) -> list[object]:
    api = node.docker.api
    each = (api.inspect_container(found["Id"]) for found in api.containers(all=True))
    return [
        # One that restarts again and again is the same as before.
        sorted(
            [found["Id"], *(() if found["RestartCount"] else _run(found["State"]))]
            for found in each
        ),
        sorted(tag for image in api.images() for tag in image["RepoTags"] or ()),
        sorted(volume["Name"] for volume in api.volumes()["Volumes"] or ()),
        node.read_output(["sh", "-c", _FILES]).stdout,
        _ordered(api) if api.info()["Swarm"]["ControlAvailable"] else [],
    ]


def _ordered(api: Any) -> list[object]:
    """What a manager was told: its services and its nodes, and not which tasks it has made of that."""
    every = (*api.services(), *api.nodes())
    return [*sorted([each["ID"], json.dumps(each["Spec"], sort_keys=True)] for each in every)]


def _run(state: dict[str, str]) -> list[str]:
    """Which run of a container this is, and whether it goes on."""
    return [state["StartedAt"], state["Status"]]
