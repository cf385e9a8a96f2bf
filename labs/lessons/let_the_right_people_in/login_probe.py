"""Asks a registry on a port of a node, with a password or without, and reads the password file behind it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

import httpx
from docker.models.containers import Container

from labs.engine import seconds_of
from labs.lessons.common import (
    Member,
    PasswordLines,
    Probe,
    ask,
    on_port,
    read_file,
    setting,
)
from labs.playground import Node
from labs.waiting import WaitTimeout, wait_until

_PATIENCE_S = 3.0  # a container runs before it listens, on a busy machine by seconds


@dataclass(frozen=True)
class PortProbe(Probe):
    """One port of a node, asked over HTTP."""

    node: Node
    port: int

    def ask(
        self,
        path: str = "/v2/",
        *,
        method: str = "GET",
        member: Member | None = None,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response | None:
        """Return the answer, or None if no HTTP server answers."""
        return ask(
            self.node.url(self.port) + path,
            method=method,
            member=member,
            headers=headers,
            content=content,
        )

    def wait(self) -> None:
        """Give a container that was just started the time to listen."""
        if on_port(self.node, self.port) or self._has_proxy():
            with suppress(WaitTimeout):
                wait_until(self.status, "it", timeout_s=_PATIENCE_S)

    def _has_proxy(self) -> bool:
        """Whether something on the node's own network may be about to listen."""
        running = self.node.docker.containers.list(ignore_removed=True)
        return any(c.attrs["HostConfig"]["NetworkMode"] == "host" for c in running)


@dataclass(frozen=True)
class PasswordFile:
    """The file that a registry's container reads its members from.

    Attributes:
        node: Where the container runs.
        container: The registry's.
        path: As the container sees it; empty if its settings name none.
        members: Its lines.
    """

    node: Node
    container: Container
    path: str
    members: PasswordLines

    @classmethod
    def of(cls, node: Node, container: Container) -> PasswordFile:
        """Read it as the container sees it; without lines if it does not exist."""
        path = setting(container, "auth", "htpasswd", "path")
        content = (read_file(container, path) if path else None) or b""
        return cls(node, container, path, PasswordLines.read(content.decode(errors="replace")))

    @property
    def lines(self) -> dict[str, str]:
        """What follows the colon of each user's line."""
        return self.members.hashes

    def kind(self, user: str) -> str:
        """What hash a member's line has: `bcrypt`, `$apr1$`, or none of those."""
        if self.members.is_bcrypt(user):
            return "bcrypt"
        known = re.match(r"\$\w+\$|\{SHA\}", self.lines[user])
        return known[0] if known else "no hash"

    @property
    def is_newer(self) -> bool:
        """Whether it was changed after its container was started; true if there is no such file to look at."""
        # The registry reads a changed file by itself: a file that is newer than the container's start needed no
        # restart. By the time of change (Z): that of modification can be set.
        changed = self._stat("%.9Z")
        started = seconds_of(str(self.container.attrs["State"]["StartedAt"]))
        return not changed or float(changed) > started

    @property
    def is_stale(self) -> bool:
        """Whether it is a mount of one file whose place on the node has another file by now."""
        own = [m for m in self.container.attrs["Mounts"] if m["Destination"] == self.path]
        if not own:
            return False
        # No hard link is left: the file that is mounted was replaced on the node, and only the mount keeps it.
        return self._stat("%h") == "0"

    def _stat(self, what: str) -> str:
        """Run stat on it as the container sees it; by its process's root, since an image may have no stat."""
        if not self.path:
            return ""
        file = f"/proc/{self.container.attrs['State']['Pid']}/root/{self.path}"
        return self.node.read_output(["stat", "-L", "-c", what, file]).stdout.strip()
