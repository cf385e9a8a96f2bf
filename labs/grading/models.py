"""The data that grading passes between its modules: submissions, marks, results; and the `Runner` protocol.

Plain data with strict JSON: `from_json` accepts only what `to_json` could have written. No notebook is
read or run here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, get_args

from labs.errors import LabsError

if TYPE_CHECKING:
    from labs.lesson import Lesson, Task, Verdict

MarkOutcome = Literal["passed", "not yet", "not attempted", "not reached", "not graded"]
Status = Literal["graded", "not graded"]
State = Literal["handed in", "blank", "nothing", "unreadable", "unclear"]
"""What was handed in: answers; the notebook as it was handed out; nothing; what cannot be read; what is for the
instructor to decide, because a file may be the answer and is not where it should be."""
_Record = TypeVar("_Record", "Mark", "Result")
MARK_OUTCOMES: tuple[MarkOutcome, ...] = get_args(MarkOutcome)
STATUSES: tuple[Status, ...] = get_args(Status)
STATES: tuple[State, ...] = get_args(State)


# So many times as long may a second run take, where the machine had no CPU time for the first.
_PATIENCE = 3


class GradingError(LabsError):
    """Grading cannot start or go on; one broken submission is never a reason."""


class RecordError(GradingError):
    """A record does not have the form that grading writes."""


class Stopped(Exception):
    """A run of a submission was stopped from outside: it has no result, and that is not a failure."""


@dataclass(frozen=True)
class Limits:
    """How long a submission may take, in seconds: one cell, and all of it."""

    cell_s: float = 60.0
    whole_s: float = 600.0

    def __post_init__(self) -> None:
        # NaN fails both comparisons, so it is rejected too.
        if not (0 < self.cell_s < math.inf and 0 < self.whole_s < math.inf):
            raise ValueError(f"limits are seconds above zero: {self}")

    @property
    def longer(self) -> Limits:
        """Those of a second run, where the machine had no CPU time for the first."""
        return Limits(_PATIENCE * self.cell_s, _PATIENCE * self.whole_s)

    @property
    def most_s(self) -> float:
        """How long both runs take at most."""
        return self.whole_s + self.longer.whole_s


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one lesson, as data.

    `answers` holds the source of each answer cell by its cell id; `remarks` what was unusual and
    harmless. A `problem` means that there is nothing to run: zero points, with that line; where the state is
    "unclear", the grade is left open. `canvas_id` is Canvas's own number of the student, where a file's name had it.
    """

    student: str
    slug: str
    path: str
    answers: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    problem: str = ""
    state: State = "handed in"
    canvas_id: str = ""


