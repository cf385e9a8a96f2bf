"""`labs grade` and `labs rehearse`: a class's submissions in, grades out; the solutions the same way.

Exit status: 0 every submission has a grade, zero or not; 1 nothing could be done, and for `rehearse`
a solution did not pass; 3 the machine failed at some, so run it again; 130 and 143 stopped by Ctrl-C and SIGTERM.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from labs.grading import GradingRequest, Handout, Runner, RunReport
    from labs.lesson import Lesson

# Not 2, which is typer's for a wrong command line.
NOT_GRADED = 3
WHOLE_TIMES = 10

Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs", min=1, help="So many submissions at once; one for each CPU if not given."
    ),
]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout", min=1, help="Seconds a cell may take; a notebook may take ten times that."
    ),
]
Students = Annotated[
    list[str] | None,
    typer.Argument(help="With --regrade: only these students again.", metavar="[STUDENT]..."),
]
Regrade = Annotated[
    bool, typer.Option("--regrade", help="Grade again what is finished: all, or the STUDENTs.")
]
Overrides = Annotated[
    Path | None,
    typer.Option("--overrides", help="Points by hand, as CSV; GRADES/overrides.csv if there."),
]
Dates = Annotated[
    Path | None,
    typer.Option("--dates", help="When due and handed in, as CSV; GRADES/dates.csv if there."),
]
LatePenalty = Annotated[
    str, typer.Option("--late-penalty", help="What a late day costs: 10% of a lesson, or 2.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the `labs` program."""
    app.command()(grade)
    app.command()(rehearse)


def grade(
    submissions: Annotated[
        Path,
        typer.Argument(help="The folder with <student>/<lesson>/<notebook>.ipynb, or a zip file."),
    ],
    out: Annotated[Path, typer.Option("--out", help="The folder that grades are written to.")],
    students: Students = None,
    lesson: Annotated[str, typer.Option("--lesson", help="Only the lesson with this slug.")] = "",
    regrade: Regrade = False,
    overrides: Overrides = None,
    dates: Dates = None,
    late_penalty: LatePenalty = "",
    jobs: Jobs = None,
    timeout: Timeout = 60.0,
    swarm: Annotated[
        bool,
        typer.Option("--swarm", help="On all nodes of the swarm whose manager this engine is."),
    ] = False,
) -> None:
    """Grade a class: every notebook runs isolated, and what it did is judged from outside.

    Run it again and it goes on where it was: what is finished is not done twice.
    """
    if students and not regrade:
        raise typer.BadParameter("students are named with --regrade only", param_hint="STUDENT")
    request = replace(
        _request(submissions, out, lesson, jobs, timeout),
        regrade=tuple(students or ()) if regrade else None,
        overrides=overrides,
        dates=dates,
        late_penalty=late_penalty,
    )
    report = _grade_on_swarm(request, jobs or 0) if swarm else _grade(request)
    _tell(report)
    raise typer.Exit(_status(report))


def rehearse(
    lesson: Annotated[
        list[str] | None, typer.Argument(help="Slugs of lessons; all if none.")
    ] = None,
    jobs: Jobs = None,
    timeout: Timeout = 60.0,
) -> None:
    """Grade the course's own solutions, to see that this machine can grade a class. All must pass."""
    from labs.grading import Handout

    handout = Handout()
    with _solutions(lesson or [], handout) as (submissions, out):
        report = _grade(_request(submissions, out, "", jobs, timeout), handout)
    failed = [
        mark for _, result in report.graded for mark in result.marks if mark.points < mark.out_of
    ]
    for _, result in report.graded:
        for mark in result.marks if result.status == "graded" else ():
            words = f": {mark.message}" if mark.outcome != "passed" else ""
            typer.echo(f"{mark.exercise:5} {mark.outcome}{words}")
    if report.not_graded:
        typer.echo(f"{len(report.not_graded)} not graded: the machine failed", err=True)
    else:
        typer.echo(f"{len(failed)} not passed" if failed else "all passed: this machine can grade")
    # The machine's failure first: where it failed, a solution may well be right.
    raise typer.Exit(_status(report) or (1 if failed else 0))


