"""Verdicts, questions and lessons as values."""

import json

import pytest

from labs.lesson import Exercise, Lesson, LessonError, Question, Verdict, passed

WHY = {"a": "no", "b": "yes"}


@pytest.mark.parametrize(
    ("verdict", "line"),
    [
        (Verdict("1.2", "passed"), "1.2 passed"),
        (
            Verdict("1.2", "not yet", 'tags [], wanted ["latest"]'),
            '1.2 not yet: tags [], wanted ["latest"]',
        ),
        (Verdict("1.2", "not yet", "two\n  lines", "a hint"), "1.2 not yet: two lines"),
        (Verdict("1.2", "not attempted", "do it"), "1.2 not attempted: do it"),
        (Verdict("1.2", "unavailable", "dead"), "1.2 unavailable: dead"),
    ],
)
def test_line_is_one_stable_line(verdict, line):
    assert verdict.line == verdict.text == line


def test_json_round_trip_gives_the_same():
    verdict = Verdict("1.2", "not yet", "seen", "hint")
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict


def test_unknown_outcome_is_refused():
    with pytest.raises(ValueError, match="no such outcome: 'failed'"):
        Verdict("1.2", "failed")


@pytest.mark.parametrize(
    ("choice", "outcome", "message"),
    [
        (None, "not attempted", "choose a or b"),
        ("", "not attempted", "choose a or b"),
        ("z", "not attempted", "there is no choice 'z'; choose a or b"),
        (["a"], "not attempted", "there is no choice ['a']; choose a or b"),
        ("a", "not yet", "no"),
        (" B ", "passed", "yes"),
    ],
)
def test_question_explains_each_choice(choice, outcome, message):
    question = Question("1.4", "Which?", {"a": "A", "b": "B"}, "b", WHY)
    finding = question.check(None, {} if choice is None else {"choice": choice})
    assert (finding.outcome, finding.message) == (outcome, message)


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        *[
            (each, "passed")
            for each in ("b", "B", "b)", "(b)", "B.", " b ", "b: ", '"b"', "`b`", "ｂ")
        ],
        *[(each, "passed") for each in ("b. A repository", "B) a repository.", "A repository")],
        *[(each, "not yet") for each in ("a)", "An engine")],
        *[
            (each, "not attempted")
            for each in ("ab", "a or b", "a/b", "...", "c", "repository", 2, True)
        ],
    ],
)
def test_question_takes_every_spelling_of_one_choice(given, outcome):
    question = Question("1.4", "Which?", {"a": "An engine", "b": "A repository"}, "b", WHY)
    assert question.check(None, {"choice": given}).outcome == outcome


@pytest.mark.parametrize(("right", "why"), [("c", WHY), ("a", {"a": "yes"})])
def test_question_without_all_explanations_is_refused(right, why):
    with pytest.raises(ValueError, match=r"question 1\.4"):
        Question("1.4", "Which?", {"a": "A", "b": "B"}, right, why)


def test_tasks_are_in_the_order_of_their_numbers(lesson):
    assert [task.id for task in lesson.tasks] == ["1.2", "1.3", "1.10"]
    assert lesson.file_stem == "01-toy"


def test_unknown_exercise_lists_the_known(lesson):
    with pytest.raises(LessonError) as caught:
        lesson.task("1.9")
    assert caught.value.hint == "it has 1.2, 1.3, 1.10"
    with pytest.raises(LessonError, match=r"1\.2 is not a question"):
        lesson.question("1.2")


@pytest.mark.parametrize("ids", [("1.1", "1.1"), ("2.1",)])
def test_lesson_with_strange_ids_is_refused(ids):
    exercises = tuple(Exercise(id, "", lambda *_: passed(), (), "") for id in ids)
    with pytest.raises(ValueError, match=r"ids must be 1\.n"):
        Lesson(1, "toy", "Toy", 5, "", exercises=exercises)
