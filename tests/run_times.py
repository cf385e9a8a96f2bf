"""A pytest plugin that says where the time of a run went: `--times FILE` writes seconds by folder and by lesson.

The figures decide nothing: a lesson above its share is listed, and no test fails on an absolute time.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARE_S = 50  # of a lesson in `make test`, so that sixteen lessons take less than 25 minutes
SWARM_SHARE_S = 120  # nodes that stop and come back take their time
# In these a lesson's tests have its slug in their names; elsewhere a slug is an example.
LESSON_FOLDERS = ("tests/lessons/", "tests/notebooks/", "tests/bench/", "tests/grading/")


def folder_of(nodeid: str) -> str:
    """`tests/cli` for what is in it or below it, `tests` for what is beside the folders."""
    parts = nodeid.partition("::")[0].split("/")
    return "/".join(parts[: min(2, len(parts) - 1)])


def lesson_of(nodeid: str, slugs: Collection[str]) -> str | None:
    """The lesson that a test is about, by the slug in its name."""
    if not nodeid.startswith(LESSON_FOLDERS):
        return None
    name = nodeid.replace("_", "-")
    return max((slug for slug in slugs if slug in name), key=len, default=None)


def shares() -> dict[str, float]:
    """How many seconds of `make test` each lesson may take."""
    from labs.lessons import all_lessons

    return {each.slug: SWARM_SHARE_S if each.managers else SHARE_S for each in all_lessons()}


class RunTimes:
    """Adds up the seconds of a run's tests, set-up and removal included."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.folders: Counter[str] = Counter()
        self.lessons: Counter[str] = Counter()
        self._shares = shares()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called once for each phase of a test; with pytest-xdist in the process that collects the reports."""
        self.folders[folder_of(report.nodeid)] += report.duration  # type: ignore[assignment]
        if lesson := lesson_of(report.nodeid, self._shares):
            self.lessons[lesson] += report.duration  # type: ignore[assignment]

    def over(self) -> list[str]:
        """The lessons that take more than their share."""
        return [slug for slug, spent in self.lessons.items() if spent > self._shares[slug]]

    def lines(self) -> list[str]:
        """A short table: the longest first."""
        rows = [(spent, name) for name, spent in self.folders.most_common()]
        for slug, spent in self.lessons.most_common():
            note = f": over its share of {self._shares[slug]} s" if slug in self.over() else ""
            rows.append((spent, f"lesson {slug}{note}"))
        return [f"{spent:7.1f} s  {name}" for spent, name in rows if spent >= 1]

    def to_json(self, counts: dict[str, int], before_s: float) -> dict[str, Any]:
        """What is kept of a run."""
        return {
            **_commit(),
            "counts": counts,
            "seconds": round(time.monotonic() - self.began + before_s, 1),
            "seconds_before_pytest": round(before_s, 1),
            "folders": {name: round(spent, 1) for name, spent in self.folders.most_common()},
            "lessons": {name: round(spent, 1) for name, spent in self.lessons.most_common()},
            "over": self.over(),
        }


def _commit() -> dict[str, Any]:
    def git(*words: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", *words], cwd=ROOT, capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            return None  # a copy without its history
        return done.stdout.strip()

    status = git("status", "--porcelain")
    return {"commit": git("rev-parse", "HEAD"), "dirty": None if status is None else bool(status)}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("course")
    group.addoption("--times", type=Path, metavar="FILE", help="write the seconds of the run there")
    group.addoption("--before", type=float, default=0, help="seconds that went before, for --times")
    group.addoption("--lesson", metavar="SLUG", help="only the tests of one lesson")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.times and not hasattr(config, "workerinput"):
        config.pluginmanager.register(RunTimes(), "run_times")
    slug = config.option.lesson
    if slug is not None and slug not in (slugs := shares()):
        raise pytest.UsageError(f"no lesson {slug!r}: choose one of {', '.join(slugs)}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.option.lesson is None:
        return
    slugs = shares()
    others = [each for each in items if lesson_of(each.nodeid, slugs) != config.option.lesson]
    config.hook.pytest_deselected(items=others)
    items[:] = [each for each in items if each not in set(others)]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Comes before pytest's own closing line, which stays the last one."""
    times = config.pluginmanager.get_plugin("run_times")
    if times is None:
        return
    stats = terminalreporter.stats
    counts = {name: len(stats.get(name, ())) for name in ("passed", "failed", "error", "skipped")}
    data = times.to_json(counts, config.option.before)
    config.option.times.parent.mkdir(parents=True, exist_ok=True)
    config.option.times.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    terminalreporter.section(f"seconds, also in {config.option.times}")
    for line in times.lines():
        terminalreporter.write_line(line)
