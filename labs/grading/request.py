"""A run of grading: its request, its observer, its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from labs.grading.models import Graded, GradingError, Limits, Result

if TYPE_CHECKING:
    from labs.lesson import Lesson


@dataclass(frozen=True)
class GradingRequest:
    """What to grade, where to write grades, and with which limits.

    Attributes:
        submissions: The folder `<student>/<lesson slug>/<notebook>.ipynb`, or a zip file of it.
        out: The folder of grades.
        lesson: Only the one with this slug.
        jobs: How many at once, recorded in `run.json`; None where the runner decides.
        limits: For each submission.

    Raises:
        GradingError: One of the two folders is inside the other where it must not be.
    """

    submissions: Path
    out: Path
    lesson: str = ""
    jobs: int | None = 1
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if self.jobs is not None and self.jobs < 1:
            raise GradingError(f"grade with {self.jobs} jobs", hint="one is the least")
        # resolve: a link must not hide that one folder is inside the other.
        here, there = self.submissions.resolve(), self.out.resolve()
        if there.is_relative_to(here):
            raise GradingError(
                f"write grades to {self.out}: that is inside the submissions, {self.submissions}",
                hint="name a folder beside them with --out; inside, it would be a student's",
            )
        if here.is_relative_to(there / "feedback") or here.is_relative_to(there / ".done"):
            raise GradingError(
                f"read submissions in {self.submissions}: grades of {self.out} are written there",
                hint="name another folder with --out",
            )


class RunObserver(Protocol):
    """Is told the progress of a run; called in the main thread only."""

    def begin(self, total: int, done: int) -> None:
        """The run starts: how many submissions there are, and how many of them need no run."""

    def finished(self, result: Result) -> None:
        """One more submission has a result."""

    def end(self) -> None:
        """The last call."""


@dataclass(frozen=True)
class RunReport:
    """The results of a run.

    Attributes:
        request: What was asked for.
        lessons: Those that were graded.
        graded: Each submission with its result.
        stopped_by: The number of the signal that stopped it; 0 if none did.
        left: What could not be removed afterwards, and why; the grades are valid all the same.
    """

    request: GradingRequest
    lessons: Sequence[Lesson]
    graded: Sequence[Graded]
    stopped_by: int = 0
    left: str = ""

    @property
    def not_graded(self) -> list[Result]:
        """The results of submissions that the machine failed at: the next run tries them again."""
        return [each for sent, each in self.graded if _is_open(each) and not sent.problem]

    @property
    def unclear(self) -> list[Result]:
        """The results that the instructor has to decide: a file may be the answer, and its place does not tell."""
        return [each for sent, each in self.graded if _is_open(each) and sent.problem]


def _is_open(result: Result) -> bool:
    return result.status == "not graded"
