"""Wire format between the manager of a swarm and its jobs: input as configs, results as lines of a log.

A config holds 500 KB at most. The engine splits a line of a log after 16 KB, so a result is several numbered lines.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any

FOLDER = "/run/orders"
"""Where a job finds the pieces of its input, in the order of their names."""
# Below the limit of 500 KB for one config.
PIECE_BYTES = 480_000
# Half of the 16 KB, so that the head of a line always fits too.
_LINE = 8000
# Some 800 MB: no result comes near. Without it, a damaged line could announce any number of parts.
_MOST_PARTS = 100_000
_FORM = re.compile(rb"labs-said (\d{1,9}) (\d{1,9}) (\d{1,9}) ([A-Za-z0-9+/=]*)")


def pack(work: Any) -> list[bytes]:
    """Encode plain data as pieces that each fit into a config."""
    whole = zlib.compress(json.dumps(work).encode(), 9)
    return [whole[at : at + PIECE_BYTES] for at in range(0, len(whole), PIECE_BYTES)]


def unpack(pieces: list[bytes]) -> Any:
    """Decode what `pack` encoded."""
    return json.loads(zlib.decompress(b"".join(pieces)))


def lines(number: int, said: dict[str, Any]) -> list[bytes]:
    """Encode the result of submission `number` as lines that the engine does not split."""
    text = base64.b64encode(zlib.compress(json.dumps(said).encode(), 9))
    parts = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    head = f"labs-said {number} %d {len(parts)} "
    return [(head % place).encode() + part + b"\n" for place, part in enumerate(parts)]


class Inbox:
    """Assembles results from lines, which may come twice, late and in any order."""

    def __init__(self) -> None:
        self._parts: dict[tuple[int, int], dict[int, bytes]] = {}

    def take(self, line: bytes) -> tuple[int, dict[str, Any]] | None:
        """Take one line; returns the number and result of a submission once all its lines are here.

        Other lines are ignored: a log holds warnings of the engine too.
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
        # A part was damaged on its way. The log is read again, and the job is repeated if that does
        # not help.
        except (ValueError, zlib.error):
            return None
        return (number, said) if isinstance(said, dict) else None
