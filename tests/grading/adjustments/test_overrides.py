"""Points by hand: what an instructor's file may look like, and each mistake in it with its own words."""

from __future__ import annotations

import pytest

from labs.grading import GradingError
from labs.grading.adjustments.instructor_table import People
from labs.grading.adjustments.overrides import Overrides
from labs.grading.reports.tables import grades
from tests.grading.reports.test_gradebook import graded, not_graded
from tests.grading.toy import COUNT, SPELL

LESSONS = [COUNT, SPELL]
STUDENTS = ["ann", "Bob Ott", "=eve", "é"]
HEAD = "student,lesson,exercise,points,comment\n"


@pytest.fixture
def read(tmp_path):
    def read(content):
        path = tmp_path / "overrides.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Overrides.read(path, People(STUDENTS, LESSONS), LESSONS)

    return read


def test_points_of_an_exercise_count_in_the_sum(read):
    given = read(HEAD + "ann,count-days,1.2,1,shown in class\n")
    result = given.applied(graded("ann")[1])
    assert (result.points, result.marks[1].points) == (4, 1)
    assert (result.marks[1].by_hand, result.marks[1].comment) == (True, "shown in class")
    assert result.marks[1].outcome == "not yet"
    assert given.applied(graded("Bob Ott")[1]).points == 3


def test_points_of_a_lesson_hold_whatever_its_exercises_have(read):
    given = read(HEAD + "ann,Count days,,2.5,lost by the upload\n")
    result = given.applied(graded("ann")[1])
    assert (result.points, result.comment) == (2.5, "lost by the upload")
    assert given.applied(not_graded("ann")[1]).has_points


def test_comment_alone_changes_no_points(read):
    given = read(HEAD + "ann,count-days,,,good\nann,,1.1,,very good\n")
    result = given.applied(graded("ann")[1])
    assert (result.points, result.comment) == (3, "good")
    assert (result.marks[0].comment, result.marks[0].by_hand) == ("very good", False)


def test_lines_of_other_students_and_lessons_change_nothing(read):
    given = read(HEAD + "ann,spell-words,2.1,0,\nBob Ott,count-days,1.1,0,\n")
    assert given.applied(graded("ann")[1]).points == 3


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + (HEAD + "ann,count-days,1.2,0.5,").encode(),
        (HEAD + "ann,count-days,1.2,0.5,").replace(",", ";"),
        "sep=;\r\n" + (HEAD + "ann,count-days,1.2,X,").replace(",", ";").replace("X", "0,5"),
        (HEAD + "ann,count-days,1.2,0.5,").replace(",", "\t"),
        (HEAD + "ann,count-days,1.2,0.5,").encode("utf-16"),
        HEAD.upper() + " ann , count-days , 1.2 , .5 ,\r\n\r\n,,,,\r\n",
        'comment,points,student,exercise\n"a, b",0.5,ann,1.2\n',
        "student,exercise,points,\nann,1.2,0.5,\n",
        "student,exercise,points\r\nann,1.2,0.5\r\n",
    ],
)
def test_files_of_all_programs_are_read(read, content):
    assert read(content).applied(graded("ann")[1]).points == 3.5


def test_student_may_be_named_as_in_the_tables(read):
    named = grades([graded("=eve")[1]]).splitlines()[1].split(",")[0].strip('"')
    assert named == "'=eve"
    for name in (named, "=eve"):
        assert read(HEAD + f"{name},count-days,1.2,1,").applied(graded("=eve")[1]).points == 4


@pytest.mark.parametrize(
    ("line", "words", "hint"),
    [
        ("anne,count-days,1.1,1,", 'line 2: no student "anne"', 'did you mean "ann"?'),
        (",count-days,1.1,1,", 'no student ""', "there is"),
        ("ann,count-day,1.1,1,", 'no lesson "count-day"', 'did you mean "count-days"?'),
        ("ann,count-days,1.7,1,", 'no exercise "1.7" in count-days', "it has 1.1, 1.2"),
        ("ann,count-days,2.1,1,", 'no exercise "2.1" in count-days', "it has 1.1, 1.2"),
        ("ann,,9.1,1,", 'no exercise "9.1"', 'did you mean "'),
        ("ann,,,1,", "no lesson and no exercise", "name one"),
        ("ann,count-days,1.1,4,", "points 4 are too many", "3 is the most"),
        ("ann,count-days,1.1,3.01,", "points 3.01 are too many", "3 is the most"),
        ("ann,count-days,,5,", "points 5 are too many", "4 is the most"),
        ("ann,count-days,1.1,-1,", "points -1 are below zero", "0 is the least"),
        *[
            (f"ann,count-days,1.1,{each},", f'points "{each}" are not a number', "4.5")
            for each in ("NaN", "nan", "inf", "-inf", "1e0", "1_0", "three", "1.2.3", "٣", "1 2")
        ],
        ("ann,count-days,1.1,,", "no points and no comment", "remove the line"),
        ("ann,count-days,1.1,1,x,y", "more cells than the first line", "quote"),
        ('ann,count-days,1.1,1,"x', "line 2", "quotes"),
    ],
)
def test_mistake_in_a_line_is_an_error_that_names_it(read, line, words, hint):
    with pytest.raises(GradingError) as raised:
        read(HEAD + line + "\n")
    assert words in str(raised.value)
    assert "line 2" in str(raised.value)
    assert hint in raised.value.hint


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "it is empty"),
        ("\n\n", "it is empty"),
        ("name,points\n", "unknown column name"),
        ("lesson,points\n", "no column student"),
        ("student,points,points\n", "column points is there twice"),
        (b"\xff\xfa\x00", "not UTF-8"),
        (b"PK\x03\x04\x00\x00", "not a text file"),
        (HEAD + "ann,count-days,1.1,1,\nann,count-days,1.1,2,\n", "line 3: the same as line 2"),
        (HEAD + "ann,,1.1,1,\nann,count-days,1.1,2,\n", "line 3: the same as line 2"),
    ],
)
def test_file_that_cannot_be_meant_is_an_error(read, content, words):
    with pytest.raises(GradingError) as raised:
        read(content)
    assert words in str(raised.value)
    assert raised.value.hint


def test_missing_file_is_an_error(tmp_path):
    with pytest.raises(GradingError, match="No such file"):
        Overrides.read(tmp_path / "nowhere.csv", People(STUDENTS, LESSONS), LESSONS)
