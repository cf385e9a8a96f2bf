"""A run of grading: same input, same grades; stopped, it goes on; a failing machine is not a zero for anyone."""

from __future__ import annotations

import csv
import errno
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from labs.course import VERSION
from labs.errors import LabsError
from labs.grading import GradingError, Limits, Mark, Result, Stopped
from labs.grading.request import GradingRequest
from labs.grading.run import grade
from labs.grading.signals import Interrupted
from tests.grading.toy import COUNT, SPELL, PlainRunner, answered, hand_in

ROOT = Path(__file__).resolve().parents[2]
KINDS = {
    "right": ("value = 7", 'choice = "b"', 4),
    "wrong": ("value = 8", 'choice = "a"', 0),
    "half": ("value = 7", 'choice = "a"', 3),
    "blank": ("value = None", "choice = None", 0),
    "broken": ("value = (", "choice = 1 / 0", 0),
}


class Seen:
    """A watch that keeps what it saw, and does something at each result."""

    def __init__(self, at_result=lambda _: None):
        self.begun, self.results, self.ended = None, [], 0
        self.at_result = at_result

    def begin(self, total, done):
        self.begun = (total, done)

    def finished(self, result):
        self.results.append(result)
        self.at_result(result)

    def end(self):
        self.ended += 1


def make_class(top, size=10):
    """Students of known grades, and their points."""
    points = {}
    for number in range(size):
        kind = list(KINDS)[number % len(KINDS)]
        value, choice, points[f"s{number:02d}-{kind}"] = KINDS[kind]
        hand_in(top, f"s{number:02d}-{kind}", answered(value=value, choice=choice))
    return points


def run(top, handout, runner=None, watch=None, *, out="grades", **more):
    runner = runner or PlainRunner()
    request = GradingRequest(top, top.parent / out, **more)
    runner.jobs = request.jobs or 3
    return grade(request, lambda: runner, watch or Seen(), handout=handout), runner


def points(report):
    return {each.student: each.points for _, each in report.graded}


def table(out):
    """grades.csv without the seconds, which differ."""
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        return [row[:-1] for row in csv.reader(file)]


def test_class_of_known_grades_gets_these(top, handout):
    wanted = make_class(top, 20)
    report, runner = run(top, handout, jobs=3)
    assert points(report) == wanted
    assert Counter(runner.ran) == Counter((student, COUNT.slug) for student in wanted)
    assert (runner.closed, report.stopped_by, report.not_graded) == (1, 0, [])


def test_same_submissions_get_the_same_grades_three_times(top, handout, tmp_path):
    make_class(top)
    hand_in(top, "zz", "{")
    tables = []
    for time in range(3):
        run(top, handout, out=f"grades-{time}", jobs=1 + time)
        tables.append(table(tmp_path / f"grades-{time}"))
    assert tables[0] == tables[1] == tables[2]
    assert len(tables[0]) == 1 + 11 * 2


def test_second_run_runs_nothing_and_writes_the_same_bytes(top, handout, tmp_path):
    make_class(top)
    run(top, handout)
    names = ["grades.csv", "summary.csv", "summary-canvas.csv", "junit.xml", "feedback/index.html"]
    before = {name: (tmp_path / "grades" / name).read_bytes() for name in names}
    watch = Seen()
    _, runner = run(top, handout, watch=watch)
    assert (runner.ran, watch.begun, watch.ended) == ([], (10, 10), 1)
    assert {name: (tmp_path / "grades" / name).read_bytes() for name in names} == before


def test_run_says_with_which_version_of_the_course(top, handout, tmp_path):
    make_class(top, 1)
    run(top, handout)
    versions = json.loads((tmp_path / "grades/run.json").read_text())["versions"]
    assert versions["container-registries-hands-on"] == VERSION
    assert versions["nbval"]


def test_only_what_changed_runs_again(top, handout, tmp_path):
    make_class(top)
    run(top, handout)
    hand_in(top, "s01-wrong")
    records = sorted((tmp_path / "grades/.done").glob("*.json"))
    cut = next(path for path in records if b"s04-broken" in path.read_bytes())
    cut.write_bytes(cut.read_bytes()[:50])
    report, runner = run(top, handout)
    assert sorted(student for student, _ in runner.ran) == ["s01-wrong", "s04-broken"]
    assert points(report)["s01-wrong"] == 4


