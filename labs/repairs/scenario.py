"""One scenario: a registry that is broken in one way. It holds what is said; what is done is in modules beside it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from labs.lesson import Answers, Exercise, Finding, not_attempted
from labs.repairs.fingerprint import fingerprint

if TYPE_CHECKING:
    from types import ModuleType

    from labs.playground import Playground, PlaygroundSpec

_UNTOUCHED, _ABLE = "untouched", "able"


@dataclass(frozen=True)
class Scenario:
    """A broken registry.

    Its folder, which is its slug with underscores, holds `set_up.py` with `set_up` and `reproduce`, `checks.py` with
    `mended`, `solution.py` with `solution`, and `page.md`.

    Attributes:
        slug: What `labs mend` calls it. It says what is seen, never why.
        words: The software's own, which the title of the error's page is.
        title: The symptom in a line.
        symptom: What a user reports.
        hints: From where to look to what to call.
        lesson: Slug of the lesson that shows what is behind it.
        section: Where the lesson shows it: the anchor of a section, if the page has one.
        nodes: How many nodes it needs: node 1 is the server, node 2 the user's machine.
        swarm: Whether they form a swarm, whose one manager is node 1.
        ports: What nodes publish.
        images: References that its nodes must be able to pull.
    """

    slug: str
    words: str
    title: str
    symptom: str
    hints: tuple[str, ...]
    lesson: str
    nodes: int = 2
    swarm: bool = False
    ports: tuple[int, ...] = (5000, 5001)
    images: tuple[str, ...] = ("registry:2", "hello-world:latest", "busybox:latest")

    @property
    def spec(self) -> PlaygroundSpec:
        """What its playground must be."""
        from labs.playground import PlaygroundSpec  # with Docker's SDK: not for a list of titles

        if self.swarm:
            workers = self.nodes - 1
            return PlaygroundSpec(self.ports, managers=1, workers=workers, images=self.images)
        return PlaygroundSpec(self.ports, self.nodes, images=self.images)

    @property
    def exercise(self) -> Exercise:
        """What is to be mended, as an exercise; its verdict begins with the slug."""
        return Exercise(self.slug, self.title, self._judge, self.hints, cell="")

    def set_up(self, playground: Playground) -> Answers:
        """Break a clean playground; return what the check needs to know of it, as plain JSON."""
        from labs.repairs.common import abilities

        notes: dict[str, Any] = self._module("set_up").set_up(playground)
        able: Any = abilities(playground.node(1))
        return {**notes, _ABLE: able, _UNTOUCHED: fingerprint(playground)}

    def reproduce(self, playground: Playground) -> str:
        """Do what the user did; return the error's words, empty if there is no error."""
        said: str = self._module("set_up").reproduce(playground)
        return said

    @property
    def module(self) -> str:
        """The dotted name of its package."""
        return f"{__name__.rpartition('.')[0]}.{self.slug.replace('-', '_')}"

    @property
    def page(self) -> str:
        """What its page says below the title, as markdown."""
        return files(self.module).joinpath("page.md").read_text(encoding="utf-8")

    def _module(self, name: str) -> ModuleType:
        return import_module(f"{self.module}.{name}")

    def _judge(self, playground: Playground, answers: Answers) -> Finding:
        """Whether it is mended, by the state; a playground that nothing was done to is not attempted."""
        from labs.repairs.common import taken_away

        finding: Finding = self._module("checks").mended(playground, answers)
        if finding.outcome == "passed":
            before: Any = answers.get(_ABLE) or ()  # none in notes that an older version wrote
            return taken_away(playground.node(1), before) or finding
        if finding.outcome == "not yet" and fingerprint(playground) == answers[_UNTOUCHED]:
            return not_attempted(f"nothing has changed yet: {self.title}")
        return finding
