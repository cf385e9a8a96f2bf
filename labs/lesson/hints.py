"""Which hint of an exercise comes next."""

from __future__ import annotations

from collections.abc import Sequence

from labs.lesson.exercise import Task
from labs.lesson.shown import Hint
from labs.lesson.verdict import Verdict


def next_hint(task: Task, last: Verdict | None, given: Sequence[str]) -> Hint | None:
    """The first hint that was not given yet, that of the last check before those of the exercise; None after all.

    Args:
        task: The exercise.
        last: What the last check of it found.
        given: The words of the hints that were given.
    """
    # By text and not by number: the hint of a check may change with each check, and none is shown twice.
    hints = [*([last.hint] if last and last.hint else []), *task.hints]
    fresh = [hint for hint in hints if hint not in given]
    if not fresh:
        return None
    return Hint(task.id, fresh[0], len(given) + 1, len(given) + len(fresh))
