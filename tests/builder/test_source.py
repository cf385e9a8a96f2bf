"""Reading a source: the cell ids are the source's own."""

from __future__ import annotations

from pathlib import Path

import jupytext
import pytest

from labs.builder import BuildError, source
from tests.builder.toy import TOY


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "01-say-hello.py"
    path.write_text(TOY)
    return path


def test_jupytext_alone_draws_new_ids_on_every_read() -> None:
    first, second = (jupytext.reads(TOY, fmt="py:percent").cells for _ in range(2))
    assert [cell.id for cell in first] != [cell.id for cell in second]


def test_read_takes_the_ids_that_the_source_carries(file: Path) -> None:
    cells = source.read(file).cells
    assert [cell.id for cell in cells[:4]] == ["title", "tools", "do", "hello"]
    assert all("id" not in cell.metadata for cell in cells)
    assert cells[-1].metadata.tags == ["raises-exception"]


def test_source_to_notebook_and_back_is_the_same_text(file: Path) -> None:
    assert source.write_text(source.read(file)) == TOY


def test_ids_survive_a_notebook_file(file: Path, tmp_path: Path) -> None:
    notebook = source.read(file)
    (tmp_path / "n.ipynb").write_text(source.ipynb_text(notebook))
    assert source.write_text(source.read_ipynb(tmp_path / "n.ipynb")) == TOY


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("# %%\nprint(1)", "has no id"),
        ('# %% id="hello"\nprint(1)', "repeats the id 'hello'"),
        ('# %% id="two words"\nprint(1)', "has the id 'two words'"),
        ("# %% [markdown]\n# text", "has no id"),
    ],
)
def test_read_refuses_a_cell_without_an_id_of_its_own(file: Path, cell: str, said: str) -> None:
    file.write_text(TOY + "\n" + cell + "\n")
    with pytest.raises(BuildError, match=said):
        source.read(file)
