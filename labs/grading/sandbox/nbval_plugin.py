"""Everything that ties grading to nbval and pytest: the plugin, the kernel as nbval sees it, and the run itself.

An exercise is checked as soon as its check cell has run. While the check looks at the playground, nothing in the
student's container runs. What the kernel printed, sent or claimed decides nothing; the values that an exercise asks
for are taken as data.
"""

from __future__ import annotations

import contextlib
import io
import queue
import re
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import nbval.kernel  # type: ignore[import-untyped]
import nbval.plugin  # type: ignore[import-untyped]
import pytest

from labs.grading.debug_log import timed
from labs.grading.sandbox.kernel import Kernel, KernelDied
from labs.grading.submissions import check_cell

if TYPE_CHECKING:
    from labs.grading.models import Limits
    from labs.lesson import Lesson, Task, Verdict

Check = Callable[["Task", dict[str, Any]], "Verdict"]
# How often a silent kernel is asked whether it still runs: one request to the engine each time.
_ALIVE_INTERVAL_S = 0.5
# A cell ends with a reply and with an idle state, on two channels. Where only one of them comes, the other is made up
# after this time: nbval waits 5 s for a state, and then gives up the notebook.
_GRACE_S = 4.0
# Of one text in the JUnit file: a traceback is far shorter, and a class has many files.
_MAX_FAILURE_TEXT = 4000
# How libraries and the course word that something did not come in time. A student can forge it, and gains nothing:
# the machine must have been starved as well.
_LATE = re.compile(r"time-?d? ?-?out|waited \d", re.IGNORECASE)
CELL_TOO_LONG = "a cell took too long"
_ANSI_COLOR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
RAISED = "raised"
"""The property of a test case in the JUnit file that holds what its cell raised."""
_MAX_MESSAGE, _MAX_LINE, _MAX_LINES, _LAST_LINES = 1000, 200, 1000, 6
# What IPython writes above the frames: a rule, the class, blanks.
_HEADING = re.compile(r"-*|\S+ +Traceback \(most recent call last\)|\s*")


class NbvalPlugin:
    """A pytest plugin beside nbval's: gives it the student's kernel, and checks exercises of one submission.

    Args:
        lesson: Its exercises and questions are checked.
        kernel: The student's.
        check: Checks one exercise from outside the kernel.

    Attributes:
        verdicts: By exercise, with the seconds that the check took.
        failure: What failed that the student did not cause.
    """

    def __init__(self, lesson: Lesson, kernel: Kernel, check: Check) -> None:
        self._kernel, self._check = kernel, check
        self._tasks = {check_cell(task.cell): task for task in lesson.tasks}
        self._ids = {task.id for task in lesson.tasks}
        self._given: dict[str, dict[str, Any]] = {}
        self._client = KernelClient(kernel)
        self.verdicts: dict[str, tuple[Verdict, float]] = {}
        self.failure: Exception | None = None

    @property
    def was_late(self) -> bool:
        """Whether a cell ended with an error about something that did not come in time."""
        return self._client.was_late

    def record(self, exercise: str, answers: dict[str, Any]) -> None:
        """Keep the answers that the student's kernel sends; they count for the cell that runs now."""
        if exercise in self._ids:  # memory: a kernel may send any number of made-up ids
            self._given[exercise] = answers

    def pytest_configure(self) -> None:
        """Give nbval this kernel in place of one that it would start."""
        manager = KernelManager(self._kernel)
        # nbval has no option for a kernel that it does not start itself.
        nbval.kernel.start_new_kernel = lambda *_args, **_kwargs: (manager, self._client)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: Any) -> Iterator[None]:
        """Run a cell, and check the exercise whose check cell it is."""
        # Answers that an earlier cell sent do not count for this one.
        self._given.clear()
        self._client.raised = ""
        task = self._tasks.get(item.cell.get("id", ""))
        # Only a check cell's start matters, and each question to the kernel is a request to the engine.
        reached = task is not None and not item.parent.timed_out and item.parent.kernel.is_alive()
        try:
            with timed("cell %s", item.name):
                return (yield)
        finally:
            if self._client.raised:
                # nbval's own text begins with the frames, and is cut before it comes to the message.
                item.user_properties.append((RAISED, self._client.raised))
            if task is not None and reached and self.failure is None:
                with timed("check %s", task.id):
                    self._check_paused(task, dict(self._given.get(task.id, {})))

    def _check_paused(self, task: Task, answers: dict[str, Any]) -> None:
        started = time.monotonic()
        try:
            with self._kernel.paused():
                verdict = self._check(task, answers)
        except Exception as error:  # a failure of the machine: the submission is run again
            self.failure = error
            self._kernel.kill("the grader failed")
            return
        # The first verdict counts: a cell that ran twice must not improve a grade.
        self.verdicts.setdefault(task.id, (verdict, time.monotonic() - started))


