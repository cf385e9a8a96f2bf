"""The errors of playgrounds and nodes."""

from __future__ import annotations

from labs.errors import LabsError


class PlaygroundError(LabsError):
    """A playground cannot be created, found or repaired."""


class NodeUnavailable(PlaygroundError):
    """A node or its engine does not answer. A check that it interrupts reports `unavailable`, never a wrong answer."""
