"""Pages of the site that are made of dated facts: registries compared, and what became of old services.

The facts are in `site/data/*.toml`, each with its source, the day when it was read and a mark that says how it is
known. This module reads and checks them, and makes markdown of them; `site/hooks.py` puts that into the pages.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from labs.builder.folders import BuildError

MARKS = {
    "run": "run in this course",
    "vendor": "read",
    "other": "read, not its maker's page",
    "known": "general knowledge",
    "unchecked": "not checked",
}
ANSWERS = {"yes": "yes", "no": "no", "part": "partly", "unknown": "?"}

_LESSON = re.compile(r"lessons/(\d\d-[a-z0-9-]+)\.md(#[a-z0-9-]+)?")
_PLACE = re.compile(r"<!-- ([a-z]+) -->")


@dataclass(frozen=True)
class Fact:
    """One cell: what is known, how, from where, and when that was last looked at.

    Attributes:
        place: Where it is in the data, for messages: `docker-hub.login`.
        text: Markdown.
        mark: A key of `MARKS`.
        sources: Addresses, or a lesson's page below `site/`; the first is shown first.
        read: The day when the sources were read.
        answer: A key of `ANSWERS` where the overview asks for one, else empty.
    """

    place: str
    text: str
    mark: str
    sources: tuple[str, ...]
    read: date
    answer: str = ""


def read_data(path: Path) -> dict[str, Any]:
    """Read a file of facts; its `checked` is a date.

    Raises:
        BuildError: It is not TOML, or says no date.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BuildError(f"read {path.name}: {error}", hint="it is TOML 1.0") from error
    if not isinstance(data.get("checked"), date):
        raise BuildError(f"read {path.name}: no date `checked`", hint="checked = 2026-11-30")
    return data


def fact(place: str, entry: dict[str, Any]) -> Fact:
    """Make a fact of a table of the data.

    Raises:
        BuildError: Something that every fact has is missing or has no such value.
    """
    sources = entry.get("source", ())
    made = Fact(
        place=place,
        text=" ".join(str(entry.get("text", "")).split()),
        mark=entry.get("mark", ""),
        sources=(sources,) if isinstance(sources, str) else tuple(sources),
        read=entry.get("read", date.min),
        answer=entry.get("answer", ""),
    )
    wrong = list(_problems(made))
    if wrong:
        raise BuildError(
            f"{place}: {'; '.join(wrong)}", hint="see the head of the file in site/data/"
        )
    return made


def _problems(made: Fact) -> Iterator[str]:
    if not made.text:
        yield "no text"
    if made.mark not in MARKS:
        yield f"mark {made.mark!r}, wanted one of {', '.join(MARKS)}"
    if made.read == date.min or not isinstance(made.read, date):
        yield "no date `read`"
    if made.answer and made.answer not in ANSWERS:
        yield f"answer {made.answer!r}, wanted one of {', '.join(ANSWERS)}"
    if bool(made.sources) is (made.mark == "unchecked"):
        yield "a source" if made.sources else "no source"
    for source in made.sources:
        if made.mark == "run" and not _LESSON.fullmatch(source):
            yield f"source {source!r}, wanted the page of a lesson"
        if made.mark != "run" and not is_address(source):
            yield f"source {source!r}, wanted an https address"


