"""Many streams over one channel; the same code at both ends, in a kernel's container and in the grader.

Either end opens a stream by naming a target. Each end decides which targets it serves, and neither trusts the bytes
that the other sends. Only the standard library is used.

A frame is `kind` (1 byte), `stream` (4), `length` (2), and as many bytes. A receiver grants credit as it passes bytes
on, and a sender sends no more than was granted: an unread stream does not block others, and memory is bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

HEADER = struct.Struct(">BIH")
# Numbers on the wire: both ends must have the same.
OPEN, DATA, EOF, CLOSE, CREDIT = range(1, 6)
# Of one frame; half of what its length field could say, so that small frames of other streams get in between.
MAX_FRAME_BYTES = 32768
# Credit of a stream: with all streams open, an end holds at most 64 MB.
WINDOW = 262144
MAX_STREAMS = 256
# The longest is a host's name of a playground with its port.
_MAX_TARGET_BYTES = 200
# How long a TLS connection may go on sending after its other end stopped.
_DRAIN_TIMEOUT_S = 10


class ProtocolError(Exception):
    """The other end broke the protocol."""


class Reader(Protocol):
    """Where frames come from."""

    async def readexactly(self, n: int) -> bytes:
        """Exactly n bytes; IncompleteReadError where the stream ends before."""
        ...


class Stream:
    """One stream of the channel: bytes in both directions, each of which ends separately."""

    def __init__(self, mux: Mux, number: int) -> None:
        self.number = number
        self._mux = mux
        self._received: list[bytes] = []
        self._received_bytes = 0
        self._credit = WINDOW
        self._ended = self._closed = self._sent_eof = False
        self._arrived = asyncio.Event()
        self._granted = asyncio.Event()

    async def read(self) -> bytes:
        """The next bytes; none at the end."""
        while not self._received:
            if self._ended or self._closed:
                return b""
            self._arrived.clear()
            await self._arrived.wait()
        data = b"".join(self._received)
        self._received.clear()
        self._received_bytes = 0
        if not (self._ended or self._closed):
            await self._mux.send(CREDIT, self.number, struct.pack(">I", len(data)))
        return data

    async def write(self, data: bytes) -> None:
        """Send, as fast as the other end grants credit.

        Raises:
            ConnectionResetError: The stream is closed.
        """
        view = memoryview(data)
        # No more than was granted: a sender that waits for credit also stops reading from its own
        # source.
        while view:
            # Also woken by `drop`: a writer must not wait for credit that a closed stream never
            # gets.
            while not self._credit and not self._closed:
                self._granted.clear()
                await self._granted.wait()
            if self._closed or self._sent_eof:
                raise ConnectionResetError("the stream is closed")
            piece = view[: min(self._credit, MAX_FRAME_BYTES)]
            self._credit -= len(piece)
            await self._mux.send(DATA, self.number, bytes(piece))
            view = view[len(piece) :]

    async def end(self) -> None:
        """Tell the other end that nothing more is sent."""
        if not (self._closed or self._sent_eof):
            self._sent_eof = True
            await self._mux.send(EOF, self.number)
            self._mux.forget_if_done(self)

    async def close(self) -> None:
        """End both directions at once."""
        if not self._closed:
            self.drop()
            await self._mux.send(CLOSE, self.number)

    @property
    def closed(self) -> bool:
        """Whether either end closed it."""
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
            # No receiver grants more than it has read: a forged grant.
            if self._credit > WINDOW:
                raise ProtocolError("more credit than a window")
            self._granted.set()
        elif kind == DATA and not self._ended:
            self._received_bytes += len(payload)
            # This is what bounds memory: an end that ignores credit is not trusted again.
            if self._received_bytes > WINDOW:
                raise ProtocolError("more bytes than granted")
            self._received.append(payload)
        elif kind == EOF and not payload:
            self._ended = True
        elif kind == CLOSE and not payload:
            self.drop()
        else:
            raise ProtocolError(f"unexpected frame of kind {kind}")
        self._arrived.set()

    def drop(self) -> None:
        """Close it here, without telling the other end."""
        self._closed = True
        self._arrived.set()
        self._granted.set()
        self._mux.forget_if_done(self)


class Mux:
    """One end of the channel.

    Args:
        reader: Bytes from the other end.
        writer: Bytes to it.
        first: 1 or 2: the streams this end opens are numbered from there, in steps of two.
        accept: Called with each stream that the other end opens, and its target; the stream is closed when it returns.
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
        """Open a stream to a target of the other end."""
        if self.closed:
            raise ConnectionResetError("the channel is closed")
        stream = self._streams[self._next] = Stream(self, self._next)
        self._next += 2
        await self.send(OPEN, stream.number, target.encode())
        return stream

    async def send(self, kind: int, number: int, payload: bytes = b"") -> None:
        """Send one frame; frames of several tasks do not interleave."""
        if self.closed:
            raise ConnectionResetError("the channel is closed")
        async with self._lock:
            self._writer.write(HEADER.pack(kind, number, len(payload)) + payload)
            await self._writer.drain()

    async def run(self) -> None:
        """Read frames until the channel ends.

        Raises:
            ProtocolError: The other end broke the protocol; the channel is closed.
        """
        try:
            while True:
                kind, number, length = HEADER.unpack(await self._reader.readexactly(HEADER.size))
                # Before the payload is read.
                if length > MAX_FRAME_BYTES:
                    raise ProtocolError("a frame is too long")
                self._take(kind, number, await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            self.close()

    def close(self) -> None:
        """Close every stream, and the channel."""
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
        # Frames for a stream that was closed here may still be under way, so they are dropped; a
        # number that was never in use breaks the protocol.
        elif not 0 < number <= max(self._last, self._next):
            raise ProtocolError("a frame for a stream that was never opened")

    def _opened(self, number: int, payload: bytes) -> None:
        if number <= self._last or number % 2 == self._parity or len(payload) > _MAX_TARGET_BYTES:
            raise ProtocolError("a stream that cannot be opened")
        self._last = number
        stream = Stream(self, number)
        # Refused, but no error of the protocol: many connections must not end a submission.
        if len(self._streams) >= MAX_STREAMS:
            self._start(stream.close())
            return
        self._streams[number] = stream
        self._start(self._serve(stream, payload.decode("ascii", "replace")))

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        # The event loop alone holds only a weak reference to a task.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, stream: Stream, target: str) -> None:
        # A connection that breaks concerns its own stream; the channel serves the others.
        with contextlib.suppress(OSError):
            try:
                await self._accept(stream, target)
            finally:
                if not self.closed:
                    await stream.close()


async def join(
    stream: Stream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, halves: bool
) -> None:
    """Carry bytes between a stream and a connection until both directions have ended.

    Args:
        stream: Of the channel.
        reader: From the connection.
        writer: To the connection.
        halves: Whether the connection can end in one direction alone; TLS cannot.
    """

    async def out() -> None:
        while data := await reader.read(MAX_FRAME_BYTES):
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

    tasks = [asyncio.ensure_future(out()), asyncio.ensure_future(back())]
    try:
        await asyncio.wait(tasks, return_when="FIRST_EXCEPTION" if halves else "FIRST_COMPLETED")
        if not halves and not tasks[0].done() and not tasks[1].exception():
            # The other end stopped sending and may still read, which TLS cannot express: wait for the rest.
            await asyncio.wait(tasks[:1], timeout=_DRAIN_TIMEOUT_S)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        writer.close()
