"""What a student's kernel may reach, by name: the nodes of its own playground, and a few requests to the grader.

Everything that comes in is data from a stranger: JSON of plain types, no longer than the limits here, answered or
refused. A request that makes no sense gets an error and harms nobody.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import re
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from labs.errors import LabsError
from labs.grading.sandbox.container import FIRST_PORT
from labs.grading.sandbox.limited_exec import run_bounded
from labs.images.kernel.mux import join

if TYPE_CHECKING:
    from labs.grading.sandbox.isolated_playground import Place
    from labs.images.kernel.mux import Stream
    from labs.playground import Node, ObjectStore

_LINE_MOST = 24_000_000
_ANSWERS_MOST = 200_000
_ARGUMENTS = 4096
_AT_ONCE = 4
_DEEPEST = 50  # whoever reads it later may have less of a stack left than who read it first
_RESETS = 3
_OBJECTS_MOST = 50_000
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")


class RefusedError(LabsError):
    """A request that the grader does not carry out."""


class Door:
    """The way from one kernel to one playground.

    Args:
        place: The playground; None where the lesson has no nodes.
        slug: The lesson's.
        record: Told of each exercise that is handed in, with its answers.
    """

    def __init__(
        self, playground: Place | None, slug: str, record: Callable[[str, dict[str, Any]], None]
    ) -> None:
        self._playground, self._slug, self._record = playground, slug, record
        self._workers = ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="request")
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._resets = 0
        self.ports: dict[str, dict[str, int]] = {}
        self.targets: dict[str, int] = {}
        numbers = iter(range(FIRST_PORT, 8000))
        for node in playground.nodes if playground else ():
            inside = (0, *self._held.ports)
            self.ports[node.name] = {str(port): next(numbers) for port in inside}
            for port, at in self.ports[node.name].items():
                self.targets[f"{node.name}:{port}"] = at

    @property
    def _held(self) -> Place:
        if self._playground is None:
            raise RefusedError("this lesson has no playground")
        return self._playground

    def close(self) -> None:
        """Take no more requests; those under way end by themselves, with the playground."""
        self._workers.shutdown(wait=False, cancel_futures=True)

    async def accept(self, stream: Stream, target: str) -> None:
        """Serve what the kernel opened."""
        if target == "requests":
            await self._requests(stream)
        elif target in self.targets:
            name, _, port = target.partition(":")
            await self._connect(stream, name, int(port))

    async def _connect(self, stream: Stream, name: str, port: int) -> None:
        try:
            host, at, trust = self._where(name, port)  # a gate's ports are known: nobody is asked
            reader, writer = await asyncio.open_connection(
                host, at, ssl=trust, server_hostname="localhost" if trust else None
            )
        except (OSError, LabsError):
            return
        await join(stream, reader, writer, halves=trust is None)

    def _where(self, name: str, port: int) -> tuple[str, int, ssl.SSLContext | None]:
        """Where a node's engine (port 0) or a port of it is reached from here."""
        node = self._node(name)
        url = urlsplit(node.url(port) if port else node.address)
        assert url.hostname
        assert url.port
        return url.hostname, url.port, None if port else self._held.trust()

    async def _requests(self, stream: Stream) -> None:
        """Answer one line; who opens many at once waits for a turn, so that memory stays bounded."""
        loop = asyncio.get_running_loop()
        async with self._turns:
            line = bytearray()
            while not line.endswith(b"\n"):
                data = await stream.read()
                line += data
                if not data or len(line) > _LINE_MOST:
                    return
            reply = await loop.run_in_executor(self._workers, self._reply, bytes(line))
        with contextlib.suppress(ConnectionResetError):
            await stream.write(reply)

    def _reply(self, line: bytes) -> bytes:
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise RefusedError("a request is a JSON object")
            said: dict[str, Any] = {"said": self._answer(request)}
        except LabsError as error:
            said = {
                "kind": type(error).__name__,
                "message": error.message,
                "hint": error.hint,
            }
        except Exception as error:  # whatever a stranger's words lead to, is that stranger's
            said = {"kind": type(error).__name__, "message": str(error)[:1000]}
        return json.dumps(said).encode() + b"\n"

    def _answer(self, request: dict[str, Any]) -> Any:
        asked = request.get("ask")
        if asked == "open":
            return self._open(request.get("slug"))
        if asked == "check":
            return self._check(request.get("exercise"), request.get("answers"))
        if asked == "reset":
            return self._reset()
        if asked == "store":
            return _store(self._held.store, request)
        node = self._node(request.get("node"))
        if asked == "exec":
            return self._exec(node, request.get("argv"))
        if asked == "write_file":
            return _write(node, request)
        if asked == "machine":
            return _machine(node, request.get("do"))
        raise RefusedError(f"the grader knows no request {asked!r}"[:100])

    def _node(self, name: Any) -> Node:
        for node in self._held.nodes:
            if node.name == name:
                return node
        raise RefusedError("there is no such node")

    def _open(self, slug: Any) -> dict[str, Any]:
        if slug != self._slug:
            raise RefusedError(
                f"this submission is for the lesson {self._slug}, and opens {slug!r}"[:200]
            )
        return self._described()

    def _described(self) -> dict[str, Any]:
        return {
            "nodes": self.ports,
            "managers": self._playground.managers if self._playground else 0,
        }

    def _check(self, exercise: Any, answers: Any) -> str:
        if not isinstance(exercise, str) or not isinstance(answers, dict):
            raise RefusedError("an exercise is text, and its answers are an object")
        if not _is_flat(answers):
            raise RefusedError("answers are nested too deep")
        if len(json.dumps(answers, allow_nan=False)) > _ANSWERS_MOST:
            raise RefusedError("these answers are too long")
        self._record(exercise, answers)
        return "recorded"

    def _reset(self) -> dict[str, Any]:
        self._resets += 1
        if self._resets > _RESETS:
            raise RefusedError(f"a graded notebook resets its playground {_RESETS} times at most")
        self._held.reset()
        return self._described()

    def _exec(self, node: Node, argv: Any) -> dict[str, Any]:
        if not _is_command(argv):
            raise RefusedError("a command is a list of words")
        code, out, err = run_bounded(node.container, argv)
        return {
            "exit_code": code,
            "stdout": base64.b64encode(out).decode(),
            "stderr": base64.b64encode(err).decode(),
        }