def _request(
    submissions: Path, out: Path, lesson: str, jobs: int | None, timeout: float
) -> GradingRequest:
    from labs.grading import GradingRequest, Limits

    limits = Limits(cell_s=timeout, whole_s=timeout * WHOLE_TIMES)
    return GradingRequest(submissions, out, lesson, jobs or _cpus(), limits)


def _grade_on_swarm(request: GradingRequest, jobs: int) -> RunReport:
    """Grade on a swarm; 0 jobs: the swarm's nodes decide."""
    from labs.grading import Handout, SwarmRunner

    def open_runner() -> Runner:
        return SwarmRunner(Handout(), jobs=jobs, say=typer.echo)

    return _grade(replace(request, jobs=jobs or None), runner=open_runner)


def _grade(
    request: GradingRequest,
    handout: Handout | None = None,
    runner: Callable[[], Runner] | None = None,
) -> RunReport:
    """Grade, and show it on this terminal.

    Raises:
        typer.Exit: A signal came before anything ran.
    """
    from labs.cli.run_display import observer_for_terminal
    from labs.grading import Interrupted, grade

    try:
        opened = runner or _runner(request)
        return grade(request, opened, observer_for_terminal(), handout=handout)
    except Interrupted as error:
        typer.echo("labs: stopped before anything ran", err=True)
        raise typer.Exit(128 + error.number) from error


def _runner(request: GradingRequest) -> Callable[[], Runner]:
    from labs.grading import open_runner

    return lambda: open_runner(jobs=request.jobs or 1, say=typer.echo)


def _status(report: RunReport) -> int:
    if report.stopped_by:
        return 128 + report.stopped_by
    return NOT_GRADED if report.not_graded else 0


def _tell(report: RunReport) -> None:
    from labs.grading import sanitize_line

    total, left = len(report.graded), len(report.not_graded)
    problems = sum(bool(sent.problem) for sent, _ in report.graded)
    unclear = len(report.unclear)
    graded = total - left - unclear
    typer.echo(f"{graded} of {total} graded; {problems} could not be read or were not there")
    out = report.request.out
    for path in filter(None, (report.request.overrides_file, report.request.dates_file)):
        typer.echo(f"with {path}")
    typer.echo(f"{out}/grades.csv  {out}/summary.csv  {out}/feedback/index.html")
    if unclear:
        what = "1 has a file" if unclear == 1 else f"{unclear} have files"
        typer.echo(f"{what} that may be the answer, for you to decide: see grades.csv", err=True)
    if report.left:
        typer.echo(f"not everything was removed: {sanitize_line(report.left)}", err=True)
        typer.echo("`labs reset` tries again; the grades are complete without it", err=True)
    if left:
        typer.echo(f"{left} not graded, which is not a zero: run the same command again", err=True)


@contextmanager
def _solutions(slugs: list[str], handout: Handout) -> Iterator[tuple[Path, Path]]:
    """A folder in which one student has handed in the solutions, and one for the grades."""
    # Not the results of an earlier rehearsal: each one runs all solutions again.
    with tempfile.TemporaryDirectory(prefix="labs-rehearse-") as name:
        top = Path(name)
        for lesson in _wanted(slugs, handout):
            folder = top / "submissions" / "solutions" / lesson.slug
            folder.mkdir(parents=True)
            shutil.copy(handout.solution(lesson), folder)
        yield top / "submissions", top / "grades"


def _wanted(slugs: list[str], handout: Handout) -> list[Lesson]:
    from labs import lessons

    known = handout.lessons
    # For an unknown slug, `find` raises an error that names the nearest one.
    named = [known.get(slug) or lessons.find(slug) for slug in dict.fromkeys(slugs)]
    return named or list(known.values())


def _cpus() -> int:
    # The CPUs that this process may use, which in a container can be fewer than the machine has.
    # macOS has no such call.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
