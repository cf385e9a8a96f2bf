"""Outcomes of exercises, without times, in `.labs/progress.json`.

Several notebooks write at once: each change is read, made and written under one file lock, and
written by renaming.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.course import state_folder
from labs.lesson.lesson import Lesson
from labs.lesson.verdict import OUTCOMES, Outcome

_VARIABLE = "LABS_PROGRESS"
_VERSION = 1  # of the file's format
_Lessons = dict[str, dict[str, Outcome]]


class Progress:
    """The outcomes of all lessons of this course.

    Args:
        path: The file; else `LABS_PROGRESS`, else `.labs/progress.json`.
        say: Called when a damaged file was moved away.
    """

    def __init__(self, path: Path | None = None, *, say: Callable[[str], None] = print) -> None:
        named = os.environ.get(_VARIABLE)
        self.path = path or (Path(named) if named else state_folder() / "progress.json")
        self._say = say

    def outcomes(self, slug: str) -> dict[str, Outcome]:
        """The outcomes of one lesson, by exercise."""
        if not self.path.exists():
            return {}
        with self._locked():
            return self._read().get(slug, {})

    def record(self, slug: str, exercise: str, outcome: Outcome) -> None:
        """Keep an outcome. What was passed stays passed; `unavailable` is not about the student's work."""
        with self._locked():
            lessons = self._read()
            lesson = lessons.setdefault(slug, {})
            # Checks are repeated often: what changes nothing is not written.
            if outcome == "unavailable" or lesson.get(exercise) in ("passed", outcome):
                return
            lesson[exercise] = outcome
            self._write(lessons)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # A file of its own: the progress file is replaced, and a lock on it would stay with the old one.
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> _Lessons:
        try:
            return _lessons(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}
        # RecursionError: JSON that is nested too deep for the parser.
        except (ValueError, RecursionError):
            aside = self._aside()
            # Kept: it may be repaired by hand. Under the lock, so that only one process does this.
            self.path.rename(aside)
            self._say(
                f"The file of your progress was damaged. It is now {aside}; a new one is begun."
            )
            return {}

    def _aside(self) -> Path:
        """A name that is free: nothing damaged before is lost."""
        number = 1
        while (aside := self.path.with_suffix(f".damaged-{number}.json")).exists():
            number += 1
        return aside

    def _write(self, lessons: _Lessons) -> None:
        text = json.dumps({"version": _VERSION, "lessons": lessons}, indent=2, sort_keys=True)
        draft = self.path.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as file:
            file.write(text + "\n")
            # Written to the disk before the rename, so that a power failure cannot leave an empty file under the
            # final name.
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)


def _lessons(data: Any) -> _Lessons:
    """The lessons in a parsed file.

    Raises:
        ValueError: It has another form than `record` writes.
    """
    lessons = data.get("lessons") if isinstance(data, dict) else None
    # A file of a later version counts as damaged too: it is moved away, not overwritten.
    if not isinstance(lessons, dict) or data.get("version") != _VERSION:
        raise ValueError("not a file of progress")
    for outcomes in lessons.values():
        if not isinstance(outcomes, dict) or not set(map(str, outcomes.values())) <= set(OUTCOMES):
            raise ValueError("not the outcomes of a lesson")
    return lessons


@dataclass(frozen=True)
class Standing:
    """How far one lesson is: each of its exercises as id, title and outcome, and the points for what is passed."""

    number: int
    slug: str
    title: str
    exercises: tuple[tuple[str, str, Outcome], ...]
    points: int = 0
    out_of: int = 0

    @property
    def passed(self) -> int:
        """How many exercises are passed."""
        return sum(outcome == "passed" for _, _, outcome in self.exercises)

    @property
    def total(self) -> int:
        """How many exercises there are."""
        return len(self.exercises)

    @property
    def points_line(self) -> str:
        """What is earned; a mask takes it out of stored outputs, so that points may change without a new run."""
        return f"Points: {self.points} of {self.out_of}"

    @property
    def line(self) -> str:
        """The lesson in one line."""
        return f"Lesson {self.number}, {self.title}: {self.passed} of {self.total} passed"


def standing(lesson: Lesson, progress: Progress) -> Standing:
    """How far `lesson` is according to `progress`."""
    outcomes = progress.outcomes(lesson.slug)
    exercises = tuple(
        (task.id, task.title, outcomes.get(task.id, "not attempted")) for task in lesson.tasks
    )
    points = sum(task.points for task in lesson.tasks if outcomes.get(task.id) == "passed")
    return Standing(lesson.number, lesson.slug, lesson.title, exercises, points, lesson.points)
