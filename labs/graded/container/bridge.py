"""Speaks Jupyter's protocol with the student's kernel, inside its container, and plain JSON lines with the grader.

This keeps Jupyter's wire format out of the grader: the student can read the key that signs it, and could forge any
message. A line from the grader is a cell to run, `{"id": …, "code": …}`; a line to it is a message of the kernel with
the id of its cell. Long messages are cut here; the grader has limits of its own, which do not rely on this.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient

# Of one text in characters, of one cell and of one message in bytes: feedback pages show a few lines of an output.
_MAX_TEXT = 200_000
_MAX_CELL = 2_000_000
_MAX_LINE = 1_000_000
# A cell's source, as JSON; a submission's file is limited to less.
_MAX_CODE_BYTES = 64 << 20
# Messages of which a cell may send any number; replies and states are always forwarded.
_UNBOUNDED = ("stream", "display_data", "execute_result", "update_display_data", "clear_output")
_KEPT = ("execution_state", "name", "text", "ename", "evalue", "status", "execution_count")


def line_of(channel: str, message: dict[str, Any]) -> bytes:
    """A message of the kernel as a line for the grader."""
    content: dict[str, Any] = message["content"]
    kept = {name: content[name] for name in _KEPT if name in content}
    # A student who forges messages can put any JSON type here.
    if isinstance(kept.get("text"), str):
        kept["text"] = kept["text"][:_MAX_TEXT]
    if "traceback" in content:
        # 10,000 characters of 50 lines: more than any traceback that a page shows.
        kept["traceback"] = [str(line)[:10_000] for line in content["traceback"][:50]]
    if "data" in content:
        plain = str(content["data"].get("text/plain", ""))
        kept |= {"data": {"text/plain": plain[:_MAX_TEXT]}, "metadata": {}}
    parent = message["parent_header"].get("msg_id", "")
    data = {"channel": channel, "id": parent, "type": message["msg_type"], "content": kept}
    line = json.dumps(data).encode() + b"\n"
    # Dropped, not cut: half a line is not JSON.
    return line if len(line) <= _MAX_LINE else b""


async def forward_messages(
    client: AsyncKernelClient, channel: str, out: asyncio.StreamWriter
) -> None:
    """Forward the kernel's messages on one channel, endlessly."""
    get = client.get_iopub_msg if channel == "iopub" else client.get_shell_msg
    cell, sent_bytes = "", 0
    while True:
        try:
            message = await get(timeout=None)
            line, parent = line_of(channel, message), message["parent_header"].get("msg_id")
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # not a message of a kernel
        cell, sent_bytes = (cell, sent_bytes + len(line)) if parent == cell else (parent, len(line))
        if sent_bytes > _MAX_CELL and message["msg_type"] in _UNBOUNDED:
            continue  # output does not decide a grade
        out.write(line)
        await out.drain()


async def run_cells(client: AsyncKernelClient, cells: asyncio.StreamReader) -> None:
    """Run the cells that the grader sends, until its end of the stream."""
    # The message is built by hand because `client.execute` chooses the id itself, and nbval waits
    # for the id that the grader chose.
    while line := await cells.readline():
        cell = json.loads(line)
        message = client.session.msg(
            "execute_request",
            {
                "code": cell["code"],
                "silent": False,
                "store_history": False,
                "user_expressions": {},
                "allow_stdin": False,
                "stop_on_error": False,
            },
        )
        message["header"]["msg_id"] = message["msg_id"] = cell["id"]
        client.shell_channel.send(message)


async def main(connection_file: str) -> None:
    """Connect to the kernel, report that it is ready, then carry cells and messages."""
    loop = asyncio.get_running_loop()
    cells = asyncio.StreamReader(limit=_MAX_CODE_BYTES)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(cells), sys.stdin.buffer)
    flow = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout.buffer)
    out = asyncio.StreamWriter(flow[0], flow[1], None, loop)
    client = AsyncKernelClient(connection_file=connection_file)
    client.load_connection_file()
    # Not needed: the grader asks the engine whether the kernel runs, and a cell gets no input.
    client.start_channels(hb=False, stdin=False, control=False)
    # As long as the grader waits for this line (`_START_TIMEOUT_S`).
    await client.wait_for_ready(timeout=60)
    out.write(b'{"channel": "bridge", "id": "", "type": "ready", "content": {}}\n')
    listeners = [
        asyncio.ensure_future(forward_messages(client, name, out)) for name in ("shell", "iopub")
    ]
    runner = asyncio.ensure_future(run_cells(client, cells))
    # The first that ends, ends this process: with one direction alone the grader would wait for
    # nothing.
    await asyncio.wait([*listeners, runner], return_when=asyncio.FIRST_COMPLETED)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
