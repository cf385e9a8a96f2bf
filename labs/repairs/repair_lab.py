"""`RepairLab`, what `labs.mend(name)` returns: a broken registry in its own playground, and the judge of its repair."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from labs.lesson import (
    Answer,
    Note,
    Progress,
    Shown,
    Verdict,
    Workplace,
    judge,
    next_hint,
)
from labs.repairs import notes
from labs.repairs.notes import Notes
from labs.repairs.scenario import Scenario
from labs.repairs.shelf import SHOP, all_scenarios, draw
from labs.repairs.terminal import ways_in

if TYPE_CHECKING:
    from labs.playground import Playground

Show: TypeAlias = Callable[[Shown], None]
Say: TypeAlias = Callable[[str], None]
Working: TypeAlias = Callable[[str], AbstractContextManager[Say]]
"""Shows the steps of slow work, under a title."""


def print_shown(shown: Shown) -> None:
    """Print something, outside a notebook."""
    print(shown.text)


def quietly(_title: str) -> AbstractContextManager[Say]:
    """Show no steps."""
    return nullcontext(lambda _line: None)


class RepairLab(Workplace):
    """One broken registry, open in its playground: node 1 is the server, node 2 the user's machine.

    Args:
        scenario: What is broken.
        playground: Where.
        show: Shows results.
        working: Shows the steps of a reset.
        progress: Where outcomes are kept.
    """

    def __init__(
        self,
        scenario: Scenario,
        playground: Playground,
        *,
        show: Show = print_shown,
        working: Working = quietly,
        progress: Progress | None = None,
    ) -> None:
        super().__init__(playground, scenario.ports, show)
        self.scenario = scenario
        self._working = working
        self._progress = progress or Progress()

    def symptom(self) -> None:
        """Show what the user reports."""
        self._show(Note(self.scenario.symptom))

    def reproduce(self) -> None:
        """Do what the user did, and show what the software says to it."""
        said = self.scenario.reproduce(self.playground)
        self._show(Note(said or "It works: no error."))

    def check(self) -> None:
        """Judge the repair by the present state, keep the outcome and show it."""
        self._show(self.verdict())

    def verdict(self) -> Verdict:
        """Judge the repair, keep the outcome and return it."""
        kept = Notes.read(self.scenario.slug)
        verdict = judge(self.scenario.exercise, self.playground, kept.set_up)
        kept.hint = verdict.hint
        kept.write(self.scenario.slug)
        self._progress.record(SHOP, self.scenario.slug, verdict.outcome)
        return verdict

    def hint(self) -> None:
        """Show the next hint; the first is about what the last check saw, where it had one."""
        slug = self.scenario.slug
        kept = Notes.read(slug)
        found = next_hint(
            self.scenario.exercise, Verdict(slug, "not yet", hint=kept.hint), kept.given
        )
        if not found:
            return self._show(Note(f"{slug}: no more hints; the solution shows one way to mend it"))
        kept.given.append(found.words)
        kept.write(slug)
        self._show(found)
        return None

    def solution(self) -> None:
        """Show one right repair."""
        code = source_of_solution(self.scenario)
        self._show(
            Answer(self.scenario.slug, code, "one way; another one is as right if it passes")
        )

    def terminal(self) -> None:
        """Show how to go on in a terminal."""
        self._show(Note(ways_in(self.scenario.slug, self.playground)))

    def reset(self) -> None:
        """Make a new playground and break it again. What was mended stays so in your progress."""
        notes.forget(self.scenario.slug)
        with self._working(self.scenario.title) as say:
            self.playground.reset(say)
            _break(self.scenario, self.playground, say)

    def close(self) -> None:
        """Remove the playground."""
        notes.forget(self.scenario.slug)
        self.playground.close()

    def __repr__(self) -> str:
        return f'RepairLab("{self.scenario.slug}")'


def open_repair(
    scenario: Scenario,
    *,
    show: Show = print_shown,
    working: Working = quietly,
    fresh: bool = True,
) -> RepairLab:
    """Open a scenario: make its playground and break it, or find it as it was left.

    Args:
        scenario: What is broken.
        show: Shows results.
        working: Shows the steps.
        fresh: Whether it is made if it does not exist; otherwise that is an error.

    Raises:
        NodeUnavailable: It does not exist, and `fresh` is False.
        LabsError: It cannot be made.
    """
    from labs.playground import NodeUnavailable, Playground

    playground = Playground.of(scenario.slug, scenario.spec)
    broken = Notes.read(scenario.slug).node
    found = _first_node(playground)
    if not fresh and (found is None or found != broken):
        raise NodeUnavailable(
            f"{scenario.slug} is not open", hint=f"`labs mend {scenario.slug}` opens it"
        )
    with working(scenario.title) as say:
        if found in (None, broken):
            playground.open(say)  # new, or as it was left: nodes that are off are started
        else:
            playground.reset(say)  # its set-up was interrupted
        if playground.node(1).container.id != Notes.read(scenario.slug).node:
            _break(scenario, playground, say)
    return RepairLab(scenario, playground, show=show, working=working)


def open_repairs() -> list[Scenario]:
    """The scenarios that are open in this course folder."""
    from labs.playground import Playground

    kept = notes.noted()
    return [
        each
        for each in all_scenarios()
        if each.slug in kept
        and _first_node(Playground.of(each.slug, each.spec)) == Notes.read(each.slug).node
    ]


def next_repair() -> Scenario:
    """The scenario that is open, or one by chance that is not mended yet."""
    return next(iter(open_repairs()), None) or draw(Progress())


def _first_node(playground: Playground) -> str | None:
    """Id of its first node's container; None if there is none."""
    from labs.playground import NodeUnavailable

    try:
        return playground.find().node(1).container.id
    except NodeUnavailable:
        return None


def solve(repair: RepairLab) -> None:
    """Mend it in the way that its solution shows."""
    import_module(f"{repair.scenario.module}.solution").solution(repair)


def source_of_solution(scenario: Scenario) -> str:
    """The code of the solution: the body of its function, without its docstring."""
    function = import_module(f"{scenario.module}.solution").solution
    body = inspect.getsource(function).partition(":\n")[2]
    code = textwrap.dedent(body).strip()
    return code.partition('"""\n')[2].strip() if code.startswith('"""') else code


def _break(scenario: Scenario, playground: Playground, say: Say) -> None:
    say("breaking it")
    set_up = dict(scenario.set_up(playground))
    Notes(playground.node(1).container.id or "", set_up).write(scenario.slug)
