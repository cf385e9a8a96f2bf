"""`labs doctor`: what works on this machine and what does not, each problem with the one thing to do."""

from __future__ import annotations

import dataclasses
import json
import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from labs.cli.health import Diagnosis

_WIDTH = 100


def register(app: typer.Typer) -> None:
    """Add the command to the `labs` program."""
    app.command()(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what is fine on this machine and what is not; exit status 0 if lessons can run."""
    from labs.cli.health import diagnose, healthy
    from labs.cli.probes import gather

    findings = diagnose(gather())
    fine = healthy(findings)
    if as_json:
        listed = [dataclasses.asdict(finding) for finding in findings]
        print(json.dumps({"ok": fine, "findings": listed}, indent=2, ensure_ascii=False))
    else:
        print("\n".join(line for finding in findings for line in lines(finding)))
        print("\nLessons can run." if fine else "\nLessons cannot run yet.")
    raise typer.Exit(0 if fine else 1)


def lines(finding: Diagnosis) -> list[str]:
    """One finding as lines of text: what was seen and, below it, what to do."""
    head = f"{finding.state:8}{finding.subject:14}"
    rest = " " * len(head)
    seen = textwrap.wrap(finding.seen, _WIDTH, initial_indent=head, subsequent_indent=rest)
    todo = textwrap.wrap(
        finding.todo, _WIDTH, initial_indent=f"{rest}-> ", subsequent_indent=f"{rest}   "
    )
    return [*(seen or [head.rstrip()]), *todo]
