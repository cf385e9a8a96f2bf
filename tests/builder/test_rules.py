"""Each rule lets the toy lesson pass and refuses one that breaks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.builder import rules, source, strip
from tests.builder.toy import TOY, write_course


def read(folder: Path, text: str) -> source.NotebookNode:
    return source.read(write_course(folder, text).source)


def test_toy_lesson_breaks_no_rule(tmp_path: Path) -> None:
    lesson = read(tmp_path, TOY)
    found = [
        *rules.sizes(lesson),
        *rules.words(lesson),
        *rules.exercises(lesson, {"1.1"}),
        *rules.twins_of_answers(lesson),
        *rules.markers(lesson),
        *rules.leaks(lesson, strip(lesson)),
    ]
    assert found == []


def test_sizes_refuses_a_cell_of_16_lines(tmp_path: Path) -> None:
    lines = [f"x{i} = {i}" for i in range(16)]
    for count, reasons in [(15, []), (16, ["cell 'long' has 16 lines, at most 15"])]:
        text = TOY + '\n# %% id="long"\n' + "\n".join(lines[:count]) + "\n"
        assert list(rules.sizes(read(tmp_path / str(count), text))) == reasons


def test_sizes_refuses_more_than_25_code_cells(tmp_path: Path) -> None:
    more = "".join(f'\n# %% id="more-{i}"\n{i};\n' for i in range(20))
    assert list(rules.sizes(read(tmp_path, TOY + more))) == ["26 code cells, at most 25"]


@pytest.mark.parametrize("word", ["simply", "Just", "easy", "OBVIOUSLY"])
def test_words_refuses_a_word_that_belittles(tmp_path: Path, word: str) -> None:
    lesson = read(tmp_path, TOY.replace("Print it.", f"Then {word}: print it."))
    assert list(rules.words(lesson)) == [f"cell 'do' says {word!r}"]


@pytest.mark.parametrize("text", ["Adjust it.", "`just` is a tool.", "```sh\n# just build\n# ```"])
def test_words_lets_code_and_longer_words_be(tmp_path: Path, text: str) -> None:
    assert list(rules.words(read(tmp_path, TOY.replace("Print it.", text)))) == []


def test_exercises_refuses_an_answer_without_its_check(tmp_path: Path) -> None:
    lesson = read(tmp_path, TOY.replace('id="check-1-1"', 'id="look"'))
    assert list(rules.exercises(lesson, None)) == [
        "cell 'answer-1-1' is not followed by its check cell with lab.check(\"1.1\")"
    ]


def test_exercises_refuses_the_check_of_another_exercise(tmp_path: Path) -> None:
    lesson = read(tmp_path, TOY.replace('check("1.1"', 'check("1.2"'))
    assert "is not followed by its check cell" in next(rules.exercises(lesson, None))


def test_exercises_refuses_an_answer_cell_without_markers(tmp_path: Path) -> None:
    text = TOY.replace("### BEGIN SOLUTION\n", "").replace("### END SOLUTION\n", "")
    assert "has no ### BEGIN SOLUTION" in next(rules.exercises(read(tmp_path, text), None))


def test_exercises_refuses_an_answer_under_another_id(tmp_path: Path) -> None:
    lesson = read(tmp_path, TOY.replace('id="answer-1-1"', 'id="do-it"'))
    assert "its id is not answer-<n>-<m>" in next(rules.exercises(lesson, None))


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"1.2"}, "exercise 1.1 is not in the lesson's package"),
        ({"1.1", "1.2"}, "exercise 1.2 has no check cell"),
    ],
)
def test_exercises_refuses_what_the_package_does_not_have(
    tmp_path: Path, known: set[str], reason: str
) -> None:
    assert reason in list(rules.exercises(read(tmp_path, TOY), known))


def test_twins_of_answers_refuses_one_that_students_would_see(tmp_path: Path) -> None:
    lesson = read(tmp_path, TOY.replace(' tags=["solution"]', ""))
    assert list(rules.twins_of_answers(lesson)) == [
        "cell 'answer-1-1-twin' gives away 'answer-1-1': tag it 'solution'"
    ]


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ('id="hello" tags=["nbval-ignore-output"]', "say why"),
        ('id="hello" tags=["nbval-ignore-output"] because="no"', "say why"),
        ('id="hello" tags=["nbval-skip"]', "would not be compared"),
        ('id="hello"\n# NBVAL_IGNORE_OUTPUT', "not the comment NBVAL_IGNORE_OUTPUT"),
        ('id="hello"\n# NBVAL_SKIP: it is slow', "not the comment NBVAL_SKIP"),
    ],
)
def test_markers_refuses_output_ignored_without_a_reason(
    tmp_path: Path, head: str, reason: str
) -> None:
    lesson = read(tmp_path, TOY.replace('id="hello"', head))
    assert [reason in said for said in rules.markers(lesson)] == [True]


def test_ignored_lists_each_cell_with_its_reason(tmp_path: Path) -> None:
    head = 'id="hello" tags=["nbval-ignore-output"] because="the daemon words it another way"'
    lesson = read(tmp_path, TOY.replace('id="hello"', head))
    assert list(rules.markers(lesson)) == []
    assert rules.ignored(lesson) == {"hello": "the daemon words it another way"}


def test_leaks_finds_an_answer_in_prose(tmp_path: Path) -> None:
    said = 'Write `greeting = "good morning, dear registry"\n# print(greeting)`.'
    lesson = read(tmp_path, TOY.replace("# ## Exercise", f"# {said}"))
    assert list(rules.leaks(lesson, strip(lesson))) == ["the answer of cell 'answer-1-1' is in it"]


def test_leaks_finds_a_long_line_of_an_answer_that_was_not_cut(tmp_path: Path) -> None:
    lesson = read(tmp_path, TOY)
    student = strip(lesson)
    student.cells[3].source += '\ngreeting  =  "good morning, dear registry"'
    assert ["a line of the answer" in r for r in rules.leaks(lesson, student)] == [True]


def test_leaks_finds_answers_when_nothing_was_cut(tmp_path: Path) -> None:
    lesson = read(tmp_path, TOY)
    assert list(rules.leaks(lesson, lesson)) == [
        "the answer of cell 'answer-1-1' is in it",
        "the answer of cell 'answer-1-1-twin' is in it",
    ]


def test_leaks_lets_a_line_be_that_the_lesson_taught(tmp_path: Path) -> None:
    taught = TOY.replace('print("hi")', 'greeting = "good morning, dear registry"')
    lesson = read(tmp_path, taught)
    assert list(rules.leaks(lesson, strip(lesson))) == []
