"""The playground of a graded notebook, reached through the grader, because its kernel has no network.

It has the same methods as a playground on this machine; each becomes a request of `protocol`. The grader decides what
it carries out. Of a check it records the answers, and checks the exercise itself.
"""

from __future__ import annotations

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
from labs.graded import protocol
from labs.graded.environment import VARIABLE
from labs.graded.protocol import Executed, MachineAction, Opened, StoreAction, StoreOpened, Verb
from labs.playground import (
    BUCKET,
    ClientFiles,
    HubServer,
    Node,
    NodeUnavailable,
    ObjectStore,
    Playground,
    PlaygroundError,
    StoredObject,
    Swarm,
)

# The kinds that code of a lesson catches by class; any other becomes a PlaygroundError. A name from
# the wire never selects a class outside this table.
_ERRORS: dict[str, type[Exception]] = {
    "FileNotFoundError": FileNotFoundError,
    "NodeUnavailable": NodeUnavailable,
    "PlaygroundError": PlaygroundError,
}


class GraderClient:
    """Sends requests to the grader."""

    def __init__(self) -> None:
        self._port = int(os.environ[VARIABLE])

    def ask(self, verb: Verb | str, **fields: Any) -> Any:
        """Send one request; returns its result.

        Raises:
            PlaygroundError: The grader rejects it, or does not answer; FileNotFoundError and NodeUnavailable as
                the method on this machine raises them.
        """
        try:
            # No timeout here: a reset or a command in a node may take minutes, and the grader
            # limits both.
            with socket.create_connection(("127.0.0.1", self._port)) as line:
                line.sendall(protocol.request_line(verb, **fields))
                with line.makefile("rb") as replies:
                    # No line at all: the grader closed the connection, which `_raise` reports.
                    reply = json.loads(replies.readline() or "{}")
        except (OSError, ValueError) as error:
            raise PlaygroundError(f"the grader does not answer: {error}") from error
        if "result" not in reply:
            _raise(reply.get("error") or {})
        return reply["result"]


def _raise(error: dict[str, Any]) -> NoReturn:
    kind = _ERRORS.get(str(error.get("kind")), PlaygroundError)
    message = str(error.get("message", "the grader ended the conversation"))
    if issubclass(kind, LabsError):
        raise kind(message, hint=str(error.get("hint", "")))
    raise kind(message)


class RemoteNode(Node):
    """A node, reached through the grader.

    Args:
        grader: Takes its requests.
        name: `node1`.
        ports: Where this kernel reaches what the node offers, by the node's own port; the engine is at 0.
        folder: The playground's own, in this container.
    """

    def __init__(
        self, grader: GraderClient, name: str, ports: dict[int, int], folder: Path
    ) -> None:
        container = cast(Container, None)  # on an engine that this kernel cannot reach
        super().__init__(name, container, ClientFiles(folder / "certs"), folder / "docker-config")
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
        # Port 0 is the key of the engine, and not a port that a lesson publishes.
        if port in self._at and port:
            return f"http://127.0.0.1:{self._at[port]}"
        raise self._not_published(port, self._at)

    def environment(self) -> dict[str, str]:
        """What to set so that the `docker` command talks to this node."""
        return {"DOCKER_HOST": self.address, "DOCKER_CONFIG": str(self._config)}

    def _exec(self, argv: list[str]) -> tuple[int, bytes, bytes]:
        done: Executed = self._grader.ask(Verb.EXEC, node=self.name, argv=argv)
        out, err = protocol.to_bytes(done["stdout"]), protocol.to_bytes(done["stderr"])
        return int(done["exit_code"]), out, err

    def write_file(self, path: str, content: bytes | str, *, mode: int = 0o644) -> None:
        """Write a file inside the node, owned by root; folders above it are made.

        Raises:
            PlaygroundError: The path is not absolute, or the content is too long for the grader.
        """
        data = content.encode() if isinstance(content, str) else content
        text = protocol.to_text(data)
        self._grader.ask(Verb.WRITE_FILE, node=self.name, path=path, content=text, mode=mode)

    def wait(self, timeout_s: float = 60.0) -> None:
        """Wait until the engine answers.

        Raises:
            NodeUnavailable: It does not in time.
        """
        deadline = time.monotonic() + timeout_s
        while not self.answers():
            if time.monotonic() > deadline or self.status == "stopped":
                raise NodeUnavailable(f"{self.name}'s engine does not answer")
            time.sleep(0.1)

    def recover(self, *, same_first: bool = True) -> str:
        """Have the grader start the node again, with older settings where its engine refuses its own.

        Returns:
            Why it did not start with its settings, in dockerd's words; empty if it did.

        Raises:
            NodeUnavailable: It does not come up.
        """
        try:
            self.start()
        except NodeUnavailable:
            raise
        except PlaygroundError as error:
            # `Node.start` names the file, then quotes dockerd.
            return error.message.partition("daemon.json: ")[2] or error.message
        return ""

    def _stored(self, path: str) -> bytes | None:
        try:
            return self.read_file(path)
        except FileNotFoundError:
            return None

    @property
    def status(self) -> str:
        """`running`, `stopped`, `cut` from the others, …"""
        return str(self._machine(MachineAction.STATUS))

    @property
    def inner_address(self) -> str:
        """Its address on the playground's network."""
        return str(self._machine(MachineAction.INNER_ADDRESS))

    def log(self) -> str:
        """The last lines of the engine's log."""
        return str(self._machine(MachineAction.LOG))

    def stop(self) -> None:
        """Switch it off."""
        self._machine(MachineAction.STOP)
        self.forget()

    def start(self) -> None:
        """Switch it on again."""
        self._machine(MachineAction.START)
        self.forget()

    def cut(self) -> None:
        """Cut it from all other machines of the playground."""
        self._machine(MachineAction.CUT)

    def heal(self) -> None:
        """Connect it again."""
        self._machine(MachineAction.HEAL)

    def forget(self) -> None:
        """Drop connections."""
        self._disconnect()

    def _machine(self, action: MachineAction) -> Any:
        return self._grader.ask(Verb.MACHINE, node=self.name, action=action)


