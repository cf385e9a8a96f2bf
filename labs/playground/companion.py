"""Containers beside the nodes that a playground makes at the first use: its object store, its hub."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import docker
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.models.networks import Network

from labs import images
from labs.images import Catalog
from labs.playground.container_start import start_container
from labs.playground.labels import Names, Say
from labs.playground.network import address
from labs.playground.node import Node
from labs.playground.node_errors import NodeUnavailable, PlaygroundError
from labs.waiting import WaitTimeout, wait_until


def network_of(client: docker.DockerClient, names: Names, what: str) -> Network:
    """The playground's network.

    Raises:
        PlaygroundError: There is no such playground, so it has no `what`.
    """
    try:
        return client.networks.get(names.network)
    except NotFound as error:
        raise PlaygroundError(
            f"the playground of {names.slug} is not there, so it has no {what}",
            hint=f'labs.open("{names.slug}") makes it',
        ) from error


def found(client: docker.DockerClient, name: str) -> Container | None:
    """The container of that name, running or not; None if there is none."""
    try:
        return client.containers.get(name)
    except NotFound:
        return None


def running(container: Container) -> bool:
    """Start the container if necessary; return whether it runs."""
    try:
        if container.status == "paused":
            container.unpause()
        elif container.status != "running":
            start_container(container)
    except APIError:
        return False
    return True


def get_image(client: docker.DockerClient, key: str, say: Say) -> str:
    """Make an image of the catalog if it is not here, or holds other code than this course; return its name."""
    image = Catalog.read().images[key]
    found = images.look(client, image)
    if not found.present:
        say(f"the {key}'s image is not here yet: making it")
        images.ensure(client, say, late=[key])
    elif (image.rooms or image.late) and not found.current:
        say(f"the {key}'s image is of another version of the course: making it again")
        # Without a network the one that is here has to do.
        with suppress(images.ImageError):
            images.ensure(client, say, late=[key])
    return image.name


def load_image(client: docker.DockerClient, node: Node, key: str, name: str, say: Say) -> None:
    """Load an image of the catalog into a node's engine, if it is not there.

    Args:
        client: The host's engine.
        node: Which one.
        key: Of the image.
        name: What the node calls it, with a tag.
        say: Receives progress if the image has to be made first.

    Raises:
        PlaygroundError: The node's engine refused it.
    """
    with suppress(NotFound):
        node.probe.api.inspect_image(name)
        return
    own = get_image(client, key, say)
    # Piece by piece: an image may have more than a hundred megabytes.
    for event in node.docker.api.load_image(client.images.get(own).save(named=own)):
        if "error" in event:
            raise PlaygroundError(f"{node.name} cannot load {own}: {event['error']}")
    node.docker.images.get(own).tag(name)
    node.docker.images.remove(own)


def fixed_address(network: Network, index: int) -> dict[str, str]:
    """Return a fixed address on a network whose nodes have fixed ones, else nothing."""
    pools = (network.attrs.get("IPAM") or {}).get("Config") or [{}]
    return {"ipv4_address": address(network, index)} if pools[0].get("IPRange") else {}


def wait_for(container: Container, answers: Callable[[], bool], what: str) -> None:
    """Wait until it serves requests; give up at once if it has exited.

    Raises:
        NodeUnavailable: It does not come up; the message ends with its log.
    """

    def up() -> bool:
        if answers():
            return True
        container.reload()
        if container.status not in ("running", "created"):
            raise NodeUnavailable(f"the {what} ended ({container.status}):\n{log_tail(container)}")
        return False

    try:
        wait_until(up, f"the {what}", last_words=lambda: log_tail(container))
    except WaitTimeout as error:
        raise NodeUnavailable(
            f"the {what} does not come up: {error.message}", hint="lab.reset() makes a new one"
        ) from error


def log_tail(container: Container) -> str:
    """The last lines of its log."""
    return container.logs(tail=8).decode(errors="replace").strip()
