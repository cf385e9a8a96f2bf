"""Finds the written answer to an exercise in `solutions/NN-<slug>.py`, by the id of its cell."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

_BEGIN, _END = "### BEGIN SOLUTION", "### END SOLUTION"
_CELL = re.compile(r"^# %%", re.MULTILINE)


def written_answer(source: Path, cell: str) -> str | None:
    """The code between a cell's solution markers; None where file, cell or markers are missing."""
    if not source.is_file():
        return None
    # A cell's header in either form: `# %% id="…"`, or with its metadata as JSON.
    opening = re.compile(rf'^.*\bid"?\s*[=:]\s*"{re.escape(cell)}"')
    for text in _CELL.split(source.read_text(encoding="utf-8")):
        head, _, body = text.partition("\n")
        if opening.match(head):
            return _between_markers(body)
    return None


def _between_markers(body: str) -> str | None:
    found = re.findall(
        rf"^[ \t]*{_BEGIN}[ \t]*\n(.*?)^[ \t]*{_END}", body, re.DOTALL | re.MULTILINE
    )
    return "\n".join(textwrap.dedent(part).strip("\n") for part in found) or None
