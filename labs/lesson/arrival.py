"""Waits until a server that a student started speaks HTTP; fails at once if its container has exited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docker.errors import NotFound
from docker.models.containers import Container

from labs.lesson.lesson import LessonError
from labs.registry import RegistryClient
from labs.waiting import wait_until

if TYPE_CHECKING:
    from labs.playground import Node

# How distribution's log marks the line after which it exits, and how Go begins a panic.
_FATAL = ("level=fatal", "panic:")


def wait_for_http(node: Node, port: int, *, timeout_s: float) -> None:
    """Wait until something speaks HTTP on a port of the node.

    Raises:
        LessonError: The container that should listen there has exited; the message ends with its log.
        WaitTimeout: Nothing answered in time; the message ends with the container's log, if there is one.
    """
    client = RegistryClient(node.url(port))
    wait_until(
        lambda: client.speaks() or _raise_if_ended(node, port),
        f"HTTP on port {port}",
        timeout_s=timeout_s,
        last_words=lambda: _last_words(_newest(node, port)),
    )


def _raise_if_ended(node: Node, port: int) -> bool:
    container = _newest(node, port)
    if container is None or container.status != "exited":
        return False
    raise LessonError(
        f"container {container.name} has ended, so nothing answers on port {port}:\n"
        f"{_last_words(container)}",
        hint=f'docker.containers.get("{container.name}").logs() tells more',
    )


def _newest(node: Node, port: int) -> Container | None:
    """Return the newest container that was configured to publish the port."""
    # The engine lists the newest first. all=True: the one that exited is the one to explain.
    for found in node.docker.api.containers(all=True):
        try:
            container = node.docker.containers.get(found["Id"])
        # Removed between the two requests.
        except NotFound:
            continue
        wanted = (container.attrs["HostConfig"]["PortBindings"] or {}).values()
        if any(each["HostPort"] == str(port) for bindings in wanted for each in bindings or ()):
            return container
    return None


def _last_words(container: Container | None) -> str:
    """The line of its log that says why it ended, else its last one."""
    # 40: Go prints a panic's reason before its stack traces.
    log = container.logs(tail=40).decode(errors="replace").splitlines() if container else []
    fatal = [line for line in log if any(sign in line for sign in _FATAL)]
    return "\n".join((fatal or log)[-1:])
