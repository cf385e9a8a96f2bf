"""The grader's end of the pipe into a container: an exec of the engine whose stdin and stdout are one mux.

What comes out of the container is not trusted: frames that mean nothing end the pipe, and with it the submission.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import docker

from labs.grading.models import GradingError
from labs.images.kernel.mux import Mux, ProtocolError, Reader, Stream

T = TypeVar("T")
Accept = Callable[[Stream, str], Awaitable[None]]
_ENGINE_HEADER = struct.Struct(">BxxxI")
_ENGINE_MOST = 1 << 20
_STDOUT, _STDERR = 1, 2
_WORDS = 2000


class Loop:
    """An event loop in a thread of its own, for callers that wait."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], timeout_s: float | None = None) -> T:
        """Do it there, and wait here.

        Raises:
            TimeoutError: It took longer; it was cancelled.
        """
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result(timeout_s)
        except TimeoutError:
            future.cancel()
            raise

    def close(self) -> None:
        """End the thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=5)


class ServedPipe:
    """What pipes have in common, however their relay is reached.

    Attributes:
        problem: What ended it, where that was no rightful end.
    """

    _mux: Mux

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self.problem = ""

    @property
    def open(self) -> bool:
        """Whether both ends are there."""
        return not self._mux.closed

    async def stream(self, target: str) -> Stream:
        """Open a stream to what the relay knows by that name."""
        return await self._mux.open(target)

    def close(self) -> None:
        """Close it; the relay ends."""
        with contextlib.suppress(Exception):
            self._loop.run(self._end(), 5)

    async def _end(self) -> None:
        self._mux.close()

    def _begin_mux(self, reader: Reader, writer: asyncio.StreamWriter, accept: Accept) -> Mux:
        mux = Mux(reader, writer, first=2, accept=accept)
        self._task = asyncio.ensure_future(self._serve(mux))
        return mux

    async def _serve(self, mux: Mux) -> None:
        try:
            await mux.run()
        except ProtocolError as error:
            self.problem = str(error)


class Pipe(ServedPipe):
    """One open pipe into a container.

    Args:
        loop: Where it is served.
        client: Of the engine that has the container.
        container: Its id.
        command: The relay, inside.
        user: Who runs it.
        accept: Called with each stream that the container opens.
    """

    def __init__(
        self,
        loop: Loop,
        client: docker.DockerClient,
        container: str,
        command: list[str],
        *,
        user: str,
        environment: dict[str, str],
        accept: Accept,
    ) -> None:
        super().__init__(loop)
        self._output: _Output
        api: Any = client.api
        run = api.exec_create(container, command, stdin=True, user=user, environment=environment)
        # Kept: the socket ends with the answer it belongs to.
        self._socket = api.exec_start(run["Id"], socket=True)
        raw = getattr(self._socket, "_sock", None)
        if raw is None or not hasattr(raw, "setblocking") or hasattr(raw, "do_handshake"):
            raise GradingError(
                "grading cannot speak with this engine's containers over TLS",
                hint="grade on the machine whose engine it is",
            )
        self._mux = loop.run(self._begin(raw, accept), 30)

    @property
    def words(self) -> str:
        """The last that the relay wrote on stderr."""
        return self._output.words.decode(errors="replace")

    def close(self) -> None:
        """Close it; the relay inside ends."""
        super().close()
        self._socket.close()

    async def _begin(self, raw: Any, accept: Accept) -> Mux:
        reader, writer = await asyncio.open_connection(sock=raw)
        self._output = _Output(reader)
        return self._begin_mux(self._output, writer, accept)


class _Output:
    """Stdout of an exec, taken out of the frames in which the engine sends it together with stderr."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._buffer = bytearray()
        self.words = b""

    async def readexactly(self, n: int) -> bytes:
        while len(self._buffer) < n:
            head = await self._reader.readexactly(_ENGINE_HEADER.size)
            kind, length = _ENGINE_HEADER.unpack(head)
            if length > _ENGINE_MOST or kind not in (_STDOUT, _STDERR):
                raise ProtocolError("the engine frames its output in another way")
            data = await self._reader.readexactly(length)
            if kind == _STDOUT:
                self._buffer += data
            else:
                self.words = (self.words + data)[-_WORDS:]
        taken = bytes(self._buffer[:n])
        del self._buffer[:n]
        return taken
