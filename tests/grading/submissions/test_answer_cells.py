"""Finding answers: by id, by metadata, by place; and what is said of cells that were not run."""

from __future__ import annotations

import copy
import json

import pytest

from labs import lessons
from labs.grading.submissions.answer_cells import find_answers, lesson_in
from labs.grading.submissions.handout import Handout
from labs.grading.submissions.notebook_file import Unusable
from tests.grading.toy import COUNT, answered, handout

__all__ = ["handout"]

RIGHT = {"answer-1-1": "value = 7", "answer-1-2": 'choice = "b"'}


def found(notebook, handout, lesson=COUNT):
    return find_answers(notebook["cells"], lesson, handout)


def cell(notebook, id):
    return next(each for each in notebook["cells"] if each["id"] == id)


def code(source, **more):
    return {"cell_type": "code", "metadata": {}, "source": source, **more}


def with_metadata(notebook, *, ids=False):
    """The notebook as the builder writes it: answers and checks say their id in the metadata too."""
    for each in notebook["cells"]:
        if each["id"].startswith(("answer-", "check-")):
            each["metadata"]["labs"] = {"cell": each["id"]}
    return notebook if ids else without_ids(notebook)


def without_ids(notebook):
    for each in notebook["cells"]:
        each.pop("id", None)
    return notebook


def test_right_notebook_has_no_remarks_and_is_not_blank(handout):
    got = found(answered(), handout)
    assert (got.answers, got.remarks, got.is_blank) == (RIGHT, (), False)


def test_notebook_as_it_was_handed_out_is_blank(handout):
    blank = json.loads(json.dumps(handout.pristine(COUNT)))
    assert found(blank, handout).is_blank


def test_metadata_finds_answers_where_ids_are_dropped(handout):
    got = found(with_metadata(answered()), handout)
    assert (got.answers, got.remarks) == (RIGHT, ())


def test_metadata_finds_answers_where_an_editor_drew_new_ids(handout):
    notebook = with_metadata(answered(), ids=True)
    for number, each in enumerate(notebook["cells"]):
        each["id"] = f"8f3c{number}"
    assert found(notebook, handout).answers == RIGHT


@pytest.mark.parametrize("answer", ["value = 7", "# YOUR CODE HERE\nvalue = 7"])
def test_place_before_the_check_finds_answers_without_ids_and_metadata(handout, answer):
    got = found(without_ids(answered(value=answer)), handout)
    assert got.answers == {**RIGHT, "answer-1-1": answer}
    assert got.remarks == (
        "cells without their ids were found by their place: answer-1-1, answer-1-2",
    )


def test_comment_finds_answers_where_checks_are_gone_too(handout):
    sources = ("x = 1\nx", "# YOUR CODE HERE\nvalue = 7", '# YOUR CODE HERE\nchoice = "b"')
    got = found({"cells": [code(each) for each in sources]}, handout)
    assert got.answers == {"answer-1-1": sources[1], "answer-1-2": sources[2]}


def test_own_cell_before_a_marked_answer_without_ids_is_not_taken_for_it(handout):
    notebook = without_ids(answered(value="# YOUR CODE HERE\nvalue = 7"))
    notebook["cells"].insert(2, code("import os"))
    got = found(notebook, handout)
    assert got.answers["answer-1-1"] == "# YOUR CODE HERE\nvalue = 7"
    assert "1 cell of your own was not run; it begins “import os”" in " ".join(got.remarks)


def test_answer_whose_cell_was_deleted_and_written_anew_is_found_by_its_place(handout):
    notebook = answered()
    at = notebook["cells"].index(cell(notebook, "answer-1-1"))
    notebook["cells"][at] = code("value = 7", id="b1946ac9")
    assert found(notebook, handout).answers == RIGHT


def test_cell_that_is_nowhere_is_a_remark(handout):
    notebook = answered()
    notebook["cells"].remove(cell(notebook, "answer-1-1"))
    got = found(notebook, handout)
    assert got.remarks == ("cell answer-1-1 is missing; the untouched starter was run",)


@pytest.mark.parametrize("keeps_id", [True, False])
def test_split_cell_is_run_whole(handout, keeps_id):
    # JupyterLab gives the parts of a split cell the same metadata.
    notebook = with_metadata(answered(value="a = 3\nb = 4"), ids=True)
    first = cell(notebook, "answer-1-1")
    second = copy.deepcopy(first)
    second.update(source="value = a + b", id="new-1")
    first["id"] = first["id"] if keeps_id else "new-0"
    at = notebook["cells"].index(first)
    note = {"cell_type": "markdown", "metadata": {}, "source": "Now add.", "id": "new-2"}
    notebook["cells"][at + 1 : at + 1] = [note, second]
    got = found(notebook, handout)
    assert got.answers["answer-1-1"] == "a = 3\nb = 4\nvalue = a + b"
    assert got.remarks == (
        "cell answer-1-1 is in 2 cells, one behind the other; they were run together",
    )


def test_part_of_a_split_cell_that_lost_everything_is_named(handout):
    notebook = answered(value="a = 7")
    at = notebook["cells"].index(cell(notebook, "answer-1-1"))
    notebook["cells"].insert(at + 1, code("value = a", id="new"))
    got = found(notebook, handout)
    assert got.answers["answer-1-1"] == "a = 7"
    assert got.remarks == (
        "1 cell of your own was not run; it begins “value = a”. The cells that count are answer-1-1, answer-1-2",
    )


