"""`labs grade` on the command line: its exit statuses, its words, its errors; and its bar."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from labs import lessons
from labs.cli import main
from labs.cli.program import app
from labs.cli.run_display import Count, Lines, duration, summary_line
from labs.errors import LabsError
from labs.grading import Result
from tests.grading.toy import COUNT, PlainRunner, answered, hand_in, handout, top

__all__ = ["handout", "top"]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def toy(handout, monkeypatch):
    """The command line with the toy course, and its runner."""
    runner = PlainRunner()
    monkeypatch.setattr("labs.grading.run.Handout", lambda: handout)
    monkeypatch.setattr("labs.cli.grade._runner", lambda _: lambda: runner)
    return runner


def labs(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def grade(top, *more):
    return labs("grade", top, "--out", top.parent / "grades", *more)


def test_class_is_graded_with_status_0_whatever_the_grades(top, toy):
    hand_in(top, "ann")
    hand_in(top, "bob", "{")
    done = grade(top, "--jobs", 1)
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0] == "2 submissions, 1 need no run"
    assert lines[1].startswith("2/2  ann count-days: 4 of 4 in 0.0 s; 0 left")
    assert lines[2] == "2 of 2 graded; 1 could not be read or were not there"
    assert (top.parent / "grades/grades.csv").is_file()
    assert toy.closed == 1


def test_failure_of_the_machine_is_status_3_and_again_it_is_0(top, toy):
    hand_in(top, "ann")

    def gone(_):
        raise LabsError("the engine does not answer")

    toy.before = gone
    done = grade(top)
    assert done.exit_code == 3
    assert "ann count-days: not graded: the engine does not answer" in done.output
    assert "run the same command again" in done.output
    toy.before = lambda _: None
    assert grade(top).exit_code == 0


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_run_has_the_status_of_its_signal(top, toy, number, status):
    for student in ("ann", "bob", "eve"):
        hand_in(top, student)

    def stop(_):
        os.kill(os.getpid(), number)
        toy.stopped.wait(30)

    toy.before = stop
    done = grade(top, "--jobs", 1)
    assert done.exit_code == status
    assert "3 not graded, which is not a zero" in done.output
    assert (top.parent / "grades/grades.csv").is_file()


def test_name_of_a_student_cannot_write_on_the_terminal(top, toy):
    hand_in(top, "\x1b[2J\x1b]0;x\x07[red]a[/red]")
    assert "\x1b" not in grade(top).output


@pytest.mark.usefixtures("toy")
def test_limits_come_from_the_timeout(top):
    hand_in(top, "ann")
    grade(top, "--timeout", 5)
    assert '"cell_s": 5.0' in (top.parent / "grades/run.json").read_text()
    assert '"whole_s": 50.0' in (top.parent / "grades/run.json").read_text()


@pytest.mark.parametrize(
    ("words", "ran"),
    [
        (["--regrade"], 3),
        (["--regrade", "ann"], 1),
        (["--regrade", "ann", "bob"], 2),
        (["--regrade", "ann", "--regrade", "bob"], 2),
        ([], 0),
    ],
)
def test_regrade_takes_no_student_for_all_or_some(top, toy, words, ran):
    for student in ("ann", "bob", "eve"):
        hand_in(top, student)
    grade(top)
    toy.ran.clear()
    done = grade(top, *words)
    assert done.exit_code == 0, done.output
    assert len(toy.ran) == ran


@pytest.mark.usefixtures("toy")
def test_students_without_regrade_are_a_wrong_command(top):
    hand_in(top, "ann")
    done = grade(top, "ann")
    assert done.exit_code == 2
    assert "students are named with --regrade only" in done.output


@pytest.mark.usefixtures("toy")
def test_files_of_the_instructor_are_named_and_unclear_ones_told(top, tmp_path):
    hand_in(top, "ann")
    hand_in(top, "bob", name="a.ipynb")
    hand_in(top, "bob", "{", name="b.ipynb")
    hand_in(top, "eve", "{", name="b.ipynb")
    hand_in(top, "eve", "[", name="c.ipynb")
    (tmp_path / "mine.csv").write_text("student,exercise,points\nann,1.1,0\n")
    (tmp_path / "days.csv").write_text("lesson,student,due,handed_in\n,ann,2026-11-01,2026-11-02\n")
    options = ["--overrides", tmp_path / "mine.csv", "--dates", tmp_path / "days.csv"]
    done = grade(top, *options, "--late-penalty", "0.5")
    assert done.exit_code == 0, done.output
    assert f"with {tmp_path / 'mine.csv'}\nwith {tmp_path / 'days.csv'}\n" in done.output
    assert "2 of 3 graded; 1 could not be read or were not there" in done.output
    assert "1 has a file that may be the answer, for you to decide: see grades.csv" in done.output
    assert '"ann","","","ann","",0.5' in (top.parent / "grades/summary.csv").read_text()


@pytest.fixture
def rehearsal(handout, toy, monkeypatch):
    monkeypatch.setattr("labs.grading.Handout", lambda: handout)
    return toy


def test_rehearsal_grades_all_solutions_with_status_0(rehearsal):
    done = labs("rehearse")
    assert done.exit_code == 0, done.output
    assert rehearsal.ran == [("solutions", "spell-words"), ("solutions", "count-days")]
    assert done.output.count(" passed") == 5
    assert done.output.endswith("all passed: this machine can grade\n")


def test_rehearsal_of_one_lesson_grades_that(rehearsal):
    assert labs("rehearse", "spell-words", "spell-words").exit_code == 0
    assert rehearsal.ran == [("solutions", "spell-words")]


def test_rehearsal_in_which_a_solution_does_not_pass_is_status_1(rehearsal):
    judged = rehearsal._judged
    rehearsal._judged = lambda sent, lesson: judged(replace(sent, answers={}), lesson)
    done = labs("rehearse", "count-days")
    assert done.exit_code == 1
    assert "1.1   not attempted: give a value" in done.output
    assert done.output.endswith("2 not passed\n")


def test_rehearsal_on_a_machine_that_fails_is_status_3(rehearsal):
    def gone(_):
        raise LabsError("the engine does not answer")

    rehearsal.before = gone
    done = labs("rehearse", "count-days")
    assert done.exit_code == 3
    assert done.output.count("the engine does not answer") == 1
    assert "1 not graded: the machine failed" in done.output


@pytest.mark.usefixtures("rehearsal")
def test_rehearsal_of_an_unknown_lesson_names_the_nearest():
    done = labs("rehearse", "run-a-registri")
    assert 'did you mean "run-a-registry"' in str(done.exception)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "nowhere: the folder cannot be read: No such file"),
        (["."], "no student's folder"),
        ([".", "--out", "./grades"], "inside the submissions"),
        (["empty", "--out", "file/grades"], "no student's folder"),
        (["class", "--out", "file/grades"], "Not a directory"),
        (["class", "--lesson", "run-a-registri"], 'did you mean "run-a-registry"'),
        (["wrong"], "no folder in it has a lesson's name"),
    ],
)
def test_order_that_cannot_be_followed_is_one_message_and_status_1(
    tmp_path, monkeypatch, capsys, arguments, words
):
    (tmp_path / "empty").mkdir()
    (tmp_path / "class/ann/run-a-registry").mkdir(parents=True)
    (tmp_path / "wrong/ann/homework").mkdir(parents=True)
    (tmp_path / "file").write_text("")
    monkeypatch.chdir(tmp_path / "empty" if arguments[0] == "." else tmp_path)
    out = [] if "--out" in arguments else ["--out", str(tmp_path / "grades")]
    monkeypatch.setattr(sys, "argv", ["labs", "grade", *arguments, *out])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("labs: ")
    assert words in said
    assert "\nHint: " in said


def test_submissions_that_cannot_be_run_need_no_engine(tmp_path):
    for lesson in lessons.all_lessons():
        (tmp_path / "class/ann" / lesson.slug).mkdir(parents=True)
    done = labs("grade", tmp_path / "class", "--out", tmp_path / "grades")
    assert done.exit_code == 0, done.output
    assert "nothing was handed in" in (tmp_path / "grades/grades.csv").read_text()


@pytest.mark.parametrize("option", [["--jobs", "0"], ["--timeout", "0"], ["--frob"]])
def test_wrong_option_is_status_2(tmp_path, option):
    assert labs("grade", tmp_path, "--out", tmp_path / "x", *option).exit_code == 2


@pytest.mark.process
def test_terminal_gets_a_bar(top, handout):
    for student in ("ann", "bob"):
        hand_in(top, student, answered(COUNT))
    code = (
        "from labs.cli.run_display import observer_for_terminal; from labs.grading import Result\n"
        "watch = observer_for_terminal(); watch.begin(4, 1)\n"
        "watch.finished(Result('ann', 'x')); watch.finished(Result('[b]', 'x', status='not graded',"
        " problem='gone')); watch.end()"
    )
    leader, follower = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    subprocess.run([sys.executable, "-c", code], stdout=follower, cwd=ROOT, env=env, check=True)
    os.close(follower)
    seen = os.read(leader, 100_000).decode()
    os.close(leader)
    assert "3/4" in seen
    assert "[b] x: not graded: gone" in seen
    assert "1 not graded, 1 left, about" in seen
    assert handout


def test_count_says_what_is_left():
    count = Count(4, 1)
    assert count.text == "3 left"
    count.add(Result("ann", "x"))
    assert count.text.startswith("2 left, about ")
    count.add(Result("ann", "x", status="not graded"))
    count.add(Result("ann", "x"))
    assert count.text == "1 not graded, 0 left"


def test_lines_are_whole_lines(capsys):
    lines = Lines()
    lines.begin(10, 0)
    lines.finished(Result("two\nlines", "x", seconds=75))
    lines.end()
    assert (
        capsys.readouterr()
        .out.splitlines()[1]
        .startswith(" 1/10  two lines x: 0 of 0 in 75 s; 9 left")
    )


@pytest.mark.parametrize(
    ("seconds", "text"), [(4.24, "4.2 s"), (75, "75 s"), (720, "12 min"), (11160, "3.1 h")]
)
def test_duration_is_short(seconds, text):
    assert duration(seconds) == text
    assert summary_line(Result("ann", "x", seconds=seconds)).endswith(text)
