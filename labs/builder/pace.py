"""How soon and how often a lesson asks for something, and how much it says about a line of Python."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from nbformat import NotebookNode

from labs.builder import answer_markers

MOST_BEFORE_PERCENT = 15
MOST_BETWEEN = 6
LEAST_WORDS = 15

# The twin of a step is for those who type commands: it is not read beside the Python.
_TWIN = re.compile(r"<details>.*?</details>", re.DOTALL)


@dataclass(frozen=True)
class Pace:
    """The figures of a lesson.

    Attributes:
        before_percent: Cells before the first one that students write in, of all cells, in percent.
        between: Most cells between two that students write in.
        words: Words of prose to a line of Python that is given; answers are not counted.
    """

    before_percent: int
    between: int
    words: float

    @classmethod
    def of(cls, source: NotebookNode) -> Pace:
        """Read a lesson's source; one that asks for nothing comes to 100 percent."""
        cells = [cell for cell in source.cells if not answer_markers.is_solution_only(cell)]
        own = [n for n, cell in enumerate(cells) if _asks(cell)]
        gaps = [after - before - 1 for before, after in pairwise(own)]
        first = own[0] if own else len(cells)
        texts = [c.source for c in cells if c.cell_type == "markdown"]
        words = sum(len(_TWIN.sub("", text).split()) for text in texts)
        code = [answer_markers.given(c) for c in cells if c.cell_type == "code"]
        lines = sum(bool(line.strip()) for text in code for line in text.splitlines())
        return cls(
            before_percent=round(100 * first / max(len(cells), 1)),
            between=max(gaps, default=0),
            words=round(words / max(lines, 1), 1),
        )

    @property
    def misses(self) -> list[str]:
        """What of it is beyond its limit."""
        found = []
        if self.before_percent > MOST_BEFORE_PERCENT:
            found.append(
                f"{self.before_percent} % of the cells before the first own task, at most {MOST_BEFORE_PERCENT} %"
            )
        if self.between > MOST_BETWEEN:
            found.append(f"{self.between} cells between two own tasks, at most {MOST_BETWEEN}")
        if self.words < LEAST_WORDS:
            found.append(f"{self.words} words to a line of Python, at least {LEAST_WORDS}")
        return found


def _asks(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and bool(answer_markers.blocks(cell))
