"""The playground of a graded notebook, reached by way of the grader: its kernel has no network of its own.

The same calls as those of a playground on this machine. What the grader allows, it decides; what it records of a
check are answers, and it judges by itself.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import time
from pathlib import Path
from typing import Any, NoReturn, cast

from docker.models.containers import Container

from labs import course
from labs.engine import EngineClient
from labs.errors import LabsError
from labs.playground import (
    BUCKET,
    ClientFiles,
    Node,
    NodeUnavailable,
    ObjectStore,
    Playground,
    PlaygroundError,
    StoredObject,
    Swarm,
)

_VARIABLE = "LABS_GRADED"
_ERRORS: dict[str, type[Exception]] = {
    "FileNotFoundError": FileNotFoundError,
    "NodeUnavailable": NodeUnavailable,
    "PlaygroundError": PlaygroundError,
}


def graded() -> bool:
    """Whether this kernel runs a submission that is graded."""
    return bool(os.environ.get(_VARIABLE))


class Grader:
    """The grader's end of requests: one JSON line there, one back."""

    def __init__(self) -> None:
        self._port = int(os.environ[_VARIABLE])

    def ask(self, what: str, **details: Any) -> Any:
        """Ask for one thing.

        Raises:
            PlaygroundError: The grader says no, or nothing; other errors where they say more.
        """
        try:
            with socket.create_connection(("127.0.0.1", self._port)) as line:
                line.sendall(json.dumps({"ask": what, **details}).encode() + b"\n")
                with line.makefile("rb") as replies:
                    reply = json.loads(replies.readline() or "{}")
        except (OSError, ValueError) as error:
            raise PlaygroundError(f"the grader does not answer: {error}") from error
        if "said" not in reply:
            _fail(reply)
        return reply["said"]


def _fail(reply: dict[str, Any]) -> NoReturn:
    kind = _ERRORS.get(str(reply.get("kind")), PlaygroundError)
    message = str(reply.get("message", "the grader ended the conversation"))
    if issubclass(kind, LabsError):
        raise kind(message, hint=str(reply.get("hint", "")))
    raise kind(message)


class RemoteNode(Node):
    """A node behind the grader.

    Args:
        grader: Whom to ask.
        name: `node1`.
        ports: Where this kernel reaches what the node offers, by the node's own port; the engine is at 0.
        folder: The playground's own, in this container.
    """

    def __init__(self, grader: Grader, name: str, ports: dict[int, int], folder: Path) -> None:
        nobody = cast(Container, None)  # the container is the grader's to see
        super().__init__(name, nobody, ClientFiles(folder / "certs"), folder / "docker-config")
        self._grader = grader
        self._at = ports

    def __repr__(self) -> str:
        return f"<Node {self.name}, by way of the grader>"

    def _connect(self, timeout_s: int) -> EngineClient:
        return self._client(self.address, timeout_s)

    @property
    def address(self) -> str:
        """Where this kernel reaches the engine."""
        return f"tcp://127.0.0.1:{self._at[0]}"

    def url(self, port: int = 5000) -> str:
        """How this kernel reaches what listens on 127.0.0.1:`port` inside the node.

        Raises:
            PlaygroundError: The lesson does not publish that port.
        """
        if port in self._at and port:
            return f"http://127.0.0.1:{self._at[port]}"
        raise self._not_published(port, self._at)

    def environment(self) -> dict[str, str]:
        """What to set so that the `docker` command talks to this node."""
        return {"DOCKER_HOST": self.address, "DOCKER_CONFIG": str(self._config)}

    def _exec(self, argv: list[str]) -> tuple[int, bytes, bytes]:
        said = self._grader.ask("exec", node=self.name, argv=argv)
        out, err = (base64.b64decode(said[name]) for name in ("stdout", "stderr"))
        return int(said["exit_code"]), out, err

    def write_file(self, path: str, content: bytes | str, *, mode: int = 0o644) -> None:
        """Write a file inside the node, owned by root; folders above it are made.

        Raises:
            PlaygroundError: The path is not absolute, or the content is too long for the grader.
        """
        data = content.encode() if isinstance(content, str) else content
        text = base64.b64encode(data).decode()
        self._grader.ask("write_file", node=self.name, path=path, content=text, mode=mode)

    def wait(self, timeout_s: float = 60.0) -> None:
        """Wait until the engine answers.

        Raises:
            NodeUnavailable: It does not in time.
        """
        deadline = time.monotonic() + timeout_s
        while not self.answers():
            if time.monotonic() > deadline:
                raise NodeUnavailable(f"{self.name}'s engine does not answer")
            time.sleep(0.05)

    @property
    def status(self) -> str:
        """`running`, `stopped`, `cut` from the others, …"""
        return str(self._grader.ask("machine", node=self.name, do="status"))

    @property
    def inner_address(self) -> str:
        """Its address on the playground's network."""
        return str(self._grader.ask("machine", node=self.name, do="inner_address"))

    def stop(self) -> None:
        """Switch it off."""
        self._grader.ask("machine", node=self.name, do="stop")
        self.forget()

    def start(self) -> None:
        """Switch it on again."""
        self._grader.ask("machine", node=self.name, do="start")
        self.forget()

    def cut(self) -> None:
        """Cut it from all other machines of the playground."""
        self._grader.ask("machine", node=self.name, do="cut")

    def heal(self) -> None:
        """Connect it again."""
        self._grader.ask("machine", node=self.name, do="heal")

    def forget(self) -> None:
        """Drop connections."""
        self._disconnect()


