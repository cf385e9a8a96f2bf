"""`labs images`: what there is, and how to get, keep and remove it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labs.cli.serve import serve

app = typer.Typer(help="The images of the course.", no_args_is_help=True, rich_markup_mode=None)
Again = Annotated[bool, typer.Option("--again", help="Also those that are there and current.")]
File = Annotated[Path, typer.Argument(help="The bundle, a .tar.gz file.")]


def register(parent: typer.Typer) -> None:
    """Add the commands to the `labs` program."""
    parent.add_typer(app, name="images")


@app.command("list")
def list_() -> None:
    """Show each image with its size and where it came from."""
    from rich.console import Console
    from rich.table import Table

    from labs.engine import find
    from labs.images import stock

    table = Table("image", "size", "source", "what it is", box=None, pad_edge=False)
    for row in stock(find().client, extra=True):
        size = f"{row.size_bytes / 1e6:.0f} MB" if row.present else "missing"
        source = row.source if row.current or not row.present else f"{row.source} (out of date)"
        table.add_row(row.image.name, size, source, row.image.about)
    # Wide enough for each row: in a pipe rich assumes 80 columns and breaks lines.
    Console(width=140).print(table)


@app.command()
def build(again: Again = False) -> None:
    """Build them from Debian packages."""
    _ensure("build", again)


@app.command()
def pull(again: Again = False) -> None:
    """Pull those on Docker Hub, by digest; build the others."""
    _ensure("hub", again)


def _ensure(source: str, again: bool) -> None:
    from labs.cli.prompts import say_with_time
    from labs.engine import find
    from labs.images import ensure

    say = say_with_time()
    made = ensure(find().client, say, source=source, again=again, late=None)
    say(
        f"{len(made)} images made" if made else "all images are there; --again makes them once more"
    )


@app.command()
def save(file: File) -> None:
    """Write all images into one file, to use offline; get what is missing first."""
    from labs.cli.prompts import say_with_time
    from labs.engine import find
    from labs.images import ensure
    from labs.images import save as save_bundle

    say, client = say_with_time(), find().client
    ensure(client, say, late=None)
    size = save_bundle(client, file, say)
    say(f"{file}: {size / 1e6:.0f} MB")


@app.command()
def load(file: File) -> None:
    """Load the images of a bundle."""
    from labs.cli.prompts import say_with_time
    from labs.engine import find
    from labs.images import load as load_bundle

    say = say_with_time()
    names = load_bundle(find().client, file, say)
    say(f"{len(names)} images loaded")


app.command()(serve)


@app.command()
def remove() -> None:
    """Remove the course's images from the engine."""
    from labs.engine import find
    from labs.images import remove as remove_images

    for name in remove_images(find().client):
        print(f"removed {name}")
