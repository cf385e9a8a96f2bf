"""Which cells show something, told from their text."""

from __future__ import annotations

import pytest

from labs.builder.printing import prints


@pytest.mark.parametrize(
    "code",
    [
        "print(1)",
        "display(x)",
        'lab.check("1.1")',
        'x = 1\nlab.hint("1.1")\ny = 2',
        "for i in x:\n    print(i)",
        "with x:\n    print(1)",
        "x",
        "x.tags",
        'f"{x}"',
        "!docker images",
    ],
)
def test_prints_sees_what_shows_something(code: str) -> None:
    assert prints(code)


@pytest.mark.parametrize(
    "code", ["x = 1", "x;", "x.remove()", "def f():\n    print(1)", "if x:\n    print(1)", "# no"]
)
def test_prints_lets_silent_cells_be(code: str) -> None:
    assert not prints(code)
