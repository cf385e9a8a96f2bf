"""Short forms of what many cells of lesson 13 do: try a push or pull, send a token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labs.lesson import PullFailed, PushFailed


def tried(move: Callable[..., Any], reference: str, node: int = 1) -> str:
    """Push or pull from a node, and return "done" or the line with which the engine was refused.

    Args:
        move: `lab.push` or `lab.pull`.
        reference: What is moved.
        node: Its number.
    """
    try:
        move(reference, node=node)
    except (PullFailed, PushFailed) as error:
        # An engine that meets several refusals at once gives them as a list.
        lines = error.message.splitlines()
        refused = (line for line in lines if "denied" in line or "unauthorized" in line)
        return next(refused, lines[0])
    return "done"


def bearer(token: str) -> dict[str, str]:
    """The header that sends a token."""
    return {"authorization": f"Bearer {token}"}
