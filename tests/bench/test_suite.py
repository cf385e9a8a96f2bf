"""Which measurements are done, and what becomes of one that fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from labs.bench import ALL, Row, Setting, measure, pick
from labs.bench.setting import BenchError
from labs.bench.suite import Measurement
from labs.builder import LessonFiles


def bench_setting(said: list[str]) -> Setting:
    nothing = cast(Any, SimpleNamespace())
    return Setting(Path(), Path(), nothing, 1, said.append, lambda: None)


def test_pick_without_names_leaves_out_what_takes_minutes() -> None:
    asked = {"class", "class-images", "class-lesson", "first-start"}
    assert {m.name for m in pick([])} == set(ALL) - asked


def test_pick_takes_what_is_asked_for_in_the_order_of_the_table() -> None:
    names = [m.name for m in pick(["first-start", "image-sizes"])]
    assert names == ["image-sizes", "first-start"]


def test_pick_of_one_lesson_measures_that_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(
        "labs.bench.lesson_times.lessons", lambda _root, wanted: asked.append(wanted) or []
    )
    (picked,) = pick(["lessons:5", "lessons:encrypt-it"])
    assert (picked.name, list(picked.rows(bench_setting([])))) == ("lessons", [])
    assert asked == [["5", "encrypt-it"]]


def test_pick_of_an_unknown_row_names_the_known_ones() -> None:
    with pytest.raises(BenchError, match=r"'speed'(.|\n)*node-ready"):
        pick(["speed"])


def test_measure_goes_on_after_one_that_fails_and_keeps_its_reason_and_rows() -> None:
    def half(_: Setting) -> Iterator[Row]:
        yield Row("first half", measured=(1.0,))
        raise BenchError("no docker", hint="install it")

    said: list[str] = []
    whole = Measurement("whole", "all of it", lambda _: [Row("whole", measured=(2.0,))])
    rows = measure(bench_setting(said), [Measurement("half", "half of it", half), whole])
    assert [(r.name, r.verdict) for r in rows] == [
        ("first half", "shown"),
        ("half", "not measured"),
        ("whole", "shown"),
    ]
    assert rows[1].note == "no docker Hint: install it"
    assert said[0] == "half: half of it"


def test_lesson_that_fails_gets_a_row_and_the_others_are_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "solutions").mkdir()
    for stem in ("01-first", "02-second", "03-third"):
        (tmp_path / "solutions" / f"{stem}.py").touch()

    def rows_of(_setting: Setting, files: LessonFiles) -> Iterator[Row]:
        yield Row(f"lesson {files.number}, cells", measured=(1.0,))
        if files.number == 2:
            raise BenchError("cell run-twin: line failed")

    monkeypatch.setattr("labs.bench.lesson_times._rows", rows_of)
    (lessons,) = pick(["lessons"])
    rows = measure(replace(bench_setting([]), root=tmp_path), [lessons])
    assert [(row.name, row.verdict, row.note) for row in rows] == [
        ("lesson 1, cells", "shown", ""),
        ("lesson 2 under nbval", "not measured", "cell run-twin: line failed"),
        ("lesson 3, cells", "shown", ""),
    ]


def test_measure_does_not_swallow_what_is_a_mistake_of_its_own() -> None:
    def broken(_: Setting) -> Iterator[Row]:
        raise KeyError("typo")
        yield

    with pytest.raises(KeyError):
        measure(bench_setting([]), [Measurement("broken", "", broken)])
