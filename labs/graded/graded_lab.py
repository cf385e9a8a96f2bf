"""A lesson in the kernel of a graded submission: it hands answers in, and decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labs.lesson import Lab, Note, Verdict, plain_json

if TYPE_CHECKING:
    from labs.graded.remote_playground import RemotePlayground

RECORDED = "recorded; the grader looks for itself"


class GradedLab(Lab):
    """A `Lab` whose checks hand answers in to the grader instead of showing a verdict."""

    playground: RemotePlayground

    def check(self, exercise: str, **answers: Any) -> None:
        """Hand an exercise in."""
        self.verdict(exercise, **answers)
        self._show(Note(f"{exercise} {RECORDED}"))

    def verdict(self, exercise: str, **answers: Any) -> Verdict:
        """Hand an exercise in. The verdict here says only that: it is `unavailable`.

        Raises:
            LessonError: There is no such exercise, or an answer is not plain JSON.
        """
        _, answers = self._asked(exercise, answers)
        self.playground.record(exercise, dict(plain_json(answers, exercise)))
        # The grader checks when this cell has ended, so there is no verdict yet.
        return Verdict(exercise, "unavailable", RECORDED)
