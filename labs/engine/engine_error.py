"""The error of the engines."""

from __future__ import annotations

from labs.errors import LabsError


class EngineError(LabsError):
    """The host's engine is missing, too old, or cannot be started; or a node's engine is gone."""