class RemoteStore(ObjectStore):
    """The store of a playground behind the grader; what runs in its nodes reaches it as ever."""

    def __init__(self, grader: Grader, network: str) -> None:
        said = grader.ask("store", do="open")
        super().__init__(cast(Container, None), network, said["secret_key"])
        self._grader, self._endpoint = grader, str(said["endpoint"])

    def __repr__(self) -> str:
        return "<Store, by way of the grader>"

    @property
    def endpoint(self) -> str:
        """Where S3 is spoken, as containers in the nodes reach it."""
        return self._endpoint

    def objects(self, bucket: str = BUCKET) -> list[StoredObject]:
        """The objects of a bucket, by name."""
        found = self._grader.ask("store", do="objects", bucket=bucket)
        return [StoredObject(str(name), int(size)) for name, size in found]

    def make_bucket(self, bucket: str = BUCKET) -> None:
        """Make a bucket; one that is there is left as it is."""
        self._grader.ask("store", do="make_bucket", bucket=bucket)


class RemotePlayground(Playground):
    """The playground that the grader keeps for this submission.

    Args:
        slug: The lesson's slug.
    """

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self._grader = Grader()
        self._read(self._grader.ask("open", slug=slug))

    def __repr__(self) -> str:
        return f"<Playground of {self.slug}, by way of the grader>"

    @property
    def name(self) -> str:
        """The grader knows another one."""
        return self.slug

    @property
    def store(self) -> ObjectStore:
        """The store, made at the first use."""
        return RemoteStore(self._grader, self.slug)

    def record(self, exercise: str, answers: Any) -> None:
        """Hand in an exercise's answers: the grader looks at the rest when this cell has ended."""
        self._grader.ask("check", exercise=exercise, answers=answers)

    def reset(self, say: Any = None) -> RemotePlayground:
        """Have it made anew."""
        self._read(self._grader.ask("reset"))
        return self

    def close(self) -> None:
        """The grader removes it when the submission is done."""

    def _read(self, said: dict[str, Any]) -> None:
        folder = course.state_folder() / "playgrounds" / self.slug
        (folder / "docker-config").mkdir(parents=True, exist_ok=True)
        self.nodes = [
            RemoteNode(
                self._grader, name, {int(inside): at for inside, at in ports.items()}, folder
            )
            for name, ports in said["nodes"].items()
        ]
        self._swarm = Swarm(self.nodes, said["managers"]) if said["managers"] else None
