"""`labs mend`: registries that are broken on purpose, each in its own playground, to be mended."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from labs.repairs import Scenario


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


def _list() -> None:
    """Names and symptoms; what is behind them is for the student to find."""
    from labs import repairs

    typer.echo(repairs.repair_list())
    labs = repairs.called()
    typer.echo(
        f"`{labs} mend NAME` breaks it in a playground of its own, `{labs} mend --draw` any one."
    )


def _open(scenario: Scenario) -> None:
    from labs.repairs import open_repair, ways_in

    repair = open_repair(scenario, working=_steps)
    typer.echo(f"\n{_wrapped(scenario.symptom)}\n")
    typer.echo(ways_in(scenario.slug, repair.playground))


def _do(word: str, scenario: Scenario) -> None:
    from labs.repairs import called, open_repair

    repair = open_repair(scenario, working=_steps if word == "reset" else _no_steps, fresh=False)
    if word == "check":
        verdict = repair.verdict()
        typer.echo(verdict.line)
        if verdict.outcome == "not yet":
            typer.echo(f"`{called()} mend {scenario.slug} --hint` knows more.")
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


def _steps(_title: str) -> AbstractContextManager[Callable[[str], None]]:
    """Print the steps of what takes seconds."""
    return nullcontext(lambda line: typer.echo(line, err=True))


def _no_steps(_title: str) -> AbstractContextManager[Callable[[str], None]]:
    return nullcontext(lambda _line: None)
