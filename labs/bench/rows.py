"""The results of measurements: rows of numbers and their ratio to a baseline, as a table and as JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from rich.table import Table

MEGABYTE = 10**6  # as `docker images` counts, and as catalog.toml limits


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        name: What was measured.
        unit: Of `measured` and `baseline`: `s`, `min`, `MB`.
        measured: One number a round; empty where it could not be measured, with the reason in `note`.
        baseline: The baseline's number of the same round; empty where the target is absolute.
        target: The most that the ratio, or without a baseline the median, should be; None where none is set.
        note: What a reader has to know about the numbers.
    """

    name: str
    unit: str = "s"
    measured: tuple[float, ...] = ()
    baseline: tuple[float, ...] = ()
    target: float | None = None
    note: str = ""

    @property
    def median(self) -> float | None:
        """Of what was measured."""
        return median(self.measured) if self.measured else None

    @property
    def baseline_median(self) -> float | None:
        """Of the baseline."""
        return median(self.baseline) if self.baseline else None

    @property
    def ratio(self) -> float | None:
        """Median of the ratios of each round: what slows the machine for a while slows both of a round."""
        if not self.baseline:
            return None
        return median(a / b for a, b in zip(self.measured, self.baseline, strict=True))

    @property
    def verdict(self) -> str:
        """`met`, `missed`, `not measured`, or `shown` where there is no target."""
        if not self.measured:
            return "not measured"
        if self.target is None:
            return "shown"
        value = self.ratio if self.baseline else self.median
        assert value is not None
        return "met" if value <= self.target else "missed"

    def to_json(self) -> dict[str, Any]:
        """All of it, with every round."""
        return {
            "name": self.name,
            "unit": self.unit,
            "measured": _summary(self.measured),
            # Its name since the first bench.json: programs may read it.
            "floor": _summary(self.baseline),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "target": self.target,
            "verdict": self.verdict,
            "note": self.note,
        }


def not_measured(name: str, reason: Exception) -> Row:
    """The row of something that failed, with the reason as its note."""
    # Cut: an error may carry pages of output.
    return Row(name, note=" ".join(str(reason).split())[:300])


def _summary(values: tuple[float, ...]) -> dict[str, Any] | None:
    if not values:
        return None
    rounds = [round(value, 4) for value in values]
    return {
        "median": round(median(values), 4),
        "min": min(rounds),
        "max": max(rounds),
        "rounds": rounds,
    }


def pairs(
    measured: Callable[[], float], baseline: Callable[[], float], rounds: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Take turns, A B A B, so that what drifts on the machine drifts for both; one round before is thrown away.

    Args:
        measured: Does it once and returns seconds; what it must not count, it does outside of them.
        baseline: Likewise.
        rounds: How many count.
    """
    taken = [(measured(), baseline()) for _ in range(rounds + 1)][1:]
    return tuple(a for a, _ in taken), tuple(b for _, b in taken)


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def as_json(rows: Iterable[Row], *, rounds: int, machine: dict[str, Any]) -> dict[str, Any]:
    """What build/bench.json holds."""
    return {"machine": machine, "rounds": rounds, "rows": [row.to_json() for row in rows]}


def as_table(rows: Iterable[Row]) -> Table:
    """The rows for a terminal; notes are left to `notes`."""
    table = Table("what", box=None, pad_edge=False)
    for heading in ("measured", "min–max", "baseline", "ratio", "target"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for row in rows:
        table.add_row(
            row.name,
            _with_unit(row.median, row.unit),
            _spread(row),
            _with_unit(row.baseline_median, row.unit),
            "" if row.ratio is None else f"{row.ratio:.2f}×",
            _target(row),
            row.verdict,
        )
    return table


def _spread(row: Row) -> str:
    if len(row.measured) < 2:
        return ""
    return f"{min(row.measured):.{_digits(row.unit)}f}–{max(row.measured):.{_digits(row.unit)}f}"


def _with_unit(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.{_digits(unit)}f} {unit}"


def _target(row: Row) -> str:
    if row.target is None:
        return ""
    return f"≤ {row.target:g}×" if row.baseline else f"≤ {row.target:g} {row.unit}"


def _digits(unit: str) -> int:
    return 1 if unit == "MB" else 2
