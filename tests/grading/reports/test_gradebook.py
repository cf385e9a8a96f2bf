"""What a run leaves: tables that Canvas and Moodle take, JUnit, and an index that gives names back."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from labs import lessons
from labs.grading import Mark, Result, Submission
from labs.grading.models import result_without_run
from labs.grading.reports.escaping import folder_names
from labs.grading.reports.gradebook import write
from labs.grading.reports.junit import errors, junit
from labs.grading.reports.tables import GRADES, canvas, grades, summary
from tests.grading.submissions.test_folder import NAMES
from tests.grading.toy import COUNT, SPELL, PlainRunner

EVIL = "=cmd|'&C calc'!A1\n<script>alert(1)</script>\x1b[2J, \"x\"; \x00"
ALL = ("value = 7", 'choice = "b"')


def graded(student, lesson=COUNT, value="value = 7", choice='choice = "a"'):
    number = lesson.number
    answers = {f"answer-{number}-1": value, f"answer-{number}-2": choice}
    sent = Submission(student, lesson.slug, f"{student}/{lesson.slug}", answers)
    return sent, PlainRunner()._judged(sent, lesson)


def rows(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def not_graded(student, lesson=COUNT):
    sent = Submission(student, lesson.slug, student)
    return sent, result_without_run(sent, lesson, problem="engine gone", status="not graded")


def test_grades_have_a_line_for_each_exercise():
    (_, result) = graded("ann")
    table = rows(grades([result]))
    assert tuple(table[0]) == GRADES
    assert table[1][:7] == ["ann", "count-days", "1.1", "3", "3", "passed", ""]
    assert table[2][:7] == ["ann", "count-days", "1.2", "0", "1", "not yet", "Not <this>."]


def test_grades_of_what_was_not_graded_have_no_points():
    table = rows(grades([not_graded("ann")[1]]))
    assert [row[3:7] for row in table[1:]] == [
        ["", "3", "not graded", "engine gone"],
        ["", "1", "not graded", "engine gone"],
    ]


def test_folder_of_no_lesson_has_one_line():
    result = result_without_run(Submission("ann", "=x", "", problem="no lesson"), None)
    line = rows(grades([result]))[1]
    assert line == ["ann", "'=x", "", "0", "0", "graded", "no lesson", "", "", "", "", "0"]


def test_no_cell_of_any_table_is_a_formula():
    results = [replace(graded(name)[1], student=name) for name in [*NAMES, EVIL]]
    mark = Mark("1.1", "t", 0, 3, "not yet", EVIL)
    results[0] = replace(results[0], marks=(mark, mark))
    for text in (grades(results), summary(results, [COUNT]), canvas(results, [COUNT])):
        assert "\x1b" not in text
        assert "\x00" not in text
        table = rows(text)
        assert len({len(row) for row in table}) == 1
        cells = [cell for row in table for cell in row]
        assert [cell for cell in cells if cell[:1] in tuple("=+-@\t\r＝＋－＠")] == []
        assert len(text.splitlines()) == len(table)


def test_spreadsheet_that_splits_at_semicolons_sees_no_formula_either():
    text = grades([replace(graded("ann")[1], student="a;=1+1")])
    table = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert not [cell for row in table for cell in row if cell.startswith("=")]


class Canvas:
    """The columns and rows that lib/gradebook_importer.rb of Canvas takes, as its source has it."""

    def __init__(self, text):
        self.assignments, self.points, self.students, self.ids = [], {}, {}, {}
        for row in rows(text):
            if not self.assignments:
                self._header(row)
            elif "Points Possible" in row[0]:
                self.points = dict(zip(self.assignments, row[5:], strict=True))
            else:
                self.students[row[3]] = dict(zip(self.assignments, row[5:], strict=True))
                self.ids[row[3]] = row[1]

    def _header(self, row):
        assert len(row) > 3
        assert "Student" in row[0]
        assert "ID" in row[1]
        # Two columns of SIS, in this order: then there are five of the student.
        assert re.search(r"SIS\s+User\s+ID", row[2])
        assert re.search(r"SIS\s+Login\s+ID", row[3])
        assert not re.search(r"Integration\s+ID|Root\s+Account", row[4])
        assert "Section" in row[4]
        reserved = "(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)"
        self.assignments = [title for title in row[5:] if not re.search(reserved, title)]
        assert self.assignments == row[5:]


def moodle(text, known):
    """Points by user, as grade/import/csv reads them with SIS Login ID mapped to the username."""
    head, *lines = rows(text)
    grades = {}
    for row in lines:
        values = dict(zip(head, row, strict=True))
        assert values["SIS Login ID"] in known, "Moodle gives up at a row of nobody"
        points = {name: values[name] for name in head[5:] if not name.endswith(": state")}
        assert all(each == "" or float(each) >= 0 for each in points.values())
        grades[values["SIS Login ID"]] = points
    return grades


def class_of_two():
    pairs = [graded("ann"), graded("ann", SPELL, *ALL), graded("bob", COUNT, *ALL)]
    return [result for _, result in [*pairs, not_graded("bob", SPELL)]]


def test_summaries_go_into_canvas_and_moodle():
    wanted = {
        "ann": {"Count days": "3", "Spell words": "4"},
        "bob": {"Count days": "4", "Spell words": ""},
    }
    assert Canvas(canvas(class_of_two(), [COUNT, SPELL])).students == wanted
    assert moodle(summary(class_of_two(), [COUNT, SPELL]), {"ann", "bob"}) == wanted


def test_summary_for_canvas_says_what_each_is_out_of():
    text = canvas(class_of_two(), [COUNT, SPELL])
    assert Canvas(text).points == {"Count days": "4", "Spell words": "4"}


def test_canvas_finds_students_by_the_number_that_its_own_export_had():
    results = [replace(each, canvas_id="4711") for each in class_of_two() if each.student == "ann"]
    assert Canvas(canvas(results, [COUNT, SPELL])).ids == {"ann": "4711"}


def test_summary_tells_what_a_number_or_an_empty_cell_means():
    _, whole = graded("ann", COUNT, *ALL)
    unclear = Submission("e", COUNT.slug, "e", problem="which one counts?", state="unclear")
    torn = Submission("d", COUNT.slug, "d", problem="was cut off", state="unreadable")
    none = Submission("c", COUNT.slug, "c", problem="nothing was handed in", state="nothing")
    results = [
        whole,
        replace(graded("b", COUNT, "", "")[1], state="blank"),
        *[result_without_run(each, COUNT) for each in (none, torn, unclear)],
        not_graded("f")[1],
        replace(whole, student="g", days_late=2, penalty=0.8),
        replace(whole, student="h", points_by_hand=3.5),
        replace(not_graded("i")[1], points_by_hand=2.0),
    ]
    head, *lines = rows(summary(results, [COUNT]))
    assert head == [
        *("Student", "ID", "SIS User ID", "SIS Login ID", "Section"),
        *("Count days", "Count days: state"),
    ]
    assert {line[0]: line[-2:] for line in lines} == {
        "ann": ["4", "graded"],
        "b": ["0", "blank"],
        "c": ["0", "nothing handed in"],
        "d": ["0", "unreadable"],
        "e": ["", "not graded"],
        "f": ["", "not graded"],
        "g": ["3.2", "graded, 2 days late"],
        "h": ["3.5", "graded, by hand"],
        "i": ["2", "not graded, by hand"],
    }


def test_grades_have_hint_error_comment_and_remarks():
    _, result = graded("ann", value="value = 8")
    first, second = result.marks
    result = replace(
        result,
        marks=(replace(first, comment="=seen"), second),
        remarks=("found elsewhere", "@x"),
        comment="well done",
        days_late=1,
        penalty=0.5,
    )
    raised = {("ann", "count-days"): {"answer-1-1": "NameError: x\n----> 1 x", "check-1-2": "E: y"}}
    one, two = (dict(zip(GRADES, line, strict=True)) for line in rows(grades([result], raised))[1:])
    assert one["hint"] == "it is the number of days in a week"
    assert one["raised"] == "NameError: x ----> 1 x"
    assert one["comment"] == "'=seen; well done"
    assert one["remarks"] == "found elsewhere; @x; 1 day late: 0.5 points less"
    assert (two["raised"], two["comment"], two["remarks"]) == ("E: y", "", "")


@pytest.mark.parametrize("name", ["    Points Possible", "points  possible", "Points Possible x"])
def test_student_cannot_pose_as_the_row_of_points(name):
    results = [replace(result, student=name) for _, result in [graded(name)]]
    text = canvas(results, [COUNT])
    assert Canvas(text).points == {"Count days": "4"}
    assert len(Canvas(text).students) == 1


def test_every_lessons_title_is_an_assignment_for_canvas():
    course = lessons.all_lessons()
    assert Canvas(canvas([], course)).assignments == [lesson.title for lesson in course]


def test_half_points_are_written_with_a_point():
    result = Result("ann", COUNT.slug, (Mark("1.1", "t", 0.5, 3, "not yet"),))
    assert rows(canvas([result], [COUNT]))[2][-1] == "0.5"


def test_junit_counts_verdicts_and_cells():
    results = [graded("ann")[1], not_graded("bob")[1]]
    root = ET.fromstring(junit(results))
    ann, cells, bob = root.findall("testsuite")
    assert {k: ann.get(k) for k in ("tests", "failures", "errors")} == {
        "tests": "2",
        "failures": "1",
        "errors": "0",
    }
    assert (cells.get("name"), cells.get("tests")) == ("ann / count-days / cells", "1")
    assert (bob.get("failures"), bob.get("errors")) == ("0", "2")
    failure = ann.find("testcase/failure")
    assert (failure.get("type"), failure.get("message")) == ("not yet", "Not <this>.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "<testsuite>",
        "<testsuite><testcase time='x'/></testsuite>",
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaa">]><testsuite><testcase name="&a;"/></testsuite>',
    ],
)
def test_junit_of_a_broken_run_has_the_verdicts_alone(text):
    result = replace(graded("ann")[1], junit=text)
    assert len(ET.fromstring(junit([result])).findall("testsuite")) == 1


def test_junit_of_hostile_text_is_xml():
    mark = Mark("1.1", EVIL, 0, 3, "not yet", EVIL + "\ud800]]>", EVIL)
    result = replace(graded("ann")[1], student=EVIL, marks=(mark,))
    root = ET.fromstring(junit([result]).encode())
    assert root.find("testsuite/testcase/failure").get("message").endswith("]]>")
    assert root.find("script") is None


def nbval_said(**cells):
    root = ET.Element("testsuite")
    for name, text in cells.items():
        case = ET.SubElement(root, "testcase", name=name.replace("_", " "))
        ET.SubElement(case, "failure").text = text
    return replace(graded("ann")[1], junit=ET.tostring(root, encoding="unicode"))


TRACEBACK = (
    "Cell 3: Cell execution caused an exception\n\nInput:\nx\n\nTraceback:\n\n#x1B[0;31m---#x1B[0m\n"
    "#x1B[0;31mNameError#x1B[0m      Traceback (most recent call last)\n---> 1 #x1B[1mx#x1B[0m\n"
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (TRACEBACK + "\n#x1B[0;31mNameError#x1B[0m: name 'x' is not defined\n", "name 'x' is not"),
        (TRACEBACK, "NameError"),
        (TRACEBACK + "NameError: x\n\n" + TRACEBACK.replace("Name", "Key"), "KeyError"),
        ("pytest plugin exception: a cell took too long", "a cell took too long"),
    ],
)
def test_error_of_a_cell_is_found(text, wanted):
    (said,) = errors(nbval_said(Cell_3=text)).values()
    assert wanted in said
    assert "\x1b" not in said
    assert "#x1B" not in said


@pytest.mark.parametrize(
    "result",
    [
        nbval_said(Cell_3="pytest plugin exception: Kernel dead on test start"),
        nbval_said(Cell_3=""),
        nbval_said(Cell_x=TRACEBACK),
        nbval_said(Cell_99999999999999=TRACEBACK),
        replace(graded("ann")[1], junit="garbage"),
    ],
)
def test_what_says_nothing_of_a_cell_is_no_error(result):
    assert errors(result) == {}


def kept_by_sandbox(text):
    """As the sandbox hands it over: the error beside nbval's text, which is cut."""
    result = nbval_said(Cell_1=TRACEBACK * 50)
    root = ET.fromstring(result.junit)
    properties = ET.SubElement(root.find("testcase"), "properties")
    ET.SubElement(properties, "property", name="raised", value=text)
    return replace(result, junit=ET.tostring(root, encoding="unicode"))


