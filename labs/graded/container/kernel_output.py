"""What a graded kernel does with its output: text that is too long is cut, and no text keeps a message from being sent.

This is a help for students and no protection: it runs in the student's own process. Without it, one `print` of 100 MB
is copied until the container's memory is full, which ends the kernel and with it every exercise that follows. And
Jupyter's own packer writes UTF-8, which has no form for half of a surrogate pair: an exception with one in its text
would end without the error that the student should read.
"""

from __future__ import annotations

import json
from typing import Any

from ipykernel.iostream import OutStream
from jupyter_client.jsonutil import json_clean, json_default

# Of one text, in characters. Feedback pages show far less; the bridge cuts again, by bytes.
MAX_TEXT = 1_000_000
_CUT = " … (cut)"
# A message's texts are at most this deep in it: content, data, text.
_DEPTH = 4


def pack(message: Any) -> bytes:
    """A message as JSON in ASCII; `Session.packer` of the kernel."""
    short = _shortened(message, _DEPTH)
    try:
        return json.dumps(short, default=json_default, allow_nan=False).encode()
    except (TypeError, ValueError):
        # NaN, and keys that are not text: cleaned as Jupyter's own packer cleans them.
        return json.dumps(json_clean(short), default=json_default, allow_nan=False).encode()


def limit_prints() -> None:
    """Have the kernel's stdout and stderr cut each text, before they copy it."""
    write = OutStream.write

    def write_beginning(self: OutStream, text: str) -> int | None:
        # Only text is cut; for anything else `write` raises the error that it always raises.
        if isinstance(text, str) and len(text) > MAX_TEXT:
            write(self, text[:MAX_TEXT] + _CUT)
            return len(text)
        return write(self, text)

    kind: Any = OutStream
    kind.write = write_beginning


def _shortened(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else value[:MAX_TEXT] + _CUT
    if depth and type(value) is dict:
        return {key: _shortened(each, depth - 1) for key, each in value.items()}
    if depth and type(value) is list:
        return [_shortened(each, depth - 1) for each in value]
    return value
