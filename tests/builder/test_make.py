"""Making notebooks and page of the toy lesson, in a real kernel."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labs.builder import BuildError, LessonFiles, Sanitizer, make, run, source, strip
from tests.builder.toy import TOY, write_course

pytestmark = pytest.mark.process


def made_bytes(files: LessonFiles) -> list[bytes]:
    download = files.page.with_suffix(".ipynb")
    return [p.read_bytes() for p in (files.executed, files.student, files.page, download)]


def cell_of(path: Path, cell_id: str) -> source.NotebookNode:
    return next(cell for cell in source.read_ipynb(path).cells if cell.id == cell_id)


def test_make_twice_gives_the_same_bytes(toy: LessonFiles) -> None:
    before = made_bytes(toy)
    make(toy)
    assert made_bytes(toy) == before


def test_make_without_run_gives_the_same_bytes(toy: LessonFiles) -> None:
    before = made_bytes(toy)
    make(toy, run=False)
    assert made_bytes(toy) == before


def test_make_without_run_takes_new_prose_and_keeps_outputs(toy: LessonFiles) -> None:
    toy.source.write_text(TOY.replace("Print it.", "Print the word."))
    make(toy, run=False)
    assert "Print the word." in toy.student.read_text()
    assert cell_of(toy.executed, "hello").outputs[0].text.startswith("hi\n")


def test_make_without_run_refuses_new_code(toy: LessonFiles) -> None:
    toy.source.write_text(TOY.replace('print("hi")', 'print("ho")'))
    with pytest.raises(BuildError, match="the code has changed"):
        make(toy, run=False)


def test_make_stores_masked_merged_outputs_and_no_timing(made: LessonFiles) -> None:
    hello, value, broken = (cell_of(made.executed, i) for i in ("hello", "value", "break-it"))
    assert [output.text for output in hello.outputs] == ["hi\ndigest sha256:[digest]\n"]
    assert "0x[address]" in value.outputs[0].data["text/plain"]
    assert broken.outputs[0].traceback == ["ValueError: no such word"]
    assert set(hello.metadata) == {"outputs"}
    assert set(json.loads(made.executed.read_text())["metadata"]) == {"kernelspec", "language_info"}


def test_make_cuts_answers_and_outputs_from_the_students_notebook(made: LessonFiles) -> None:
    text = made.student.read_text()
    assert "good morning" not in text
    assert cell_of(made.student, "answer-1-1").source == "greeting = None\n# YOUR CODE HERE"
    cells = [c for c in source.read_ipynb(made.student).cells if c.cell_type == "code"]
    assert all(c.outputs == [] and c.execution_count is None for c in cells)
    assert cells[-1].metadata == {"tags": ["raises-exception"]}
    # The id once more: editors that save nbformat 4.4 drop the cell's own.
    kept = {c.id: c.metadata["labs"] for c in cells if "labs" in c.metadata}
    assert kept == {id: {"cell": id} for id in ("answer-1-1", "check-1-1")}


def test_strip_gives_the_same_from_source_and_from_run(made: LessonFiles) -> None:
    texts = [source.ipynb_text(strip(source.read(made.source)))]
    texts.append(source.ipynb_text(strip(source.read_ipynb(made.executed))))
    assert texts == [made.student.read_text()] * 2


@pytest.mark.parametrize(
    "code", ["### BEGIN SOLUTION\nx = 1", "x = 1\n### END SOLUTION", "### BEGIN SOLUTION\n" * 2]
)
def test_make_refuses_a_marker_without_partner(tmp_path: Path, code: str) -> None:
    files = write_course(tmp_path, TOY + f'\n# %% id="answer-1-2"\n{code}\n')
    with pytest.raises(BuildError, match="has no partner"):
        strip(source.read(files.source))


def test_run_names_the_cell_that_raised(tmp_path: Path, sanitizer: Sanitizer) -> None:
    files = write_course(tmp_path, TOY + '\n# %% id="boom"\n1 / 0\n')
    with pytest.raises(BuildError, match="boom") as caught:
        run(source.read(files.source), cwd=tmp_path, sanitizer=sanitizer)
    assert "ZeroDivisionError" in str(caught.value)


def test_run_names_the_cell_that_killed_its_kernel(tmp_path: Path, sanitizer: Sanitizer) -> None:
    files = write_course(tmp_path, TOY + '\n# %% id="boom"\nimport os; os._exit(1)\n')
    with pytest.raises(BuildError, match="boom"):
        run(source.read(files.source), cwd=tmp_path, sanitizer=sanitizer)


def test_run_finds_labs_and_works_in_its_folder(tmp_path: Path, sanitizer: Sanitizer) -> None:
    code = "import os, labs.builder\nprint(os.path.basename(os.getcwd()), labs.builder.__name__)"
    files = write_course(tmp_path, TOY + f'\n# %% id="where"\n{code}\n')
    ran = run(source.read(files.source), cwd=files.source.parent, sanitizer=sanitizer)
    assert ran.cells[-1].outputs[0].text == "solutions labs.builder\n"


def test_run_leaves_the_students_progress_alone(tmp_path: Path, sanitizer: Sanitizer) -> None:
    code = "import os, pathlib\nprint(pathlib.Path(os.environ['LABS_PROGRESS']).exists())"
    files = write_course(tmp_path, TOY + f'\n# %% id="where"\n{code}\n')
    ran = run(source.read(files.source), cwd=tmp_path, sanitizer=sanitizer)
    assert ran.cells[-1].outputs[0].text == "False\n"


def test_run_merges_interleaved_streams_in_a_fixed_order(
    tmp_path: Path, sanitizer: Sanitizer
) -> None:
    code = (
        "import sys\nfor i in range(3):\n"
        "    print(i, flush=True); print('e', i, file=sys.stderr, flush=True)\n"
        "print('half\\rwhole')"
    )
    files = write_course(tmp_path, TOY + f'\n# %% id="streams"\n{code}\n')
    ran = run(source.read(files.source), cwd=tmp_path, sanitizer=sanitizer)
    assert [(o.name, o.text) for o in ran.cells[-1].outputs] == [
        ("stdout", "0\n1\n2\nwhole\n"),
        ("stderr", "e 0\ne 1\ne 2\n"),
    ]
