"""Submissions in, grades out. What students sent is data here; nothing of it is run in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
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
    from labs.grading.reports import number, sanitize_line
    from labs.grading.request import GradingRequest, RunReport
    from labs.grading.run import grade
    from labs.grading.runners import KERNEL, LocalRunner, SwarmRunner, open_runner
    from labs.grading.sandbox import Accept, Channel, Kernel, LoopThread, kernel_container
    from labs.grading.signals import Interrupted
    from labs.grading.submissions import Handout
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.grading.models": (
                "GradingError",
                "Limits",
                "Mark",
                "RecordError",
                "Result",
                "Runner",
                "Stopped",
                "Submission",
            ),
            "labs.grading.reports": (
                "number",
                "sanitize_line",
            ),
            "labs.grading.request": (
                "GradingRequest",
                "RunReport",
            ),
            "labs.grading.run": ("grade",),
            "labs.grading.runners": (
                "KERNEL",
                "LocalRunner",
                "SwarmRunner",
                "open_runner",
            ),
            "labs.grading.sandbox": (
                "Accept",
                "Channel",
                "Kernel",
                "LoopThread",
                "kernel_container",
            ),
            "labs.grading.signals": ("Interrupted",),
            "labs.grading.submissions": ("Handout",),
        },
    )

__all__ = [
    "KERNEL",
    "Accept",
    "Channel",
    "GradingError",
    "GradingRequest",
    "Handout",
    "Interrupted",
    "Kernel",
    "Limits",
    "LocalRunner",
    "LoopThread",
    "Mark",
    "RecordError",
    "Result",
    "RunReport",
    "Runner",
    "Stopped",
    "Submission",
    "SwarmRunner",
    "grade",
    "kernel_container",
    "number",
    "open_runner",
    "sanitize_line",
]
