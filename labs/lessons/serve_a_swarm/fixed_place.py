"""The check of 7.6: the registry is always on node 3, and its images are in a named volume there."""

from __future__ import annotations

import re
from typing import Any

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import missing_nodes, silent
from labs.playground import Node, Playground, PlaygroundError, service_spec
from labs.registry import RegistryClient, RegistryError

SERVICE, PORT, HOME, VOLUME = "registry", 5000, "node3", "kept"
REPOSITORY = "hello-world"
STORAGE = "/var/lib/registry"
_LESSONS_VOLUME, _LESSONS_HOME = "registry-data", "node2"
_CONSTRAINT = re.compile(r"\s*node\.(?P<what>[\w.-]+)\s*(?P<sign>==|!=)\s*(?P<value>.+?)\s*")
_WANTED = f"run the registry on {HOME} alone, with its images in a volume called {VOLUME}, and push {REPOSITORY}"
_MOUNT = f'mounts=[Mount("{STORAGE}", "{VOLUME}")]'
_STARTED_S = 15.0


def kept_on_node_3(playground: Playground, _answers: Answers) -> Finding:
    """The service `registry` may run on node 3 alone, writes to the volume `kept`, and serves hello-world."""
    if missing := missing_nodes(playground):
        return missing
    docker = playground.swarm.reach().docker
    try:
        spec = service_spec.service(docker.api, SERVICE)["Spec"]["TaskTemplate"]
    except PlaygroundError:
        return not_attempted(_WANTED)
    places = _places(spec, docker.api.nodes())
    mounts = spec["ContainerSpec"].get("Mounts") or []
    if _untouched(mounts, places):
        return not_attempted(_WANTED)
    return (
        _elsewhere(mounts) or _movable(places) or _not_running(playground) or _empty(playground)
    ) or passed()


def _places(spec: dict[str, Any], nodes: list[dict[str, Any]]) -> set[str]:
    """The names of the nodes that the constraints of a service allow."""
    constraints = (spec.get("Placement") or {}).get("Constraints") or []
    return {n["Description"]["Hostname"] for n in nodes if all(_fits(c, n) for c in constraints)}


def _fits(constraint: str, node: dict[str, Any]) -> bool:
    """Whether a node is one that a constraint allows; one of a kind that is not known here allows it."""
    found = _CONSTRAINT.fullmatch(constraint)
    known: dict[str, str] = {
        "hostname": node["Description"]["Hostname"],
        "id": node["ID"],
        "role": node["Spec"]["Role"],
    }
    known |= {f"labels.{k}": v for k, v in (node["Spec"].get("Labels") or {}).items()}
    if not found or (found["what"] not in known and not found["what"].startswith("labels.")):
        return True
    # As swarmkit compares: without regard to upper and lower case.
    same = known.get(found["what"], "").lower() == found["value"].lower()
    return same == (found["sign"] == "==")


def _untouched(mounts: list[dict[str, Any]], places: set[str]) -> bool:
    """Whether the registry is one of the lesson's: without a volume, or with that of node 2."""
    sources = {mount.get("Source") for mount in mounts}
    if places == {_LESSONS_HOME}:
        return sources == {_LESSONS_VOLUME}
    return not mounts and len(places) > 1


def _elsewhere(mounts: list[dict[str, Any]]) -> Finding | None:
    """Whether the volume is mounted where a registry writes."""
    kept = [each for each in mounts if each.get("Target") == STORAGE]
    if any(each["Type"] == "volume" and each.get("Source") == VOLUME for each in kept):
        return None
    if kept:
        seen = f"the {kept[0]['Type']} {kept[0].get('Source', '')}".strip()
        return not_yet(f"the registry writes to {seen}, wanted the volume {VOLUME}", hint=_MOUNT)
    targets = ", ".join(sorted(each.get("Target", "") for each in mounts)) or "nothing"
    return not_yet(
        f"mounted is {targets}, wanted the volume {VOLUME} at {STORAGE}",
        hint=f"{_MOUNT}: first where a registry writes, then the volume's name",
    )


def _movable(places: set[str]) -> Finding | None:
    """Whether the task may be on node 3 and nowhere else."""
    if places == {HOME}:
        return None
    seen = ", ".join(sorted(places)) or "no node"
    return not_yet(
        f"its constraints allow {seen}, wanted {HOME} alone",
        hint='a constraint names the node: "node.hostname == node3", as place= of registry.run',
    )


def _not_running(playground: Playground) -> Finding | None:
    if not silent(playground.nodes, _answers, none_s=_STARTED_S):
        return None
    return not_yet(
        f"the registry on port {PORT} does not answer on every node",
        hint=f'lab.swarm.publish("{SERVICE}", port={PORT})',
    )


def _answers(node: Node) -> bool:
    return RegistryClient(node.url(PORT)).speaks()


def _empty(playground: Playground) -> Finding | None:
    try:
        RegistryClient(playground.node(1).url(PORT)).head(REPOSITORY, "latest")
    except RegistryError:
        return not_yet(
            f"the registry has no {REPOSITORY}:latest",
            hint=f'lab.push("127.0.0.1:{PORT}/{REPOSITORY}"): its volume is new, so it begins empty',
        )
    return None
