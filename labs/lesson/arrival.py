"""Waits until a server that a student started speaks HTTP; fails at once if its container has exited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.lesson.lesson import LessonError
from labs.lesson.observation import container_state, last_words, newest_on, nothing_published
from labs.registry import RegistryClient
from labs.waiting import WaitTimeout, wait_until

if TYPE_CHECKING:
    from labs.playground import Node


def wait_for_http(node: Node, port: int, *, timeout_s: float) -> None:
    """Wait until something speaks HTTP on a port of the node.

    Raises:
        LessonError: The container that should listen there has exited; the message ends with its log.
        WaitTimeout: Nothing answered in time; the message ends with the container's log, if there is one.
    """
    client = RegistryClient(node.url(port))
    try:
        wait_until(
            lambda: client.speaks() or _raise_if_ended(node, port),
            f"HTTP on port {port}",
            timeout_s=timeout_s,
            last_words=lambda: last_words(newest_on(node.docker, port)),
        )
    except WaitTimeout as error:
        found = newest_on(node.docker, port)
        hint = container_state(found, port) if found else nothing_published(node.docker, port)
        raise WaitTimeout(error.message, hint=hint) from None


def _raise_if_ended(node: Node, port: int) -> bool:
    container = newest_on(node.docker, port)
    if container is None or container.status != "exited":
        return False
    raise LessonError(
        f"container {container.name} has ended, so nothing answers on port {port}:\n"
        f"{last_words(container)}",
        hint=f'docker.containers.get("{container.name}").logs() tells more',
    )
