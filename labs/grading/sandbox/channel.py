"""A multiplexed channel into a container: an exec of the engine whose stdin and stdout carry the frames of `mux`.

Bytes from the container are not trusted: a frame that breaks the protocol closes the channel, which ends the
submission.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import docker

from labs.graded import Mux, ProtocolError, Reader, Stream
from labs.grading.models import GradingError

T = TypeVar("T")
Accept = Callable[[Stream, str], Awaitable[None]]
# Stream type and length, before each piece of an exec's output (Engine API, "Attach to a container").
_ENGINE_HEADER = struct.Struct(">BxxxI")
_STDOUT, _STDERR = 1, 2
# The engine copies output in pieces of 32 KB; a longer one is not such a header.
_MAX_PIECE_BYTES = 1 << 20
# For one error message: the end of a traceback is enough, and an untrusted container must not fill
# memory.
_MAX_STDERR_BYTES = 2000
# Generous: the engine may be creating several containers at the same time.
_OPEN_TIMEOUT_S = 30
# A loop that does not answer must not hold up the end of the grader.
_CLOSE_TIMEOUT_S = 5


class LoopThread:
    """An event loop in a thread of its own, for callers that block."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        # A daemon: a connection that hangs must not keep the process from exiting.
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], timeout_s: float | None = None) -> T:
        """Run a coroutine there, and wait for its result here.

        Raises:
            TimeoutError: It took longer; it was cancelled.
        """
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result(timeout_s)
        except TimeoutError:
            # Without this the coroutine would go on, for a caller that has given up.
            future.cancel()
            raise

    def close(self) -> None:
        """End what still runs there, then the thread."""
        # A task that is left when the loop stops would be reported at the exit of the process, on the terminal.
        with contextlib.suppress(Exception):
            self.run(_cancel_others(), _CLOSE_TIMEOUT_S)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=_CLOSE_TIMEOUT_S)


async def _cancel_others() -> None:
    """Cancel every other task of the running loop, and wait until they have ended."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class Channel:
    """The common part of channels, independent of where the relay runs.

    Attributes:
        problem: The protocol error that closed it; empty where none did.
    """

    _mux: Mux

    def __init__(self, loop: LoopThread) -> None:
        self._loop = loop
        self.problem = ""

    @property
    def open(self) -> bool:
        """Whether frames can still be sent."""
        return not self._mux.closed

    async def stream(self, target: str) -> Stream:
        """Open a stream to a target of the relay."""
        return await self._mux.open(target)

    def close(self) -> None:
        """Close it; the relay then ends."""
        # A channel that cannot be closed in an orderly way ends with its container, which is
        # removed next.
        with contextlib.suppress(Exception):
            self._loop.run(self._close(), _CLOSE_TIMEOUT_S)

    async def _close(self) -> None:
        self._mux.close()

    def _start_mux(self, reader: Reader, writer: asyncio.StreamWriter, accept: Accept) -> Mux:
        # The relay has first=1: the two ends must not give the same number to different streams.
        mux = Mux(reader, writer, first=2, accept=accept)
        # Kept: the event loop alone holds only a weak reference to a task.
        self._task = asyncio.ensure_future(self._serve(mux))
        return mux

    async def _serve(self, mux: Mux) -> None:
        try:
            await mux.run()
        except ProtocolError as error:
            self.problem = str(error)


class ExecChannel(Channel):
    """A channel over an exec in a container.

    Args:
        loop: Where it is served.
        client: Of the engine that has the container.
        container: Its id.
        command: The relay, inside.
        user: Who runs it.
        environment: Of the relay.
        accept: Called with each stream that the container opens.
    """

    def __init__(
        self,
        loop: LoopThread,
        client: docker.DockerClient,
        container: str,
        command: list[str],
        *,
        user: str,
        environment: dict[str, str],
        accept: Accept,
    ) -> None:
        super().__init__(loop)
        self._output: _ExecOutput
        api: Any = client.api
        run = api.exec_create(container, command, stdin=True, user=user, environment=environment)
        # The answer is kept as well: its socket is closed when it is garbage-collected.
        self._socket = api.exec_start(run["Id"], socket=True)
        raw = getattr(self._socket, "_sock", None)
        # asyncio cannot take over a socket that an ssl object already wraps.
        if raw is None or not hasattr(raw, "setblocking") or hasattr(raw, "do_handshake"):
            raise GradingError(
                "grading cannot speak with this engine's containers over TLS",
                hint="grade on the machine whose engine it is",
            )
        self._mux = loop.run(self._connect(raw, accept), _OPEN_TIMEOUT_S)

    @property
    def stderr_tail(self) -> str:
        """The end of what the relay wrote to stderr."""
        return self._output.stderr_tail.decode(errors="replace")

    def close(self) -> None:
        """Close it; the relay inside ends."""
        super().close()
        self._socket.close()

    async def _connect(self, raw: Any, accept: Accept) -> Mux:
        reader, writer = await asyncio.open_connection(sock=raw)
        self._output = _ExecOutput(reader)
        return self._start_mux(self._output, writer, accept)


class _ExecOutput:
    """Reads stdout of an exec from the engine's stream, in which pieces of stdout and stderr alternate."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._buffer = bytearray()
        self.stderr_tail = b""

    async def readexactly(self, n: int) -> bytes:
        while len(self._buffer) < n:
            head = await self._reader.readexactly(_ENGINE_HEADER.size)
            kind, length = _ENGINE_HEADER.unpack(head)
            if length > _MAX_PIECE_BYTES or kind not in (_STDOUT, _STDERR):
                raise ProtocolError("the engine frames its output in another way")
            data = await self._reader.readexactly(length)
            if kind == _STDOUT:
                self._buffer += data
            else:
                self.stderr_tail = (self.stderr_tail + data)[-_MAX_STDERR_BYTES:]
        taken = bytes(self._buffer[:n])
        del self._buffer[:n]
        return taken
