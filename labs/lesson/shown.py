"""What a lesson shows, as data, each with a complete `text` form. `labs.views` draws it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from labs.lesson.exercise import Question
from labs.lesson.lesson import Lesson
from labs.lesson.progress import Standing
from labs.registry import (
    Blob,
    Index,
    Link,
    Manifest,
    Step,
    Storage,
    Traffic,
    TrafficRow,
    conversation,
    traffic_rows,
)

# A notebook keeps what it shows. These are about 100 KB of HTML; what lessons make is a tenth of it.
_MOST_LINKS, _MOST_OF_ONE, _MOST_BLOBS = 150, 60, 80


class Shown(Protocol):
    """Anything that a lesson shows."""

    @property
    def text(self) -> str:
        """Its content without a rich view."""
        ...


Show = Callable[[Shown], None]


Say = Callable[[str], None]
Status = Callable[[Lesson], AbstractContextManager[Say]]


def print_status(_lesson: Lesson) -> AbstractContextManager[Say]:
    """Print the steps of what takes time, outside a notebook."""
    return nullcontext(lambda line: print(line, file=sys.stderr))


def print_text(shown: Shown) -> None:
    """Print something, outside a notebook."""
    print(shown.text)


@dataclass(frozen=True)
class Note:
    """Text without a drawing."""

    text: str


@dataclass(frozen=True)
class Hint:
    """One hint of an exercise, the `number`th of `total`."""

    exercise: str
    words: str
    number: int
    total: int

    @property
    def text(self) -> str:
        """The hint in one line."""
        return f"{self.exercise} hint {self.number} of {self.total}: {self.words}"


@dataclass(frozen=True)
class Answer:
    """One right answer to an exercise, as code, and what to say with it."""

    exercise: str
    code: str
    remark: str

    @property
    def text(self) -> str:
        """Remark and code."""
        return f"# {self.exercise}: {self.remark}\n{self.code}"


@dataclass(frozen=True)
class Tried:
    """A choice of a question that was clicked. It is not an answer, so it has no outcome.

    Attributes:
        exercise: Id of the question.
        right: Whether it is the right one; None if nothing was chosen.
        written: Whether the last check has found it in the cell.
        words: What is to be said of it, and to be done.
    """

    exercise: str
    right: bool | None
    written: bool
    words: str

    @property
    def heading(self) -> str:
        """What it is, after the id."""
        if self.right is None:
            return "nothing chosen"
        return ("right" if self.written else "right, not written yet") if self.right else "no"

    @property
    def text(self) -> str:
        """Heading and words in one line."""
        return f"{self.exercise} {self.heading}: {self.words}"


@dataclass(frozen=True)
class Asked:
    """A question, and what judges a choice that is clicked; the answer itself is written into the cell."""

    question: Question
    check: Callable[[str], Tried]

    @property
    def text(self) -> str:
        """The question, its choices, and how to answer."""
        choices = [f"  {name}. {words}" for name, words in self.question.choices.items()]
        answer = 'Answer: choice = "…"'
        return "\n".join([f"{self.question.id} {self.question.title}", *choices, answer])


@dataclass(frozen=True)
class ProgressReport:
    """How far a lesson is, exercise by exercise, and the lessons of the course."""

    lesson: Standing
    course: tuple[Standing, ...] = ()

    @property
    def text(self) -> str:
        """The lesson's exercises and points, then a line for each lesson of the course."""
        rows = [f"  {id} {outcome} - {title}" for id, title, outcome in self.lesson.exercises]
        rows += [f"  {self.lesson.points_line}"] if self.lesson.out_of else []
        course = [f"  {standing.line}" for standing in self.course]
        return "\n".join([self.lesson.line, *rows, *(["Course:", *course] if course else [])])


