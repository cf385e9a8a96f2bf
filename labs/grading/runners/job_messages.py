"""What travels between the manager of a swarm and its jobs: work as configs, what came of it as lines of a log.

A config holds 500 KB at most. The engine cuts a line of a log after 16 KB, so an answer is several numbered lines.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any

FOLDER = "/run/orders"
"""Where a job finds the pieces of its work, in the order of their names."""
PIECE_BYTES = 480_000
_LINE = 8000
_MOST_PARTS = 100_000
_FORM = re.compile(rb"labs-said (\d{1,9}) (\d{1,9}) (\d{1,9}) ([A-Za-z0-9+/=]*)")


def pack(work: Any) -> list[bytes]:
    """Plain data as pieces that each fit into a config."""
    whole = zlib.compress(json.dumps(work).encode(), 9)
    return [whole[at : at + PIECE_BYTES] for at in range(0, len(whole), PIECE_BYTES)]


def unpack(pieces: list[bytes]) -> Any:
    """What `pack` was given."""
    return json.loads(zlib.decompress(b"".join(pieces)))


def lines(number: int, said: dict[str, Any]) -> list[bytes]:
    """What came of the order `number`, as lines that an engine leaves whole."""
    text = base64.b64encode(zlib.compress(json.dumps(said).encode(), 9))
    parts = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    head = f"labs-said {number} %d {len(parts)} "
    return [(head % place).encode() + part + b"\n" for place, part in enumerate(parts)]


class Inbox:
    """Puts answers together from lines, which may come twice, late and in any order."""

    def __init__(self) -> None:
        self._parts: dict[tuple[int, int], dict[int, bytes]] = {}

    def take(self, line: bytes) -> tuple[int, dict[str, Any]] | None:
        """One more line; an order's number and what came of it, once that is whole.

        What is no such line is passed over: a log holds warnings of the engine too.
        """
        found = _FORM.fullmatch(line.rstrip(b"\r\n"))
        if found is None:
            return None
        number, place, size = (int(found[group]) for group in (1, 2, 3))
        if not place < size <= _MOST_PARTS:
            return None
        parts = self._parts.setdefault((number, size), {})
        parts[place] = found[4]
        if len(parts) < size:
            return None
        whole = b"".join(parts[each] for each in range(size))
        try:
            said = json.loads(zlib.decompress(base64.b64decode(whole, validate=True)))
        except (ValueError, zlib.error):
            return None
        return (number, said) if isinstance(said, dict) else None
