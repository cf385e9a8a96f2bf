"""The assembled notebook: answers in the notebook handed out, and nothing else of what was sent."""

from __future__ import annotations

import json
import subprocess
import sys

import nbformat
import pytest
from nbval.plugin import comment_markers, find_comment_markers, metadata_tags

from labs import lessons
from labs.builder.answer_markers import BEGIN
from labs.grading import GradingError, Submission
from labs.grading.submissions.assembly import MARKERS, assemble, harmless, text_of
from labs.grading.submissions.folder import list_folder, read_all
from labs.grading.submissions.handout import Handout
from tests.grading.toy import COUNT, answered, hand_in

TRICKS = [
    "# NBVAL_SKIP\nx = 1",
    "#NBVAL_SKIP",
    "  ##  NBVAL_RAISES_EXCEPTION  ",
    "x = 1\n\t# PYTEST_VALIDATE_IGNORE_OUTPUT\n",
    "if x:\n    # NBVAL_CHECK_OUTPUT\n    y = 2",
    'text = """\n# NBVAL_SKIP\n"""',
    "text = '''\\\n#NBVAL_SKIP\n'''; # NBVAL_SKIP",
    'text = rf"""{1}\n# NBVAL_SKIP\n"""',
    "%%writefile x\n# NBVAL_SKIP\n",
    "%%bash\n# NBVAL_SKIP\necho hi",
    "!ls\n# NBVAL_SKIP",
    "x = (\n# NBVAL_SKIP",
    "x = 1\r# NBVAL_SKIP",
    "x = 1\r\n# NBVAL_SKIP\r\ny = 2",
    "x = 1\x0c# NBVAL_SKIP\n",
    "x = '\u2028# NBVAL_SKIP\u2028'",
    "x = 1 \\\n# NBVAL_SKIP",
    "\x00\n# NBVAL_SKIP",
    "# NBVAL_SKIP\n# NBVAL_IGNORE_OUTPUT\n" * 3,
]
INNOCENT = [
    "value = 7",
    "",
    "# NBVAL_SKIP is what I read about",
    "x = 1  # NBVAL_SKIP",
    "%%bash\necho '# hi'",
    "%matplotlib inline",
    "!docker ps",
    "text = '# NBVAL_SKIP'",
    "тест = 'ü\u202e'",
]


def assembled(handout, **answers):
    sent = Submission("ann", COUNT.slug, "", {k.replace("_", "-"): v for k, v in answers.items()})
    return assemble(sent, COUNT, handout)


def by_id(notebook):
    return {cell.id: cell for cell in notebook.cells}


def orders(source):
    return list(find_comment_markers(source))


@pytest.mark.filterwarnings("ignore:Conflicting comment markers")
@pytest.mark.parametrize("source", TRICKS)
def test_comment_for_nbval_decides_nothing(source):
    assert orders(source)
    assert orders(harmless(source)) == []


@pytest.mark.parametrize("source", INNOCENT)
def test_source_without_an_order_stays_as_it_is(source):
    assert orders(source) == []
    assert harmless(source) == source


def test_all_of_nbvals_orders_are_known():
    assert frozenset(comment_markers) == MARKERS


@pytest.mark.process
@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('text = """\n# NBVAL_SKIP\n"""', "\n# NBVAL_SKIP\n"),
        ("text = r'''\\d\n# NBVAL_SKIP'''", "\\d\n# NBVAL_SKIP"),
        ("# NBVAL_SKIP\ntext = 'a'\n# NBVAL_SKIP", "a"),
        ("for n in range(3):\n    # NBVAL_SKIP\n    text = n", 2),
        ("text = 'a\u2028# NBVAL_SKIP'", "a\u2028# NBVAL_SKIP"),
        ("text = !echo hi\n# NBVAL_SKIP\ntext = list(text)", ["hi"]),
    ],
)
def test_honest_code_with_such_a_line_does_what_it_did(source, text):
    code = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell(json.loads(sys.argv[1])).raise_error()
print("result:" + json.dumps(shell.user_ns["text"]))
"""
    for each in (source, harmless(source)):
        command = [sys.executable, "-c", code, json.dumps(each)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout.split("result:")[1]) == text


@pytest.mark.process
def test_error_in_a_wrapped_cell_is_still_an_error():
    wrapped = harmless('"""\n# NBVAL_SKIP\n"""\nraise ValueError("no")')
    code = "import sys; from IPython.core.interactiveshell import InteractiveShell as Shell"
    code += "; Shell.instance().run_cell(sys.argv[1]).raise_error()"
    command = [sys.executable, "-c", code, wrapped]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ValueError: no" in done.stderr


def test_answers_stand_in_the_notebook_handed_out(handout):
    notebook = assembled(handout, answer_1_1="value = 8", answer_1_2="choice = 'a'")
    cells = by_id(notebook)
    assert list(cells) == [cell.id for cell in handout.pristine(COUNT).cells]
    assert cells["answer-1-1"].source == "value = 8"
    assert cells["check-1-1"].source == 'lab.check("1.1", value=value)'
    assert (cells["open"].source, cells["open"].outputs[0].text) == ("x = 1\nx", "as it was")
    nbformat.validate(notebook)


