"""`labs bench`: measure speed and size beside their baselines, and write build/bench.json."""

from __future__ import annotations

import json
import os
import platform
import signal
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from labs.bench import Row, Setting

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[ROW]…", help="What to measure; see --list.")
]


def register(app: typer.Typer) -> None:
    """Add the command to the `labs` program."""
    app.command()(bench)


def bench(
    row: Names = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each thing is done.")] = 5,
    list_: Annotated[bool, typer.Option("--list", help="Say what can be measured.")] = False,
) -> None:
    """Measure speed and size beside their baselines: a table, and build/bench.json."""
    from labs.bench import MEASUREMENTS, measure, pick, setting
    from labs.builder import find_root
    from labs.cli.notebook import find as find_server
    from labs.cli.prompts import say_with_time

    if list_:
        for each in MEASUREMENTS:
            print(f"{each.name:14} {each.about}{' (only when asked for)' * each.asked}")
        return
    wanted = pick(row or [])
    root = find_root()
    # Ended from outside, it cleans up as after Ctrl+C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with setting(root, rounds=rounds, say=say_with_time(), find_server=find_server) as opened:
        rows = measure(opened, wanted)
        _write(opened, rows)
    if any(each.verdict == "not measured" for each in rows):
        raise typer.Exit(1)


def _write(opened: Setting, rows: list[Row]) -> None:
    from rich.console import Console

    from labs.bench import as_json, as_table

    out = opened.root / "build" / "bench.json"
    out.parent.mkdir(exist_ok=True)
    data = as_json(rows, rounds=opened.rounds, machine=_machine(opened))
    out.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    # In a pipe rich assumes 80 columns, and would break the rows of the table.
    Console(width=None if os.isatty(1) else 140).print(as_table(rows))
    for each in rows:
        if each.note:
            print(f"{each.name}: {each.note}")
    print(f"every round is in {out.relative_to(opened.root)}")


def _machine(opened: Setting) -> dict[str, Any]:
    return {
        "cpus": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "engine": f"{opened.engine.version} ({opened.engine.source.split()[0]})",
        # A busy machine makes times worthless: the reader of a result can see it here.
        "load": round(os.getloadavg()[0], 2),
    }
