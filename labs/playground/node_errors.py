"""What goes wrong with a playground: the errors of this room."""

from __future__ import annotations

from labs.errors import LabsError


class PlaygroundError(LabsError):
    """A playground cannot be made, found or repaired."""


class NodeUnavailable(PlaygroundError):
    """A node, or its engine, does not answer: never a wrong answer of a student."""
