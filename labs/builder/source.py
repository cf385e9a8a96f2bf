"""A lesson's source: a jupytext percent file whose cells carry their ids.

jupytext reads `# %% id="answer-1-2"` as cell *metadata* and draws a new random cell id on every
conversion. Here that metadata and the cell id are one thing: the same source gives the same bytes.
This module knows files and formats; it runs nothing and does not look at prose.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from labs.builder.folders import BuildError

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
KEPT_CELL_METADATA = ("tags", "because")

# The version of jupytext that wrote a file does not belong to the lesson, and would change it.
_VERSION = re.compile(r"^# +jupytext_version: .*\n", re.MULTILINE)
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def read(path: Path) -> NotebookNode:
    """Read a source, with the cell ids that it carries and the metadata that notebooks keep.

    Raises:
        BuildError: A cell has no id, one that nbformat forbids, or another cell's.
    """
    notebook: NotebookNode = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    seen: set[str] = set()
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = _own_id(cell, f"{path.name}: cell {number}", seen)
        seen.add(cell.id)
        cell.metadata = _kept(cell.metadata)
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def write_text(notebook: NotebookNode) -> str:
    """Return the percent text of a notebook, cell ids in their place: the inverse of `read`."""
    plain = copy_of(notebook)
    for cell in plain.cells:
        cell.metadata = {"id": cell.id, **cell.metadata}
    plain.metadata = {"kernelspec": KERNEL}
    return _VERSION.sub("", jupytext.writes(plain, fmt="py:percent"))


def ipynb_text(notebook: NotebookNode) -> str:
    """Return the bytes of a notebook file as text; the same notebook gives the same text."""
    # An invalid file would be noticed only by a student's Jupyter.
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook, version=4)).rstrip("\n") + "\n"  # type: ignore[no-untyped-call]


def copy_of(notebook: NotebookNode) -> NotebookNode:
    """Return a deep copy."""
    return copy.deepcopy(notebook)


def read_ipynb(path: Path) -> NotebookNode:
    """Read a notebook file as it is."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def _own_id(cell: NotebookNode, where: str, seen: set[str]) -> str:
    own = cell.metadata.get("id")
    start = (cell.source.splitlines() or [""])[0][:50]
    if own is None:
        raise BuildError(
            f"{where} ({start!r}) has no id", hint='Open it with # %% id="what-it-does".'
        )
    if not isinstance(own, str) or not _ID.fullmatch(own):
        raise BuildError(
            f"{where} has the id {own!r}", hint="Letters, digits, - and _, 64 at most."
        )
    # Grading finds answers by cell id.
    if own in seen:
        raise BuildError(f"{where} ({start!r}) repeats the id {own!r}", hint="Ids are unique.")
    return own


def _kept(metadata: NotebookNode) -> dict[str, object]:
    return {key: metadata[key] for key in KEPT_CELL_METADATA if key in metadata}