def test_message_of_a_cell_comes_before_nbvals_cut_text():
    result = kept_by_sandbox("PushFailed: push x: denied\nHint: log in\n----> 4 lab.push(ref)")
    assert errors(result)[1].splitlines()[:2] == ["PushFailed: push x: denied", "Hint: log in"]


@pytest.mark.parametrize("cell", ["answer-1-1", "check-1-1"])
def test_page_has_message_first_then_the_last_lines(tmp_path, cell):
    sent, _ = graded("ann")
    result = kept_by_sandbox(
        "SyntaxError: invalid <syntax>\n  Cell In[1], line 1\n    x = = 1\n        ^"
    )
    write(tmp_path, [(sent, result)], [COUNT], {}, {"count-days": ["open", cell]})
    html = (tmp_path / "feedback/ann/count-days.html").read_text()
    what = "When it ran" if cell == "answer-1-1" else "When the check&#39;s cell ran"
    assert f"{what}, it ended with: SyntaxError: invalid &lt;syntax&gt;</p>" in html
    assert "<pre><code>  Cell In[1], line 1\n    x = = 1\n        ^</code></pre>" in html


def test_error_stands_on_the_page_of_its_cell(tmp_path):
    sent, _ = graded("ann")
    result = nbval_said(Cell_1=TRACEBACK, Cell_7=TRACEBACK)
    write(tmp_path, [(sent, result)], [COUNT], {}, {"count-days": ["open", "answer-1-1"]})
    html = (tmp_path / "feedback/ann/count-days.html").read_text()
    assert html.count("ended with: NameError") == 1


