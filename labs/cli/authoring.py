"""`labs new-lesson` and `labs check-lesson`: the files of a new lesson, and what is missing in one."""

from __future__ import annotations

from typing import Annotated

import typer

Slug = Annotated[str, typer.Argument(metavar="SLUG", help="The lesson, as run-a-registry.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the `labs` program."""
    app.command("new-lesson")(new_lesson)
    app.command("check-lesson")(check_lesson)


def new_lesson(
    slug: Slug,
    number: Annotated[
        int | None, typer.Option(min=1, max=99, help="Its number; the next one if not given.")
    ] = None,
) -> None:
    """Make the files of a new lesson as a draft, which students do not see."""
    from labs.builder import find_root, scaffold

    root = find_root()
    for path in scaffold.new_lesson(root, slug, number):
        typer.echo(path.relative_to(root))
    typer.echo(f"Next: replace each TODO, then `labs check-lesson {slug}`.")


def check_lesson(slug: Slug) -> None:
    """Say what is missing or wrong in a lesson; exit status 1 if anything is."""
    from labs import lessons
    from labs.builder import find_root, review
    from labs.builder import lessons as sources

    root = find_root()
    found = review.review(sources(root, [slug])[0], lessons.find(slug))
    for line in found.problems:
        typer.echo(line.replace(f"{root}/", ""))
    for line in found.figures:
        typer.echo(f"({line})")
    typer.echo(f"{slug}: {len(found.problems)} problems")
    if found.problems:
        raise typer.Exit(1)
