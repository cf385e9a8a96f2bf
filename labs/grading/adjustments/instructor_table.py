"""A table that an instructor keeps, as CSV: from Excel, LibreOffice or an editor, with commas, semicolons or tabs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from labs.grading.models import GradingError
from labs.grading.reports import spreadsheet_cell

if TYPE_CHECKING:
    from labs.lesson import Lesson

MAX_BYTES = 10_000_000


@dataclass(frozen=True)
class TableRow:
    """One line of a table: its cells by column, without blanks around them."""

    path: Path
    line: int
    cells: dict[str, str]
    has_decimal_commas: bool

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def error(self, what: str, hint: str = "") -> GradingError:
        """An error that names this line."""
        return GradingError(f"read {self.path}, line {self.line}: {what}", hint=hint)


class People:
    """The students and lessons of a run, by the names that a table may use for them."""

    def __init__(self, students: Iterable[str], lessons: Sequence[Lesson]) -> None:
        self.students = list(dict.fromkeys(students))
        # A name as the tables of grades write it is understood too: instructors copy it from there.
        self._students = {spreadsheet_cell(each): each for each in self.students}
        self._students |= {each.strip(): each for each in self.students}
        self._lessons = {
            name.casefold(): lesson
            for lesson in lessons
            for name in (lesson.slug, lesson.file_stem, lesson.title)
        }

    def student(self, row: TableRow) -> str:
        """The student that a row names.

        Raises:
            GradingError: There is none of that name.
        """
        name = row["student"]
        if name in self._students:
            return self._students[name]
        raise row.error(f'no student "{name}" in the submissions', nearest(name, self._students))

    def lesson(self, row: TableRow) -> Lesson:
        """The lesson that a row names, by its slug or title.

        Raises:
            GradingError: There is none of that name.
        """
        name = row["lesson"]
        if found := self._lessons.get(name.casefold()):
            return found
        slugs = [each.slug for each in self._lessons.values()]
        raise row.error(f'no lesson "{name}"', nearest(name, slugs))


def read_table(path: Path, required: Sequence[str], optional: Sequence[str] = ()) -> list[TableRow]:
    """The rows of a table, empty ones left out.

    Args:
        path: The file; UTF-8 with or without the mark that Excel writes, or UTF-16.
        required: Columns that have to be in its first line, in any order and case.
        optional: Columns that may be there.

    Raises:
        GradingError: It cannot be read, or its columns are others.
    """
    text = _text(path)
    wanted = f"its first line has to be: {','.join([*required, *optional])}"
    lines = text.splitlines()
    skipped = 1 if lines and lines[0].casefold().startswith("sep=") else 0
    if not text.strip() or len(lines) == skipped:
        raise GradingError(f"read {path}: it is empty", hint=wanted)
    delimiter = max(",;\t", key=lines[skipped].count)
    reader = csv.reader(io.StringIO("\n".join(lines[skipped:])), delimiter=delimiter, strict=True)
    try:
        numbered = [(reader.line_num + skipped, cells) for cells in reader]
    except csv.Error as error:
        where = f"line {reader.line_num + skipped}"
        raise GradingError(f"read {path}, {where}: {error}", hint="check its quotes") from error
    head = ["_".join(cell.split()).casefold() for cell in numbered[0][1]]
    known = {*required, *optional}
    strange = [each for each in head if each and each not in known]
    twice = {each for each in head if each and head.count(each) > 1}
    missing = [each for each in required if each not in head]
    if strange or twice or missing:
        said = f"unknown column {strange[0]}" if strange else ""
        said = said or (f"column {twice.pop()} is there twice" if twice else "")
        raise GradingError(f"read {path}: {said or f'no column {missing[0]}'}", hint=wanted)
    return list(_rows(path, head, numbered[1:], delimiter))


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names what was meant, or what there is."""
    names = sorted(set(known))
    near = get_close_matches(name, names, n=1)
    return f'did you mean "{near[0]}"?' if near else f"there is {', '.join(names[:20]) or 'none'}"


def _rows(
    path: Path, head: list[str], lines: Iterable[tuple[int, list[str]]], delimiter: str
) -> Iterable[TableRow]:
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        named = {name: cell.strip() for name, cell in zip(head, cells, strict=False) if name}
        row = TableRow(path, number, named, delimiter != ",")
        if any(cell.strip() for cell in cells[len(head) :]):
            raise row.error("it has more cells than the first line", "quote a text with commas")
        yield row


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GradingError(
            f"read {path}: {error.strerror}", hint="name the CSV file that you keep"
        ) from error
    if len(data) > MAX_BYTES:
        raise GradingError(f"read {path}: it has over {MAX_BYTES // 1_000_000} MB", hint="")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise GradingError(
            f"read {path}: it is not {encoding.upper()} text (byte {error.start})",
            hint="save it as CSV UTF-8",
        ) from error
    if "\0" in text:
        raise GradingError(f"read {path}: it is not a text file", hint="save it as CSV UTF-8")
    return text
