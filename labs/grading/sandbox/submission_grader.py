"""Grades one submission after another: assembles its notebook, runs it in a sandbox, and turns verdicts into marks.

A submission whose playground or kernel failed runs once more, in a fresh sandbox. A playground that fails twice in the
same way was broken by the submission, which gets no points for it. One that took too long while the machine had no CPU
time for it runs once more too, with more time. An infrastructure failure, or a second run without CPU time, is "not
graded", never zero points.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from docker.errors import DockerException
from requests.exceptions import RequestException

from labs.engine import Engine
from labs.grading.cpu_meter import CpuMeter
from labs.grading.debug_log import cut, log, timed
from labs.grading.models import GradingError, Mark, Result
from labs.grading.sandbox.check_process import CheckProcess
from labs.grading.sandbox.disk_quota import DiskQuota
from labs.grading.sandbox.kernel import Kernel
from labs.grading.sandbox.kernel_api import KernelApi
from labs.grading.sandbox.nbval_plugin import CELL_TOO_LONG, NbvalPlugin, run_notebook
from labs.grading.sandbox.pool import Sandbox, SandboxPool
from labs.grading.starvation import CpuWatch
from labs.grading.submissions import Handout, assemble, text_of

if TYPE_CHECKING:
    from labs.grading.models import Limits, Submission
    from labs.grading.starvation import Sample
    from labs.lesson import Lesson, Task, Verdict


# An engine or a registry that is starved this long may miss the time that a lesson gives it.
_STARVED_S = 15.0


@dataclass
class _NotebookRun:
    """What one run of a notebook gave."""

    verdicts: dict[str, tuple[Verdict, float]]
    exit_reason: str
    junit: str
    failure: str = ""
    starved: str = ""

    @property
    def is_unavailable(self) -> bool:
        """Whether a check found nothing that answers."""
        return any(v.outcome == "unavailable" for v, _ in self.verdicts.values())

    def is_perfect(self, lesson: Lesson) -> bool:
        """Whether every exercise and question passed."""
        passed = [id for id, (verdict, _) in self.verdicts.items() if verdict.passed]
        return len(passed) == len(lesson.tasks)

    @property
    def why_again(self) -> str:
        """Why it should run once more; empty where it should not."""
        if self.starved:
            return "it took too long on a machine without CPU time for it"
        return "its playground did not answer" if self.failure or self.is_unavailable else ""


class SubmissionGrader:
    """Grades submissions, one at a time.

    Args:
        engine: The host's.
        handout: Lessons and their notebooks.
        token: Prefix in the names of all objects that it creates.
        module: Where the lessons are.
        prewarm: Whether the next sandbox is created while one is used.
        kernel: What runs the student's code; `labs bench` has one without a container, for its own code alone.

    Attributes:
        stopped: Whether `stop` was called.
    """

    def __init__(
        self,
        engine: Engine,
        handout: Handout,
        token: str,
        *,
        module: str = "labs.lessons",
        prewarm: bool = True,
        kernel: type[Kernel] = Kernel,
    ) -> None:
        self._engine, self._handout = engine, handout
        self._pool = SandboxPool(engine, token, prewarm=prewarm, kernel=kernel)
        self._checks = CheckProcess(module)
        # Now, so that it imports the lessons while the first sandbox is created.
        self._checks.start()
        self._sandbox: Sandbox | None = None
        self.stopped = False

    def run(self, submission: Submission, lesson: Lesson, limits: Limits) -> Result:
        """Grade one submission; run it twice where something did not answer the first time.

        Raises:
            LabsError: The machine failed.
        """
        started = time.monotonic()
        text = text_of(assemble(submission, lesson, self._handout))
        run = self._run_once(text, lesson, limits)
        remarks = submission.remarks
        # In a fresh sandbox: what fails there again was broken by the submission, not by the
        # machine.
        if run.why_again and not self.stopped:
            remarks = (*remarks, f"run twice: the first time {run.why_again}")
            run = self._run_once(text, lesson, limits.longer if run.starved else limits)
        if run.failure:
            raise GradingError(run.failure)
        if run.starved and not self.stopped:
            raise GradingError(
                f"the machine had no CPU time for it, twice: {run.starved}",
                hint="run the same command again with fewer --jobs",
            )
        marks = tuple(_mark(task, run) for task in lesson.tasks)
        return Result(
            submission.student,
            submission.slug,
            marks,
            remarks,
            seconds=time.monotonic() - started,
            junit=run.junit,
        )

    def stop(self) -> None:
        """End the run under way, from another thread."""
        self.stopped = True
        # Read once: the thread that grades may set it to None meanwhile.
        if sandbox := self._sandbox:
            sandbox.kernel.kill("stopped")

    def close(self) -> None:
        """Remove everything that was created."""
        self._checks.close()
        self._pool.close()

    def _run_once(self, text: str, lesson: Lesson, limits: Limits) -> _NotebookRun:
        sandbox = self._sandbox = self._pool.acquire(lesson)
        try:
            return self._run_in(sandbox, text, lesson, limits)
        finally:
            self._sandbox = None
            self._pool.release(sandbox)

    def _run_in(self, sandbox: Sandbox, text: str, lesson: Lesson, limits: Limits) -> _NotebookRun:
        def check(task: Task, answers: dict[str, Any]) -> Verdict:
            return self._checks.verdict(lesson, task, sandbox, answers)

        plugin = NbvalPlugin(lesson, sandbox.kernel, check)
        api = KernelApi(sandbox.playground, lesson.slug, plugin.record)
        sandbox.kernel.serve(api.accept, api.targets)
        # nbval limits each cell; only this limits their sum.
        reason = f"the whole took longer than {limits.whole_s:g} s"
        timer = threading.Timer(limits.whole_s, sandbox.kernel.kill, [reason])
        # The process can then exit without waiting for the rest of the limit.
        timer.daemon = True
        timer.start()
        try:
            with (
                timed("run notebook of %s", lesson.slug),
                CpuWatch(self._meter(sandbox)) as cpu,
                self._quota(sandbox) as quota,
            ):
                junit = run_notebook(text, plugin, limits)
        finally:
            timer.cancel()
            api.close()
        failure = str(plugin.failure or "") or self._machine_failure(sandbox)
        failure = failure or ("the engine's disk was full" if quota.disk_was_full else "")
        exit_reason = sandbox.kernel.exit_reason()
        log.debug("run ended: %s", cut(failure or exit_reason or "whole"))
        run = _NotebookRun(plugin.verdicts, exit_reason, junit, failure)
        if exit_reason in (CELL_TOO_LONG, reason):
            run.starved = cpu.starved_for(
                limits.cell_s if exit_reason != reason else limits.whole_s
            )
        elif run.is_unavailable or (plugin.was_late and not run.is_perfect(lesson)):
            run.starved = cpu.starved_ever(_STARVED_S)
        return run

    def _quota(self, sandbox: Sandbox) -> DiskQuota:
        cgroup, end = self._pool.cgroup_of(sandbox), sandbox.kernel.kill
        return DiskQuota(self._engine, sandbox.playground, end, cgroup=cgroup)

    def _meter(self, sandbox: Sandbox) -> Callable[[], Sample | None]:
        kernel, playground = str(sandbox.kernel.container.id), sandbox.playground
        if not kernel:  # a process of this machine, in `labs bench`
            return lambda: None

        def nodes() -> list[str]:
            return [str(node.container.id) for node in (playground.nodes if playground else ())]

        return CpuMeter(self._engine, self._pool.cgroup_of(sandbox), kernel, nodes).sample

    def _machine_failure(self, sandbox: Sandbox) -> str:
        """What failed that no student can cause; empty where nothing did."""
        try:
            self._engine.client.ping()
            sandbox.kernel.container.reload()
        except (DockerException, RequestException) as error:
            return f"the engine does not answer: {error}"
        state = sandbox.kernel.container.attrs["State"]
        ended = state["Status"] != "running" and not sandbox.kernel.killed
        # A student who fills the memory ends the container too.
        if ended and not state["OOMKilled"]:
            return f"the container of a kernel is {state['Status']}"
        return ""


def _mark(task: Task, run: _NotebookRun) -> Mark:
    if task.id not in run.verdicts:
        return Mark.without_verdict(task, "not reached", f"not reached: {run.exit_reason}")
    verdict, seconds = run.verdicts[task.id]
    if verdict.outcome == "unavailable":  # in two fresh sandboxes: the submission broke both
        verdict = replace(verdict, outcome="not yet")
    return Mark.of(task, verdict, round(seconds, 3))
