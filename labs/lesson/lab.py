"""`Lab`, the object that a notebook works with: one lesson in one playground. `labs.views` draws what it shows."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import docker
import docker.errors
import httpx

from labs.course import course_root
from labs.lesson import shown, swarm_watch, transfer
from labs.lesson.answers import written_answer
from labs.lesson.arrival import wait_for_http
from labs.lesson.exercise import Question, Task
from labs.lesson.explanation import explain
from labs.lesson.judgment import judge
from labs.lesson.lesson import Lesson
from labs.lesson.progress import Progress, standing
from labs.lesson.recording import Recorded, Recording, Recordings
from labs.lesson.registry_container import find_container, find_on_nodes, port_of, stored_by
from labs.lesson.shown import Note, Show, Status, Tried, print_status, print_text
from labs.lesson.swarm_map import SwarmMap
from labs.lesson.verdict import Verdict
from labs.registry import RegistryClient, authorities

if TYPE_CHECKING:
    from labs.playground import HubServer, Node, ObjectStore, Playground, Swarm


class Lab:
    """One lesson, open in its playground.

    Args:
        lesson: What is asked.
        playground: Where it is done.
        show: Shows results; prints their text, unless a notebook passes something better.
        status: Shows the progress of slow steps.
        course: All lessons, for the progress of the course.
        progress: Where outcomes are kept.
    """

    def __init__(
        self,
        lesson: Lesson,
        playground: Playground,
        *,
        show: Show = print_text,
        status: Status = print_status,
        course: Callable[[], Sequence[Lesson]] = tuple,
        progress: Progress | None = None,
    ) -> None:
        self.lesson = lesson
        self.playground = playground
        self._show = show
        self._status = status
        self._course = course
        self._progress = progress or Progress()
        self._last: dict[str, Verdict] = {}
        self._given: dict[str, list[str]] = {}
        self._clicked: dict[str, str] = {}

    @property
    def docker(self) -> docker.DockerClient:
        """The Docker client of the first node."""
        return self.node(1).docker

    @property
    def nodes(self) -> Sequence[Node]:
        """All nodes of the playground."""
        return self.playground.nodes

    @property
    def swarm(self) -> Swarm:
        """The swarm that the nodes form, in a lesson that has one."""
        return self.playground.swarm

    @property
    def store(self) -> ObjectStore:
        """The playground's S3 and Swift server, made at its first use."""
        return self.playground.store

    @property
    def hub(self) -> HubServer:
        """The playground's hub, made at its first use; engines call it `hub.lab`."""
        return self.playground.hub

    def node(self, number: int = 1) -> Node:
        """A node, counted from 1."""
        return self.playground.node(number)

    def url(self, port: int) -> str:
        """Where the first node's port is reached from this machine."""
        return self.node(1).url(port)

    @property
    def registry(self) -> RegistryClient:
        """A client of the registry on the first port that the lesson publishes."""
        # A new client each time: a node that was restarted has other ports.
        return RegistryClient(self.url(self.lesson.ports[0]))

    def http(self, port: int = 5000, *, node: int = 1) -> httpx.Client:
        """An HTTP client for what listens on a node's port; proxy settings of this machine are ignored."""
        url = self.node(node).url(port)
        # The authorities that were read before: httpx would read them again for each client.
        return httpx.Client(base_url=url, verify=authorities(), trust_env=False)

    def remove(self, *names: str, node: int = 1) -> None:
        """Remove containers of a node by name; do nothing for one that does not exist.

        A cell that begins with this call can be run again.
        """
        for name in names:
            with suppress(docker.errors.NotFound):
                self.node(node).docker.containers.get(name).remove(force=True)

    def wait(self, port: int = 5000, *, node: int = 1, timeout_s: float = 15.0) -> None:
        """Wait until something speaks HTTP on a node's port: a container runs before it listens.

        Raises:
            LessonError: The container that should answer has exited; the message ends with its log.
            WaitTimeout: Nothing answered in time; the message ends with the container's log.
        """
        wait_for_http(self.node(node), port, timeout_s=timeout_s)

    def push(self, ref: str, *, node: int = 1) -> str:
        """Push from a node and return the digest; raise PushFailed where it fails."""
        return transfer.push(self.node(node).docker, ref, **self._look(node))

    def pull(self, ref: str, *, node: int = 1) -> str:
        """Pull into a node and return the digest; raise PullFailed where it fails."""
        return transfer.pull(self.node(node).docker, ref, **self._look(node))

    def explain(self, error: BaseException) -> str:
        """Say what to do about an error of Docker's SDK or an HTTP client; empty where nothing known was observed."""
        return explain(error, self.playground, self.lesson.ports)

    def _look(self, number: int) -> dict[str, Any]:
        """What a failure of a push or pull on a node is looked into with."""
        node = self.node(number)
        return {"ports": self._urls(node), "served": self._served, "node": node.name}

    def _served(self) -> Sequence[str]:
        return self.playground.served

    def _urls(self, node: Node) -> dict[int, str]:
        return {port: node.url(port) for port in self.lesson.ports}

    def check(self, exercise: str, **answers: Any) -> None:
        """Judge an exercise by the present state, keep the outcome and show it."""
        self._show(self.verdict(exercise, **answers))

    def verdict(self, exercise: str, **answers: Any) -> Verdict:
        """Judge an exercise, keep the outcome and return it.

        Raises:
            LessonError: There is no such exercise, or an answer is not plain JSON.
        """
        task, answers = self._asked(exercise, answers)
        verdict = judge(task, self.playground, answers)
        if exercise in self._clicked and answers.get("choice") is None:
            verdict = replace(verdict, message=_to_write(self._clicked[exercise]))
        self._last[exercise] = verdict
        try:
            # A disk that is full must not hide the verdict.
            self._progress.record(self.lesson.slug, exercise, verdict.outcome)
        except OSError as error:
            self._show(Note(f"Your progress could not be saved: {error}"))
        return verdict

    def _asked(self, exercise: str, answers: dict[str, Any]) -> tuple[Task, dict[str, Any]]:
        """Return what is to be judged, and all answers."""
        task = self.lesson.task(exercise)
        return task, {"choice": None, **answers} if isinstance(task, Question) else answers

    def _judge_click(self, exercise: str, choice: str) -> Tried:
        """Say whether a clicked choice is right, and what to write.

        It is not kept as progress: a click is in no cell, so it is not in the notebook that is handed in.
        """
        question = self.lesson.question(exercise)
        finding = question.check(self.playground, {"choice": choice})
        if finding.outcome != "passed":
            right = None if finding.outcome == "not attempted" else False
            return Tried(exercise, right, False, finding.message)
        self._clicked[exercise] = choice
        last = self._last.get(exercise)
        if last and last.passed:
            return Tried(exercise, True, True, finding.message)
        if last is None and self._progress.outcomes(self.lesson.slug).get(exercise) == "passed":
            # Perhaps in another copy of the notebook.
            before = f'It has passed before; what counts is `choice = "{choice}"` in the cell'
            return Tried(exercise, True, True, f"{finding.message} {before}")
        return Tried(exercise, True, False, f"{finding.message} {_to_write(choice)}")

    def hint(self, exercise: str) -> None:
        """Show the next hint; the first is about what the last check saw, where it had one."""
        task = self.lesson.task(exercise)
        given = self._given.setdefault(exercise, [])
        last = self._last.get(exercise)
        # By text and not by number: the hint of a check may change with each check, and none is shown twice.
        hints = [*([last.hint] if last and last.hint else []), *task.hints]
        fresh = [hint for hint in hints if hint not in given]
        if not fresh:
            more = "no more hints" if given else "no hints"
            return self._show(
                Note(f'{exercise}: {more}; lab.solution("{exercise}") shows an answer')
            )
        given.append(fresh[0])
        self._show(shown.Hint(exercise, fresh[0], len(given), len(given) + len(fresh) - 1))
        return None

    def solution(self, exercise: str) -> None:
        """Show one right answer."""
        self._show(self._answer(self.lesson.task(exercise)))

    def question(self, exercise: str) -> None:
        """Ask a question. A click tells whether a choice is right; `choice = "…"` in the cell is the answer."""
        question = self.lesson.question(exercise)
        self._show(shown.Asked(question, lambda choice: self._judge_click(exercise, choice)))

    def progress(self) -> None:
        """Show what is passed, in this lesson and in the course."""
        course = tuple(standing(lesson, self._progress) for lesson in self._course())
        self._show(shown.ProgressReport(standing(self.lesson, self._progress), course))

    def storage(self, container: str = "registry") -> None:
        """Draw what the registry in `container`, running or not, has stored in its folder.

        Raises:
            LessonError: There is no such container, it stores elsewhere, or has no such folder.
        """
        found = find_container(self.docker, container)
        self._show(stored_by(found))

    def show_swarm(self) -> None:
        """Draw the swarm as it is now: its nodes, what runs on each, its services."""
        self._show(SwarmMap(self.swarm.state()))

    def watch(self) -> None:
        """Draw the swarm, and go on drawing it while other cells run, until you stop it."""
        self._show(swarm_watch.start(self.playground))

    @contextmanager
    def requests(self, *containers: str, port: int = 5000) -> Iterator[Recorded]:
        """Draw the requests to the registry in a container while the block runs; of several, side by side.

        Args:
            containers: Names, by default `registry`. One is on the first node, several are on any.
            port: Where one answers; of several it is found.

        Yields:
            What each registry was asked, by the container's name; empty until the block ends.

        Raises:
            LessonError: There is no such container, it does not answer, or writes no access log.
        """
        recorded: Recorded = {}
        found = self._recordings(containers or ("registry",), port)
        recordings = Recordings(found)
        recordings.start()
        try:
            yield recorded
        finally:
            traffic, documents = recordings.end()
            recorded.update(traffic)
            self._show(shown.requests(traffic, documents))

    def _recordings(self, names: Sequence[str], port: int) -> dict[str, Recording]:
        if len(names) == 1:
            container = find_container(self.docker, names[0])
            return {names[0]: Recording(container, self.url(port))}
        each = {name: find_on_nodes(self.nodes, name) for name in names}
        return {name: Recording(it, node.url(port_of(it))) for name, (node, it) in each.items()}

    def shell(self, node: int = 1) -> None:
        """Show what to type for the `docker` command line to speak to the same node."""
        from labs.playground import HOST_VARIABLES

        variables = self.node(node).environment()
        name = self.node(node).name
        lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
        text = "\n".join([f"unset {' '.join(HOST_VARIABLES)}", *lines, "docker ps"])
        self._show(
            Note(
                # The engine makes a missing folder without a word, so `-v "$(pwd)"/auth:/auth` mounts an empty one.
                f"A folder after -v is one of {name}, not of this machine: "
                f"lab.node({node}).write_file(path, content) writes there.\n"
                f"In a terminal, for this node:\n{text}"
            )
        )

    def reset(self) -> None:
        """Make a new playground. What you passed stays passed."""
        # Before its nodes are removed: the watch's clients would keep asking nodes that are gone.
        swarm_watch.end(self.playground.name)
        with self._status(self.lesson) as say:
            self.playground.reset(say)
        # What the last checks saw is gone with the playground; progress is kept.
        self._last.clear()
        self._given.clear()
        self._show(
            Note(
                "A clean playground. Run `docker = lab.docker` again: the old client has no engine any more."
            )
        )

    def close(self) -> None:
        """Remove the playground."""
        swarm_watch.end(self.playground.name)
        self.playground.close()

    def __repr__(self) -> str:
        return f'Lab("{self.lesson.slug}")'

    def _answer(self, task: Task) -> shown.Shown:
        if isinstance(task, Question):
            code = f'choice = "{task.right}"'
            right = task.choices[task.right].rstrip(".")
            return shown.Answer(task.id, code, f"{right}. {task.why[task.right]}")
        source = course_root() / "solutions" / f"{self.lesson.file_stem}.py"
        answer = written_answer(source, task.cell)
        if answer is None:
            return Note(f"{task.id}: this copy of the course has no solutions/{source.name}")
        return shown.Answer(
            task.id, answer, "one way to do it; another one is as right if it passes"
        )


def _to_write(choice: str) -> str:
    return (
        f'Write `choice = "{choice}"` into the cell of the question and run it, then its check: '
        "a click is not saved in the notebook"
    )
