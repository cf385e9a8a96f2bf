"""`labs mend`: registries that are broken on purpose, each in its own playground, to be mended."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from shutil import which
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from labs.repairs import RepairLab, Scenario


_NAME = "A scenario; without one, all are listed, or an option is for the one that is open."


def register(app: typer.Typer) -> None:
    """Add the command to the `labs` program."""
    app.command()(mend)


def mend(
    name: Annotated[str, typer.Argument(help=_NAME)] = "",
    drawn: Annotated[
        bool, typer.Option("--draw", help="Open one by chance that you have not mended yet.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Judge your repair; exit status 1 until it passes.")
    ] = False,
    reproduce: Annotated[
        bool, typer.Option("--reproduce", help="Do what the user did; show the error.")
    ] = False,
    hint: Annotated[bool, typer.Option("--hint", help="Show the next hint.")] = False,
    solution: Annotated[bool, typer.Option("--solution", help="Show one right repair.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Break a clean playground again.")] = False,
    close: Annotated[bool, typer.Option("--close", help="Remove the playground.")] = False,
) -> None:
    """Mend a registry that is broken on purpose: `labs mend NAME`, look for the cause, `labs mend NAME --check`."""
    from labs import repairs

    asked = {
        "check": check,
        "reproduce": reproduce,
        "hint": hint,
        "solution": solution,
        "reset": reset,
        "close": close,
    }
    chosen = [word for word, given in asked.items() if given]
    if len(chosen) + drawn > 1 or (drawn and name):
        raise typer.BadParameter("give a NAME and at most one option, or --draw alone")
    if not (name or drawn or chosen):
        _list()
        return
    from labs.lesson import Progress

    if chosen:
        _do(chosen[0], repairs.find(name) if name else _the_open_one())
    else:
        _open(repairs.draw(Progress()) if drawn else repairs.find(name))


def _the_open_one() -> Scenario:
    from labs import repairs
    from labs.errors import LabsError

    found = repairs.open_repairs()
    if len(found) == 1:
        return found[0]
    names = ", ".join(each.slug for each in found)
    raise LabsError(
        f"{len(found)} repairs are open{': ' if names else ''}{names}",
        hint="give the NAME of one" if names else "`labs mend NAME` opens one",
    )


def _called() -> str:
    """The program as it can be typed in the course's folder."""
    return "labs" if which("labs") else ".venv/bin/labs"


def _list() -> None:
    """Names and symptoms; what is behind them is for the student to find."""
    from labs import repairs
    from labs.lesson import Progress

    outcomes = Progress().outcomes(repairs.SHOP)
    every = repairs.all_scenarios()
    width = max(len(each.slug) for each in every)
    for each in every:
        done = "mended" if outcomes.get(each.slug) == "passed" else ""
        typer.echo(f"{done:7} {each.slug:{width}}  {each.title}")
    labs = _called()
    typer.echo(
        f"`{labs} mend NAME` breaks it in a playground of its own, `{labs} mend --draw` any one."
    )


def _open(scenario: Scenario) -> None:
    from labs.repairs import open_repair

    repair = open_repair(scenario, working=_steps)
    typer.echo(f"\n{_wrapped(scenario.symptom)}\n")
    typer.echo("\n".join(_ways_in(repair)))


def _do(word: str, scenario: Scenario) -> None:
    from labs.repairs import open_repair

    repair = open_repair(scenario, working=_steps if word == "reset" else _no_steps, fresh=False)
    if word == "check":
        verdict = repair.verdict()
        typer.echo(verdict.line)
        if verdict.outcome == "not yet":
            typer.echo(f"`{_called()} mend {scenario.slug} --hint` knows more.")
        raise typer.Exit(0 if verdict.passed else 1)
    getattr(repair, word)()
    if word == "reset":
        typer.echo(f"\n{_wrapped(scenario.symptom)}\n")
    if word == "close":
        typer.echo(f"removed the playground of {scenario.slug}")


def _wrapped(text: str) -> str:
    """Text for a terminal; lines that are quoted from software, with spaces before them, stay whole."""
    return "\n".join(
        line if line.startswith("  ") else textwrap.fill(line, 79, break_on_hyphens=False)
        for line in text.splitlines()
    )


def _ways_in(repair: RepairLab) -> list[str]:
    """How to get into the nodes, and what to call then."""
    from labs.engine import find

    engine = find()
    # An engine that the course started is not the one that `docker` speaks to by itself.
    docker = f"docker --host {engine.address}" if engine.embedded else "docker"
    shells = [
        f"  {docker} exec -it {node.container.name} bash   # {node.name}, {role}"
        for node, role in zip(repair.nodes, ("the server", "the user's machine"), strict=False)
    ]
    call = f"{_called()} mend {repair.scenario.slug}"
    return [
        "A shell in a node, with `docker` and the files of that machine:",
        *shells,
        "A node has no editor: `echo … >> file` adds a line, `cat > file` writes one (Ctrl-D ends it).",
        "Then:",
        f"  {call} --reproduce   the error as the user gets it",
        f"  {call} --check       is it mended?",
        f"  {call} --hint        or --solution, --reset, --close",
    ]


def _steps(_title: str) -> AbstractContextManager[Callable[[str], None]]:
    """Print the steps of what takes seconds."""
    return nullcontext(lambda line: typer.echo(line, err=True))


def _no_steps(_title: str) -> AbstractContextManager[Callable[[str], None]]:
    return nullcontext(lambda _line: None)
