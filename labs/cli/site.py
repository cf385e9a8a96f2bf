"""`labs site`: write the pages of lessons, as they were executed, and of errors, then build the site with MkDocs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from labs.errors import LabsError

# Loopback: the development server of MkDocs is not made for a network.
ADDRESS = "127.0.0.1:8000"


def register(app: typer.Typer) -> None:
    """Add the command to the `labs` program."""
    app.command()(site)


def site(
    show: Annotated[
        bool, typer.Option("--serve", help=f"Show it at http://{ADDRESS}/ until Ctrl+C.")
    ] = False,
) -> None:
    """Build the course as a site into build/site."""
    from labs.builder import find_root

    root = find_root()
    out = root / "build" / "site"
    pages = write_pages(root)
    print(f"{len(pages)} lesson pages in {pages[0].parent.relative_to(root)}/")
    if show:
        raise typer.Exit(serve(root))
    build(root, out)
    print(f"the site is in {out}; `labs site --serve` shows it")


def write_pages(root: Path) -> list[Path]:
    """Write the page of every lesson and every error, and remove what is left of those that are gone.

    Args:
        root: The course's folder.

    Returns:
        The pages of lessons, at least one.

    Raises:
        LabsError: There is no lesson, or one was never run.
    """
    from labs.builder import lessons, page
    from labs.lessons import find

    written = []
    for files in lessons(root):
        if not files.executed.is_file():
            raise LabsError(
                f"{files.executed.relative_to(root)}: not there",
                hint="`labs build` runs the lessons",
            )
        lesson = find(files.slug)
        about = page.About(lesson.title, lesson.summary, lesson.minutes)
        written.append(page.write(files.executed, files.page.parent, about))
    if not written:
        raise LabsError(
            f"no lesson in {root / 'solutions'}", hint="see CONTRIBUTING.md for how to write one"
        )
    _remove_others(written)
    _remove_others(write_errors(root))
    return written


def write_errors(root: Path) -> list[Path]:
    """Write the page of every error that the repair shop has a scenario for; return their paths."""
    from labs.repairs import all_scenarios, error_page

    folder = root / "site" / "errors"
    folder.mkdir(exist_ok=True)
    written = []
    for scenario in all_scenarios():
        path = folder / f"{scenario.slug}.md"
        path.write_text(error_page(scenario), encoding="utf-8")
        written.append(path)
    return written


def _remove_others(written: list[Path]) -> None:
    """Remove what is beside these pages: MkDocs would publish a page of what was renamed or removed."""
    stems = {path.stem for path in written}
    for old in written[0].parent.iterdir():
        if old.is_file() and old.stem not in stems:
            old.unlink()


def build(root: Path, out: Path) -> None:
    """Build the site into `out`; a broken link, anchor or navigation entry is an error.

    Raises:
        LabsError: MkDocs found something wrong; its output is in the message.
    """
    # No --quiet: it silences warnings before --strict can count them.
    command = mkdocs("build", "--strict", "--site-dir", str(out))
    done = subprocess.run(
        command, cwd=root, env=_environment(), check=False, capture_output=True, text=True
    )
    if done.returncode:
        lines = done.stderr.splitlines()
        words = "\n".join(line for line in lines if not line.startswith("INFO"))
        raise LabsError(f"mkdocs build --strict: exit status {done.returncode}\n{words.strip()}")


def serve(root: Path) -> int:
    """Show the site until it is interrupted; return MkDocs' exit status."""
    try:
        return subprocess.run(
            mkdocs("serve", "--dev-addr", ADDRESS), cwd=root, env=_environment(), check=False
        ).returncode
    except KeyboardInterrupt:
        return 0


def mkdocs(*arguments: str) -> list[str]:
    """The command line of the MkDocs that is installed beside this Python."""
    return [sys.executable, "-m", "mkdocs", *arguments]


def _environment() -> dict[str, str]:
    # Material warns on every build that MkDocs 2 will break it; this course pins 1.6.
    return os.environ | {"NO_MKDOCS_2_WARNING": "1"}