@pytest.mark.parametrize("change", ["limits", "setting"])
def test_other_settings_are_other_work(top, handout, change):
    make_class(top, 3)
    run(top, handout)
    runner, limits = PlainRunner(), Limits()
    if change == "setting":
        runner.setting = lambda _: {"image": "sha256:2"}
    else:
        limits = Limits(cell_s=5)
    assert len(run(top, handout, runner, limits=limits)[1].ran) == 3


@pytest.mark.parametrize("jobs", [1, 3])
def test_as_many_run_at_once_as_there_are_jobs(top, handout, jobs):
    make_class(top, 9)
    gate = threading.Barrier(jobs, timeout=30)
    _, runner = run(top, handout, PlainRunner(lambda _: gate.wait()), jobs=jobs)
    assert (runner.most, len(runner.ran)) == (jobs, 9)


def test_jobs_that_the_runner_decided_are_not_told(top, handout, tmp_path):
    make_class(top, 9)
    gate = threading.Barrier(3, timeout=30)
    _, runner = run(top, handout, PlainRunner(lambda _: gate.wait()), jobs=None)
    assert (runner.most, len(runner.ran)) == (3, 9)
    assert json.loads((tmp_path / "grades/run.json").read_text())["jobs"] is None


@pytest.mark.parametrize(
    "error",
    [
        LabsError("the engine does not answer", hint="start it"),
        OSError(errno.ENOSPC, "No space left on device"),
        ConnectionResetError("reset by peer"),
        RuntimeError("boom"),
        MemoryError(),
    ],
)
def test_failure_of_the_machine_is_not_graded_and_tried_again(top, handout, tmp_path, error):
    make_class(top)

    def fail(sent):
        if sent.student.startswith("s00"):
            raise error

    report, _ = run(top, handout, PlainRunner(fail))
    (failed,) = report.not_graded
    assert failed.student == "s00-right"
    assert str(error.args[-1] if error.args else "MemoryError") in failed.problem
    lines = [row for row in table(tmp_path / "grades") if row[0] == "s00-right"]
    assert [row[3:6] for row in lines] == [["", "3", "not graded"], ["", "1", "not graded"]]
    report, runner = run(top, handout)
    assert runner.ran == [("s00-right", COUNT.slug)]
    assert points(report)["s00-right"] == 4
    assert report.not_graded == []


CLEANING = [
    LabsError("a node is still there", hint="labs reset"),
    GradingError("the engine does not answer"),
    OSError(errno.EMFILE, "Too many open files"),
    RuntimeError("can't start new thread"),
]


@pytest.mark.parametrize("error", CLEANING, ids=lambda error: type(error).__name__)
def test_grades_are_written_whatever_cleaning_up_raises(top, handout, tmp_path, error):
    wanted = make_class(top, 5)
    runner = PlainRunner()

    def fail():
        raise error

    runner.close = fail
    report, _ = run(top, handout, runner)
    assert points(report) == wanted
    assert report.not_graded == []
    assert len(table(tmp_path / "grades")) == 1 + 5 * 2
    assert (error.message if isinstance(error, LabsError) else str(error)) in report.left


def test_grades_are_written_where_the_runner_itself_fails(top, handout, tmp_path):
    make_class(top, 5)
    runner = PlainRunner()
    run_all = runner.run_all

    def fail_after_two(submissions, limits):
        outcomes = run_all(submissions, limits)
        yield next(outcomes)
        yield next(outcomes)
        raise RuntimeError("can't start new thread")

    runner.run_all = fail_after_two
    report, _ = run(top, handout, runner)
    assert [result.problem for result in report.not_graded] == [
        "the run ended early: can't start new thread"
    ] * 3
    assert len(table(tmp_path / "grades")) == 1 + 5 * 2
    assert (runner.closed, report.left) == (1, "")


def test_mark_that_could_not_be_judged_is_tried_again(top, handout):
    make_class(top, 3)
    runner = PlainRunner()
    judged = runner._judged

    def half(sent, lesson):
        result = judged(sent, lesson)
        mark = Mark.without_verdict(lesson.tasks[1], "not graded", "engine gone")
        return replace(result, marks=(result.marks[0], mark), status="not graded")

    runner._judged = half
    assert len(run(top, handout, runner)[0].not_graded) == 3
    assert len(run(top, handout)[1].ran) == 3


