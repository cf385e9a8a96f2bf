"""The facts of `site/data/`: each has its source, its day and its mark, and none is older than a year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from labs.builder import dated_pages
from labs.errors import LabsError
from tests.site.built import ROOT

PAGES = {"registries": "registries-compared.md", "ended": "what-became-of.md"}
DATA = {name: dated_pages.read_data(ROOT / "site" / "data" / f"{name}.toml") for name in PAGES}
FACTS = [each for data in DATA.values() for each in dated_pages.facts(data)]
A_YEAR = timedelta(days=366)
WHOLE = {
    "text": "It is.",
    "mark": "vendor",
    "source": "https://example.com/a",
    "read": date.today(),
}
NAMED_BY_THE_NOTES = (
    *("docker-cloud", "docker-store", "automated-builds", "repository-links", "build-triggers"),
    *("play-with-docker", "docker-distribution", "registry-2", "htpasswd", "swift-oss"),
    *("common-name", "detach-false"),
)


def outdated(name: str, checked: date, today: date) -> str:
    """What to do where a page was last checked more than a year ago; else nothing."""
    if checked + A_YEAR >= today:
        return ""
    return (
        f"site/{PAGES[name]} was last checked on {checked}, more than a year before {today}: open its sources, "
        f"correct site/data/{name}.toml with `read` of each cell, then set its `checked`"
    )


@pytest.mark.parametrize("name", PAGES)
def test_page_was_checked_within_a_year(name: str) -> None:
    assert outdated(name, DATA[name]["checked"], date.today()) == ""


def test_page_of_more_than_a_year_ago_is_named_with_its_day_and_what_to_do() -> None:
    assert outdated("ended", date(2026, 11, 30), date(2027, 12, 1)) == ""
    message = outdated("ended", date(2026, 11, 30), date(2027, 12, 2))
    for words in ("site/what-became-of.md", "2026-11-30", "open its sources", "set its `checked`"):
        assert words in message


@pytest.mark.parametrize("fact", FACTS, ids=[each.place for each in FACTS])
def test_fact_has_text_mark_source_and_day(fact: dated_pages.Fact) -> None:
    """Reading them has checked each; here is what no single cell can show."""
    assert fact.text.endswith((".", "*", ")"))
    assert fact.read <= date.today()
    for source in fact.sources:
        if fact.mark == "run":
            stem = source.removeprefix("lessons/").split(".md")[0]
            assert (ROOT / "solutions" / f"{stem}.py").is_file(), source


@pytest.mark.parametrize("name", PAGES)
def test_no_fact_was_read_after_its_page_was_checked(name: str) -> None:
    late = [
        each.place for each in dated_pages.facts(DATA[name]) if each.read > DATA[name]["checked"]
    ]
    assert late == []


def test_each_registry_answers_each_question() -> None:
    asked = [each["id"] for each in DATA["registries"]["aspect"]]
    short = {each["id"] for each in DATA["registries"]["aspect"] if "short" in each}
    for registry in DATA["registries"]["registry"]:
        assert set(registry) == {"id", "name", "short", *asked}
        assert {each for each in asked if "answer" in registry[each]} == short


def test_unchecked_cells_answer_nothing() -> None:
    assert {each.answer for each in FACTS if each.mark == "unchecked"} <= {"", "unknown"}


def test_entries_have_a_day_a_way_today_and_an_existing_lesson() -> None:
    entries = [entry for group in DATA["ended"]["group"] for entry in group["entry"]]
    assert len({entry["id"] for entry in entries}) == len(entries)
    assert set(NAMED_BY_THE_NOTES) <= {entry["id"] for entry in entries}
    for entry in entries:
        assert entry["when"]
        assert entry["today"]
        if "lesson" in entry:
            stem = entry["lesson"].removeprefix("lessons/").removesuffix(".md")
            assert (ROOT / "solutions" / f"{stem}.py").is_file(), entry["id"]


def test_whole_fact_is_made() -> None:
    made = dated_pages.fact("a.b", WHOLE)
    assert made.sources == ("https://example.com/a",)
    assert dated_pages.fact("a.b", {**WHOLE, "text": "two\n  lines"}).text == "two lines"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": ""}, "no text"),
        ({"mark": "heard"}, "mark 'heard'"),
        ({"source": ()}, "no source"),
        ({"mark": "unchecked"}, "a source"),
        ({"read": None}, "no date"),
        ({"answer": "perhaps"}, "answer 'perhaps'"),
        ({"source": "http://example.com/"}, "wanted an https address"),
        ({"mark": "run"}, "wanted the page of a lesson"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_fact_that_is_not_whole_is_an_error(change: dict[str, Any], words: str) -> None:
    with pytest.raises(LabsError, match=rf"^a\.b: .*{words}"):
        dated_pages.fact("a.b", {**WHOLE, **change})


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("https://docs.docker.com/a/b.html#c", True),
        ("https://github.com/moby/moby/pull/47459", True),
        ("https://www.docker.com/?p=91250", True),
        ("http://docs.docker.com/", False),
        ("https://docs.docker.com:443/", False),
        ("https://localhost/", False),
        ("https://docs.docker.com/a b", False),
        ("https://docs.docker.com/<a>", False),
        ("docs.docker.com", False),
        ("https://[docs", False),
        ("", False),
    ],
)
def test_address_is_told_from_other_text(text: str, good: bool) -> None:
    assert dated_pages.is_address(text) is good


def test_page_that_asks_for_something_unknown_is_an_error() -> None:
    with pytest.raises(LabsError, match="<!-- prices -->: unknown"):
        dated_pages.fill("<!-- prices -->", DATA["registries"])


def test_file_without_a_day_is_an_error(tmp_path: Any) -> None:
    (tmp_path / "a.toml").write_text('checked = "last week"\n')
    with pytest.raises(LabsError, match=r"a\.toml: no date `checked`"):
        dated_pages.read_data(tmp_path / "a.toml")


def test_day_of_the_data_is_at_the_top_of_the_page() -> None:
    data = {"checked": date(2026, 3, 5)}
    assert dated_pages.fill("<!-- checked -->", data) == "**Last checked: 5 March 2026.**"


def test_what_a_walk_gave_is_shown_once_the_data_has_it() -> None:
    rows = [
        {key: value for key, value in row.items() if key != "walk"}
        for row in DATA["registries"]["conformance"]
    ]
    assert "run here" not in dated_pages.fill("<!-- conformance -->", {"conformance": rows})
    rows[0]["walk"] = {"text": "7 of 7", "read": date.today()}
    shown = dated_pages.fill("<!-- conformance -->", {"conformance": rows}).splitlines()
    assert shown[0].endswith("| run here |")
    assert [line.split(" | ")[-1] for line in shown[2:6]] == ["7 of 7 |", "no |", "no |", "no |"]
