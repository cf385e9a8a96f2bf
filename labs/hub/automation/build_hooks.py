"""Hooks of a source, `hooks/pre_build` and others: scripts that run before and after the steps of a build.

Docker Hub runs them on the machine that builds. Here they run in a container with the source in `/src` and the build's
variables, without the engine's socket and without the hub's secrets: a source is written by many, and a script with the
engine would have the node. So `build`, `test` and `push` themselves cannot be replaced.
"""

from __future__ import annotations

import io
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Self
from urllib.parse import quote

import urllib3
from django.conf import settings

from labs.hub.automation import git
from labs.hub.automation.build_watch import ended_from_outside, upload
from labs.hub.automation.builds import BuildLog
from labs.hub.automation.engine_client import LARGEST_FILE, EngineRefused, ask, request
from labs.hub.models import Build, Source

_IMAGE = "busybox"
_SOURCE = "/src"
_LIMITS = {
    "Memory": 256 << 20,
    "PidsLimit": 100,
    "CapDrop": ["ALL"],
    "SecurityOpt": ["no-new-privileges"],
    "Ulimits": [LARGEST_FILE],
    "AutoRemove": True,
    "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}},
}
_LONGEST_S = 120
_LAST_WORDS = 4096


class HookError(Exception):
    """A hook ended with an error."""


class Workspace:
    """The source of one build, in a container if it has hooks, and as git has it if not."""

    def __init__(
        self, source: Source, build: Build, variables: dict[str, str], log: BuildLog
    ) -> None:
        self._source, self._build, self._log = source, build, log
        self._variables = variables
        self._hooks = self._listed()
        self._container, self._why = "", ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._container:
            # What cannot be removed ends by itself, and must not hide why the build failed.
            with suppress(EngineRefused, urllib3.exceptions.HTTPError):
                ask("DELETE", f"/containers/{self._container}?force=1&v=1")

    def run(self, *hooks: str) -> None:
        """Run those of the hooks that the source has.

        Raises:
            HookError: One ended with another status than 0.
        """
        for hook in hooks:
            if hook in self._hooks:
                self._log.add(f"$ hooks/{hook}\n")
                if status := self._exec(hook):
                    raise HookError(f"hooks/{hook} ended with status {status}{self._why}")

    @contextmanager
    def context(self) -> Iterator[IO[bytes]]:
        """The build's context as a tar: what the hooks have left, or what the commit has."""
        if not self._container:
            with git.archive(self._source, self._build.commit, self._build.context) as tar:
                yield tar
            return
        path = quote(f"{_SOURCE}/{self._build.context.strip('/')}".rstrip("/"))
        with tempfile.TemporaryFile(dir=settings.DRAFTS) as kept:
            answer = request("GET", f"/containers/{self._container}/archive?path={path}/.")
            with ended_from_outside(answer, self._log, _LONGEST_S):
                _copy(answer, kept)
            kept.seek(0)
            yield kept

    def _listed(self) -> set[str]:
        command = ("ls-tree", "--name-only", f"{self._build.commit}", "hooks/")
        listed = git.run("-C", str(git.folder_of(self._source)), *command).decode().split()
        return {each.removeprefix("hooks/") for each in listed}

    def _exec(self, hook: str) -> int:
        if not self._container:
            self._start()
        made = ask(
            "POST",
            f"/containers/{self._container}/exec",
            {
                "Cmd": ["timeout", "-s", "KILL", str(_LONGEST_S), "sh", "-e", f"hooks/{hook}"],
                "AttachStdout": True,
                "AttachStderr": True,
                "Tty": True,
                "WorkingDir": _SOURCE,
                "Env": [f"{name}={value}" for name, value in self._variables.items()],
            },
        )
        started = request(
            "POST",
            f"/exec/{made['Id']}/start",
            body=b'{"Tty": true}',
            headers={"Content-Type": "application/json"},
        )
        # With a terminal there is one stream, and no header before each piece.
        said = b""
        with ended_from_outside(started, self._log, _LONGEST_S + 10):
            while piece := started.read1(1 << 16):
                said = (said + piece)[-_LAST_WORDS:]
                self._log.add(piece.decode(errors="replace").replace("\r\n", "\n"))
        # What the image's shell says where it cannot start a process.
        most = _LIMITS["PidsLimit"]
        self._why = f": a hook has at most {most} processes" if b"can't fork" in said else ""
        return int(ask("GET", f"/exec/{made['Id']}/json")["ExitCode"] or 0)

    def _start(self) -> None:
        request("POST", f"/images/create?fromImage={_IMAGE}&tag=latest").read()
        made = ask(
            "POST",
            "/containers/create",
            # It ends and goes by itself, also when the hub does not come back.
            {"Image": _IMAGE, "Cmd": ["sleep", "1800"], "HostConfig": _LIMITS},
        )
        self._container = str(made["Id"])
        ask("POST", f"/containers/{self._container}/start")
        self._put("/", _folder(_SOURCE.strip("/")))
        with git.archive(self._source, self._build.commit, "/") as tar:
            self._put(_SOURCE, upload(tar, self._log))

    def _put(self, path: str, tar: Iterator[bytes] | bytes) -> None:
        request("PUT", f"/containers/{self._container}/archive?path={path}", body=tar).read()


def _copy(given: urllib3.BaseHTTPResponse, kept: IO[bytes]) -> None:
    """Copy a tar that hooks chose the content of, up to a limit.

    Raises:
        HookError: It is above.
    """
    size = 0
    with (
        tarfile.open(fileobj=given, mode="r|") as source,
        tarfile.open(fileobj=kept, mode="w") as target,
    ):
        for member in source:
            # An empty file has a header, too: a million of them fill the disk as one large file does.
            size += member.size + 2 * tarfile.BLOCKSIZE
            if size > git.MOST_BYTES:
                raise HookError(f"more than {git.MOST_BYTES >> 20} MB are left in {_SOURCE}")
            target.addfile(member, source.extractfile(member) if member.isreg() else None)
            # Both would keep each member to the end, and these were enough to end the hub for want of memory.
            source.members, target.members = [], []  # type: ignore[attr-defined]


def _folder(name: str) -> bytes:
    """A tar with one empty folder."""
    member = tarfile.TarInfo(name)
    member.type, member.mode = tarfile.DIRTYPE, 0o755
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        made.addfile(member)
    return out.getvalue()
