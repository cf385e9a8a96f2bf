"""Submissions in, grades out. What students sent is data here; nothing of it is run in this process."""

from __future__ import annotations

from labs.grading.models import (
    GradingError,
    Limits,
    Mark,
    RecordError,
    Result,
    Runner,
    Stopped,
    Submission,
)

__all__ = [
    "GradingError",
    "Limits",
    "Mark",
    "RecordError",
    "Result",
    "Runner",
    "Stopped",
    "Submission",
]
