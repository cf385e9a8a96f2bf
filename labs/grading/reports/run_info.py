"""What `run.json` says: when a run was, with which versions and images, and how many came through."""

from __future__ import annotations

import platform
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from labs import course
from labs.grading.reports.escaping import sanitize_text

if TYPE_CHECKING:
    from labs.grading.request import RunReport

_COURSE = "container-registries-hands-on"
_PACKAGES = ("nbval", "pytest", "docker", "ipykernel", "jupyter-client", "nbformat")


def describe_run(
    report: RunReport, settings: Mapping[str, Mapping[str, str]], started: float
) -> dict[str, Any]:
    """Plain data about a run.

    Args:
        report: What came of it.
        settings: What the runner said of each lesson: image ids and the like.
        started: When it began, in seconds since the epoch.
    """
    request, ended = report.request, time.time()
    outcomes = Counter(mark.outcome for _, result in report.graded for mark in result.marks)
    return {
        "started": _when(started),
        "ended": _when(ended),
        "seconds": round(ended - started, 1),
        "stopped_by_signal": report.stopped_by,
        "submissions": sanitize_text(str(request.submissions.resolve())),
        "lessons": [lesson.slug for lesson in report.lessons],
        "jobs": request.jobs,
        "limits": {"cell_s": request.limits.cell_s, "whole_s": request.limits.whole_s},
        "counts": {
            "submissions": len(report.graded),
            "not_graded": len(report.not_graded),
            "unclear": len(report.unclear),
            "with_a_problem": sum(bool(sent.problem) for sent, _ in report.graded),
            "exercises": dict(sorted(outcomes.items())),
        },
        "settings": {slug: dict(setting) for slug, setting in settings.items()},
        "versions": {
            _COURSE: course.VERSION,
            "python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
        },
        "machine": {"system": platform.system(), "architecture": platform.machine()},
    }


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
