"""Takes one submission after another: its notebook is put together, run, judged on the way, and marked.

A submission whose playground or kernel failed is run once more, on fresh ones. What fails again in the same way is
its own doing, and gets no points; what this machine does not do for anybody is a failure, and nobody's zero.
"""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbval.plugin  # type: ignore[import-untyped]
import pytest
from docker.errors import DockerException
from requests.exceptions import RequestException

from labs.engine import Engine
from labs.grading.models import GradingError, Mark, Result
from labs.grading.sandbox.check_process import Judge
from labs.grading.sandbox.disk_quota import Watch
from labs.grading.sandbox.kernel import Kernel
from labs.grading.sandbox.kernel_api import Door
from labs.grading.sandbox.nbval_plugin import Referee
from labs.grading.sandbox.pool import Room, Spares
from labs.grading.submissions.assembly import assemble, text_of
from labs.grading.submissions.handout import Handout

if TYPE_CHECKING:
    from labs.grading.models import Limits, Submission
    from labs.lesson import Lesson, Task, Verdict

_FAILURE_TEXT = 4000
_CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass
class _Run:
    """What came of running a notebook once."""

    verdicts: dict[str, tuple[Verdict, float]]
    ended: str
    junit: str
    failure: str = ""

    @property
    def doubtful(self) -> bool:
        """Whether something did not answer that should."""
        unavailable = any(v.outcome == "unavailable" for v, _ in self.verdicts.values())
        return bool(self.failure) or unavailable


class Desk:
    """Runs submissions, one at a time.

    Args:
        engine: The host's.
        handout: Lessons and their notebooks.
        token: Begins the name of all that it makes.
        module: Where the lessons are.
        ahead: Whether the next playground is made while one is used.
        kernel: What runs the student's code; `labs bench` has one without a container, for its own code alone.
    """

    def __init__(
        self,
        engine: Engine,
        handout: Handout,
        token: str,
        *,
        module: str = "labs.lessons",
        ahead: bool = True,
        kernel: type[Kernel] = Kernel,
    ) -> None:
        self._engine, self._handout = engine, handout
        self._spares = Spares(engine, token, ahead=ahead, kernel=kernel)
        self._judge = Judge(module)
        self._judge.warm()
        self._room: Room | None = None
        self.stopped = False

    def run(self, submission: Submission, lesson: Lesson, limits: Limits) -> Result:
        """Run it, twice where the first time something did not answer.

        Raises:
            LabsError: The machine failed.
        """
        began = time.monotonic()
        text = text_of(assemble(submission, lesson, self._handout))
        run = self._once(text, lesson, limits)
        remarks = submission.remarks
        if run.doubtful and not self.stopped:
            remarks = (*remarks, "run twice: the first time its playground did not answer")
            run = self._once(text, lesson, limits)
        if run.failure:
            raise GradingError(run.failure)
        marks = tuple(_mark(task, run) for task in lesson.tasks)
        return Result(
            submission.student,
            submission.slug,
            marks,
            remarks,
            seconds=time.monotonic() - began,
            junit=run.junit,
        )

    def stop(self) -> None:
        """End the run under way, from another thread."""
        self.stopped = True
        if room := self._room:
            room.kernel.kill("stopped")

    def close(self) -> None:
        """Remove all that was made."""
        self._judge.close()
        self._spares.close()

    def _once(self, text: str, lesson: Lesson, limits: Limits) -> _Run:
        room = self._room = self._spares.take(lesson)
        try:
            return self._in_room(room, text, lesson, limits)
        finally:
            self._room = None
            self._spares.give_back(room)

    def _in_room(self, room: Room, text: str, lesson: Lesson, limits: Limits) -> _Run:
        def look(task: Task, answers: dict[str, Any]) -> Verdict:
            return self._judge.verdict(lesson, task, room, answers)

        referee = Referee(lesson, room.kernel, look)
        door = Door(room.playground, lesson.slug, referee.record)
        room.kernel.serve(door.accept, door.targets)
        why = f"the whole took longer than {limits.whole_s:g} s"
        alarm = threading.Timer(limits.whole_s, room.kernel.kill, [why])
        alarm.daemon = True
        alarm.start()
        try:
            with Watch(self._engine, room.playground, room.kernel.kill) as watch:
                junit = _run_nbval(text, referee, limits)
        finally:
            alarm.cancel()
            door.close()
        failure = str(referee.failure or "") or self._failed(room)
        failure = failure or ("the engine's disk was full" if watch.full else "")
        return _Run(referee.verdicts, room.kernel.why_dead(), junit, failure)

    def _failed(self, room: Room) -> str:
        """What of the machine failed, as far as no student can bring it about."""
        try:
            self._engine.client.ping()
            room.kernel.container.reload()
        except (DockerException, RequestException) as error:
            return f"the engine does not answer: {error}"
        state = room.kernel.container.attrs["State"]
        ended = state["Status"] != "running" and not room.kernel.killed
        if ended and not state["OOMKilled"]:  # who fills the memory ends the container, too
            return f"the container of a kernel is {state['Status']}"
        return ""


def _mark(task: Task, run: _Run) -> Mark:
    if task.id not in run.verdicts:
        return Mark.without_verdict(task, "not reached", f"not reached: {run.ended}")
    verdict, seconds = run.verdicts[task.id]
    if verdict.outcome == "unavailable":  # twice, on two fresh playgrounds
        verdict = replace(verdict, outcome="not yet")
    return Mark.of(task, verdict, round(seconds, 3))


def _run_nbval(text: str, referee: Referee, limits: Limits) -> str:
    """Run a notebook; the `<testsuite>` of its run."""
    with tempfile.TemporaryDirectory(prefix="labs-grade-") as name:
        folder = Path(name)
        (folder / "notebook.ipynb").write_text(text, encoding="utf-8")
        arguments = [
            *("-q", "-c", "/dev/null", f"--rootdir={folder}", "--color=no", "--tb=short"),
            *("-p", "no:cacheprovider", "-p", "no:doctest", "-p", "no:faulthandler"),
            *("--nbval-lax", f"--nbval-cell-timeout={limits.cell_s}"),
            *(f"--junitxml={folder / 'junit.xml'}", str(folder / "notebook.ipynb")),
        ]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            pytest.main(arguments, plugins=[nbval.plugin, referee])
        return _suite(folder / "junit.xml")


def _suite(path: Path) -> str:
    """The suite in a JUnit file, without what one run has and another has not, and not too long."""
    try:
        suite = ET.parse(path).getroot().find("testsuite")
    except (OSError, ET.ParseError):
        return ""
    if suite is None:
        return ""
    suite.attrib.pop("hostname", None)
    for part in suite.iter():
        part.text = _CONTROL.sub("", part.text or "")[:_FAILURE_TEXT] or None
        if "message" in part.attrib:
            part.attrib["message"] = part.attrib["message"][:_FAILURE_TEXT]
    return ET.tostring(suite, encoding="unicode")
