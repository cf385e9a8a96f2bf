"""Reads single values of a registry's YAML: its config file, or a variable that holds a section. No YAML parser."""

from __future__ import annotations

import re

_LINE = re.compile(r"^(?P<indent> *)[\"']?(?P<key>[\w-]+)[\"']?\s*:(?:\s+(?P<value>.*))?$")


def value_in(text: str, path: tuple[str, ...]) -> str:
    """Return the value at `path` of YAML: mappings in lines or in braces, which is all that a registry's file needs.

    Not a YAML parser: the file is the student's, and one value of it is needed.
    """
    if text.lstrip().startswith("{"):
        return _in_braces(text, path)
    above: list[tuple[int, str]] = []
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for number, line in enumerate(lines):
        if not (found := _LINE.match(line)):
            continue
        above = [each for each in above if each[0] < len(found["indent"])]
        above.append((len(found["indent"]), found["key"]))
        keys = tuple(key for _, key in above)
        value = re.sub(r"\s#.*", "", found["value"] or "").strip()
        if keys == path:
            return value.strip("\"'")
        if keys == path[: len(keys)] and value.startswith("{"):
            return _in_braces("\n".join([value, *lines[number + 1 :]]), path[len(keys) :])
    return ""


def _in_braces(text: str, path: tuple[str, ...]) -> str:
    """The same in `{a: {b: value}}`; what follows the closing brace does not count."""
    inside = text[: _end(text)]
    for key in path[:-1]:
        found = re.search(rf"[{{,\s][\"']?{re.escape(key)}[\"']?\s*:\s*(?={{)", inside)
        if not found:
            return ""
        inside = inside[found.end() :]
        inside = inside[: _end(inside)]
    value = re.search(
        rf"[{{,\s][\"']?{re.escape(path[-1])}[\"']?\s*:\s*[\"']?([^\s\"',{{}}]+)", inside
    )
    return value[1] if value else ""


def _end(text: str) -> int:
    """Where the brace is closed that `text` begins with."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if letter == "}" and depth == 0:
            return place + 1
    return len(text)
