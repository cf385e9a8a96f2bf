"""Shows the progress of grading: a bar on a terminal, a line for each submission anywhere else."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

from labs.grading import number, sanitize_line

if TYPE_CHECKING:
    from labs.grading import Result


def observer_for_terminal() -> Lines:
    """A bar where standard output is a terminal, lines where it is a file or a pipe."""
    return Bar() if sys.stdout.isatty() else Lines()


class Count:
    """Progress of a run: done, not graded, left, and an estimate of the end."""

    def __init__(self, total: int, done: int) -> None:
        self.total, self.done = total, done
        self.failed = self._run = 0
        self._started = time.monotonic()

    def add(self, result: Result) -> None:
        """Count one more result."""
        self.done += 1
        # Counted alone: results from the cache take no time, and would make the estimate too short.
        self._run += 1
        self.failed += result.status == "not graded"

    @property
    def text(self) -> str:
        """`2 not graded, 183 left, about 12 min to go`."""
        left = self.total - self.done
        words = [f"{self.failed} not graded"] if self.failed else []
        words.append(f"{left} left")
        if self._run and left:
            words.append(
                f"about {duration((time.monotonic() - self._started) / self._run * left)} to go"
            )
        return ", ".join(words)


class Lines:
    """A line for each submission, for logs and pipes."""

    def begin(self, total: int, done: int) -> None:
        """Say how many need no run."""
        self.count = Count(total, done)
        ready = f", {done} need no run" if done else ""
        self._say(f"{total} submission{'' if total == 1 else 's'}{ready}")

    def finished(self, result: Result) -> None:
        """Say what came of one, and what is left."""
        self.count.add(result)
        place = f"{self.count.done:{len(str(self.count.total))}}/{self.count.total}"
        self._say(f"{place}  {summary_line(result)}; {self.count.text}")

    def end(self) -> None:
        """Nothing is left open."""

    def _say(self, text: str) -> None:
        # A pipe is buffered: without flush, a log would show nothing for minutes.
        print(text, flush=True)


class Bar(Lines):
    """A bar, and above it a line for each submission that the machine failed at."""

    def begin(self, total: int, done: int) -> None:
        """Show the bar."""
        self.count = Count(total, done)
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            # No markup: a student's name in brackets would be taken for a style.
            TextColumn("{task.description}", markup=False),
        )
        self._progress = Progress(*columns, console=Console(), refresh_per_second=4)
        self._progress.start()
        self._task: TaskID = self._progress.add_task("begins", total=total, completed=done)

    def finished(self, result: Result) -> None:
        """Move on."""
        self.count.add(result)
        if result.status == "not graded":
            # Text, not str: rich reads markup in a str.
            self._progress.console.print(Text(summary_line(result)), soft_wrap=True)
        words = (
            f"{self.count.text}; last {sanitize_line(result.student)} {sanitize_line(result.slug)}"
        )
        self._progress.update(self._task, completed=self.count.done, description=words)

    def end(self) -> None:
        """Leave the bar as it is."""
        self._progress.update(self._task, description=self.count.text)
        self._progress.stop()


def summary_line(result: Result) -> str:
    """What came of one submission, in a line that no student's name can break."""
    name = f"{sanitize_line(result.student)} {sanitize_line(result.slug)}"
    if result.status == "not graded":
        return f"{name}: not graded: {sanitize_line(result.problem)}"
    return f"{name}: {number(result.points):g} of {result.out_of} in {duration(result.seconds)}"


def duration(seconds: float) -> str:
    """`4.2 s`, `75 s`, `12 min`, `3.1 h`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
