"""Speaks Jupyter's protocol with the student's kernel, inside its container, and plain JSON lines with the grader.

This keeps Jupyter's wire format out of the grader: the student can read the key that signs it, and could forge any
message. A line from the grader is a cell to run, `{"id": …, "code": …}`; a line to it is a message of the kernel with
the id of its cell. Long messages are cut here, never dropped: without the reply to a cell the grader would wait until
the cell's time is over. The grader has limits of its own, which do not rely on this.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient

# Of one text, one traceback and one cell, as JSON in bytes: feedback pages show a few lines of an output.
_MAX_TEXT = 200_000
_MAX_TRACEBACK = 300_000
_MAX_CELL = 2_000_000
# Of all cells, besides what ends them: a thread goes on printing in the cells of others. The grader reads 64 MB.
_MAX_WHOLE = 30_000_000
# Of an id, a name or a type, which are short unless a student forges them.
_MAX_NAME = 1000
# The end of a traceback says what was raised; a frame that is longer than this is one of a student's own making.
_MAX_FRAMES, _MAX_FRAME = 50, 20_000
_CUT = " … (cut)"
# A cell's source, as JSON; a submission's file is limited to less.
_MAX_CODE_BYTES = 64 << 20
# A cell waits for these; of all others it may send any number.
_AWAITED = ("execute_reply", "status")
_KEPT = ("execution_state", "name", "text", "ename", "evalue", "status", "execution_count")
_LONG = ("text", "evalue")


def cut(text: str, limit: int) -> str:
    """The beginning of a text, at most `limit` bytes of JSON; it ends in a mark where something is missing."""
    # A character is one byte at least: a text of 100 MB is not encoded to learn that it is too long.
    if len(text) <= limit and _json_bytes(text) <= limit:
        return text
    # One character is up to 12 bytes of JSON, so the length in characters is only a first guess.
    kept = text[: limit - _json_bytes(_CUT)]
    while (size := _json_bytes(kept + _CUT)) > limit:
        kept = kept[: len(kept) * limit // size]
    return kept + _CUT


def _json_bytes(text: str) -> int:
    return len(json.dumps(text))


def _last_frames(lines: list[Any]) -> list[str]:
    """The end of a traceback, as many frames as fit."""
    kept: list[str] = []
    left = _MAX_TRACEBACK
    for line in reversed(lines[-_MAX_FRAMES:]):
        frame = cut(str(line), _MAX_FRAME)
        left -= _json_bytes(frame)
        if left < 0:
            break
        kept.insert(0, frame)
    return kept


def _kept(content: dict[str, Any]) -> dict[str, Any]:
    """The fields of a message that the grader uses, each cut to a length of its own."""
    kept: dict[str, Any] = {}
    for name in _KEPT:
        # Text, numbers and null alone: a student who forges messages can put any JSON here.
        if isinstance(value := content.get(name), str):
            kept[name] = cut(value, _MAX_TEXT if name in _LONG else _MAX_NAME)
        elif name in content and (value is None or isinstance(value, int)):
            kept[name] = value
    if isinstance(lines := content.get("traceback"), list):
        kept["traceback"] = _last_frames(lines)
    if isinstance(data := content.get("data"), dict):
        plain = str(data.get("text/plain", ""))
        kept |= {"data": {"text/plain": cut(plain, _MAX_TEXT)}, "metadata": {}}
    return kept


def line_of(channel: str, message: dict[str, Any]) -> bytes:
    """A message of the kernel as a line for the grader, of about 1 MB at most.

    Raises:
        KeyError, TypeError, AttributeError: It is not a message of a kernel.
    """
    parent = cut(str(message["parent_header"].get("msg_id", "")), _MAX_NAME)
    kind = cut(str(message["msg_type"]), _MAX_NAME)
    content = _kept(message["content"])
    data = {"channel": channel, "id": parent, "type": kind, "content": content}
    return json.dumps(data).encode() + b"\n"


def is_too_much(kind: str, sent_bytes: int, whole_bytes: int = 0) -> bool:
    """Whether a message is left out, because so much was sent before: output does not decide a grade.

    Args:
        kind: The message's type.
        sent_bytes: Of its cell, with this message.
        whole_bytes: Of all cells.
    """
    if kind in _AWAITED:
        return False
    if whole_bytes > _MAX_WHOLE:
        return True
    # What a cell raised comes after all that it printed, and the feedback page shows it.
    return sent_bytes > (2 * _MAX_CELL if kind == "error" else _MAX_CELL)


async def forward_messages(
    client: AsyncKernelClient, channel: str, out: asyncio.StreamWriter
) -> None:
    """Forward the kernel's messages on one channel, endlessly."""
    get = client.get_iopub_msg if channel == "iopub" else client.get_shell_msg
    sent_bytes: dict[str, int] = {}
    whole = 0
    while True:
        try:
            message = await get(timeout=None)
            line, parent = line_of(channel, message), str(message["parent_header"].get("msg_id"))
        # Not a message of a kernel, or one whose JSON is nested too deep to be read: forged, and others follow.
        except (
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
            ArithmeticError,
            RecursionError,
        ):
            continue
        sent = sent_bytes.get(parent, 0) + len(line)
        if is_too_much(message["msg_type"], sent, whole):
            continue
        sent_bytes[parent] = sent
        whole += len(line)
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
