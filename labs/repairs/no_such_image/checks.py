"""Whether the service runs on both nodes, from an address at which each of them gets the image from node 1."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from labs.lesson import Answers, Finding, not_yet, passed
from labs.playground import Node, Playground
from labs.registry import InvalidReference, Reference
from labs.repairs.common import REPOSITORY, engine_sees, image_kept, stable
from labs.repairs.no_such_image.second_registry import leads_to_second
from labs.repairs.no_such_image.set_up import SERVICE
from labs.waiting import WaitTimeout, wait_until

_PATIENCE_S = 10.0  # a rejected task is tried again after five seconds


def mended(playground: Playground, notes: Answers) -> Finding:
    """Each node can get the image by the name that the service has, and runs it."""
    if missing := image_kept(playground, notes):
        return missing
    image = _image(playground)
    if image is None:
        return not_yet(
            f"the swarm has no service {SERVICE}", hint="`docker service ls` on node 1, the manager"
        )
    return (
        _other_image(image)
        or _not_for_both(playground, notes, image)
        or _not_on_both(playground)
        or passed()
    )


def _image(playground: Playground) -> str | None:
    """The image of the service, as its specification names it; None if there is no such service."""
    api: Any = playground.swarm.reach().docker.api
    for each in api.services(filters={"name": SERVICE}):
        if each["Spec"]["Name"] == SERVICE:
            return str(each["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"])
    return None


def _other_image(image: str) -> Finding | None:
    with suppress(InvalidReference):
        if Reference.parse(image).repository == REPOSITORY:
            return None
    return not_yet(
        f"{SERVICE} runs another image, wanted {REPOSITORY}:1 of the registry on node 1",
        hint="`docker service inspect web`, under Image",
    )


def _not_for_both(playground: Playground, notes: Answers, image: str) -> Finding | None:
    """Return None if each node gets the image of before by the service's name for it, from node 1."""
    host = Reference.parse(image).registry
    name = image.partition("@")[0]
    for node in playground.nodes:
        digest, words = engine_sees(node, image)
        if not digest:
            return not_yet(
                f"{_number(node)} cannot get {name}: {stable(words)}", hint=_why(words, node, host)
            )
        if digest != notes["digest"]:
            return not_yet(
                f"{_number(node)} gets another image at {name} than the one that was there before",
                hint="both nodes have to get it from the registry of node 1",
            )
    for node in playground.nodes:
        if leads_to_second(node, host, playground.node(1)):
            return not_yet(
                f"{host} leads {_number(node)} to a second registry: "
                "what is pushed to port 5000 of node 1 is not in it",
                hint="one registry, under an address that leads to node 1 from everywhere",
            )
    return None


def _why(words: str, node: Node, host: str) -> str:
    if "HTTP response to HTTPS" in words:
        return (
            f"the engine of {_number(node)} does not take {host} as insecure: "
            "/etc/docker/daemon.json has what it does"
        )
    if "connection refused" in words:
        return (
            f"no registry is at {host} of {_number(node)}, so the next image will not get there; "
            "which address leads to node 1 from both?"
        )
    return "`docker pull` of that image on that node"


def _not_on_both(playground: Playground) -> Finding | None:
    """Return None if a task runs on each node; one that was started a moment ago gets a few seconds."""
    names = {each.name for each in playground.nodes}

    def idle() -> set[str]:
        tasks = playground.swarm.tasks(SERVICE)
        return names - {each.node for each in tasks if each.state == each.desired == "running"}

    with suppress(WaitTimeout):
        wait_until(lambda: not idle(), SERVICE, timeout_s=_PATIENCE_S, interval_s=0.2)
        return None
    without = " and ".join(name.replace("node", "node ") for name in sorted(idle()))
    return not_yet(
        f"{SERVICE} does not run on {without}",
        hint="`docker service ps --no-trunc web` on node 1; `docker service inspect --pretty web` has its mode "
        "and its constraints",
    )


def _number(node: Node) -> str:
    return node.name.replace("node", "node ")