@pytest.mark.parametrize("first_has_id", [True, False])
def test_of_two_cells_far_apart_the_one_with_the_id_counts_else_the_first(handout, first_has_id):
    notebook = with_metadata(answered(), ids=True)
    twin = copy.deepcopy(cell(notebook, "answer-1-1"))
    twin.update(source="value = 8", id="pasted")
    if not first_has_id:
        cell(notebook, "answer-1-1")["id"] = "drawn"
    notebook["cells"].append(twin)
    got = found(notebook, handout)
    assert got.answers["answer-1-1"] == "value = 7"
    assert "the first one counts, not the one that begins “value = 8”" in got.remarks[0]


def test_pasted_copy_above_does_not_take_the_place_of_the_cell_with_the_id(handout):
    notebook = with_metadata(answered(), ids=True)
    twin = copy.deepcopy(cell(notebook, "answer-1-1"))
    twin.update(source="value = 8", id="pasted")
    notebook["cells"].insert(0, twin)
    assert found(notebook, handout).answers["answer-1-1"] == "value = 7"


def test_answers_in_own_cells_are_named_and_the_notebook_is_not_blank(handout):
    notebook = json.loads(json.dumps(handout.pristine(COUNT)))
    notebook["cells"] += [
        code("\n\nvalue = 7"),
        code("x" * 500),
        code("   "),
        code("lab.hint('1.1')"),
    ]
    got = found(notebook, handout)
    assert not got.is_blank
    (said,) = got.remarks
    assert said.startswith("2 cells of your own were not run; they begin “value = 7”, “xxx")
    assert said.endswith("The cells that count are answer-1-1, answer-1-2")
    assert len(said) < 250


def test_thousand_own_cells_are_a_short_remark(handout):
    notebook = answered()
    notebook["cells"] += [code(f"x{number} = 1") for number in range(1000)]
    (said,) = found(notebook, handout).remarks
    assert "“x4 = 1” and 995 more" in said


def test_answer_in_a_check_cell_is_named(handout):
    notebook = json.loads(json.dumps(handout.pristine(COUNT)))
    cell(notebook, "check-1-1")["source"] = 'value = 7\nlab.check("1.1", value=value)'
    got = found(notebook, handout)
    assert got.remarks == ("cell check-1-1 was run as it was handed out, without “value = 7”",)
    assert not got.is_blank


def test_changed_cell_of_the_course_is_named(handout):
    notebook = answered()
    cell(notebook, "open")["source"] = "x = 2\nx"
    assert found(notebook, handout).remarks == (
        "cell open was run as it was handed out, without “x = 2”",
    )


def test_letter_in_the_check_of_an_untouched_question_counts(handout):
    # The notebook said passed, and what it says is what is graded.
    starter = "choice = None\n# YOUR CODE HERE"
    notebook = answered(choice=starter)
    cell(notebook, "check-1-2")["source"] = 'lab.check("1.2", choice="b")'
    got = found(notebook, handout)
    assert got.answers["answer-1-2"] == f"{starter}\nchoice = 'b'"
    assert "the answer to 1.2 was taken from its check's cell" in got.remarks


@pytest.mark.parametrize(
    "check",
    [
        'lab.check("1.2", choice=input())',
        "a" + ".b" * 30000 + "()",
        'import os; lab.check("1.2", choice="b")',
        "(",
    ],
)
def test_anything_else_in_the_check_of_a_question_is_not_taken(handout, check):
    notebook = answered(choice="choice = None")
    cell(notebook, "check-1-2")["source"] = check
    assert found(notebook, handout).answers["answer-1-2"] == "choice = None"


def test_notebook_of_nbformat_3_is_found_by_its_place(handout):
    from labs.grading.submissions.notebook_file import cells_of

    cells = []
    for each in answered()["cells"]:
        kind = each["cell_type"]
        cells.append(
            {
                "cell_type": kind,
                "metadata": {},
                "input" if kind == "code" else "source": each["source"],
            }
        )
    old = {"nbformat": 3, "worksheets": [{"cells": cells}]}
    assert find_answers(cells_of(old), COUNT, handout).answers == RIGHT


def test_cells_without_any_answer_are_lost(handout):
    with pytest.raises(Unusable, match="has lost its exercise cells: none of 2") as raised:
        found({"cells": [code("value = 7")]}, handout)
    assert "you" not in str(raised.value)


@pytest.mark.parametrize("lesson", lessons.all_lessons(), ids=lambda each: each.slug)
@pytest.mark.parametrize("how", ["ids", "metadata", "place"])
def test_every_lesson_of_the_course_is_found_in_each_way(lesson, how):
    course = Handout()
    notebook = json.loads((course.root / "notebooks" / f"{lesson.file_stem}.ipynb").read_text())
    for each in notebook["cells"]:
        if each["id"].startswith("answer-"):
            each["source"] = f"mine = {each['id']!r}"
        if how != "ids":
            del each["id"]
        if how == "place":
            each["metadata"] = {}
    got = find_answers(notebook["cells"], lesson, course)
    assert got.answers == {task.cell: f"mine = {task.cell!r}" for task in lesson.tasks}
    assert lesson_in(notebook["cells"], course) is lesson
