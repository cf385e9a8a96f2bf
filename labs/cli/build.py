"""`labs build`: remake notebooks and pages from their sources, or say what is out of date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from labs.errors import LabsError

if TYPE_CHECKING:
    from nbformat import NotebookNode


def register(app: typer.Typer) -> None:
    """Add the command to the `labs` program."""
    app.command()(build)
    app.command("release", hidden=True)(build)  # its name in 0.1.0


def build(
    lesson: Annotated[
        list[str] | None, typer.Argument(help="Slugs or numbers of lessons; all if none.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; list what is wrong and exit 1.")
    ] = False,
    no_run: Annotated[
        bool, typer.Option("--no-run", help="Keep the outputs of the last run: no engine needed.")
    ] = False,
) -> None:
    """Make notebooks/ and the site's lesson pages from solutions/."""
    from rich.console import Console

    try:
        clean = _check(lesson) if check else _make(lesson, run=not no_run)
    except LabsError as error:
        Console(stderr=True).print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    raise typer.Exit(0 if clean else 1)


def _check(wanted: list[str] | None) -> bool:
    from labs.builder import find_root, lessons, problems

    root = find_root()
    found = problems(root, wanted)
    for problem in found:
        typer.echo(f"{problem.path.relative_to(root)}: {problem.reason}")
    typer.echo(f"{len(lessons(root, wanted))} lessons, {len(found)} problems")
    return not found


def _make(wanted: list[str] | None, *, run: bool) -> bool:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from labs import images
    from labs.builder import LessonFiles, find_root, lessons, make, shop_notebook, source
    from labs.engine import find
    from labs.playground import temporary_course

    root = find_root()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:

        def one(files: LessonFiles) -> None:
            cells = source.read(files.source).cells
            task = progress.add_task(files.stem, total=len(cells))

            def on_cell(index: int, cell: NotebookNode) -> None:
                progress.update(task, completed=index, description=f"{files.stem} {cell.id}")

            for path in make(files, run=run, on_cell=on_cell):
                typer.echo(path.relative_to(root))
            progress.update(task, completed=len(cells), description=files.stem)

        if run:
            # Now: a cell that makes an image first would have the progress of that in its stored output.
            images.ensure(find().client, lambda line: typer.echo(line, err=True))
        # A course folder of its own: a build must not touch the playgrounds and the progress of the
        # author.
        with temporary_course(root):
            for files in lessons(root, wanted):
                one(files)
        for path in [] if wanted else shop_notebook.make(root):
            typer.echo(path.relative_to(root))
    return True
