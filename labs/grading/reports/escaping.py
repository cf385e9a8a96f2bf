"""Hostile text made harmless for where it goes: a line, a spreadsheet's cell, the name of a folder."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable

# A spreadsheet takes a cell that begins with one of these for a formula (OWASP, "CSV Injection").
_FORMULA = "=+-@\t\r\n" + "＝＋－＠"
# Marks that change the direction of what follows make `exe.gpj` of `jpg.exe`.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# At most 64 characters, well below the 255 bytes of common file systems.
_PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_DIGEST = re.compile(r"-[0-9a-f]{16}$")
# Windows opens a device for these, whatever follows the dot.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")


def sanitize_text(text: str) -> str:
    r"""The text with everything that is not shown as itself as an escape: `\x1b`, `\u202e`, `\xe9`.

    Line breaks stay, blanks of every kind are a blank. A byte of a file's name that is not UTF-8 is shown as that byte.
    """
    return "".join(_shown(char) for char in text)


def sanitize_line(text: str) -> str:
    """The text in one line."""
    return " ".join(sanitize_text(text).split())


def spreadsheet_cell(text: str) -> str:
    """The text in one line, with `'` before what a spreadsheet would take for a formula."""
    # First: leading blanks are removed, so the first character is the one that a spreadsheet looks
    # at.
    one = sanitize_line(text)
    return f"'{one}" if one[:1] in _FORMULA and one else one


def folder_names(students: Iterable[str]) -> dict[str, str]:
    """A name of a folder for each student that every file system takes and no other student has.

    Lower-case letters, digits and `.-_` stay as they are. Any other name becomes its letters and a digest of
    its bytes, and so does a name that looks like one of those: no one can choose another's name.
    """
    return {student: _folder(student) for student in students}


def _folder(student: str) -> str:
    plain = _PLAIN.fullmatch(student) and not _DEVICE.fullmatch(student)
    # A name that looks like a made one could be the folder of another student.
    if plain and ".." not in student and not _DIGEST.search(student):
        return student
    # fsencode: the name's bytes, which tell names apart that look the same.
    digest = hashlib.sha256(os.fsencode(student)).hexdigest()[:16]
    ascii_only = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode()
    letters = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:40].strip("-")
    return f"{letters or 'student'}-{digest}"


def _shown(char: str) -> str:
    if char == "\n" or (char.isprintable() and char not in _DIRECTIONS):
        return char
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps a byte of a name that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if char in "\t\r" or unicodedata.category(char) == "Zs":
        return " "
    form = "\\x{:02x}" if code < 0x100 else "\\u{:04x}" if code < 0x10000 else "\\U{:08x}"
    return form.format(code)
