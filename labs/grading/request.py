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
        regrade: Students whose finished results are not used again; all where it is empty, none where it is None.
        overrides: Points by hand; `overrides.csv` in the folder of grades, if there is one, unless given.
        dates: When it was due and handed in; `dates.csv` in the folder of grades, if there is one, unless given.
        late_penalty: What a late day costs, `10%` or `2`; nothing where it is "".

    Raises:
        GradingError: One of the two folders is inside the other where it must not be.
    """

    submissions: Path
    out: Path
    lesson: str = ""
    jobs: int | None = 1
    limits: Limits = field(default_factory=Limits)
    regrade: tuple[str, ...] | None = None
    overrides: Path | None = None
    dates: Path | None = None
    late_penalty: str = ""

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

    @property
    def overrides_file(self) -> Path | None:
        """The instructor's file of points by hand, if there is one."""
        return self.overrides or _if_there(self.out / "overrides.csv")

    @property
    def dates_file(self) -> Path | None:
        """The instructor's file of dates, if there is one."""
        return self.dates or _if_there(self.out / "dates.csv")


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


def _if_there(path: Path) -> Path | None:
    return path if path.is_file() else None