@dataclass(frozen=True)
class Tree:
    """What a registry has stored under its folder; of many links and blobs the first, and how many more there are."""

    storage: Storage
    root: str

    @property
    def links(self) -> dict[str, list[Link]]:
        """The links that are shown, by repository, at most so many of each."""
        left, found = _MOST_LINKS, {}
        by_repository: dict[str, list[Link]] = {}
        for link in self.storage.links:
            by_repository.setdefault(link.repository, []).append(link)
        for repository in sorted(by_repository):
            if left <= 0:
                break
            found[repository] = by_repository[repository][: min(left, _MOST_OF_ONE)]
            left -= len(found[repository])
        return found

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """The blobs that are shown."""
        return self.storage.blobs[:_MOST_BLOBS]

    @property
    def left_out(self) -> str:
        """What is not shown, in words; empty where all is."""
        shown = self.links
        counts = (
            (len(self.storage.repositories) - len(shown), "repository", "repositories"),
            (len(self.storage.links) - sum(map(len, shown.values())), "link", "links"),
            (len(self.storage.blobs) - len(self.blobs), "blob", "blobs"),
        )
        parts = [f"{n:,} {one if n == 1 else many}" for n, one, many in counts if n]
        return f"not shown: {', '.join(parts)}" if parts else ""

    @property
    def text(self) -> str:
        """Links by repository, then blobs; digests are last in their lines and do not affect the order."""
        lines = [self.root]
        for repository, links in self.links.items():
            lines.append(f"  repositories/{repository}")
            lines += [f"    {link.label} -> {self.target(link.digest)}" for link in links]
        lines.append("  blobs")
        for blob in self.blobs:
            sizes = f"{count(blob.links, 'link')}, {count(blob.size_bytes, 'byte')}"
            lines.append(f"    blob {blob.number}: {sizes}, {blob.digest}")
        lines += [] if self.storage.blobs else ["    none"]
        return "\n".join([*lines, *([f"  {self.left_out}"] if self.left_out else [])])

    def target(self, digest: str) -> str:
        """Where a link leads, in words."""
        blob = self.storage.blob(digest)
        return f"blob {blob.number}" if blob else "no blob: it was deleted"


@dataclass(frozen=True)
class Conversation:
    """The requests to a registry, step by step."""

    steps: tuple[Step, ...]

    @property
    def text(self) -> str:
        """A line for each request: method, path, status, meaning; then what needed no request."""
        width = max((len(step.path) for step in self.steps if step.method), default=0)
        lines = [
            f"{step.method:5} {step.path:{width}}  {step.status}  {step.meaning}"
            if step.method
            else f"----- {step.meaning}"
            for step in self.steps
        ]
        return "\n".join(lines or ["no requests"])


@dataclass(frozen=True)
class RequestTable:
    """The requests to several registries side by side: a row for each thing that was asked for."""

    servers: tuple[str, ...]
    rows: tuple[TrafficRow, ...]

    def cell(self, row: TrafficRow, server: int) -> str:
        """How often a registry was asked for what is in a row, and what it sent of a blob."""
        if not row.times[server]:
            return "-"
        sent = row.blob_bytes[server]
        return f"{row.times[server]} x" + (f", {count(sent, 'byte')}" if sent else "")

    @property
    def totals(self) -> tuple[str, ...]:
        """For each registry all of its requests, and all that it sent of blobs."""
        requests = [sum(row.times[n] for row in self.rows) for n in range(len(self.servers))]
        sent = [sum(row.blob_bytes[n] for row in self.rows) for n in range(len(self.servers))]
        return tuple(
            f"{count(n, 'request')}, " + (count(size, "byte") if size else "no bytes of blobs")
            for n, size in zip(requests, sent, strict=True)
        )

    @property
    def text(self) -> str:
        """A line for each row, and one with the totals."""
        asked = [f"{row.method} {row.path} {row.status}" for row in self.rows]
        width = max(map(len, [*asked, "together"]))
        # One column alone: sizes are masked where stored outputs are compared, spaces after them are not.
        lines = [
            (said, [self.cell(row, n) for n in range(len(self.servers))])
            for said, row in zip(asked, self.rows, strict=True)
        ]
        return "\n".join(
            f"{said:{width}}  "
            + " | ".join(
                f"{name}: {words}" for name, words in zip(self.servers, cells, strict=True)
            )
            for said, cells in [*lines, ("together", list(self.totals))]
        )


def requests(
    servers: Mapping[str, Traffic], documents: Sequence[Manifest | Index]
) -> Conversation | RequestTable:
    """What one registry was asked, step by step; of several, a table.

    Args:
        servers: What each was asked, by its name.
        documents: Manifests and indexes that this was about.
    """
    if len(servers) == 1:
        (traffic,) = servers.values()
        return Conversation(tuple(conversation(traffic.requests, documents)))
    return RequestTable(tuple(servers), tuple(traffic_rows(servers, documents)))


def count(number: int, noun: str) -> str:
    """`1 link`, `2 links`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
