"""The SDK's containers, whose `run` says what it waits for: without `detach=True` it returns when the container ends.

A registry never ends, so a forgotten `detach=True` looks like a kernel that hangs.
"""

from __future__ import annotations

import builtins
from typing import Any

from docker.errors import DockerException
from docker.models.containers import Container, ContainerCollection
from requests.exceptions import RequestException

from labs.waiting import told_if_slow

EVERY_S = 5.0
# Seen running three times, ten seconds from the first to the last: a busy machine starts containers slowly.
_SIGHTINGS = 3


class AttendedContainers(ContainerCollection):
    """Containers of an engine; a `run` that goes on waiting says so once.

    Attributes:
        made: The container that a `run` without `detach=True` has made.
    """

    made: Container | None = None

    def run(self, image: Any, command: Any = None, *arguments: Any, **settings: Any) -> Any:
        """As `docker.models.containers.ContainerCollection.run`."""
        if settings.get("detach"):
            return super().run(image, command, *arguments, **settings)
        self.made = None
        self._sightings = 0
        with told_if_slow(self._waiting, every_s=EVERY_S):
            return super().run(image, command, *arguments, **settings)

    def list(self, *arguments: Any, **settings: Any) -> builtins.list[Container]:
        """As `docker.models.containers.ContainerCollection.list`, without those that end while it lists.

        The SDK asks for each container by itself, and raises NotFound for one that was removed meanwhile.
        """
        return super().list(*arguments, **{"ignore_removed": True, **settings})

    def create(self, *arguments: Any, **settings: Any) -> Any:
        """As `docker.models.containers.ContainerCollection.create`."""
        self.made = super().create(*arguments, **settings)
        return self.made

    def _waiting(self) -> str:
        """What `run` waits for; empty while its container is not made, or has not run for long."""
        if self.made is None:
            return ""
        try:
            # Not `reload`: the thread that waits uses the object.
            state = self.client.api.inspect_container(str(self.made.id))["State"]
        except (DockerException, RequestException):
            return ""
        self._sightings = self._sightings + 1 if state["Running"] else 0
        if self._sightings < _SIGHTINGS:
            return ""
        name = self.made.name
        return (
            f"run waits for container {name} to end, and it goes on running. A server does not end: "
            f'interrupt the kernel, docker.containers.get("{name}").remove(force=True), '
            "and run it with detach=True."
        )