class RemoteStore(ObjectStore):
    """The object store of a playground behind the grader; containers in its nodes reach it directly."""

    def __init__(self, grader: GraderClient, network: str) -> None:
        opened: StoreOpened = grader.ask(Verb.STORE, action=StoreAction.OPEN, bucket="")
        super().__init__(cast(Container, None), network, opened["secret_key"])
        self._grader, self._endpoint = grader, str(opened["endpoint"])

    def __repr__(self) -> str:
        return "<Store, by way of the grader>"

    @property
    def endpoint(self) -> str:
        """Where S3 is spoken, as containers in the nodes reach it."""
        return self._endpoint

    def objects(self, bucket: str = BUCKET) -> list[StoredObject]:
        """The objects of a bucket, by name."""
        found = self._grader.ask(Verb.STORE, action=StoreAction.OBJECTS, bucket=bucket)
        return [StoredObject(str(name), int(size)) for name, size in found]

    def make_bucket(self, bucket: str = BUCKET) -> None:
        """Make a bucket; one that is there is left as it is."""
        self._grader.ask(Verb.STORE, action=StoreAction.MAKE_BUCKET, bucket=bucket)


class RemoteHub(HubServer):
    """The hub of a playground behind the grader; engines of its nodes reach it directly."""

    def __init__(self, grader: GraderClient) -> None:
        super().__init__(cast(Container, None))
        self._port = int(grader.ask(Verb.HUB))

    def _published(self) -> str:
        return f"http://127.0.0.1:{self._port}"


class RemotePlayground(Playground):
    """The playground that the grader keeps for this submission.

    Args:
        slug: The lesson's slug.
    """

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self._grader = GraderClient()
        self._read(self._grader.ask(Verb.OPEN, slug=slug))

    def __repr__(self) -> str:
        return f"<Playground of {self.slug}, by way of the grader>"

    @property
    def name(self) -> str:
        """The slug: its name on the engine is the grader's."""
        return self.slug

    @property
    def served(self) -> list[str]:
        """What its mirror has is for hints, and these are not asked for in a graded run."""
        return []

    @property
    def store(self) -> ObjectStore:
        """The store, made at the first use."""
        return RemoteStore(self._grader, self.slug)

    @property
    def hub(self) -> HubServer:
        """The hub, made at the first use."""
        return RemoteHub(self._grader)

    def record(self, exercise: str, answers: Any) -> None:
        """Hand in an exercise's answers; the grader looks at the playground when this cell has ended."""
        self._grader.ask(Verb.CHECK, exercise=exercise, answers=answers)

    def reset(self, say: Any = None) -> RemotePlayground:
        """Have the grader remove it and create it again."""
        self._read(self._grader.ask(Verb.RESET))
        return self

    def close(self) -> list[str]:
        """The grader removes it when the submission is done."""
        return []

    def _read(self, opened: Opened) -> None:
        # It holds no certificates: the kernel's side is plain TCP, and the grader adds TLS.
        folder = course.state_folder() / "playgrounds" / self.slug
        self.nodes = [
            RemoteNode(
                self._grader, name, {int(inside): at for inside, at in ports.items()}, folder
            )
            for name, ports in opened["nodes"].items()
        ]
        self._swarm = Swarm(self.nodes, opened["managers"]) if opened["managers"] else None
