"""Names of hostile students, as text, as cells of a spreadsheet and as folders."""

from __future__ import annotations

import os
from itertools import combinations

import pytest

from labs.grading.reports.escaping import (
    folder_names,
    sanitize_line,
    sanitize_text,
    spreadsheet_cell,
)
from tests.grading.submissions.test_folder import NAMES

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@sum(a1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Ünal 名前", "Ünal 名前"),
        ("a\tb", "a b"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\x00\x7f", "\\x00\\x7f"),
        (os.fsdecode(b"ol\xe9"), "ol\\xe9"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("עברית", "עברית"),
        ("a\nb", "a\nb"),
        ("全角\u3000空白", "全角 空白"),
    ],
)
def test_shown_text_has_nothing_that_hides(text, wanted):
    assert sanitize_text(text) == wanted


def test_line_is_one_line():
    assert sanitize_line(" two\nlines\r\n ") == "two lines"


@pytest.mark.parametrize("text", FORMULAS)
def test_formula_becomes_text(text):
    assert spreadsheet_cell(text).startswith("'")


@pytest.mark.parametrize("text", ["ann", "1.5", "", "a=b", "'=x"])
def test_what_is_no_formula_stays(text):
    assert spreadsheet_cell(text) == text


def test_folder_of_a_plain_name_is_that_name():
    plain = ["ann", "s1234567", "ann.lee", "ann-lee_2", "0"]
    assert folder_names(plain) == {name: name for name in plain}


def test_folders_of_hostile_names_are_safe_and_differ_in_any_case():
    names = [*NAMES, "..", ".", "a/../b", "a\\b", "nul.txt", "com1", "a..b", "-rf", "", "x" * 300]
    folders = folder_names(names)
    for name, folder in folders.items():
        assert folder.isascii(), name
        assert folder == folder.lower()
        assert len(folder) <= 64
        assert set(folder) <= set("abcdefghijklmnopqrstuvwxyz0123456789-._")
        assert ".." not in folder
        assert not folder.startswith((".", "-"))
        assert not folder.endswith(".")
    assert folders["con"] != "con"
    assert folders["com1"] != "com1"
    for one, other in combinations(folders.values(), 2):
        assert one != other


def test_nobody_can_choose_the_folder_of_another():
    victims = [*NAMES, "Ann"]
    taken = set(folder_names(victims).values())
    thieves = [folder for folder in taken if folder not in victims]
    assert taken.isdisjoint(folder_names(thieves).values())


def test_folder_does_not_depend_on_the_others():
    assert folder_names(["Ann"])["Ann"] == folder_names(["ann", "ANN", "Ann"])["Ann"]
