"""The rules that a lesson keeps: sizes, words, exercises, outputs, no answer in what students open.

Each rule is a function from a notebook to the reasons why it breaks it; none touches a file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from nbformat import NotebookNode

from labs.builder import answer_markers
from labs.builder.page import twins
from labs.builder.printing import prints
from labs.builder.scaffold import FIRST_ASSIGNMENT

MOST_LINES = 15
# Of an answer to an assignment: no reader meets it before it is asked for, and it is a whole part of a system.
MOST_LINES_IN_ASSIGNMENT = 30
MOST_CODE_CELLS = 25
# Shorter lines, as `import json`, are in an answer and elsewhere by chance.
SHORTEST_LEAK = 25
# A reader who is stuck takes these as blame.
BANNED_WORDS = ("simply", "just", "easy", "obviously")

_FORBIDDEN_TAGS = ("nbval-skip", "nbval-check-output", "pytest-validate-ignore-output")
_MARKER_COMMENT = re.compile(r"^\s*#\s*(NBVAL_\w+|PYTEST_VALIDATE_\w+)", re.MULTILINE)
_CODE = re.compile(r"(`{3,}).*?\1|`[^`\n]*`", re.DOTALL)
_WORDS = re.compile(rf"\b({'|'.join(BANNED_WORDS)})\b", re.IGNORECASE)
_CHECK = re.compile(r"""\blab\.check\(\s*["'](?P<id>\d+\.\d+)["']""")
_ANSWER_ID = re.compile(r"answer-(?P<id>\d+-\d+)")


def sizes(lesson: NotebookNode) -> Iterator[str]:
    """Code cells are short and few; an answer to an assignment may be longer."""
    cells = code_cells(lesson)
    if len(cells) > MOST_CODE_CELLS:
        yield f"{len(cells)} code cells, at most {MOST_CODE_CELLS}"
    for cell in cells:
        lines = len(answer_markers.unmarked(cell).splitlines())
        match = _ANSWER_ID.fullmatch(cell.id)
        asked = match and int(match["id"].partition("-")[0]) >= FIRST_ASSIGNMENT
        most = MOST_LINES_IN_ASSIGNMENT if asked else MOST_LINES
        if lines > most:
            yield f"cell {cell.id!r} has {lines} lines, at most {most}"


def words(lesson: NotebookNode) -> Iterator[str]:
    """Prose does not belittle a task; code spans and fences are not prose."""
    for cell in lesson.cells:
        if cell.cell_type == "markdown":
            for word in _WORDS.findall(_CODE.sub("", cell.source)):
                yield f"cell {cell.id!r} says {word!r}"


def exercises(lesson: NotebookNode, known: Collection[str] | None) -> Iterator[str]:
    """Each answer is followed by its check, and the lesson's package knows the same exercises.

    Args:
        lesson: The source.
        known: Ids ("1.2") that the lesson's package has; None when there is no such package yet.
    """
    cells = code_cells(lesson)
    for cell, after in zip(cells, [*cells[1:], None], strict=True):
        match = _ANSWER_ID.fullmatch(cell.id)
        if match:
            yield from _answer_cell(cell, after, match["id"].replace("-", "."))
        elif answer_markers.blocks(cell):
            yield f"cell {cell.id!r} holds an answer, and its id is not answer-<n>-<m>"
    checked = {match["id"] for cell in cells for match in _CHECK.finditer(cell.source)}
    if known is not None:
        yield from (
            f"exercise {i} is not in the lesson's package" for i in sorted(checked - set(known))
        )
        yield from (f"exercise {i} has no check cell" for i in sorted(set(known) - checked))


def _answer_cell(cell: NotebookNode, after: NotebookNode | None, exercise: str) -> Iterator[str]:
    if not answer_markers.blocks(cell):
        yield f"cell {cell.id!r} has no {answer_markers.BEGIN}"
    asked = [match["id"] for match in _CHECK.finditer(after.source)] if after else []
    if after is None or after.id != f"check-{exercise.replace('.', '-')}" or exercise not in asked:
        yield f'cell {cell.id!r} is not followed by its check cell with lab.check("{exercise}")'


def twins_of_answers(lesson: NotebookNode) -> Iterator[str]:
    """The `docker` twin of an answer is an answer too: it is in a cell tagged `solution`."""
    before: NotebookNode | None = None
    for cell in lesson.cells:
        answered = (
            before is not None and before.cell_type == "code" and answer_markers.blocks(before)
        )
        if before and answered and twins(cell) and not answer_markers.is_solution_only(cell):
            yield f"cell {cell.id!r} gives away {before.id!r}: tag it {answer_markers.SOLUTION_TAG!r}"
        before = cell


def markers(lesson: NotebookNode) -> Iterator[str]:
    """Every cell is compared by nbval, or the source says on the cell's line why it cannot be.

    Only the tag may be used: nbval 0.11 overlooks its comment when the line holds more.
    """
    for cell in code_cells(lesson):
        tags = cell.metadata.get("tags", [])
        for comment in _MARKER_COMMENT.findall(cell.source):
            yield f"cell {cell.id!r}: write tags=[{_as_tag(comment)!r}], not the comment {comment}"
        for tag in _FORBIDDEN_TAGS:
            if tag in tags:
                yield f"cell {cell.id!r} is tagged {tag!r}: it would not be compared"
        # Ten characters: an empty or one-word reason is not one.
        if "nbval-ignore-output" in tags and len(str(cell.metadata.get("because", ""))) < 10:
            yield f'cell {cell.id!r} ignores its output: say why with because="…" on its line'


def _as_tag(comment: str) -> str:
    return comment.lower().replace("_", "-")


def ignored(lesson: NotebookNode) -> dict[str, str]:
    """Return the ids of cells whose output nbval does not compare, each with its reason."""
    return {
        cell.id: cell.metadata.get("because", "")
        for cell in code_cells(lesson)
        if "nbval-ignore-output" in cell.metadata.get("tags", [])
    }


def stored_outputs(executed: NotebookNode) -> Iterator[str]:
    """Every cell of the stored run has run, and what it printed is there to compare."""
    for cell in code_cells(executed):
        recorded = cell.metadata.get("outputs")
        if cell.execution_count is None:
            yield f"cell {cell.id!r} was not run"
        elif not cell.outputs and prints(cell.source):
            yield f"cell {cell.id!r} prints, and no output is stored"
        # nbval passes a cell without stored outputs, so clearing them would hide a difference.
        elif recorded is not None and recorded != len(cell.outputs):
            stored = len(cell.outputs)
            yield f"cell {cell.id!r} had {recorded} outputs when it ran, {stored} are stored"


def unpassed(executed: NotebookNode) -> Iterator[str]:
    """In the stored run every check says that its exercise is passed."""
    for cell_id, text in verdicts(executed).items():
        exercise = cell_id.removeprefix("check-").replace("-", ".")
        if f"{exercise} passed" not in text:
            yield f"cell {cell_id!r} does not say {exercise} passed: {text.strip() or 'nothing'}"


def verdicts(executed: NotebookNode) -> dict[str, str]:
    """Return what each check cell showed, as text, by cell id."""
    return {
        cell.id: "\n".join(
            output.get("text") or output.get("data", {}).get("text/plain", "")
            for output in cell.outputs
        )
        for cell in code_cells(executed)
        if cell.id.startswith("check-")
    }


def leaks(lesson: NotebookNode, student: NotebookNode) -> Iterator[str]:
    """No answer of the source is in what students open.

    A whole answer may be nowhere, prose included; a long line of one may be in a code cell
    only where the lesson itself taught that line.
    """
    taught = {line for cell in lesson.cells for line in _lines(answer_markers.cut(cell))}
    code = {line for cell in code_cells(student) for line in _lines(cell.source)}
    everything = ["\n".join(_lines(cell.source)) for cell in student.cells]
    for owner, answer in _all_answers(lesson):
        whole = "\n".join(_lines(answer))
        if whole and any(_holds(text, whole) for text in everything):
            yield f"the answer of cell {owner!r} is in it"
            continue
        for line in _lines(answer):
            if len(line) >= SHORTEST_LEAK and line in code and line not in taught:
                yield f"a line of the answer of cell {owner!r} is in it: {line}"


def _all_answers(lesson: NotebookNode) -> Iterator[tuple[str, str]]:
    for cell in lesson.cells:
        if answer_markers.is_solution_only(cell):
            yield cell.id, cell.source
        else:
            yield from ((cell.id, answer) for answer in answer_markers.blocks(cell))


def _holds(text: str, whole: str) -> bool:
    """Return whether `whole` is in `text` as words of its own: `b` is not in `blob`."""
    return bool(re.search(rf"(?<!\w){re.escape(whole)}(?!\w)", text))


def _lines(text: str) -> list[str]:
    """Return the lines that count: not blank, no comment alone, inner spaces as one."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [
        line
        for line in lines
        if line and not line.startswith("# ") and line != answer_markers.PLACE
    ]


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells of a notebook, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]
