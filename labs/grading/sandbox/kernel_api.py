"""Serves the requests of one student's kernel: connections to its nodes, and the verbs of `labs.graded.protocol`.

Everything received is untrusted: JSON of plain types, limited in size, carried out or rejected. An error in a request
goes back to its sender and to no one else.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from docker.errors import APIError, DockerException
from docker.models.containers import Container
from requests.exceptions import RequestException

from labs.errors import LabsError
from labs.graded import join, protocol
from labs.grading.sandbox.gateway import HUB
from labs.grading.sandbox.kernel_container import FIRST_PORT
from labs.playground import PAGE_PORT, NodeUnavailable

if TYPE_CHECKING:
    from labs.graded import Stream
    from labs.grading.sandbox.isolated_playground import IsolatedPlayground
    from labs.playground import Node

# `write_file` of 16 MB, as base64. A longer line is not read to its end.
_MAX_LINE_BYTES = 24_000_000
# An answer is an id, a list of tags, a digest; they are stored with each grade.
_MAX_ANSWERS_CHARS = 200_000
# Words of one command; no lesson has more than some dozens.
_MAX_ARGUMENTS = 4096
# Requests read at the same time: this many lines of the maximum size are in memory at once.
_CONCURRENT = 4
# Answers are parsed again in the check process and the parent, which may have less stack left.
_MAX_DEPTH = 50
# A reset takes seconds of the machine; a lesson asks for one at most.
_MAX_RESETS = 3
# Bounds a reply: a student can create any number of objects in the store.
_MAX_OBJECTS = 50_000
# An exception may quote all of the request that caused it.
_MAX_ERROR_CHARS = 1000
# 40 lines; a line with all settings has some 2000 characters.
_MAX_LOG_CHARS = 100_000
# The name becomes part of a URL: a slash would lead to another path of the store. S3 allows 63 characters.
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
# The same as for `write_file`. An output is in memory twice, as bytes and as base64 of the reply.
MAX_OUTPUT_BYTES = 16_000_000
EXEC_TIMEOUT_S = 300.0
"""As long as the longest cell may take by default."""


class RequestRejected(LabsError):
    """A request that the grader does not carry out."""


class OutputLimitError(LabsError):
    """A command in a node printed more than is read, or ran too long."""


class KernelApi:
    """Request handler between one kernel and one playground.

    Args:
        playground: None where the lesson has no nodes.
        slug: The lesson's.
        record: Called with each exercise that is handed in, and its answers.

    Attributes:
        ports: Of the kernel's container, by a node's name and by the node's port (0: its engine).
        targets: The same, as the relay's configuration: `node1:5000` to the container's port.
    """

    def __init__(
        self,
        playground: IsolatedPlayground | None,
        slug: str,
        record: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self._playground, self._slug, self._record = playground, slug, record
        self._workers = ThreadPoolExecutor(max_workers=_CONCURRENT, thread_name_prefix="request")
        self._turns = asyncio.Semaphore(_CONCURRENT)
        self._resets = 0
        self._handlers: dict[protocol.Verb, Callable[..., Any]] = {
            protocol.Verb.OPEN: self._open,
            protocol.Verb.RESET: self._reset,
            protocol.Verb.CHECK: self._check,
            protocol.Verb.EXEC: self._exec,
            protocol.Verb.WRITE_FILE: self._write_file,
            protocol.Verb.MACHINE: self._machine,
            protocol.Verb.STORE: self._store,
            protocol.Verb.HUB: self._hub,
        }
        self.ports: dict[str, dict[str, int]] = {}
        self.targets: dict[str, int] = {}
        numbers = iter(range(FIRST_PORT, 8000))
        for node in playground.nodes if playground else ():
            inside = (0, *self._existing.ports)
            self.ports[node.name] = {str(port): next(numbers) for port in inside}
            for port, at in self.ports[node.name].items():
                self.targets[f"{node.name}:{port}"] = at
        self._hub_port = next(numbers)
        if playground:
            self.targets[f"{HUB}:{PAGE_PORT}"] = self._hub_port

    @property
    def _existing(self) -> IsolatedPlayground:
        if self._playground is None:
            raise RequestRejected("this lesson has no playground")
        return self._playground

    def close(self) -> None:
        """Take no more requests; those under way fail when the playground is removed."""
        self._workers.shutdown(wait=False, cancel_futures=True)

    async def accept(self, stream: Stream, target: str) -> None:
        """Serve a connection of the kernel."""
        if target == "requests":
            await self._serve_request(stream)
        # Other names are not even resolved: the container must not choose where the grader connects
        # to.
        elif target in self.targets:
            name, _, port = target.partition(":")
            await self._connect(stream, name, int(port))

    async def _connect(self, stream: Stream, name: str, port: int) -> None:
        try:
            host, at, trust = self._address_of(name, port)  # in memory: the loop does not block
            # A node's certificate is valid for localhost, whatever port leads to it.
            reader, writer = await asyncio.open_connection(
                host, at, ssl=trust, server_hostname="localhost" if trust else None
            )
        except (OSError, LabsError):
            return
        await join(stream, reader, writer, halves=trust is None)

    def _address_of(self, name: str, port: int) -> tuple[str, int, ssl.SSLContext | None]:
        """Where a node's engine (port 0) or a port of it is reached from here; or the hub's pages."""
        if name == HUB:
            return "127.0.0.1", self._existing.endpoints[0][HUB][port], None
        node = self._node(name)
        url = urlsplit(node.url(port) if port else node.address)
        assert url.hostname
        assert url.port
        return url.hostname, url.port, None if port else self._existing.trust()

    async def _serve_request(self, stream: Stream) -> None:
        """Answer one line. Further connections wait unread, so that memory is bounded."""
        loop = asyncio.get_running_loop()
        async with self._turns:
            line = bytearray()
            while not line.endswith(b"\n"):
                data = await stream.read()
                line += data
                if not data or len(line) > _MAX_LINE_BYTES:
                    return
            reply = await loop.run_in_executor(self._workers, self.reply, bytes(line))
        with contextlib.suppress(ConnectionResetError):
            await stream.write(reply)

    def reply(self, line: bytes) -> bytes:
        """Carry out one request; returns the reply, to malformed requests too."""
        try:
            verb, fields = protocol.parse_request(line)
            return protocol.result_line(self._handlers[verb](**fields))
        except LabsError as error:
            return protocol.error_line(type(error).__name__, error.message, error.hint)
        except Exception as error:  # an error in an untrusted request goes back to its sender
            return protocol.error_line(type(error).__name__, str(error)[:_MAX_ERROR_CHARS])

    def _node(self, name: str) -> Node:
        for node in self._existing.nodes:
            if node.name == name:
                return node
        raise RequestRejected("there is no such node")

    def _open(self, slug: str) -> protocol.Opened:
        if slug != self._slug:
            raise RequestRejected(
                f"this submission is for the lesson {self._slug}, and opens {slug!r}"[:200]
            )
        return self._opened()

    def _opened(self) -> protocol.Opened:
        managers = self._playground.managers if self._playground else 0
        return {"nodes": self.ports, "managers": managers}

    def _reset(self) -> protocol.Opened:
        self._resets += 1
        if self._resets > _MAX_RESETS:
            raise RequestRejected(
                f"a graded notebook resets its playground {_MAX_RESETS} times at most"
            )
        self._existing.reset()
        return self._opened()

    def _check(self, exercise: str, answers: dict[str, Any]) -> str:
        # First: json.dumps recurses.
        if _is_nested_too_deep(answers):
            raise RequestRejected("answers are nested too deep")
        # NaN and Infinity are not JSON (RFC 8259, section 6); readers of a result reject them.
        if len(json.dumps(answers, allow_nan=False)) > _MAX_ANSWERS_CHARS:
            raise RequestRejected("these answers are too long")
        self._record(exercise, answers)
        return "recorded"

    def _exec(self, node: str, argv: list[Any]) -> protocol.Executed:
        if not _is_command(argv):
            raise RequestRejected("a command is a list of words")
        code, out, err = exec_limited(self._node(node).container, argv)
        stdout, stderr = protocol.to_text(out), protocol.to_text(err)
        return {"exit_code": code, "stdout": stdout, "stderr": stderr}

    def _write_file(self, node: str, path: str, content: str, mode: int) -> None:
        if "\0" in path:
            raise RequestRejected("a path has no NUL byte")
        # Permission bits alone: `mode` could hold a file type otherwise.
        self._node(node).write_file(path, protocol.to_bytes(content), mode=mode & 0o7777)

    def _machine(self, node: str, action: str) -> str:
        machine = self._node(node)
        if action in (protocol.MachineAction.STATUS, protocol.MachineAction.INNER_ADDRESS):
            return str(getattr(machine, action))
        if action == protocol.MachineAction.LOG:
            # A student's program can write lines of any length into it, as a name that the engine quotes.
            return machine.log()[-_MAX_LOG_CHARS:]
        # The enum is the list of what is allowed: `getattr` would find any attribute of a node.
        if action in protocol.MachineAction.__members__.values():
            getattr(machine, action)()
            return "done"
        raise RequestRejected(f"unsupported machine action {action!r}"[:100])

    def _store(self, action: str, bucket: str) -> protocol.StoreOpened | list[list[Any]] | str:
        store = self._existing.store
        if action == protocol.StoreAction.OPEN:
            return {"endpoint": store.endpoint, "secret_key": store.secret_key}
        if not _BUCKET.fullmatch(bucket):
            raise RequestRejected("a bucket is named with small letters, digits and hyphens")
        if action == protocol.StoreAction.OBJECTS:
            return [[each.name, each.size_bytes] for each in store.objects(bucket)[:_MAX_OBJECTS]]
        if action == protocol.StoreAction.MAKE_BUCKET:
            store.make_bucket(bucket)
            return "done"
        raise RequestRejected(f"unsupported store action {action!r}"[:100])

    def _hub(self) -> int:
        self._existing.open_hub()
        return self._hub_port


def _is_nested_too_deep(value: Any) -> bool:
    """Whether containers are nested deeper than the limit; without recursion, which is what this protects."""
    level = [value]
    for _ in range(_MAX_DEPTH):
        inner = (each.values() if isinstance(each, dict) else each for each in level)
        level = [part for each in inner for part in each if isinstance(part, (dict, list))]
    return bool(level)


def _is_command(argv: list[Any]) -> bool:
    return 0 < len(argv) <= _MAX_ARGUMENTS and all(
        isinstance(word, str) and "\0" not in word for word in argv
    )


def exec_limited(
    container: Container,
    argv: list[str],
    *,
    max_bytes: int = MAX_OUTPUT_BYTES,
    timeout_s: float = EXEC_TIMEOUT_S,
) -> tuple[int, bytes, bytes]:
    """Run a command in a node; returns its exit code, stdout and stderr.

    Raises:
        OutputLimitError: It printed too much, or printed something after the time limit.
        NodeUnavailable: The node's container does not run.
    """
    api: Any = container.client.api if container.client else None
    deadline, received, out, err = time.monotonic() + timeout_s, 0, [], []
    try:
        run = api.exec_create(container.id, argv)["Id"]
        stream = api.exec_start(run, stream=True, demux=True)
        for first, second in stream:
            out.append(first or b"")
            err.append(second or b"")
            received += len(first or b"") + len(second or b"")
            # Looked at with each output: a command that prints nothing ends with its cell, which
            # has a limit too.
            if received > max_bytes or time.monotonic() > deadline:
                stream.close()
                raise OutputLimitError(
                    f"{argv[0]} printed more than {max_bytes // 1_000_000} MB, or ran longer than "
                    f"{timeout_s:g} s",
                    hint="leave the output in the node: write it to a file there",
                )
        code = api.exec_inspect(run)["ExitCode"]
    except APIError as error:
        if error.status_code == 400:  # no such program; `docker exec` reports it in these words
            raise NodeUnavailable(str(error.explanation)) from error
        raise NodeUnavailable(f"a node does not answer: {error.explanation}") from error
    except (DockerException, RequestException) as error:
        raise NodeUnavailable(f"a node does not answer: {error}") from error
    return int(code or 0), b"".join(out), b"".join(err)