@pytest.mark.parametrize(
    "result",
    [
        Result("eve", COUNT.slug),
        Result("s00-right", COUNT.slug),
        Result("s00-right", COUNT.slug, (Mark("1.1", "t", 3, 3, "passed"),)),
    ],
)
def test_result_of_another_or_without_all_marks_is_not_graded(top, handout, result):
    make_class(top, 1)
    runner = PlainRunner()
    runner._judged = lambda *_: result
    report, _ = run(top, handout, runner)
    assert len(report.not_graded) == 1
    assert "the runner gave marks" in report.not_graded[0].problem


def test_full_disk_while_keeping_a_result_is_not_graded(top, handout, monkeypatch):
    make_class(top, 2)
    whole = Path.replace

    def full(path, target):
        if ".done" in str(target):
            raise OSError(errno.ENOSPC, "No space left on device")
        return whole(path, target)

    monkeypatch.setattr(Path, "replace", full)
    report, _ = run(top, handout)
    assert [each.problem for each in report.not_graded] == [
        "this machine: [Errno 28] No space left on device"
    ] * 2


def test_full_disk_while_writing_grades_is_an_error_that_keeps_work(top, handout, monkeypatch):
    make_class(top, 2)
    with monkeypatch.context() as patch:
        patch.setattr(
            "labs.grading.reports.gradebook.write_whole",
            lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device")),
        )
        with pytest.raises(GradingError, match="No space left") as raised:
            run(top, handout)
    assert "what is done is kept" in raised.value.hint
    assert run(top, handout)[1].ran == []


def waits_from_the_sixth():
    """A runner whose sixth submission takes until it is stopped."""
    runner = PlainRunner()
    runner.before = lambda _: len(runner.ran) < 6 or runner.stopped.wait(30)
    return runner


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_in_order_and_the_next_run_goes_on(top, handout, tmp_path, number):
    wanted = make_class(top)
    watch, runner = Seen(), waits_from_the_sixth()
    watch.at_result = lambda _: len(watch.results) == 4 and os.kill(os.getpid(), number)
    before = signal.getsignal(number)
    report, _ = run(top, handout, runner, watch)
    assert (report.stopped_by, runner.closed, watch.ended) == (number, 1, 1)
    assert runner.stopped.is_set()
    assert signal.getsignal(number) is before
    done = {student for student, _ in runner.ran} - {each.student for each in report.not_graded}
    assert 4 <= len(done) < 10
    assert len(table(tmp_path / "grades")) == 1 + 20
    assert json.loads((tmp_path / "grades/run.json").read_text())["stopped_by_signal"] == number
    report, runner = run(top, handout)
    assert {student for student, _ in runner.ran} == set(wanted) - done
    assert points(report) == wanted


def test_runs_under_way_are_ended_when_stopped(top, handout):
    make_class(top, 4)
    runner = PlainRunner()

    def until_stopped(sent):
        if sent.student != "s00-right":
            assert runner.stopped.wait(30)
            raise Stopped

    runner.before = until_stopped
    watch = Seen(lambda _: os.kill(os.getpid(), signal.SIGINT))
    report, _ = run(top, handout, runner, watch, jobs=2)
    assert len(report.not_graded) == 3
    assert "stopped before" in report.not_graded[0].problem


def test_signal_while_the_runner_is_made_ends_at_once(top, handout):
    make_class(top, 1)
    request = GradingRequest(top, top.parent / "grades")
    with pytest.raises(Interrupted) as raised:
        grade(request, lambda: os.kill(os.getpid(), signal.SIGTERM), Seen(), handout=handout)
    assert raised.value.number == signal.SIGTERM


def test_watch_that_fails_ends_the_jobs_and_closes_the_runner(top, handout):
    make_class(top)

    def pipe_closed(_):
        raise BrokenPipeError

    runner = waits_from_the_sixth()
    with pytest.raises(BrokenPipeError):
        run(top, handout, runner, Seen(pipe_closed))
    assert (runner.closed, runner.at_once) == (1, 0)
    assert len(runner.ran) < 10


