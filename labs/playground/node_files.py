"""Commands and files in a node, by its container on the host's engine."""

from __future__ import annotations

import io
import shlex
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from docker.errors import APIError, DockerException, NotFound
from requests.exceptions import RequestException

from labs.playground import engine_settings
from labs.playground.archive import archive
from labs.playground.machine import Machine
from labs.playground.node_errors import NodeUnavailable, PlaygroundError
from labs.waiting import told_if_slow

# A host under load sometimes loses all that a command printed, once in some thousand commands: it is asked again.
_TRIES = 3
_DOTTED = '"$@"; code=$?; printf .; exit "$code"'
_CONFLICT = 409  # HTTP: what the engine answers for a container that does not run
_SLOW_S = 60.0  # longer than any command of a lesson


@dataclass(frozen=True)
class ExecResult:
    """The result of a command in a node.

    Attributes:
        exit_code: Its exit status.
        stdout: Text; bytes that are not UTF-8 are replaced.
        stderr: Likewise.
    """

    exit_code: int
    stdout: str
    stderr: str


class NodeFiles(Machine):
    """The inside of a node."""

    _removed_by = ""

    def exec(self, argv: list[str]) -> ExecResult:
        """Run a command inside the node as root.

        Raises:
            NodeUnavailable: The node's container is not running.
        """
        slow = f"{self.name}: {shlex.join(argv)[:200]!r} has not ended yet. A server needs `docker run -d`, or `&`."
        with told_if_slow(lambda: slow, every_s=_SLOW_S):
            code, out, err = self._exec(argv)
        return ExecResult(code, out.decode(errors="replace"), err.decode(errors="replace"))

    def read_output(
        self, argv: list[str], *, environment: Mapping[str, str] | None = None
    ) -> ExecResult:
        """Run a command that may run again, and be sure of its output, also where that is empty.

        `exec` may lose all that a command printed, with exit status 0. Here a dot is printed behind it; where that
        does not arrive either, the command runs again.

        Args:
            argv: The command.
            environment: Variables for it. The words of a command, which these are not, are seen by all users of the
                node.

        Raises:
            NodeUnavailable: The node's container is not running, or the output was lost each time.
        """
        variables = [f"{name}={value}" for name, value in (environment or {}).items()]
        for _ in range(_TRIES):
            found = self.exec(["env", *variables, "sh", "-c", _DOTTED, "sh", *argv])
            if found.stdout.endswith("."):
                return replace(found, stdout=found.stdout[:-1])
        raise NodeUnavailable(
            f"{self.name}: what {shlex.join(argv)[:80]!r} printed was lost {_TRIES} times",
            hint="the machine is busy: try again when less runs on it",
        )

    def read_file(self, path: str) -> bytes:
        """Return the bytes of a file inside the node.

        Raises:
            FileNotFoundError: There is no such file.
            NodeUnavailable: The node's container is not running.
        """
        for _ in range(_TRIES):
            # `--`: a path that begins with a dash is not an option.
            code, out, err = self._exec(["cat", "--", path])
            if code or out:
                break
        if code:
            raise FileNotFoundError(err.decode(errors="replace").strip())
        return out

    def _exec(self, argv: list[str]) -> tuple[int, bytes, bytes]:
        container: Any = self.container  # types-docker does not know what demux=True returns
        try:
            code, (out, err) = container.exec_run(argv, demux=True)
        except (DockerException, RequestException) as error:
            raise self._unavailable(error) from error
        return int(code), out or b"", err or b""

    def write_file(self, path: str, content: bytes | str, *, mode: int = 0o644) -> None:
        """Write a file inside the node, owned by root; missing folders are created.

        Raises:
            NodeUnavailable: The node's container is not running.
            PlaygroundError: The path is not absolute.
        """
        if not path.startswith("/"):
            raise PlaygroundError(
                f"{path!r} is not an absolute path on {self.name}", hint="begin it with /"
            )
        data = content.encode() if isinstance(content, str) else content
        folder, _, name = path.rpartition("/")
        files = archive({name: data}, mode=mode)
        try:
            try:
                self.container.put_archive(folder or "/", files)
            except NotFound:
                # The folder is missing. Most exist, and creating it first would double the time of each write.
                self.exec(["mkdir", "-p", folder])
                self.container.put_archive(folder, files)
        except (DockerException, RequestException) as error:
            raise self._unavailable(error) from error

    def log(self) -> str:
        """The last lines of the engine's log."""
        try:
            # dockerd's last lines have the reason, with a few of containerd's behind them.
            return self.container.logs(tail=40).decode(errors="replace").strip()
        except (DockerException, RequestException):
            return ""

    def _stored(self, path: str) -> bytes | None:
        """The bytes of a file of this node, also while it is off; None if there is no such file."""
        try:
            chunks, _ = self.container.get_archive(path)
            with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
                # A folder, where there should be a file, has no content.
                content = tar.extractfile(tar.getmembers()[0])
                return content.read() if content else None
        except NotFound:
            return None
        except (DockerException, RequestException) as error:
            raise self._unavailable(error) from error

    def _unavailable(self, why: object) -> NodeUnavailable:
        if self._removed_by:
            return NodeUnavailable(
                f"{self.name} was removed: {self._removed_by}",
                hint=f"{engine_settings.call(self.name)} is the new one; after lab.close(), labs.open(…) makes one",
            )
        repairs = "in a new cell, lab = labs.open(…) repairs the node"
        if isinstance(why, APIError) and why.status_code == _CONFLICT:
            # The engine's words are a URL and the container's id, twice.
            self.container.reload()
            why = self.container.status
        if why == "exited" and self.fault:
            repairs = f"{engine_settings.call(self.name)}.start() switches it on again"
        return NodeUnavailable(f"{self.name} does not answer: {why}", hint=repairs)
