"""Asks a registry on a port of a node, with a password or without, and reads the password file behind it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from docker.models.containers import Container

from labs.lessons.common import Member, ask, hashes_of, on_port, read_file, settings_of
from labs.playground import Node
from labs.waiting import WaitTimeout, wait_until

_PATH_VARIABLE = "REGISTRY_AUTH_HTPASSWD_PATH"
_PATH_LINE = re.compile(
    rb"^\s*htpasswd:(?:\s*\n\s+\w+:[^\n]*?)*?\s*\n\s+path:\s*[\"']?([^\s\"'#]+)", re.M
)
# bcrypt's form: variant, cost, then 22 characters of salt and 31 of the hash.
_BCRYPT = re.compile(r"\$2[aby]?\$\d\d\$.{53}")
_PATIENCE_S = 3.0  # a container runs before it listens, on a busy machine by seconds


@dataclass(frozen=True)
class PortProbe:
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

    def status(self, path: str = "/v2/", *, member: Member | None = None) -> int:
        """The status of a GET; 0 if no HTTP server answers."""
        answer = self.ask(path, member=member)
        return answer.status_code if answer else 0

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
    """The file that a registry's container reads its members from."""

    container: Container
    path: str
    lines: dict[str, str]

    @classmethod
    def of(cls, container: Container) -> PasswordFile:
        """Read it as the container sees it; without lines if it does not exist."""
        path = settings_of(container).get(_PATH_VARIABLE) or _path_in_config(container)
        content = (read_file(container, path) if path else None) or b""
        lines = content.decode(errors="replace").splitlines()
        return cls(container, path, hashes_of(lines))

    def kind(self, user: str) -> str:
        """What hash a member's line has: `bcrypt`, `$apr1$`, or none of those."""
        line = self.lines[user]
        if _BCRYPT.fullmatch(line):
            return "bcrypt"
        known = re.match(r"\$\w+\$|\{SHA\}", line)
        return known[0] if known else "no hash"

    @property
    def is_newer(self) -> bool:
        """Whether it was changed after its container was started."""
        # The registry reads a changed file by itself: a file that is newer than the container's start needed no
        # restart.
        said = self._stat("%z")
        return _seconds(said) > _seconds(str(self.container.attrs["State"]["StartedAt"]))

    @property
    def is_stale(self) -> bool:
        """Whether it is a mount of one file whose place on the node has another file by now."""
        own = [m for m in self.container.attrs["Mounts"] if m["Destination"] == self.path]
        if not own:
            return False
        # No hard link is left: the file that is mounted was replaced on the node, and only the mount keeps it.
        return self._stat("%h").strip() == "0"

    def _stat(self, what: str) -> str:
        """Run stat inside the container: the path is one of its own file system, whatever is mounted there."""
        done: Any = self.container.exec_run(["stat", "-L", "-c", what, self.path])
        return str(done.output.decode())


def _path_in_config(container: Container) -> str:
    """The path in the registry's config file; empty if it has none."""
    configs = [word for word in container.attrs["Args"] if word.endswith((".yml", ".yaml"))]
    found = _PATH_LINE.search(read_file(container, configs[-1]) or b"") if configs else None
    return found[1].decode() if found else ""


def _seconds(said: str) -> float:
    """Seconds since 1970 of `2026-11-23T13:13:38.148282642Z`, or of the same with spaces; all are UTC."""
    day, clock = re.split(r"[T ]", said.strip().removesuffix("Z"))[:2]
    whole, _, fraction = clock.partition(".")
    return datetime.fromisoformat(f"{day}T{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")
