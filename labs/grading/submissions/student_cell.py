"""One cell as a student left it, read as text: its ids, its source, what it checks. Nothing of it is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from labs.grading.submissions.notebook_file import Unusable, ids_of, source_of

MARKER = "# YOUR CODE HERE"
_FIRST_LINE = 60
# Calls that only show something; a cell of nothing else is not an answer that anyone misses.
_ONLY_SHOWS = re.compile(r"lab\.(hint|solution|progress|question|check|shell|storage|show_swarm)\(")
_CHECKS = re.compile(r"""\blab\s*\.\s*check\(\s*["']([\d.]+)["']""")


@dataclass
class StudentCell:
    """A cell as the student left it.

    Attributes:
        id: Its own id.
        kept: The id that its metadata keeps.
        is_code: Whether it is a code cell.
        source: Its code; "" where there is none that can be used.
        text: Its text, of whatever kind it is.
        odd: What is wrong with it.
        is_usable: Whether it can be run.
    """

    id: str
    kept: str
    is_code: bool
    source: str
    text: str = ""
    odd: str = ""
    is_usable: bool = True

    @classmethod
    def of(cls, raw: dict[str, Any]) -> StudentCell:
        """The cell that a notebook's JSON holds."""
        id, kept = ids_of(raw)
        try:
            source, odd = source_of(raw)
        except Unusable as error:
            text = raw.get("source")
            lines = text if isinstance(text, list) else [text]
            text = "".join(each for each in lines if isinstance(each, str))
            is_code = raw.get("cell_type") == "code"
            return cls(id, kept, is_code, "", text, str(error), is_usable=False)
        return cls(id, kept, True, source, source, odd)

    def is_for(self, id: str) -> bool:
        """Whether the cell's id or the one in its metadata is this one."""
        return id in (self.id, self.kept)

    @property
    def is_marked(self) -> bool:
        """Whether it has the comment that an answer's cell is handed out with."""
        return self.is_code and any(line.strip() == MARKER for line in self.source.splitlines())

    @property
    def checked(self) -> set[str]:
        """The exercises that it checks."""
        return set(_CHECKS.findall(self.source))

    @property
    def only_shows(self) -> bool:
        """Whether it has nothing but comments, and calls that show something."""
        lines = [line.strip() for line in self.source.splitlines()]
        return all(not line or line.startswith("#") or _ONLY_SHOWS.match(line) for line in lines)

    @property
    def letter(self) -> str | None:
        """The text given as `choice` where it is nothing but one call of `lab.check` with a literal."""
        try:
            body = ast.parse(self.source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            return None
        # Not `ast.unparse`: a chain of ten thousand dots is deeper than it can go.
        if call.func.attr != "check" or not isinstance(call.func.value, ast.Name):
            return None
        given = [each.value for each in call.keywords if each.arg == "choice"]
        value = given[0].value if given and isinstance(given[0], ast.Constant) else None
        return value if isinstance(value, str) else None


def plain(source: str) -> str:
    """The lines of a source, without blanks at their ends and empty lines around."""
    return "\n".join(line.rstrip() for line in source.splitlines()).strip()


def first_line(lines: Sequence[str]) -> str:
    """The first line that is not empty, in quotes and cut to a short one."""
    line = next((each.strip() for each in lines if each.strip()), "")
    return f"“{line}”" if len(line) <= _FIRST_LINE else f"“{line[:_FIRST_LINE]}…”"
