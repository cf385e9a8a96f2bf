"""Speaks Jupyter's protocol with the student's kernel, inside its container, and plain JSON lines with the grader.

No byte of the kernel's own messages, signed by a key that the student can read, reaches the grader's libraries.
A line from the grader is a cell to run, `{"id": …, "code": …}`; a line to it is a message of the kernel that says
which cell it belongs to. Messages that are too long are cut here, and the grader holds its own limits all the same.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient

_TEXT_MOST = 200_000
_CELL_MOST = 2_000_000
_LINE_MOST = 1_000_000
_ENDLESS = ("stream", "display_data", "execute_result", "update_display_data", "clear_output")
_KEPT = ("execution_state", "name", "text", "ename", "evalue", "status", "execution_count")


def line_of(channel: str, message: dict[str, Any]) -> bytes:
    """A message of the kernel as a line for the grader."""
    content: dict[str, Any] = message["content"]
    kept = {name: content[name] for name in _KEPT if name in content}
    if isinstance(kept.get("text"), str):
        kept["text"] = kept["text"][:_TEXT_MOST]
    if "traceback" in content:
        kept["traceback"] = [str(line)[:10_000] for line in content["traceback"][:50]]
    if "data" in content:
        plain = str(content["data"].get("text/plain", ""))
        kept |= {"data": {"text/plain": plain[:_TEXT_MOST]}, "metadata": {}}
    parent = message["parent_header"].get("msg_id", "")
    said = {"channel": channel, "id": parent, "type": message["msg_type"], "content": kept}
    line = json.dumps(said).encode() + b"\n"
    return line if len(line) <= _LINE_MOST else b""


async def listen(client: AsyncKernelClient, channel: str, out: asyncio.StreamWriter) -> None:
    """Hand on what the kernel says on one channel, for ever."""
    get = client.get_iopub_msg if channel == "iopub" else client.get_shell_msg
    cell, said = "", 0
    while True:
        try:
            message = await get(timeout=None)
            line, parent = line_of(channel, message), message["parent_header"].get("msg_id")
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # no message of a kernel
        cell, said = (cell, said + len(line)) if parent == cell else (parent, len(line))
        if said > _CELL_MOST and message["msg_type"] in _ENDLESS:
            continue  # nobody reads so much, and what decides is no output
        out.write(line)
        await out.drain()


async def obey(client: AsyncKernelClient, orders: asyncio.StreamReader) -> None:
    """Run what the grader sends, until it sends no more."""
    while line := await orders.readline():
        order = json.loads(line)
        message = client.session.msg(
            "execute_request",
            {
                "code": order["code"],
                "silent": False,
                "store_history": False,
                "user_expressions": {},
                "allow_stdin": False,
                "stop_on_error": False,
            },
        )
        message["header"]["msg_id"] = message["msg_id"] = order["id"]
        client.shell_channel.send(message)


async def main(connection_file: str) -> None:
    """Connect to the kernel, say that it is ready, then carry messages."""
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader(limit=64 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin.buffer)
    flow = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout.buffer)
    out = asyncio.StreamWriter(flow[0], flow[1], None, loop)
    client = AsyncKernelClient(connection_file=connection_file)
    client.load_connection_file()
    client.start_channels(hb=False, stdin=False, control=False)
    await client.wait_for_ready(timeout=60)
    out.write(b'{"channel": "bridge", "id": "", "type": "ready", "content": {}}\n')
    listeners = [asyncio.ensure_future(listen(client, name, out)) for name in ("shell", "iopub")]
    ears = asyncio.ensure_future(obey(client, orders))
    await asyncio.wait([*listeners, ears], return_when=asyncio.FIRST_COMPLETED)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
