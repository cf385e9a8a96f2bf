"""The check of 7.4: the service `own` runs the image that was built on node 1, from the registry, on all nodes."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import missing_nodes
from labs.lessons.serve_a_swarm import depot_service, own_registry
from labs.playground import Playground, ServiceState, service_spec
from labs.registry import RegistryClient, RegistryError

SERVICE = "own"
_LABEL, _VALUE = "made.on", "node 1"
_UPDATE = (
    f'docker.services.get("{SERVICE}").update(image="127.0.0.1:{own_registry.PORT}/{SERVICE}:latest", '
    "fetch_current_spec=True)"
)
_WANTED = (
    f"push the image {SERVICE} to your registry, and let the service {SERVICE} run it from there"
)


def on_all_nodes(playground: Playground, _answers: Answers) -> Finding:
    """Five tasks of `own` run the image with the label, which came from the registry, on five nodes."""
    if missing := missing_nodes(playground):
        return missing
    service = depot_service.service(playground.swarm, SERVICE)
    pushed = _is_pushed(playground)
    if service is None:
        if not pushed:
            return not_attempted(_WANTED)
        return not_yet(
            f"the registry has the image, and there is no service called {SERVICE}",
            hint='run the cell "own" again: it makes the service',
        )
    if not pushed and _untouched(playground, service):
        return not_attempted(_WANTED)
    return (
        own_registry.other_registry(service, hint=_UPDATE if pushed else f"push it, then {_UPDATE}")
        or own_registry.not_in_registry(playground, service)
        or own_registry.too_few(playground, service)
        or _another(playground, service)
        or _crowded(playground)
        or passed()
    )


def _is_pushed(playground: Playground) -> bool:
    """Whether the registry has a repository called so, with or without a folder before."""
    try:
        names = RegistryClient(playground.node(1).url(own_registry.PORT)).catalog()
    except RegistryError:
        return False
    return any(name.rpartition("/")[2] == SERVICE for name in names)


def _untouched(playground: Playground, service: ServiceState) -> bool:
    """Whether the service is as the lesson made it."""
    raw = service_spec.service(playground.swarm.reach().docker.api, SERVICE)
    made_so = service.image == f"{SERVICE}:latest" and service.wanted == own_registry.REPLICAS
    return made_so and "PreviousSpec" not in raw


def _another(playground: Playground, service: ServiceState) -> Finding | None:
    """Whether each task's image is the one that was built, and came from the registry."""
    reference = own_registry.own_reference(service.image)
    assert reference
    foreign = 0
    for attrs in own_registry.images_of(playground, SERVICE):
        if ((attrs["Config"] or {}).get("Labels") or {}).get(_LABEL) != _VALUE:
            return not_yet(
                f"{SERVICE} runs an image without the label {_LABEL}, wanted the one that was built on node 1",
                hint=f'docker.images.get("{SERVICE}").tag("127.0.0.1:{own_registry.PORT}/{SERVICE}"), and push that',
            )
        foreign += not own_registry.came_from_registry(attrs, reference.repository)
    return own_registry.loaded_by_hand(foreign) if foreign else None


def _crowded(playground: Playground) -> Finding | None:
    """Whether the tasks run on all nodes: all may be where they were before, though each node could run one."""
    state = playground.swarm.state()
    nodes = {member.name for member in state.nodes for t in member.tasks if t.service == SERVICE}
    if len(nodes) == len(playground.nodes):
        return None
    return not_yet(
        f"{SERVICE} runs on {len(nodes)} of {len(playground.nodes)} nodes",
        hint="a constraint keeps tasks away; without one, lab.node(1).exec"
        f'(["docker", "service", "update", "--force", "{SERVICE}"]) places them again',
    )
