"""Notes that a lesson's cell leaves on a node, for its check: names and what belongs to each, as JSON."""

from __future__ import annotations

import json
from contextlib import suppress

from labs.playground import Node


def read_note(node: Node, path: str) -> dict[str, str]:
    """Return a note; empty where the file is not there, or is not an object in JSON."""
    with suppress(FileNotFoundError, ValueError):
        found = json.loads(node.read_file(path))
        return found if isinstance(found, dict) else {}
    return {}
