"""How fast and how small the course is, beside baselines: the same work by a shell. No test depends on a time."""

from labs.bench.rows import Row, as_json, as_table, pairs
from labs.bench.setting import FindServer, Setting, setting
from labs.bench.suite import ALL, MEASUREMENTS, measure, pick

__all__ = [
    "ALL",
    "MEASUREMENTS",
    "FindServer",
    "Row",
    "Setting",
    "as_json",
    "as_table",
    "measure",
    "pairs",
    "pick",
    "setting",
]