def _is_flat(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        inner = (each.values() if isinstance(each, dict) else each for each in level)
        level = [part for each in inner for part in each if isinstance(part, (dict, list))]
    return not level


def _is_command(argv: Any) -> bool:
    return (
        isinstance(argv, list)
        and 0 < len(argv) <= _ARGUMENTS
        and all(isinstance(word, str) and "\0" not in word for word in argv)
    )


def _write(node: Node, request: dict[str, Any]) -> None:
    path, mode = request.get("path"), request.get("mode")
    if not isinstance(path, str) or not isinstance(mode, int) or "\0" in path:
        raise RefusedError("a path is text, and a mode is a number")
    content = base64.b64decode(str(request.get("content")), validate=True)
    node.write_file(path, content, mode=mode & 0o7777)


def _store(store: ObjectStore, request: dict[str, Any]) -> Any:
    do, bucket = request.get("do"), request.get("bucket")
    if do == "open":
        return {"endpoint": store.endpoint, "secret_key": store.secret_key}
    if not isinstance(bucket, str) or not _BUCKET.fullmatch(bucket):
        raise RefusedError("a bucket is named with small letters, digits and hyphens")
    if do == "objects":
        return [[each.name, each.size_bytes] for each in store.objects(bucket)[:_OBJECTS_MOST]]
    if do == "make_bucket":
        store.make_bucket(bucket)
        return "done"
    raise RefusedError("a store does not do that")


def _machine(node: Node, do: Any) -> str:
    if do in ("status", "inner_address"):
        return str(getattr(node, do))
    if do in ("stop", "start", "cut", "heal"):
        getattr(node, do)()
        return "done"
    raise RefusedError("a machine does not do that")
