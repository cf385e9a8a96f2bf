"""Checks of 8.5 and 8.7: `site` runs on every node by the swarm's own login, `floating` is pinned to version 2."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import (
    image_of,
    missing_nodes,
    no_digest,
    nodes_of,
    other_registry,
    service_of,
    task_containers,
    too_few,
    update_of,
)
from labs.lessons.guard_a_swarm import member_access
from labs.playground import Node, Playground, service_spec
from labs.registry import Reference, RegistryError

SITE, FLOATING, REPLICAS = "site", "floating", 3
OWN = ("registry.lab:5000", "127.0.0.1:5000", "localhost:5000")
_LOGIN = "/root/.docker/config.json"
_GIVE = "docker service update --with-registry-auth gives the login of node 1 to the swarm"


def on_every_node(playground: Playground, _answers: Answers) -> Finding:
    """Three tasks of `site` run on three nodes, which pulled its image with the login that came with the service."""
    if missing := missing_nodes(playground):
        return missing
    raw = service_of(playground, SITE)
    if raw is None:
        return not_attempted(f"run the cell that makes the service {SITE}, then repair it")
    if untouched := _untouched(playground, raw):
        return untouched
    return (
        other_registry(raw, OWN)
        or _logged_in_by_hand(playground)
        or too_few(playground, raw, REPLICAS)
        or _left_out(playground)
        or _not_pulled(playground)
        or passed()
    )


def _untouched(playground: Playground, raw: service_spec.Raw) -> Finding | None:
    """Whether it is what the lesson's cell made: never updated, and nowhere but on node 1."""
    if update_of(raw) or _by_hand(playground):
        return None
    if raw["Spec"]["Mode"].get("Replicated", {}).get("Replicas") != REPLICAS:
        return None
    errors = {task.error for task in playground.swarm.tasks(SITE)}
    failed = any("No such image" in error for error in errors)
    if failed and nodes_of(playground, SITE) in ([], ["node1"]):
        return not_attempted(f"{SITE} runs on node1 alone: the other nodes cannot pull its image")
    return None


def _by_hand(playground: Playground) -> list[Node]:
    """Nodes but the first whose own `docker` command is logged in to the registry."""
    return [node for node in playground.nodes[1:] if _has_login(node)]


def _has_login(node: Node) -> bool:
    try:
        content = node.read_file(_LOGIN).decode(errors="replace")
    except FileNotFoundError:
        return False
    return any(f'"{host}"' in content for host in OWN)


def _logged_in_by_hand(playground: Playground) -> Finding | None:
    found = _by_hand(playground)
    if not found:
        return None
    return not_yet(
        f"{found[0].name} is logged in to {OWN[0]} by hand, wanted the login to come with the service",
        hint=f"docker logout {OWN[0]} there; {_GIVE}",
    )


def _left_out(playground: Playground) -> Finding | None:
    nodes = nodes_of(playground, SITE)
    if len(nodes) == len(playground.nodes):
        return None
    return not_yet(
        f"the tasks of {SITE} run on {' and '.join(nodes)}, wanted one on each node", hint=_GIVE
    )


def _not_pulled(playground: Playground) -> Finding | None:
    """Whether each node's image came from the registry: then its engine knows the digest it has there."""
    foreign = 0
    for node in playground.nodes:
        for task in task_containers([node], SITE):
            digests = node.docker.images.get(task.attrs["Image"]).attrs["RepoDigests"]
            foreign += not any(each.startswith(OWN) for each in digests)
    if not foreign:
        return None
    return not_yet(
        f"the image of {foreign} of {REPLICAS} tasks did not come from the registry",
        hint=f"an image that was loaded by hand is on one node only; {_GIVE}",
    )


def pinned(playground: Playground, _answers: Answers) -> Finding:
    """Three tasks of `floating` run version 2, which the service names by its digest."""
    if missing := missing_nodes(playground):
        return missing
    raw = service_of(playground, FLOATING)
    if raw is None:
        return not_attempted(f"run the cells that make {FLOATING} and move the tag")
    if not Reference.parse(image_of(raw)).digest and not update_of(raw):
        return not_attempted(f"{FLOATING} runs {image_of(raw)}: pin it to version 2")
    return (
        other_registry(raw, OWN)
        or no_digest(raw)
        or _another_version(playground, raw)
        or too_few(playground, raw, REPLICAS)
        or _older_tasks(playground, raw)
        or passed()
    )


def _another_version(playground: Playground, raw: service_spec.Raw) -> Finding | None:
    digest = Reference.parse(image_of(raw)).digest
    known = {version: _digest_of(playground, version) for version in ("1", "2")}
    if digest == known["2"]:
        return None
    if digest == known["1"]:
        return not_yet(
            f"{FLOATING} is pinned to version 1, wanted version 2",
            hint=f'docker.images.get_registry_data("{OWN[0]}/site:2").id is the digest of version 2',
        )
    return not_yet(
        f"{FLOATING} is pinned to a digest that is none of the registry's site:2",
        hint="the id of an image is another digest: ask docker.images.get_registry_data",
    )


def _digest_of(playground: Playground, version: str) -> str:
    """The digest that the registry has for a version; empty if it has none."""
    member_access.steady(playground.node(1))
    try:
        with member_access.as_client(playground.node(1), ("moby", "gordon")) as registry:
            return registry.head(SITE, version).digest
    except RegistryError:
        return ""


def _older_tasks(playground: Playground, raw: service_spec.Raw) -> Finding | None:
    """Whether tasks still run what the service named before: an update may have paused."""
    running = [t for t in playground.swarm.tasks(FLOATING) if t.state == t.desired == "running"]
    older = [task for task in running if task.image != image_of(raw)]
    if not older:
        return None
    return not_yet(
        f"{len(older)} of {REPLICAS} tasks of {FLOATING} still run what it named before",
        hint=f'docker.services.get("{FLOATING}").attrs["UpdateStatus"] tells why',
    )
