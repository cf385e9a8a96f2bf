"""The framing between grader and container, over a pair of sockets: order, ends, credit, and what breaks the rules."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import asynccontextmanager

import pytest

from labs.graded.mux import (
    CLOSE,
    CREDIT,
    DATA,
    EOF,
    HEADER,
    MAX_STREAMS,
    OPEN,
    WINDOW,
    Mux,
    ProtocolError,
)


async def ends():
    first, second = socket.socketpair()
    return (
        await asyncio.open_connection(sock=first),
        await asyncio.open_connection(sock=second),
    )


async def echo(stream, target):
    await stream.write(target.encode() + b":")
    while data := await stream.read():
        await stream.write(data)
    await stream.end()


@asynccontextmanager
async def joined(accept=echo):
    (here, out), (there, back) = await ends()
    near = Mux(here, out, first=2, accept=accept)
    far = Mux(there, back, first=1, accept=accept)
    tasks = [asyncio.ensure_future(near.run()), asyncio.ensure_future(far.run())]
    yield near, far
    near.close()
    far.close()
    await asyncio.gather(*tasks, return_exceptions=True)


async def said(stream, content: bytes) -> bytes:
    heard = b""

    async def hear():
        nonlocal heard
        while data := await stream.read():
            heard += data

    ears = asyncio.ensure_future(hear())
    await stream.write(content)
    await stream.end()
    await ears
    return heard


def run(work) -> None:
    asyncio.run(asyncio.wait_for(work, 20))


def test_streams_carry_bytes_both_ways_at_once():
    async def work():
        async with joined() as (near, far):
            contents = [os.urandom(3 * WINDOW + 7), b"", b"x" * 100]
            streams = [await near.open("a"), await far.open("b"), await near.open("c")]
            heard = await asyncio.gather(*map(said, streams, contents))
            names = (b"a:", b"b:", b"c:")
            assert heard == [n + c for n, c in zip(names, contents, strict=True)]

    run(work())


def test_stream_that_nobody_reads_holds_up_no_other():
    async def flood(stream, target):
        if target == "flood":
            await stream.write(b"x" * (4 * WINDOW))
        else:
            await echo(stream, target)

    async def work():
        async with joined(flood) as (near, _far):
            await near.open("flood")
            assert await said(await near.open("echo"), b"hello") == b"echo:hello"

    run(work())


def test_closed_pipe_ends_every_stream():
    async def work():
        async with joined() as (near, far):
            stream = await near.open("a")
            assert await stream.read() == b"a:"
            far.close()
            assert await stream.read() == b""
            with pytest.raises(ConnectionResetError):
                await stream.write(b"x" * 3 * WINDOW)

    run(work())


def frame(kind: int, number: int, payload: bytes = b"") -> bytes:
    return HEADER.pack(kind, number, len(payload)) + payload


WRONG = {
    "unknown kind": frame(OPEN, 1, b"a") + frame(9, 1),
    "kind without a meaning here": frame(OPEN, 1, b"a") + frame(EOF, 1, b"x"),
    "stream of the other end": frame(OPEN, 2, b"a"),
    "stream twice": frame(OPEN, 1, b"a") + frame(OPEN, 1, b"a"),
    "stream zero": frame(DATA, 0, b"a"),
    "stream that never was": frame(CLOSE, 4001),
    "long name": frame(OPEN, 1, b"a" * 500),
    "long frame": HEADER.pack(DATA, 1, 65535) + b"x" * 65535,
    "more than granted": frame(OPEN, 1, b"a") + 20 * frame(DATA, 1, b"x" * 32768),
    "more credit than a window": frame(OPEN, 1, b"a") + frame(CREDIT, 1, b"\xff\xff\xff\xff"),
    "after the end": frame(OPEN, 1, b"a") + frame(EOF, 1) + frame(DATA, 1, b"x"),
}


@pytest.mark.parametrize("frames", WRONG.values(), ids=WRONG)
def test_frames_against_the_rules_end_the_pipe(frames):
    async def deaf(_stream, _target):
        await asyncio.sleep(10)

    async def work():
        (here, out), (_there, back) = await ends()
        mux = Mux(here, out, first=2, accept=deaf)
        back.write(frames)
        with pytest.raises(ProtocolError):
            await mux.run()
        assert mux.closed
        back.close()

    run(work())


def test_too_many_streams_are_refused_one_by_one():
    async def deaf(stream, _target):
        await stream.read()

    async def work():
        async with joined(deaf) as (near, _far):
            streams = [await near.open("a") for _ in range(MAX_STREAMS + 1)]
            assert await streams[-1].read() == b""
            assert streams[-1].closed
            assert not streams[0].closed

    run(work())


def test_pipe_that_is_cut_off_ends_quietly():
    async def work():
        (here, out), (_there, back) = await ends()
        back.write(b"\x01\x00")
        back.close()
        await Mux(here, out, first=2, accept=echo).run()

    run(work())