def is_address(text: str) -> bool:
    """Whether a text is an address of the web as a page may link to it; nothing is asked for it."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host = re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", parts.hostname or "")
    plain = re.fullmatch(r"[!#-;=?-Z_a-z~%]+", text) is not None
    return parts.scheme == "https" and host is not None and port is None and plain


def facts(data: dict[str, Any]) -> Iterator[Fact]:
    """Every fact of a file, as it is shown on its page."""
    for registry in data.get("registry", ()):
        for aspect in data["aspect"]:
            yield _cell(registry, aspect["id"])
    for row in data.get("conformance", ()):
        yield fact(f"conformance.{row['id']}", row)
    for group in data.get("group", ()):
        for entry in group["entry"]:
            yield fact(entry["id"], entry)


def fill(markdown: str, data: dict[str, Any]) -> str:
    """Put what the data says where a page asks for it, `<!-- overview -->`.

    Raises:
        BuildError: The page asks for something that there is not, or a fact is not whole.
    """

    def made(place: re.Match[str]) -> str:
        if place[1] not in _PARTS:
            raise BuildError(f"{place[0]}: unknown", hint=f"there are {', '.join(_PARTS)}")
        return _PARTS[place[1]](data)

    return _PLACE.sub(made, markdown)


def _checked(data: dict[str, Any]) -> str:
    day: date = data["checked"]
    return f"**Last checked: {day.day} {day:%B %Y}.**"


def _overview(data: dict[str, Any]) -> str:
    """The answers in few words: one row for each registry."""
    asked = [aspect for aspect in data["aspect"] if "short" in aspect]
    head = "".join(f'<th scope="col"><span>{aspect["short"]}</span></th>' for aspect in asked)
    rows = "".join(_overview_row(registry, asked) for registry in data["registry"])
    # The class keeps the theme from wrapping it; it fits a narrow screen by itself.
    return (
        '<table class="overview"><thead><tr><th scope="col">Registry</th>'
        f"{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _overview_row(registry: dict[str, Any], asked: list[dict[str, Any]]) -> str:
    cells = ""
    for aspect in asked:
        answer = _cell(registry, aspect["id"]).answer
        if not answer:
            raise BuildError(f"{registry['id']}.{aspect['id']}: no answer", hint=", ".join(ANSWERS))
        cells += f'<td class="{answer}">{ANSWERS[answer]}</td>'
    name = f'<a href="#{registry["id"]}">{registry["short"]}</a>'
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'


def _registries(data: dict[str, Any]) -> str:
    """A section for each registry: what is asked of all, one below the other."""
    parts = []
    for registry in data["registry"]:
        parts.append(f"## {registry['name']} {{ #{registry['id']} }}")
        for aspect in data["aspect"]:
            cell = _cell(registry, aspect["id"])
            parts.append(f"{aspect['title']}\n\n:   {cell.text}{_source_line(cell)}")
    return "\n\n".join(parts)


def _cell(registry: dict[str, Any], aspect: str) -> Fact:
    return fact(f"{registry['id']}.{aspect}", registry.get(aspect, {}))


def _source_line(cell: Fact) -> str:
    """Mark, sources and date, on a line of their own below the text."""
    links = ", ".join(f"[{_label(source)}]({source})" for source in cell.sources)
    shown = (
        f"{MARKS[cell.mark]}{': ' + links if links else ''}, <time>{cell.read.isoformat()}</time>"
    )
    return f"\n\n    {shown}\n    {{ .source .{cell.mark} }}"


def _label(source: str) -> str:
    """A lesson by its number, an issue by its repository and number, another page by its host and last word."""
    lesson = _LESSON.fullmatch(source)
    if lesson:
        return f"lesson {int(lesson[1][:2])}"
    parts = urlsplit(source)
    words = [word for word in parts.path.split("/") if word]
    where = (parts.hostname or "").removeprefix("www.")
    if where == "github.com":
        where, words = "/".join(words[:2]), words[2:]
    if not words:
        return where
    last = words[-1].removesuffix(".html")
    return f"{where}#{last}" if last.isdigit() else f"{where}: {last}"


def _conformance(data: dict[str, Any]) -> str:
    """The categories of the specification: a table, and why. What a walk gave is a column once the data has it."""
    walked = any("walk" in row for row in data["conformance"])
    head = ["category", "a registry", "2.8.3", *(["run here"] if walked else [])]
    table = [head, ["---"] * len(head)]
    reasons = []
    for row in data["conformance"]:
        cell = fact(f"conformance.{row['id']}", row)
        walk = [row.get("walk", {}).get("text", "no")] if walked else []
        table.append([row["name"], row["asked"], ANSWERS[cell.answer], *walk])
        reasons.append(f"{row['name']}\n\n:   {row['spec']} {cell.text}{_source_line(cell)}")
    lines = "\n".join(f"| {' | '.join(cells)} |" for cells in table)
    return "\n\n".join([lines, *reasons])


def _ended(data: dict[str, Any]) -> str:
    """What ended, by groups: what it was, when it ended, what is done today."""
    parts = []
    for group in data["group"]:
        parts.append(f"## {group['title']}")
        for entry in group["entry"]:
            cell = fact(entry["id"], entry)
            parts.append(f"### {entry['name']} {{ #{entry['id']} }}")
            parts.append(f"Was\n\n:   {cell.text}")
            when = " ".join(entry["when"].split())
            parts.append(f"{entry.get('ended', 'Ended')}\n\n:   {when}")
            today = " ".join(entry["today"].split())
            if "lesson" in entry:
                today += f" See [{_label(entry['lesson'])}]({entry['lesson']})."
            parts.append(f"Today\n\n:   {today}{_source_line(cell)}")
    return "\n\n".join(parts)


_PARTS = {
    "checked": _checked,
    "overview": _overview,
    "registries": _registries,
    "conformance": _conformance,
    "ended": _ended,
}