SLOW = """
import sys, time
from pathlib import Path
from labs.grading.request import GradingRequest
from labs.grading.run import grade
from tests.grading.test_run import Seen
from tests.grading.toy import COUNT, SPELL, PlainRunner
from labs.grading.submissions.handout import Handout
top = Path(sys.argv[1])
def before(sent):
    print(sent.student, flush=True)
    time.sleep(float(sys.argv[2]))
handout = Handout(top.parent / "course", {each.slug: each for each in (COUNT, SPELL)})
runner = PlainRunner(before)
grade(GradingRequest(top, top.parent / "grades"), lambda: runner, Seen(), handout=handout)
"""


def slow_run(top, seconds):
    command = [sys.executable, "-c", SLOW, str(top), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


@pytest.mark.process
@pytest.mark.usefixtures("handout")
def test_second_signal_ends_at_once(top):
    make_class(top)
    process = slow_run(top, 600)
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    process.stdout.close()


@pytest.mark.process
def test_run_that_is_killed_loses_what_was_under_way_alone(top, handout):
    wanted = make_class(top)
    process = slow_run(top, 0.1)
    begun = [process.stdout.readline().strip() for _ in range(5)]
    process.kill()
    process.communicate()
    report, runner = run(top, handout)
    again = [student for student, _ in runner.ran]
    assert len(set(begun) & set(again)) <= 1
    assert len(again) <= 6
    assert points(report) == wanted


@pytest.mark.process
def test_two_runs_into_one_folder_the_second_says_so(top, handout):
    make_class(top)
    process = slow_run(top, 600)
    assert process.stdout.readline()
    with pytest.raises(GradingError, match="another `labs grade` is writing there"):
        run(top, handout)
    process.kill()
    process.communicate()


def test_lessons_with_equal_playgrounds_run_together_large_ones_first(top, handout):
    for student in ("ann", "bob", "eve"):
        for each in (COUNT, SPELL):
            hand_in(top, student, each=each)
    _, runner = run(top, handout)
    assert [slug for _, slug in runner.ran] == [SPELL.slug] * 3 + [COUNT.slug] * 3


def test_nothing_to_run_needs_no_runner(top, handout):
    hand_in(top, "ann", "{")

    def no_runner():
        raise AssertionError("made a runner")

    report = grade(GradingRequest(top, top.parent / "grades"), no_runner, Seen(), handout=handout)
    assert points(report) == {"ann": 0}


def test_runner_that_cannot_be_made_is_an_error(top, handout):
    make_class(top, 1)

    def no_engine():
        raise LabsError("no engine", hint="start one")

    with pytest.raises(LabsError, match="no engine"):
        grade(GradingRequest(top, top.parent / "grades"), no_engine, Seen(), handout=handout)


def test_only_one_lesson_is_graded_when_asked(top, handout):
    for each in (COUNT, SPELL):
        hand_in(top, "ann", each=each)
    _, runner = run(top, handout, lesson="spell-words")
    assert runner.ran == [("ann", "spell-words")]


@pytest.mark.parametrize("inside", [".", "ann", "ann/grades", "../submissions/x"])
def test_grades_inside_the_submissions_are_refused(top, inside):
    hand_in(top, "ann")
    with pytest.raises(GradingError, match="inside the submissions"):
        GradingRequest(top, top / inside)
    (top.parent / "link").symlink_to(top)
    with pytest.raises(GradingError, match="inside the submissions"):
        GradingRequest(top, top.parent / "link" / inside)


def test_submissions_among_the_grades_are_refused(tmp_path):
    for name in ("feedback", ".done", "feedback/x"):
        with pytest.raises(GradingError, match=r"grades of .* are written there"):
            GradingRequest(tmp_path / "grades" / name, tmp_path / "grades")
    GradingRequest(tmp_path / "submissions", tmp_path)


def test_no_jobs_are_refused(tmp_path):
    with pytest.raises(GradingError, match="0 jobs"):
        GradingRequest(tmp_path / "a", tmp_path / "b", jobs=0)


def test_submissions_stay_as_they_were(top, handout):
    make_class(top)
    hand_in(top, "zz", "{")
    before = {path: path.stat() for path in top.rglob("*")}
    run(top, handout)
    after = {path: path.stat() for path in top.rglob("*")}
    assert {p: (s.st_mtime_ns, s.st_size) for p, s in after.items()} == {
        p: (s.st_mtime_ns, s.st_size) for p, s in before.items()
    }


def test_regrade_runs_all_again_and_the_next_run_none(top, handout):
    make_class(top, 5)
    run(top, handout)
    _, again = run(top, handout, regrade=())
    assert len(again.ran) == 5
    _, after = run(top, handout)
    assert after.ran == []


def test_regrade_of_students_runs_theirs_alone(top, handout):
    make_class(top, 5)
    hand_in(top, "s01-wrong", each=SPELL)
    run(top, handout)
    _, again = run(top, handout, regrade=("s01-wrong", "s03-blank"))
    assert sorted(again.ran) == [
        ("s01-wrong", "count-days"),
        ("s01-wrong", "spell-words"),
        ("s03-blank", "count-days"),
    ]


def test_regrade_of_an_unknown_student_names_the_nearest_and_runs_nothing(top, handout):
    hand_in(top, "ann")
    runner = PlainRunner()
    with pytest.raises(GradingError, match='grade "anne" again: no such student') as raised:
        run(top, handout, runner, regrade=("anne",))
    assert raised.value.hint == 'did you mean "ann"?'
    assert runner.ran == []


def test_stopped_regrade_goes_on_without_the_option(top, handout):
    hand_in(top, "ann")
    run(top, handout)

    def gone(_):
        raise LabsError("the engine does not answer")

    failed, _ = run(top, handout, PlainRunner(gone), regrade=())
    assert [each.status for _, each in failed.graded] == ["not graded"]
    # The old result must not come back as if it were the new one.
    _, runner = run(top, handout)
    assert runner.ran == [("ann", "count-days")]


def test_overrides_and_dates_beside_the_grades_are_used_and_kept(top, handout, tmp_path):
    hand_in(top, "ann")
    hand_in(top, "bob", "{")
    run(top, handout)
    kept = {
        "overrides.csv": "student;exercise;points;comment\nbob;1.1;1,5;saw it\n",
        "dates.csv": "lesson,student,due,handed_in\ncount-days,ann,2026-11-01,2026-11-03\n",
    }
    for name, text in kept.items():
        (tmp_path / "grades" / name).write_text(text)
    report, runner = run(top, handout, late_penalty="10%")
    assert runner.ran == []
    assert points(report) == {"ann": 3.2, "bob": 1.5}
    assert {name: (tmp_path / "grades" / name).read_text() for name in kept} == kept
    html = (tmp_path / "grades/feedback/ann/count-days.html").read_text()
    assert "2 days late: 0.8 points less" in html
    assert "saw it" in (tmp_path / "grades/feedback/bob/count-days.html").read_text()
    # Judged results are cached, not the instructor's: without the files they are as before.
    (tmp_path / "grades/overrides.csv").unlink()
    (tmp_path / "grades/dates.csv").unlink()
    assert points(run(top, handout)[0]) == {"ann": 4, "bob": 0}


def test_mistake_in_overrides_ends_the_run_before_anything_runs(top, handout, tmp_path):
    hand_in(top, "ann")
    file = tmp_path / "mine.csv"
    file.write_text("student,lesson,exercise,points,comment\nann,count-days,1.1,99,\n")
    runner = PlainRunner()
    with pytest.raises(GradingError, match="line 2: points 99 are too many"):
        run(top, handout, runner, overrides=file)
    assert runner.ran == []
    with pytest.raises(GradingError, match="no dates are known"):
        run(top, handout, runner, late_penalty="1")


def test_file_in_an_unclear_place_is_no_zero_and_no_failure_of_the_machine(top, handout, tmp_path):
    hand_in(top, "ann", answered(value="value = 1"), name="a.ipynb")
    hand_in(top, "ann", answered(value="value = 2"), name="b.ipynb")
    hand_in(top, "bob")
    report, runner = run(top, handout)
    assert (len(report.unclear), report.not_graded) == (1, [])
    assert runner.ran == [("bob", "count-days")]
    lines = [row for row in table(tmp_path / "grades") if row[0] == "ann"]
    assert [row[3:6] for row in lines] == [["", "3", "not graded"], ["", "1", "not graded"]]
    assert "which one counts?" in lines[0][6]
    html = (tmp_path / "grades/feedback/ann/count-days.html").read_text()
    assert "Your instructor decides which file counts" in html
