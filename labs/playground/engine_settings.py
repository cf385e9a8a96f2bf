"""What a node's engine is told by its daemon.json, and what dockerd says when it refuses that; text only.

`Node` writes the file and restarts the engine. Here is what the file may be replaced with when an engine does not
start with it, and how the reason is found in the log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from labs.playground.node_errors import PlaygroundError

DAEMON_JSON = "/etc/docker/daemon.json"
LAST = "/etc/docker/daemon.json.last"
"""What the engine came up with last, where `configure_engine` or `restart_engine` restarted it."""

REFUSED = "/etc/docker/daemon.json.refused"
"""What it did not start with: kept, so that nothing a student wrote is lost."""

_OF_A_NEW_NODE = Path(__file__).parent.parent / "images" / "node" / "daemon.json"
_BEGINS = 'msg="Starting up"'
# dockerd's last line, and what `dockerd --validate` says. The rest of the line is the reason.
_REASONS = (
    re.compile(r"failed to start daemon: (.+)"),
    re.compile(r"unable to configure the Docker daemon with file \S+: (.+)"),
    re.compile(r"failed to load listeners: (.+)"),
)


def parse(content: bytes, node: str) -> dict[str, Any]:
    """The settings in a daemon.json; an empty file has none, as for dockerd.

    Raises:
        PlaygroundError: It is not a JSON object.
    """
    try:
        settings = json.loads(content) if content.strip() else {}
        if not isinstance(settings, dict):
            raise TypeError(f"it holds a {type(settings).__name__}, not an object")
    except (ValueError, TypeError) as error:
        raise PlaygroundError(
            f"{DAEMON_JSON} on {node} is not a JSON object: {error}",
            hint=f"write it again, or call {call(node)}.restart_engine(): it puts the last good file back",
        ) from error
    return settings


def as_json(settings: dict[str, Any]) -> str:
    """Settings as the text of a daemon.json.

    Raises:
        PlaygroundError: A value is not JSON.
    """
    try:
        # RFC 8259 has no NaN, and dockerd refuses it.
        return json.dumps(settings, indent=2, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise PlaygroundError(
            f"these settings are not JSON: {error}",
            hint="daemon.json takes text, numbers, true, false, lists and objects",
        ) from error


def reason(log: str) -> str:
    """Why dockerd refused to start the last time, in its own words; empty if the log does not say."""
    # The log of a node goes on over its restarts.
    for line in reversed(log.rpartition(_BEGINS)[2].splitlines()):
        for pattern in _REASONS:
            if found := pattern.search(line):
                return found[1].strip()
    return ""


def older(now: bytes | None, *kept: bytes | None) -> Iterator[bytes]:
    """What to replace a daemon.json with, in this order: those kept, then that of a new node; never the same again."""
    tried = [now]
    # The container of a graded submission has no files of images; there the kept ones are all.
    new = [_OF_A_NEW_NODE.read_bytes()] if _OF_A_NEW_NODE.is_file() else []
    for content in (*kept, *new):
        if content is not None and content not in tried:
            tried.append(content)
            yield content


def refused(node: str, said: str) -> PlaygroundError:
    """The error for an engine that did not start with its daemon.json and runs again with an older one."""
    return PlaygroundError(
        f"{node}'s engine does not start with {DAEMON_JSON}: {said}",
        hint=f"it runs again with the settings from before; what it refused is in {REFUSED}",
    )


def call(node: str) -> str:
    """How a notebook names that node: `lab.node(2)`."""
    return f"lab.node({node.removeprefix('node')})"
