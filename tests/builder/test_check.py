"""`labs build --check`: a clean course is clean, and each file out of date is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from labs.builder import LessonFiles, problems, source, stale
from tests.builder.toy import TOY

pytestmark = pytest.mark.process


def reasons(files: LessonFiles) -> list[str]:
    return [str(p).removeprefix(f"{files.root}/") for p in problems(files.root, exercises_of=known)]


def known(slug: str) -> set[str]:
    assert slug == "say-hello"
    return {"1.1"}


def change(path: Path, edit: Callable[[source.NotebookNode], object]) -> None:
    notebook = source.read_ipynb(path)
    edit(notebook)
    path.write_text(source.ipynb_text(notebook))


def cell(notebook: source.NotebookNode, cell_id: str) -> source.NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == cell_id)


def test_fresh_course_has_no_problems(toy: LessonFiles) -> None:
    assert stale(toy.root) == []
    assert reasons(toy) == []


def test_missing_notebooks_are_named(toy: LessonFiles) -> None:
    toy.executed.unlink()
    toy.student.unlink()
    assert stale(toy.root) == [
        (toy.executed, "missing: run `labs build`"),
        (toy.student, "missing: run `labs build`"),
    ]


def test_new_source_makes_both_notebooks_stale(toy: LessonFiles) -> None:
    toy.source.write_text(TOY.replace('print("hi")', 'print("ho")'))
    assert stale(toy.root) == [
        (toy.executed, "cell 'hello' is not the source's"),
        (toy.student, "is not what the source gives: run `labs build --no-run`"),
    ]


def test_new_cell_makes_the_run_stale(toy: LessonFiles) -> None:
    toy.source.write_text(TOY + '\n# %% id="more"\nx = 1\n')
    count = len(source.read(toy.source).cells)
    expected = f"{count - 1} cells, the source has {count}"
    assert stale(toy.root)[0] == (toy.executed, expected)


def test_new_tag_makes_the_run_stale(toy: LessonFiles) -> None:
    toy.source.write_text(TOY.replace('id="hello"', 'id="hello" tags=["raises-exception"]'))
    assert stale(toy.root)[0] == (toy.executed, "cell 'hello' is not the source's")


def test_notebook_edited_by_hand_is_stale(toy: LessonFiles) -> None:
    change(toy.student, lambda nb: cell(nb, "hello").update(source="print('mine')"))
    assert stale(toy.root) == [
        (toy.student, "is not what the source gives: run `labs build --no-run`")
    ]


def test_notebook_without_source_is_stale(toy: LessonFiles) -> None:
    orphan = toy.student.with_name("02-gone.ipynb")
    orphan.write_bytes(toy.student.read_bytes())
    assert stale(toy.root) == [(orphan, "has no source in solutions/")]


def test_cleared_output_of_a_printing_cell_is_found(toy: LessonFiles) -> None:
    change(toy.executed, lambda nb: cell(nb, "hello").update(outputs=[]))
    assert reasons(toy) == [
        "solutions/01-say-hello.ipynb: cell 'hello' prints, and no output is stored"
    ]


def test_cleared_output_of_a_call_is_found_by_its_record(toy: LessonFiles) -> None:
    toy.source.write_text(TOY.replace('print("hi")', 'str("hi")').replace('print("dig', 'str("dig'))

    def as_if_run(notebook: source.NotebookNode) -> None:
        hello = cell(notebook, "hello")
        hello.source = hello.source.replace("print", "str")
        hello.outputs = []

    change(toy.executed, as_if_run)
    assert "solutions/01-say-hello.ipynb: cell 'hello' had 1 outputs when it ran, 0 are stored" in (
        reasons(toy)
    )


def test_cell_that_was_not_run_is_found(toy: LessonFiles) -> None:
    change(toy.executed, lambda nb: cell(nb, "tools").update(execution_count=None))
    assert reasons(toy) == ["solutions/01-say-hello.ipynb: cell 'tools' was not run"]


def test_check_that_did_not_pass_is_found(toy: LessonFiles) -> None:
    change(
        toy.executed, lambda nb: cell(nb, "check-1-1").outputs[0].update(text="1.1 not yet: x\n")
    )
    assert reasons(toy) == [
        "solutions/01-say-hello.ipynb: cell 'check-1-1' does not say 1.1 passed: 1.1 not yet: x"
    ]


def test_answer_in_notebooks_is_found(toy: LessonFiles) -> None:
    toy.student.write_bytes(toy.executed.read_bytes())
    assert "notebooks/01-say-hello.ipynb: the answer of cell 'answer-1-1' is in it" in (
        reasons(toy)
    )


@pytest.mark.parametrize(
    ("added", "said"),
    [("# %%\nx = 1\n", "has no id"), ('# %% id="hello"\nx = 1\n', "repeats the id")],
)
def test_source_that_cannot_be_read_is_a_problem(toy: LessonFiles, added: str, said: str) -> None:
    toy.source.write_text(f"{TOY}\n{added}")
    assert [said in reason for reason in reasons(toy)] == [True]