@dataclass(frozen=True)
class Mark:
    """The points for one exercise or question, and why.

    `cell` is the id of the answer's cell; `seconds` is what the check took. "not reached" means that
    the submission ended before its check cell; "not graded" that the machine failed, which is never
    the student's zero.
    """

    exercise: str
    title: str
    points: float
    out_of: int
    outcome: MarkOutcome
    message: str = ""
    hint: str = ""
    cell: str = ""
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.outcome not in MARK_OUTCOMES:
            raise ValueError(f"no such outcome: {self.outcome!r}")
        # A record that was edited or damaged must not give more points than there are.
        if not (0 <= self.points <= self.out_of and 0 <= self.seconds < math.inf):
            raise ValueError(f"{self.exercise}: {self.points} of {self.out_of}, {self.seconds} s")

    @classmethod
    def of(cls, task: Task, verdict: Verdict, seconds: float = 0.0) -> Mark:
        """The mark for a verdict; `unavailable` becomes "not graded".

        The grader gives another verdict where the submission itself broke its engine.
        """
        done, out_of = verdict.passed, points_of(task)
        outcome: MarkOutcome = "not graded" if verdict.outcome == "unavailable" else verdict.outcome
        said = (verdict.message, verdict.hint, task.cell, seconds)
        return cls(task.id, task.title, out_of if done else 0, out_of, outcome, *said)

    @classmethod
    def without_verdict(cls, task: Task, outcome: MarkOutcome, message: str) -> Mark:
        """No points, for an exercise that was not judged."""
        return cls(task.id, task.title, 0, points_of(task), outcome, message, cell=task.cell)

    def to_json(self) -> dict[str, Any]:
        """The mark as plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Mark:
        """The mark that `to_json` wrote.

        Raises:
            RecordError: It did not.
        """
        return _made(cls, _checked(cls, data, _MARK))


@dataclass(frozen=True)
class Result:
    """All marks of one submission. `junit` is nbval's `<testsuite>` as text, or nothing.

    `problem` says why nothing was run, or, where the status is "not graded", what failed. `key` names
    the record in the cache, which sets it. `state`, `canvas_id`: the submission's.
    """

    student: str
    slug: str
    marks: tuple[Mark, ...] = ()
    remarks: tuple[str, ...] = ()
    problem: str = ""
    seconds: float = 0.0
    status: Status = "graded"
    junit: str = ""
    key: str = ""
    state: State = "handed in"
    canvas_id: str = ""

    def __post_init__(self) -> None:
        if self.status not in STATUSES or self.state not in STATES:
            raise ValueError(f"no such result: {self.status!r}, {self.state!r}")
        if not 0 <= self.seconds < math.inf:
            raise ValueError(f"no such result: {self.seconds} s")
        failed = [mark.exercise for mark in self.marks if mark.outcome == "not graded"]
        # A failure of the machine must never be a student's zero.
        if failed and self.status == "graded":
            raise ValueError(
                f"graded, but {', '.join(failed)} could not be: the whole is not graded"
            )

    @property
    def points(self) -> float:
        # fsum: a sum of floats that does not depend on their order.
        return math.fsum(mark.points for mark in self.marks)

    @property
    def out_of(self) -> int:
        return sum(mark.out_of for mark in self.marks)

    def to_json(self) -> str:
        """The result as one JSON text in ASCII; the same result gives the same text."""
        # ASCII, sorted, without NaN: the same bytes on every machine.
        return json.dumps(asdict(self), sort_keys=True, indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Result:
        """The result that `to_json` wrote.

        Raises:
            RecordError: It did not: no JSON, a field missing, unknown or of another type.
        """
        try:
            # By default Python also reads NaN, Infinity, and an object with one name twice, of which
            # it keeps the last (RFC 8259, sections 4 and 6).
            data = json.loads(text, object_pairs_hook=_each_name_once, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise RecordError(f"read a result: no JSON that grading writes ({error})") from error
        values = _checked(cls, data, _RESULT)
        values["marks"] = tuple(Mark.from_json(each) for each in values["marks"])
        values["remarks"] = tuple(_text(each, "remarks") for each in values["remarks"])
        return _made(cls, values)


Outcome = Result | Exception
"""What comes of running a submission: its result, or the failure of the machine."""
Graded = tuple[Submission, Result]


class Runner(Protocol):
    """Makes results of submissions, on this machine or on others."""

    def setting(self, lesson: Lesson) -> Mapping[str, str]:
        """What decides this lesson's grades besides checks and answers: image ids, versions.

        It is part of the key of a cached result, and is in `run.json`.
        """

    def run_all(
        self, submissions: Sequence[Submission], limits: Limits
    ) -> Generator[tuple[int, Outcome]]:
        """Run submissions and judge them, several at once. None of them has a problem.

        Yields:
            A place in `submissions` and what came of it, in any order, each place at most once. After
            `stop` those that have no result yet are left out. An exception is tried again next time.
        """

    def stop(self) -> None:
        """End `run_all` soon, from another thread."""

    def close(self) -> None:
        """Remove all that was made, playgrounds and processes; called once, after `run_all`."""


def points_of(task: Task) -> int:
    """What a task counts: an exercise says so, a question counts one."""
    return int(getattr(task, "points", 1))


def result_without_run(
    submission: Submission, lesson: Lesson | None, *, problem: str = "", status: Status = "graded"
) -> Result:
    """The result of a submission that was not run: zero where it has a problem, else not graded."""
    problem = problem or submission.problem
    # No one gets a zero for where a file is.
    status = "not graded" if submission.state == "unclear" else status
    outcome: MarkOutcome = "not reached" if status == "graded" else "not graded"
    tasks = lesson.tasks if lesson else ()
    marks = tuple(Mark.without_verdict(task, outcome, problem) for task in tasks)
    names = (submission.student, submission.slug)
    result = Result(*names, marks, submission.remarks, problem, status=status)
    return replace(result, state=submission.state, canvas_id=submission.canvas_id)


_NUMBER, _WHOLE, _TEXT, _LIST = (int, float), (int,), (str,), (list,)
_MARK: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("exercise", "title", "outcome", "message", "hint", "cell"), _TEXT),
    **{"points": _NUMBER, "out_of": _WHOLE, "seconds": _NUMBER},
}
_RESULT: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("student", "slug", "problem", "status", "junit", "key"), _TEXT),
    **dict.fromkeys(("state", "canvas_id"), _TEXT),
    **{"marks": _LIST, "remarks": _LIST, "seconds": _NUMBER},
}


def _checked(
    kind: type[Any], data: object, types: Mapping[str, tuple[type, ...]]
) -> dict[str, Any]:
    """A copy of a JSON object, if it has exactly the fields of `kind`, each of its type."""
    name = kind.__name__.lower()
    wanted = [each.name for each in fields(kind)]
    if not isinstance(data, dict) or sorted(data) != sorted(wanted):
        seen = ", ".join(sorted(data)) if isinstance(data, dict) else type(data).__name__
        raise RecordError(f"read a {name}: fields {seen}; wanted {', '.join(sorted(wanted))}")
    for field_name, value in data.items():
        # To Python a bool is an int; in JSON it is not a number.
        if isinstance(value, bool) or not isinstance(value, types[field_name]):
            raise RecordError(f"read a {name}: {field_name} is {type(value).__name__}")
    return dict(data)


def _made(kind: type[_Record], values: dict[str, Any]) -> _Record:
    try:
        return kind(**values)
    except ValueError as error:
        raise RecordError(f"read a {kind.__name__.lower()}: {error}") from error


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise RecordError(f"read a result: {where} holds {type(value).__name__}")
    return value


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name is in one object twice")
    return dict(pairs)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
