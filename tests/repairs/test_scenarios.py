"""What every scenario says and has, and how one is found and drawn; no engine."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from labs import lessons
from labs.errors import LabsError
from labs.lesson import Progress
from labs.repairs import SHOP, Scenario, all_scenarios, draw, error_list, error_page, find
from labs.repairs.notes import Notes, forget
from labs.repairs.repair_lab import source_of_solution
from tests.repairs.cases import cases_of

EACH = pytest.mark.parametrize("scenario", all_scenarios(), ids=lambda scenario: scenario.slug)
SECTIONS = ["## Cause", "## How to see it", "## Mend it", "## What hides it"]


@EACH
def test_scenario_has_two_right_repairs_and_three_wrong_ones(scenario: Scenario) -> None:
    cases = cases_of(scenario)
    assert len(cases.right) >= 1  # beside the solution
    assert len(cases.wrong) >= 3
    assert all(case.message and case.hint for case in cases.wrong)


@EACH
def test_page_has_its_sections_and_leads_to_a_lesson(scenario: Scenario) -> None:
    page = error_page(scenario)
    headings = [line for line in page.splitlines() if line.startswith("## ")]
    assert headings == [*SECTIONS, "## Where you meet it"]
    assert f"# `{scenario.words}`" in page.splitlines()
    lesson = lessons.find(scenario.lesson)
    assert not lesson.draft
    assert f"(../lessons/{lesson.file_stem}.md)" in page


@EACH
def test_symptom_and_title_say_nothing_of_the_repair(scenario: Scenario) -> None:
    assert len(scenario.hints) == 3
    assert not [hint for hint in scenario.hints if hint in scenario.symptom]
    # What a user reports has the words of the error in it, so that they can be looked up.
    parts = [each for each in re.split("…|: ", scenario.words) if len(each) > 12]
    assert [each for each in parts if each.rstrip(".") in scenario.symptom.replace("\n", " ")]


@EACH
def test_solution_is_shown_as_code_that_runs(scenario: Scenario) -> None:
    code = source_of_solution(scenario)
    assert "def " not in code
    names = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    assert "repair" in names


def test_list_has_a_line_for_each() -> None:
    every = all_scenarios()
    assert len(error_list(every).splitlines()) == len(every) >= 10


def test_titles_and_words_are_told_apart() -> None:
    every = all_scenarios()
    for of in ("slug", "title", "words"):
        assert len({getattr(each, of) for each in every}) == len(every)


def test_unknown_name_says_the_nearest() -> None:
    with pytest.raises(LabsError, match='has no "connection-refuse"') as told:
        find("connection-refuse")
    assert told.value.hint == 'did you mean "connection-refused"?'
    with pytest.raises(LabsError) as told:
        find("zork")
    assert told.value.hint == "`labs mend` lists them"


def test_drawn_is_one_that_is_not_mended(tmp_path: Path) -> None:
    progress = Progress(tmp_path / "progress.json")
    every = all_scenarios()
    for scenario in every[1:]:
        progress.record(SHOP, scenario.slug, "passed")
    assert draw(progress) == every[0]
    progress.record(SHOP, every[0].slug, "passed")
    assert draw(progress, choose=lambda left: left[-1]) == every[-1]


def test_notes_are_kept_and_a_damaged_file_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABS_COURSE", str(tmp_path))
    notes = Notes("id", {"digest": "sha256:0"}, ["look"], "there")
    notes.write("one")
    assert Notes.read("one") == notes
    (tmp_path / ".labs" / "repairs" / "one.json").write_text("{")
    assert Notes.read("one") == Notes()
    forget("one")
    forget("one")
    assert Notes.read("one") == Notes()


def test_every_set_up_says_how_the_error_is_made() -> None:
    for scenario in all_scenarios():
        assert inspect.getdoc(scenario._module("set_up").reproduce)
