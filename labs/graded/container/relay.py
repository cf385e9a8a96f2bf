"""The only way into and out of the container of a graded kernel, which has no network.

The grader holds this program's stdin and stdout, and decides what the container may reach. It runs as its own user,
whose processes the student's cannot read or signal.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from labs.graded import protocol
from labs.graded.mux import Mux, Stream, join


class Relay:
    """The container's end: forwards the student's connections, opens those that the grader asks for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.mux: Mux

    async def accept(self, stream: Stream, target: str) -> None:
        """Serve a stream that the grader opened."""
        if target == "control":
            await self._control(stream)
        elif target == "bridge":
            await self._bridge(stream)
        elif target.startswith("tcp:"):
            # Only the grader opens streams here, so any host is allowed; the container's network
            # decides what exists.
            host, _, port = target[4:].rpartition(":")
            await join(stream, *await asyncio.open_connection(host, int(port)), halves=True)

    async def _control(self, stream: Stream) -> None:
        """Read one configuration: files to write, ports to listen on for targets; confirm with the version."""
        text = b""
        while not text.endswith(b"\n"):
            data = await stream.read()
            if not data:
                return
            text += data
        config = json.loads(text)
        for name, content in config.get("files", {}).items():
            (self._folder / name).write_text(content, encoding="utf-8")
        for target, port in config.get("listen", {}).items():
            # Loopback: on a gateway's network there are untrusted nodes.
            await asyncio.start_server(self._forward_to(target), "127.0.0.1", port)
        await stream.write(protocol.result_line({"version": protocol.VERSION}))

    async def _bridge(self, stream: Stream) -> None:
        pipe = asyncio.subprocess.PIPE
        script = str(Path(__file__).with_name("bridge.py"))
        # -I: no PYTHON* variable and no folder of the student's decides what the bridge imports.
        command = (sys.executable, "-I", script, str(self._folder / "kernel.json"))
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        assert process.stdin
        assert process.stdout
        try:
            await join(stream, process.stdout, process.stdin, halves=True)
        finally:
            with contextlib.suppress(ProcessLookupError):
                # The bridge has no state to save, and could be stuck on a kernel that does not
                # answer.
                process.kill()

    def _forward_to(self, target: str) -> Callable[[Any, Any], Awaitable[None]]:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # The student's connection broke, or the grader refused the stream: the student's
            # program sees it closed.
            with contextlib.suppress(OSError):
                stream = await self.mux.open(target)
                try:
                    await join(stream, reader, writer, halves=True)
                finally:
                    await stream.close()

        return connected


async def main(folder: Path) -> None:
    """Serve streams over stdin and stdout until they end."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    flow = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout.buffer)
    relay = Relay(folder)
    writer = asyncio.StreamWriter(flow[0], flow[1], None, loop)
    relay.mux = Mux(reader, writer, first=1, accept=relay.accept)
    await relay.mux.run()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
