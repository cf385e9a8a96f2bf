"""`labs start`: an engine, the images, JupyterLab on lesson 1.

JupyterLab does not wait for all images: where some are missing, those of the first lesson are made before it serves
and the others while it does. `labs.open` of a lesson that needs one of those waits for it and says so.
"""

from __future__ import annotations

import os
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from labs.errors import LabsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from labs.engine import Engine


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
    images_from: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Get the images from the instructor's machine, at the address that `labs images serve` shows there.",
        ),
    ] = "",
) -> None:
    """Find or start an engine, get the images, open JupyterLab in notebooks/ on lesson 1."""
    if images_from:
        _get_from(images_from)
    from labs.cli import notebook
    from labs.cli.prompts import asker, say_with_time
    from labs.engine import find_or_start

    say = say_with_time()
    engine = find_or_start(asker(yes), say)
    say(f"engine: {engine.version} ({engine.source})")
    if not lab:
        _get_all(engine, say)
    elif notebook.find():
        notebook.serve(port, browser=browser, say=say)
        _get_all(engine, say)
    else:
        _get_first(engine, say)
        notebook.serve(port, browser=browser, say=say)


def _get_from(address: str) -> None:
    """Let this process, and each lesson of the JupyterLab that it starts, get images from there."""
    from labs.images import VARIABLE, ClassAddress

    os.environ[VARIABLE] = str(ClassAddress.parse(address))


def _get_all(engine: Engine, say: Callable[[str], None]) -> None:
    from labs import images

    made = images.ensure(engine.client, say)
    say(f"images: {len(made)} made or pulled" if made else "images: all here")


def _get_first(engine: Engine, say: Callable[[str], None]) -> None:
    """Get what the first lesson needs, and begin with the rest: a thread that ends with this process."""
    from labs import images, lessons

    if all(image.current for image in images.stock(engine.client)):
        _get_all(engine, say)  # looks whether the mirror serves them all
        return
    images.ensure(engine.client, say, served=lessons.all_lessons()[0].images)
    say("images: what the first lesson needs is here, the others follow")
    # A daemon: Ctrl-C must end the command; the next start, or a lesson, gets what is missing.
    Thread(target=_follow, args=(engine, say), name="images", daemon=True).start()


def _follow(engine: Engine, say: Callable[[str], None]) -> None:
    """Get the images that are missing; an error is printed, and `labs doctor` reports it later."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        _get_all(engine, say)
    except (LabsError, DockerException, RequestException) as error:
        say(f"images: {error}\nThe next `labs start` goes on, and so does a lesson that needs one.")
