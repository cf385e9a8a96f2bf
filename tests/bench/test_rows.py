"""Rows: medians, the ratio of pairs, verdicts; their table and their JSON."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from labs.bench import Row, as_json, as_table, pairs


def test_ratio_is_the_median_of_the_ratios_of_each_round() -> None:
    # One round ran while the machine was busy: both sides took ten times as long.
    row = Row("open", measured=(1.2, 12.0, 1.4), baseline=(1.0, 10.0, 1.0), target=1.3)
    assert row.ratio == pytest.approx(1.2)
    assert row.verdict == "met"


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (Row("a", measured=(0.2, 0.4, 0.3), target=0.3), "met"),
        (Row("a", measured=(0.2, 0.4, 0.31), target=0.3), "missed"),
        (Row("a", measured=(2.0,), baseline=(1.0,), target=1.3), "missed"),
        (Row("a", measured=(2.0,)), "shown"),
        (Row("a", target=1.0, note="no docker"), "not measured"),
    ],
)
def test_verdict_compares_ratio_or_median_with_the_target(row: Row, verdict: str) -> None:
    assert row.verdict == verdict


def test_ratio_of_sides_with_different_rounds_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        _ = Row("a", measured=(1.0, 2.0), baseline=(1.0,)).ratio


def test_pairs_take_turns_and_drop_the_first_round() -> None:
    calls: list[str] = []

    def side(name: str) -> float:
        calls.append(name)
        return float(len(calls))

    measured, baseline = pairs(lambda: side("A"), lambda: side("B"), 2)
    assert "".join(calls) == "ABABAB"
    assert (measured, baseline) == ((3.0, 5.0), (4.0, 6.0))


def test_json_holds_every_round_and_the_verdict() -> None:
    row = Row("open", measured=(1.2, 1.3), baseline=(1.0, 1.0), target=1.3)
    data = json.loads(json.dumps(as_json([row, Row("b")], rounds=2, machine={"cpus": 2})))
    first, second = data["rows"]
    assert first["measured"] == {"median": 1.25, "min": 1.2, "max": 1.3, "rounds": [1.2, 1.3]}
    assert (first["floor"]["median"], first["ratio"], first["verdict"]) == (1.0, 1.25, "met")
    assert (second["measured"], second["verdict"]) == (None, "not measured")
    assert (data["rounds"], data["machine"]) == (2, {"cpus": 2})


def test_table_shows_units_spread_ratio_and_target() -> None:
    rows = [
        Row("open", measured=(1.2, 1.4, 1.3), baseline=(1.0, 1.0, 1.0), target=1.3),
        Row("memory", "MB", (88.04,), target=100),
    ]
    out = io.StringIO()
    Console(file=out, width=120).print(as_table(rows))
    _, *lines = (" ".join(line.split()) for line in out.getvalue().splitlines())
    assert lines == [
        "open 1.30 s 1.20–1.40 1.00 s 1.30× ≤ 1.3× met",
        "memory 88.0 MB ≤ 100 MB met",
    ]
