"""Many streams over one pipe, the same at both ends: in the container of a graded kernel, and in the grader.

Either end opens a stream by naming a target; what a target is, each end decides for itself, and neither takes on
trust what the other sends. The standard library alone is used.

A frame is `kind` (1 byte), `stream` (4), `length` (2), and so many bytes. A receiver grants credit as it hands bytes
on, and a sender sends no more than that: a stream that nobody reads holds up no other, and memory stays bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

HEADER = struct.Struct(">BIH")
OPEN, DATA, EOF, CLOSE, CREDIT = range(1, 6)
MOST_BYTES = 32768
WINDOW = 262144
MOST_STREAMS = 256
_LAST_WORDS_S = 10


class ProtocolError(Exception):
    """The other end sent what it must not."""


class Reader(Protocol):
    """Where frames come from."""

    async def readexactly(self, n: int) -> bytes:
        """So many bytes; an IncompleteReadError where the end comes before."""
        ...


class Stream:
    """One conversation over the pipe: bytes both ways, each way ended on its own."""

    def __init__(self, mux: Mux, number: int) -> None:
        self.number = number
        self._mux = mux
        self._inbox: list[bytes] = []
        self._held = 0
        self._credit = WINDOW
        self._ended = self._closed = self._sent_eof = False
        self._news = asyncio.Event()
        self._granted = asyncio.Event()

    async def read(self) -> bytes:
        """The next bytes; none at the end."""
        while not self._inbox:
            if self._ended or self._closed:
                return b""
            self._news.clear()
            await self._news.wait()
        data = b"".join(self._inbox)
        self._inbox.clear()
        self._held = 0
        if not (self._ended or self._closed):
            await self._mux.send(CREDIT, self.number, struct.pack(">I", len(data)))
        return data

    async def write(self, data: bytes) -> None:
        """Send, as fast as the other end takes it.

        Raises:
            ConnectionResetError: The stream is closed.
        """
        view = memoryview(data)
        while view:
            while not self._credit and not self._closed:
                self._granted.clear()
                await self._granted.wait()
            if self._closed or self._sent_eof:
                raise ConnectionResetError("the stream is closed")
            piece = view[: min(self._credit, MOST_BYTES)]
            self._credit -= len(piece)
            await self._mux.send(DATA, self.number, bytes(piece))
            view = view[len(piece) :]

    async def end(self) -> None:
        """Say that nothing more is sent."""
        if not (self._closed or self._sent_eof):
            self._sent_eof = True
            await self._mux.send(EOF, self.number)
            self._mux.forget_if_done(self)

    async def close(self) -> None:
        """End both ways at once."""
        if not self._closed:
            self.drop()
            await self._mux.send(CLOSE, self.number)

    @property
    def closed(self) -> bool:
        """Whether either end gave it up."""
        return self._closed

    @property
    def done(self) -> bool:
        """Whether neither end sends any more."""
        return self._closed or (self._ended and self._sent_eof)

    def take(self, kind: int, payload: bytes) -> None:
        """Take a frame from the other end.

        Raises:
            ProtocolError: It sent more than it was granted, or after it had ended.
        """
        if kind == CREDIT and len(payload) == 4:
            self._credit += struct.unpack(">I", payload)[0]
            if self._credit > WINDOW:
                raise ProtocolError("more credit than a window")
            self._granted.set()
        elif kind == DATA and not self._ended:
            self._held += len(payload)
            if self._held > WINDOW:
                raise ProtocolError("more bytes than granted")
            self._inbox.append(payload)
        elif kind == EOF and not payload:
            self._ended = True
        elif kind == CLOSE and not payload:
            self.drop()
        else:
            raise ProtocolError(f"a frame of kind {kind} that means nothing")
        self._news.set()

    def drop(self) -> None:
        """End it at this end, telling nobody."""
        self._closed = True
        self._news.set()
        self._granted.set()
        self._mux.forget_if_done(self)


class Mux:
    """One end of the pipe.

    Args:
        reader: Bytes from the other end.
        writer: Bytes to it.
        first: 1 or 2: the streams this end opens are numbered from there, in twos.
        accept: Called with each stream that the other end opens, and its target; returns when that is over.
    """

    def __init__(
        self,
        reader: Reader,
        writer: asyncio.StreamWriter,
        *,
        first: int,
        accept: Callable[[Stream, str], Awaitable[None]],
    ) -> None:
        self._reader, self._writer = reader, writer
        self._next, self._parity = first, first % 2
        self._last = 0
        self._accept = accept
        self._streams: dict[int, Stream] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._lock = asyncio.Lock()
        self.closed = False

    async def open(self, target: str) -> Stream:
        """Open a stream to what the other end knows by that name."""
        if self.closed:
            raise ConnectionResetError("the pipe is closed")
        stream = self._streams[self._next] = Stream(self, self._next)
        self._next += 2
        await self.send(OPEN, stream.number, target.encode())
        return stream

    async def send(self, kind: int, number: int, payload: bytes = b"") -> None:
        """Send one frame whole."""
        if self.closed:
            raise ConnectionResetError("the pipe is closed")
        async with self._lock:
            self._writer.write(HEADER.pack(kind, number, len(payload)) + payload)
            await self._writer.drain()

    async def run(self) -> None:
        """Read frames until the pipe ends.

        Raises:
            ProtocolError: The other end sent what it must not; the pipe is closed.
        """
        try:
            while True:
                kind, number, length = HEADER.unpack(await self._reader.readexactly(HEADER.size))
                if length > MOST_BYTES:
                    raise ProtocolError("a frame that is too long")
                self._take(kind, number, await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            self.close()

    def close(self) -> None:
        """End every stream, and the pipe."""
        self.closed = True
        for stream in list(self._streams.values()):
            stream.drop()
        for task in self._tasks:
            task.cancel()
        self._writer.close()

    def forget_if_done(self, stream: Stream) -> None:
        if stream.done:
            self._streams.pop(stream.number, None)

    def _take(self, kind: int, number: int, payload: bytes) -> None:
        if kind == OPEN:
            self._opened(number, payload)
        elif stream := self._streams.get(number):
            stream.take(kind, payload)
            self.forget_if_done(stream)
        elif not 0 < number <= max(self._last, self._next):
            raise ProtocolError("a frame for a stream that never was")

    def _opened(self, number: int, payload: bytes) -> None:
        if number <= self._last or number % 2 == self._parity or len(payload) > 200:
            raise ProtocolError("a stream that cannot be opened")
        self._last = number
        stream = Stream(self, number)
        if len(self._streams) >= MOST_STREAMS:
            self._start(stream.close())
            return
        self._streams[number] = stream
        self._start(self._serve(stream, payload.decode("ascii", "replace")))

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, stream: Stream, target: str) -> None:
        with contextlib.suppress(OSError):
            try:
                await self._accept(stream, target)
            finally:
                if not self.closed:
                    await stream.close()


async def join(
    stream: Stream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, halves: bool
) -> None:
    """Carry bytes between a stream and a connection until both ways have ended.

    Args:
        stream: Of the pipe.
        reader: From the connection.
        writer: To the connection.
        halves: Whether the connection can end one way alone; TLS cannot.
    """

    async def out() -> None:
        while data := await reader.read(MOST_BYTES):
            await stream.write(data)
        await stream.end()

    async def back() -> None:
        while data := await stream.read():
            writer.write(data)
            await writer.drain()
        if stream.closed:
            raise ConnectionResetError("the other end closed it")
        if halves and writer.can_write_eof():
            writer.write_eof()

    ways = [asyncio.ensure_future(out()), asyncio.ensure_future(back())]
    try:
        await asyncio.wait(ways, return_when="FIRST_EXCEPTION" if halves else "FIRST_COMPLETED")
        if not halves and not ways[0].done() and not ways[1].exception():
            # Who stops sending may still listen, and cannot say so by half: some time for last words.
            await asyncio.wait(ways[:1], timeout=_LAST_WORDS_S)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        writer.close()