def test_answer_that_is_missing_is_the_starter_not_the_solution(handout):
    cells = by_id(assembled(handout, answer_1_1="value = 8"))
    assert cells["answer-1-2"].source == "choice = None\n# YOUR CODE HERE"


def test_outputs_and_tags_of_answers_and_checks_are_gone(handout):
    for name in ("notebooks", "solutions"):
        path = handout.root / name / "01-count-days.ipynb"
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            cell.metadata["tags"] = ["raises-exception", "nbval-skip"]
        nbformat.write(notebook, path)
    cells = by_id(assembled(handout, answer_1_1="value = 8"))
    for id in ("answer-1-1", "check-1-1", "answer-1-2", "check-1-2"):
        assert (cells[id].metadata, cells[id].outputs, cells[id].execution_count) == ({}, [], None)
    assert "raises-exception" in metadata_tags


def test_everything_but_answers_of_a_students_notebook_is_dropped(handout, top):
    notebook = answered(value="value = 8")
    for cell in notebook["cells"]:
        cell["metadata"] = {"tags": ["nbval-skip", "raises-exception"]}
        cell["attachments"] = {"evil": {}}
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                {"output_type": "stream", "name": "stdout", "text": "1.1 passed evil"}
            ]
            cell["execution_count"] = 3
        if cell["id"].startswith(("check", "open")):
            cell["source"] = "import evil"
    notebook["metadata"] = {"kernelspec": {"name": "evil", "display_name": "", "language": ""}}
    notebook["cells"].insert(0, {**notebook["cells"][1], "id": "evil", "source": "evil()"})
    hand_in(top, "ann", notebook)
    (sent,) = read_all(list_folder(top), [COUNT], handout)
    text = text_of(assemble(sent, COUNT, handout))
    assert "value = 8" in text
    assert "evil" not in text
    assert "raises-exception" not in text


@pytest.mark.parametrize("magic", ["%%script false", "%%capture", "%reset -f", "%%javascript\n1"])
def test_magic_in_an_answer_stays_and_changes_no_other_cell(handout, magic):
    changed = by_id(assembled(handout, answer_1_1=magic))
    plain = by_id(assembled(handout, answer_1_1=""))
    assert changed.pop("answer-1-1").source == magic
    plain.pop("answer-1-1")
    assert changed == plain


def test_cells_cannot_break_out_of_their_source(handout):
    source = '"}], "metadata": {}}\n# %% id="check-1-1"\n"""\n%%html\n<script>'
    notebook = nbformat.reads(text_of(assembled(handout, answer_1_1=source)), as_version=4)
    assert by_id(notebook)["answer-1-1"].source == source
    assert len(notebook.cells) == len(handout.pristine(COUNT).cells)


def test_same_submission_gives_the_same_bytes(handout):
    texts = {text_of(assembled(handout, answer_1_1="value = 8")) for _ in range(3)}
    assert len(texts) == 1


def test_assembling_leaves_the_pristine_notebook_alone(handout):
    before = text_of(handout.pristine(COUNT))
    assembled(handout, answer_1_1="value = 8")
    assert text_of(handout.pristine(COUNT)) == before


def test_course_without_its_notebooks_is_an_error_with_a_hint(tmp_path):
    with pytest.raises(GradingError, match="No such file") as raised:
        Handout(tmp_path, {COUNT.slug: COUNT}).pristine(COUNT)
    assert "notebooks/" in raised.value.hint


@pytest.mark.parametrize("lesson", lessons.all_lessons(), ids=lambda lesson: lesson.slug)
def test_every_lesson_assembles_and_holds_no_solution(lesson):
    handout = Handout()
    notebook = assemble(Submission("ann", lesson.slug, ""), lesson, handout)
    nbformat.validate(notebook)
    cells = by_id(notebook)
    assert {task.cell for task in lesson.tasks} <= set(cells)
    assert {task.cell.replace("answer", "check") for task in lesson.tasks} <= set(cells)
    solution = nbformat.read(handout.solution(lesson), as_version=4)
    answers = [cell for cell in solution.cells if BEGIN in cell.source]
    assert {cell.id for cell in answers} == {task.cell for task in lesson.tasks}
    assert not [cell.id for cell in answers if cell.source == cells[cell.id].source]
    assert not [cell.id for cell in notebook.cells if "solution" in cell.metadata.get("tags", [])]


@pytest.mark.parametrize("lesson", lessons.all_lessons(), ids=lambda lesson: lesson.slug)
def test_solution_handed_in_as_a_submission_is_run_as_it_is(lesson, top):
    handout = Handout()
    folder = top / "solutions" / lesson.slug
    folder.mkdir(parents=True)
    path = handout.solution(lesson)
    (folder / path.name).write_bytes(path.read_bytes())
    (sent,) = read_all(list_folder(top), [lesson], handout)
    assert (sent.problem, sent.remarks) == ("", ())
    solution = by_id(nbformat.read(path, as_version=4))
    run = by_id(assemble(sent, lesson, handout))
    assert {id: cell.source for id, cell in run.items()} == {id: solution[id].source for id in run}
