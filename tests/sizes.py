"""Which parameters of a test `make test` takes: the others have the marker `full` and run in `make test-all` alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest


def quick(values: Iterable[Any], *wanted: Any) -> list[Any]:
    """Parameters of which those in `wanted` run in `make test`, by name where they have names."""
    named = values.items() if isinstance(values, Mapping) else ((None, each) for each in values)
    return [
        pytest.param(
            value,
            id=name,
            marks=() if (value if name is None else name) in wanted else pytest.mark.full,
        )
        for name, value in named
    ]