def test_long_error_is_cut():
    long = TRACEBACK + "NameError: " + "x" * 100_000
    assert [len(said) for said in errors(nbval_said(Cell_3=long)).values()] == [2500]


def test_all_files_are_written_and_names_come_back(tmp_path):
    pairs = [graded(name) for name in NAMES]
    write(tmp_path, pairs, [COUNT], {"seconds": 1})
    files = {path.name for path in tmp_path.iterdir()}
    assert files == {
        *("grades.csv", "summary.csv", "summary-canvas.csv", "junit.xml", "run.json"),
        "feedback",
    }
    names = json.loads((tmp_path / "feedback/index.json").read_text())
    assert set(names.values()) == set(NAMES)
    assert {os.fsencode(name) for name in names.values()} == set(map(os.fsencode, NAMES))
    folders = [path.name for path in (tmp_path / "feedback").iterdir() if path.is_dir()]
    assert sorted(folders) == sorted(names) == sorted(folder_names(NAMES).values())
    for folder in folders:
        assert (tmp_path / "feedback" / folder / "count-days.html").is_file()


def test_lesson_folder_of_a_hostile_name_makes_no_file(tmp_path):
    sent = Submission("ann", "../../evil", "", problem="no lesson")
    write(tmp_path / "grades", [graded("ann"), (sent, result_without_run(sent, None))], [COUNT], {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["grades"]
    names = [path.name for path in (tmp_path / "grades/feedback/ann").iterdir()]
    assert names == ["count-days.html"]