class KernelManager:
    """A `Kernel` behind the part of jupyter_client's manager that nbval calls. No socket, no process."""

    kernel_spec = None

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def is_alive(self) -> bool:
        """Whether the kernel runs."""
        return self._kernel.alive()

    def interrupt_kernel(self) -> None:
        """Kill it: a program can ignore an interrupt, and a cell that took too long gets no more time."""
        self._kernel.kill(CELL_TOO_LONG)

    def shutdown_kernel(self, *, now: bool = False) -> None:
        """Take no more cells: nbval calls this when the last cell has run."""
        self._kernel.shut_down()


class KernelClient:
    """A `Kernel` behind the part of jupyter_client's client that nbval calls.

    Attributes:
        raised: What the last cell raised, as `last_lines` gives it.
        was_late: Whether a cell ended with an error about something that did not come in time.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.raised = ""
        self._inboxes: dict[str, deque[dict[str, Any]]] = {"shell": deque(), "iopub": deque()}
        self._cell = ""
        self.was_late = False
        # When the cell's end, or an output, was last heard of on a channel.
        self._ended_at: dict[str, float] = {}
        self._heard_at = 0.0

    def execute(self, code: str, **_kwargs: Any) -> str:
        """Run a cell; returns the id of the request."""
        id = self._cell = uuid4().hex
        self._ended_at.clear()
        self._kernel.execute(id, code)
        return id

    def kernel_info(self) -> str:
        """Reply without asking: a kernel of the pool is known to be ready."""
        id = uuid4().hex
        header = {"msg_id": id}
        ready = {"status": "ok"}
        idle = {"execution_state": "idle"}
        self._inboxes["shell"].append({"parent_header": header, "content": ready})
        self._inboxes["iopub"].append(
            {"parent_header": header, "content": idle, "msg_type": "status"}
        )
        return id

    def get_shell_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """The next reply; queue.Empty where none comes in time."""
        return self._next("shell", timeout)

    def get_iopub_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """The next output; queue.Empty where none comes in time."""
        return self._next("iopub", timeout)

    def stop_channels(self) -> None:
        """Do nothing: there are no channels."""

    def _next(self, channel: str, timeout_s: float | None) -> dict[str, Any]:
        deadline = time.monotonic() + (timeout_s or 0)
        inbox = self._inboxes[channel]
        while not inbox:
            left = deadline - time.monotonic()
            if left <= 0:
                raise queue.Empty
            try:
                self._take(self._kernel.message(min(left, _ALIVE_INTERVAL_S)))
            except queue.Empty:
                if not self._kernel.alive():
                    raise KernelDied(self._kernel.exit_reason()) from None
                if self._misses(channel):
                    return _end_of_cell(channel, self._cell)
        return inbox.popleft()

    def _take(self, message: dict[str, Any]) -> None:
        channel, now = message["channel"], time.monotonic()
        if message["msg_type"] == "error":
            self.raised = last_lines(message["content"])
        if channel not in self._inboxes:
            return
        self._inboxes[channel].append(message)
        self._heard_at = now
        error = (message["content"].get(name, "") for name in ("ename", "evalue"))
        self.was_late = self.was_late or bool(_LATE.search(" ".join(error)))
        is_end = channel == "shell" or message["content"].get("execution_state") == "idle"
        if is_end and message["parent_header"]["msg_id"] == self._cell:
            self._ended_at[channel] = now

    def _misses(self, channel: str) -> bool:
        """Whether the cell has ended on the other channel alone, and nothing came since."""
        (other,) = self._inboxes.keys() - {channel}
        ended = other in self._ended_at and channel not in self._ended_at
        return ended and time.monotonic() - self._heard_at > _GRACE_S


def _end_of_cell(channel: str, id: str) -> dict[str, Any]:
    """The message with which a cell ends on a channel."""
    content = {"status": "error"} if channel == "shell" else {"execution_state": "idle"}
    kind = "execute_reply" if channel == "shell" else "status"
    return {
        "channel": channel,
        "msg_type": kind,
        "parent_header": {"msg_id": id},
        "content": content,
    }


def last_lines(error: dict[str, Any]) -> str:
    """What a cell raised: its message, then the last lines of its traceback, all of it from the student's kernel.

    Args:
        error: The content of Jupyter's message `error`: `ename`, `evalue`, `traceback`.
    """
    name, value = (_ANSI_COLOR.sub("", str(error.get(key, ""))) for key in ("ename", "evalue"))
    message = ": ".join(filter(None, (name.strip(), value.strip())))
    said = message if len(message) <= _MAX_MESSAGE else f"{message[:_MAX_MESSAGE]} …"
    # Cut before it is split: a traceback may have a line of a million characters.
    text = _ANSI_COLOR.sub("", "\n".join(str(each)[-20_000:] for each in error["traceback"][-50:]))
    lines = [
        line.rstrip() for line in text.splitlines()[-_MAX_LINES:] if not _HEADING.fullmatch(line)
    ]
    # The message is there already: IPython ends with it, in as many lines as it has. Of a SyntaxError, what is
    # before it has no heading, and the value says where it is, which this line does not.
    starts = (f"{name}: {value}".partition("\n")[0].rstrip(": ")[:_MAX_LINE], f"{name}: ")
    ends = [number for number, line in enumerate(lines) if name and line.startswith(starts)]
    before = lines[: ends[-1]] if ends else lines
    shown = [*_own_line(before[:-_LAST_LINES]), *before[-_LAST_LINES:]]
    return "\n".join([said, *(line[:_MAX_LINE] for line in shown)])


def _own_line(lines: list[str]) -> list[str]:
    """Where the student's cell called what raised: the last lines are a library's where it is deep inside of one."""
    found: list[str] = []
    for line in lines:
        if line.startswith(("Cell In[", "File <ipython")):
            found = [line]
        elif line.lstrip("-").startswith("> ") and len(found) == 1:
            found.append(line)
    return found if len(found) == 2 else []


def run_notebook(text: str, plugin: NbvalPlugin, limits: Limits) -> str:
    """Run a notebook under nbval; returns the `<testsuite>` of its JUnit file."""
    with tempfile.TemporaryDirectory(prefix="labs-grade-") as name:
        folder = Path(name)
        (folder / "notebook.ipynb").write_text(text, encoding="utf-8")
        arguments = [
            # No configuration or plugin of this machine, and no cache beside the notebook.
            *("-q", "-c", "/dev/null", f"--rootdir={folder}", "--color=no", "--tb=short"),
            *("-p", "no:cacheprovider", "-p", "no:doctest", "-p", "no:faulthandler"),
            *("--nbval-lax", f"--nbval-cell-timeout={limits.cell_s}"),
            *(f"--junitxml={folder / 'junit.xml'}", str(folder / "notebook.ipynb")),
        ]
        # pytest's own report quotes a student's output; only the JUnit file is read.
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            pytest.main(arguments, plugins=[nbval.plugin, plugin])
        return _read_suite(folder / "junit.xml")


def _read_suite(path: Path) -> str:
    """The suite in a JUnit file, without the host's name and colors, each text shortened."""
    try:
        suite = ET.parse(path).getroot().find("testsuite")
    except (OSError, ET.ParseError):
        return ""
    if suite is None:
        return ""
    suite.attrib.pop("hostname", None)
    for part in suite.iter():
        # Cut here, before it is sent to the parent: the file is as large as a student's output.
        part.text = _ANSI_COLOR.sub("", part.text or "")[:_MAX_FAILURE_TEXT] or None
        if "message" in part.attrib:
            part.attrib["message"] = part.attrib["message"][:_MAX_FAILURE_TEXT]
    return ET.tostring(suite, encoding="unicode")
