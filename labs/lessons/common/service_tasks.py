"""A service of a swarm and its tasks, as checks look at them: how many run, and where their image came from."""

from __future__ import annotations

from contextlib import suppress

from labs.lesson import Finding, not_yet
from labs.playground import Playground, PlaygroundError, service_spec
from labs.registry import Reference
from labs.waiting import WaitTimeout

_PATIENCE_S = 15.0  # for tasks that were just started, and pull their image first


def service_of(playground: Playground, name: str) -> service_spec.Raw | None:
    """A service as the API has it; None if there is none.

    Raises:
        NodeUnavailable: The swarm has no quorum.
    """
    try:
        return service_spec.service(playground.swarm.reach().docker.api, name)
    except PlaygroundError as error:
        if "no service" not in str(error):
            raise
        return None


def image_of(raw: service_spec.Raw) -> str:
    """The image that a service names, with the digest where it has one."""
    return str(raw["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"])


def update_of(raw: service_spec.Raw) -> str:
    """The state of its last update; empty where it was never updated."""
    return str((raw.get("UpdateStatus") or {}).get("State", ""))


def other_registry(raw: service_spec.Raw, hosts: tuple[str, ...]) -> Finding | None:
    """Return None if a service's image is of one of these registries; otherwise what is wrong.

    Args:
        raw: The service.
        hosts: Names of one registry; the first is the one to advise.
    """
    image = image_of(raw)
    if image.startswith(tuple(f"{host}/" for host in hosts)):
        return None
    return not_yet(
        f"{raw['Spec']['Name']} runs {image.partition('@')[0]}, wanted an image from {hosts[0]}",
        hint=f"push it there, and name it {hosts[0]}/…",
    )


def no_digest(raw: service_spec.Raw) -> Finding | None:
    """Return None if a service names its image by digest; otherwise what is wrong."""
    image = image_of(raw)
    if Reference.parse(image).digest:
        return None
    return not_yet(
        f"{raw['Spec']['Name']} runs {image}, wanted it pinned by digest",
        hint="docker.images.get_registry_data(…).id is the digest; put @ before it",
    )


def too_few(playground: Playground, raw: service_spec.Raw, replicas: int) -> Finding | None:
    """Return None if that many tasks run; those that were started a moment ago get some seconds.

    A global service is wanted on each node.
    """
    swarm, mode, name = playground.swarm, raw["Spec"]["Mode"], raw["Spec"]["Name"]
    each = "Global" in mode
    wanted = len(playground.nodes) if each else mode.get("Replicated", {}).get("Replicas", 0)
    if wanted != replicas:
        return not_yet(
            f"{name} has {wanted} replicas, wanted {replicas}",
            hint=f'docker.services.get("{name}").scale({replicas})',
        )
    with suppress(WaitTimeout):
        swarm.wait(name, running=replicas, timeout_s=_PATIENCE_S)
        return None
    state = swarm.state()
    now = next((each for each in state.services if each.name == name), None)
    errors = sorted({task.error for task in swarm.tasks(name) if task.error})
    paused = "; its last update is paused" if now and now.update == "paused" else ""
    return not_yet(
        f"{now.running if now else 0} of {replicas} tasks of {name} run{paused}",
        # Without the digest: a verdict has the same text in every run.
        hint=errors[0].partition("@")[0]
        if errors
        else f'lab.swarm.tasks("{name}") has what each says',
    )


def nodes_of(playground: Playground, service: str) -> list[str]:
    """The names of the nodes that run tasks of a service."""
    running = [t for t in playground.swarm.tasks(service) if t.state == t.desired == "running"]
    return sorted({task.node for task in running})
