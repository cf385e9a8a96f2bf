"""`labs start`: an engine, the images, JupyterLab on lesson 1."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the `labs` program."""
    app.command()(start)


def start(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
    lab: Annotated[bool, typer.Option("--lab/--no-lab", help="Open JupyterLab at the end.")] = True,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Let JupyterLab open a browser.")
    ] = True,
    port: Annotated[
        int, typer.Option(help="JupyterLab's port; the next free one is taken.")
    ] = 8888,
) -> None:
    """Find or start an engine, get the images, open JupyterLab in notebooks/ on lesson 1."""
    from labs import images
    from labs.cli import notebook
    from labs.cli.prompts import asker, say_with_time
    from labs.engine import find_or_start

    say = say_with_time()
    engine = find_or_start(asker(yes), say)
    say(f"engine: {engine.version} ({engine.source})")
    made = images.ensure(engine.client, say)
    say(f"images: {len(made)} made or pulled" if made else "images: all here")
    if lab:
        notebook.serve(port, browser=browser, say=say)
