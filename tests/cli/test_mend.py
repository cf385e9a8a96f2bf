"""`labs mend`: the list, and what it takes; a whole repair in a terminal on a real engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from labs.cli.program import app
from labs.engine import Engine
from labs.errors import LabsError
from labs.lesson import Progress
from labs.playground import remove_all
from labs.repairs import SHOP, all_scenarios
from tests.engine_fixtures import course_folder

NAME = "http-response-to-https-client"
MESSAGE = "http: server gave HTTP response to HTTPS client"


def mend(*words: str) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["mend", *words])
    return ran.exit_code, ran.output


def test_list_has_symptoms_and_what_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABS_COURSE", str(tmp_path))
    Progress().record(SHOP, NAME, "passed")
    status, output = mend()
    lines = output.splitlines()
    every = all_scenarios()
    assert status == 0
    assert [line[8:].split("  ")[0] for line in lines[1:-1]] == [each.slug for each in every]
    assert [line for line in lines if line.startswith("mended ")] == [
        line for line in lines if NAME in line
    ]


@pytest.mark.parametrize(
    "words",
    [["--check", "--hint"], [NAME, "--check", "--hint"], [NAME, "--draw"], ["--draw", "--check"]],
)
def test_words_that_do_not_fit_together_are_status_2(words: list[str]) -> None:
    status, output = mend(*words)
    assert status == 2
    assert "give a NAME and at most one option" in output


def test_unknown_name_is_an_error_of_the_course() -> None:
    with pytest.raises(LabsError, match='has no "zork"'):
        CliRunner().invoke(app, ["mend", "zork"], catch_exceptions=False)


def test_option_without_a_name_says_that_none_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABS_COURSE", str(tmp_path))
    with pytest.raises(LabsError, match="0 repairs are open"):
        CliRunner().invoke(app, ["mend", "--check"], catch_exceptions=False)


@pytest.mark.parametrize("found", [None, "/usr/bin/labs"])
def test_commands_are_printed_as_they_can_be_typed(
    monkeypatch: pytest.MonkeyPatch, found: str | None
) -> None:
    monkeypatch.setattr("labs.repairs.terminal.which", lambda _name: found)
    assert f"`{'labs' if found else '.venv/bin/labs'} mend NAME` breaks it" in mend()[1]


@pytest.mark.engine
@pytest.mark.full
def test_repair_in_a_terminal_from_its_symptom_to_its_end(engine: Engine, tmp_path: Path) -> None:
    with course_folder(tmp_path):
        try:
            status, output = mend(NAME)
            assert status == 0
            assert MESSAGE in output
            assert "exec -it labs-" in output
            assert "has no editor" in output
            assert MESSAGE in mend(NAME, "--reproduce")[1]
            assert MESSAGE in mend("--reproduce")[1]
            status, output = mend(NAME, "--check")
            assert (status, output.split(":")[0]) == (1, f"{NAME} not attempted")
            first, second = mend(NAME, "--hint")[1], mend(NAME, "--hint")[1]
            assert first.startswith(f"{NAME} hint 1 of 3: ")
            assert second.startswith(f"{NAME} hint 2 of 3: ")
            assert "reload_engine" in mend(NAME, "--solution")[1]
            assert MESSAGE in mend(NAME, "--reset")[1]
            assert mend(NAME, "--hint")[1] == first
            assert mend(NAME, "--close")[0] == 0
            with pytest.raises(LabsError, match="is not open"):
                CliRunner().invoke(app, ["mend", NAME, "--check"], catch_exceptions=False)
        finally:
            remove_all(engine)
