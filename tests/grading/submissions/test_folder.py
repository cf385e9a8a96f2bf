"""Reading submissions: each way to hand in something odd gets its own line, and nothing stops for it."""

from __future__ import annotations

import copy
import json
import os
import shutil
import socket
from contextlib import chdir

import pytest

from labs.grading import GradingError
from labs.grading.submissions.folder import MAX_UNKNOWN, lessons_of, list_folder, read_all
from labs.grading.submissions.notebook_file import FILE_BYTES, PARTS
from tests.grading.toy import COUNT, SPELL, answered, hand_in

NAMES = [
    "..x",
    "a,b",
    'say "hi"',
    "two\nlines",
    "=cmd|' calc'!A0",
    "+1",
    "-1",
    "@sum",
    "<img src=x onerror=alert(1)>",
    "\u202egnp.exe",
    "עברית",
    "x" * 255,
    "é" * 127,
    "ann",
    "Ann",
    "ANN",
    "con",
    "trailing.",
    " space ",
    "%2e%2e%2f",
    os.fsdecode(b"latin\xe9"),
    "\x1b[2J\x07",
]


def read(top, handout, only=""):
    listing = list_folder(top)
    lessons = lessons_of(listing, handout, only)
    return list(read_all(listing, lessons, handout, with_unknown=not only))


def one(top, handout):
    (submission,) = read(top, handout)
    return submission


def broken(top, handout, content):
    """The problem of a submission with that content, beside one that is fine."""
    hand_in(top, "good")
    hand_in(top, "odd", content)
    good, odd = read(top, handout)
    assert good.problem == ""
    assert good.answers == {"answer-1-1": "value = 7", "answer-1-2": 'choice = "b"'}
    assert odd.answers == {}
    return odd.problem


def test_right_notebook_gives_the_sources_of_its_answers_only(top, handout):
    path = hand_in(top, "ann")
    sent = one(top, handout)
    assert sent.answers == {"answer-1-1": "value = 7", "answer-1-2": 'choice = "b"'}
    assert (sent.student, sent.slug, sent.remarks, sent.problem) == ("ann", "count-days", (), "")
    assert top / sent.path == path


def test_state_of_widgets_that_jupyterlab_saved_is_not_read(top, handout):
    sent = answered()
    state = {"a" * 32: {"model_name": "HTMLModel", "state": {"value": 'choice = "a"'}}}
    sent["metadata"]["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {"state": state, "version_major": 2}
    }
    hand_in(top, "ann", sent)
    got = one(top, handout)
    assert got.answers == {"answer-1-1": "value = 7", "answer-1-2": 'choice = "b"'}
    assert (got.remarks, got.problem) == ((), "")


def test_source_as_a_list_of_lines_is_joined(top, handout):
    hand_in(top, "ann", answered(value=["value = \\\n", "7"]))
    assert one(top, handout).answers["answer-1-1"] == "value = \\\n7"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is an empty file"),
        (" \n", "is an empty file"),
        ("not json", "is not JSON (line 1, column 1"),
        ("<!DOCTYPE html><html>", "web page"),
        ("[]", "its JSON is not an object"),
        ("7", "its JSON is not an object"),
        ("null", "its JSON is not an object"),
        ("{}", "it has no cells"),
        ('{"cells": 3}', "it has no cells"),
        ('{"cells": []}', "has lost its exercise cells"),
        ('{"cells": [null, 1, "x", {"id": 3}, {"id": []}, {"metadata": 1}]}', "has lost its"),
        ('{"worksheets": [{"cells": []}], "nbformat": 3}', "has lost its"),
        ("[" * 200_000, "nested deeper"),
        ('{"cells": ' + '{"a":' * 100_000, "nested deeper"),
        ('{"n": ' + "9" * 5000 + "}", "not JSON that can be read"),
        (b'{"cells": "\xff\xfe\xfa"}', "no UTF-8 text (byte 11)"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "no"),
        (json.dumps(answered())[:-100], "cut off"),
        (json.dumps(answered())[: json.dumps(answered()).index("value =") + 3], "cut off"),
        (json.dumps(answered()) + "}", "is not JSON"),
        ('{"cells": [' + "[]," * PARTS + "[]]}", "parts; clear its outputs"),
    ],
)
def test_file_that_is_no_notebook_gets_a_line(top, handout, content, words):
    assert words in broken(top, handout, content)


def test_notebook_of_another_lesson_is_named(top, handout):
    problem = broken(top, handout, answered(SPELL))
    path = "odd/count-days/01-count-days.ipynb"
    wanted = "; wanted the notebook of count-days"
    assert problem == f"{path} is the notebook of another lesson, spell-words{wanted}"


def test_notebook_whose_answers_cannot_be_told_has_lost_its_cells_and_no_zero(top, handout):
    notebook = answered()
    notebook["cells"] = [{"cell_type": "code", "metadata": {}, "source": "value = 7"}]
    assert "lost its exercise cells: none of 2 is there" in broken(top, handout, notebook)
    assert read(top, handout)[1].state == "unclear"


def test_ids_kept_in_the_metadata_count(top, handout):
    notebook = answered()
    for cell in notebook["cells"]:
        cell["metadata"] = {"id": cell.pop("id")}
    hand_in(top, "ann", notebook)
    assert one(top, handout).answers["answer-1-1"] == "value = 7"


def test_file_too_large_is_not_read(top, handout):
    path = hand_in(top, "ann")
    os.truncate(path, FILE_BYTES + 1)
    assert one(top, handout).problem == "the notebook has 50.0 MB; 50 MB are allowed"


def test_file_as_large_as_allowed_is_read(top, handout):
    text = json.dumps(answered())
    hand_in(top, "ann", text + " " * (FILE_BYTES - len(text)))
    assert one(top, handout).problem == ""


def test_lost_cell_is_a_remark_and_the_others_count(top, handout):
    notebook = answered()
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] != "answer-1-2"]
    hand_in(top, "ann", notebook)
    sent = one(top, handout)
    assert sent.answers == {"answer-1-1": "value = 7"}
    assert sent.remarks == ("cell answer-1-2 is missing; the untouched starter was run",)


def test_first_of_duplicated_cells_counts(top, handout):
    notebook = answered()
    for value in ("value = 8", "value = 9"):
        twin = copy.deepcopy(notebook["cells"][2])
        twin["source"] = value
        notebook["cells"].append(twin)
    hand_in(top, "ann", notebook)
    sent = one(top, handout)
    assert sent.answers["answer-1-1"] == "value = 7"
    assert sent.remarks == (
        "cell answer-1-1 stands 3 times; the first one counts, not the one that begins “value = 8”, “value = 9”",
    )


def test_reordered_cells_are_all_found(top, handout):
    notebook = answered()
    notebook["cells"].reverse()
    hand_in(top, "ann", notebook)
    sent = one(top, handout)
    assert len(sent.answers) == 2
    assert sent.remarks == ("the answers are in another order; they were run in the lesson's",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cell_type": "markdown"}, "is not a code cell any more"),
        ({"source": 7}, "has no text for a source"),
        ({"source": ["a", 7]}, "has no text for a source"),
        ({"source": None}, "has no text for a source"),
        ({"source": "#" * 200_001}, "200,001 characters"),
    ],
)
def test_cell_without_usable_source_is_a_remark(top, handout, change, words):
    notebook = answered()
    notebook["cells"][2].update(change)
    hand_in(top, "ann", notebook)
    sent = one(top, handout)
    assert sent.answers == {"answer-1-2": 'choice = "b"'}
    assert len(sent.remarks) == 1
    assert words in sent.remarks[0]


def test_lone_surrogates_are_replaced_and_said(top, handout):
    hand_in(top, "ann", json.dumps(answered(value='value = "\ud800x"')))
    sent = one(top, handout)
    assert sent.answers["answer-1-1"] == 'value = "\ufffdx"'
    assert "lone surrogates" in sent.remarks[0]


def test_nan_in_an_output_harms_nobody(top, handout):
    notebook = answered()
    notebook["cells"][1]["outputs"] = [float("nan"), float("inf")]
    hand_in(top, "ann", json.dumps(notebook))
    assert (one(top, handout).problem, one(top, handout).remarks) == ("", ())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_are_read(top, handout, encoding):
    hand_in(top, "ann", json.dumps(answered()).encode(encoding))
    sent = one(top, handout)
    assert sent.answers["answer-1-1"] == "value = 7"
    assert bool(sent.remarks) == (encoding != "utf-8-sig")


def test_no_notebook_in_the_folder(top, handout):
    hand_in(top, "ann", name="answers.py")
    (top / "ann" / COUNT.slug / ".ipynb_checkpoints").mkdir()
    (top / "ann" / COUNT.slug / "folder.ipynb").mkdir()
    problem = (
        "nothing was handed in: there is no notebook in the folder count-days; "
        "there is ann/count-days/answers.py"
    )
    assert one(top, handout).problem == problem


def test_two_notebooks_of_other_names_are_a_problem(top, handout):
    hand_in(top, "ann", name="a.ipynb")
    hand_in(top, "ann", answered(value="value = 8"), name="b.IPYNB")
    expected = (
        "2 notebooks, and none is called 01-count-days.ipynb: which one counts? "
        "ann/count-days/a.ipynb, ann/count-days/b.IPYNB"
    )
    assert one(top, handout).problem == expected
    assert one(top, handout).state == "unclear"


def test_notebook_of_the_right_name_counts_among_others(top, handout):
    hand_in(top, "ann", answered(value="value = 1"), name="0-first.ipynb")
    hand_in(top, "ann")
    sent = one(top, handout)
    assert sent.answers["answer-1-1"] == "value = 7"
    assert sent.remarks == (
        "ann/count-days/01-count-days.ipynb was graded; not graded: ann/count-days/0-first.ipynb",
    )


def test_only_notebook_counts_under_any_name(top, handout):
    hand_in(top, "ann", name="my answers (2).ipynb")
    assert one(top, handout).problem == ""


def test_student_without_a_lesson_of_the_class_gets_a_line(top, handout):
    hand_in(top, "ann")
    hand_in(top, "bob", each=SPELL)
    sent = {(each.student, each.slug): each.problem for each in read(top, handout)}
    assert sent == {
        ("ann", "count-days"): "",
        ("ann", "spell-words"): "nothing was handed in: there is no folder spell-words",
        ("bob", "count-days"): "nothing was handed in: there is no folder count-days",
        ("bob", "spell-words"): "",
    }


def test_folder_of_no_lesson_gets_a_line_with_the_nearest_name(top, handout):
    hand_in(top, "ann")
    for name in ("count-dayz", "holidays"):
        (top / "ann" / name).mkdir()
    (top / "ann/holidays/beach.txt").write_text("sun")
    sent = read(top, handout)
    assert [each.problem for each in sent] == [
        "",
        'no lesson "count-dayz"; did you mean "count-days"?',
        'no lesson "holidays"; the lessons are count-days, spell-words',
    ]


def test_thousand_folders_of_no_lesson_give_few_lines(top, handout):
    hand_in(top, "ann")
    for number in range(1000):
        (top / "ann" / f"x{number}").mkdir()
    assert len(read(top, handout)) == 1 + MAX_UNKNOWN


def test_only_one_lesson_is_read_when_asked(top, handout):
    for each in (COUNT, SPELL):
        hand_in(top, "ann", each=each)
    hand_in(top, "ann", slug="nonsense")
    assert [each.slug for each in read(top, handout, "spell-words")] == ["spell-words"]


@pytest.mark.parametrize("where", ["student", "lesson", "notebook"])
def test_links_are_not_followed(top, handout, tmp_path, where):
    secret = hand_in(tmp_path / "elsewhere", "eve")
    hand_in(top, "bob")
    path = hand_in(top, "ann")
    link, target = {
        "student": (top / "ann", secret.parents[1]),
        "lesson": (path.parent, secret.parent),
        "notebook": (path, secret),
    }[where]
    shutil.rmtree(link) if link.is_dir() else link.unlink()
    link.symlink_to(target)
    ann, bob = read(top, handout)
    assert (ann.answers, bob.problem) == ({}, "")
    assert "link" in ann.problem or "Not a directory" in ann.problem


@pytest.mark.parametrize(
    "target", ["/etc/passwd", "../../bob/count-days/01-count-days.ipynb", "self", "nowhere"]
)
def test_notebook_that_links_anywhere_is_not_read(top, handout, target):
    hand_in(top, "bob")
    path = hand_in(top, "ann")
    path.unlink()
    path.symlink_to(path.name if target == "self" else target)
    ann, bob = read(top, handout)
    assert (ann.answers, bob.problem) == ({}, "")
    path = "ann/count-days/01-count-days.ipynb"
    wanted = "the file itself has to be here"
    assert ann.problem == f"{path} is a symbolic link, and links are not followed: {wanted}"
    assert ann.state == "unclear"


def test_pipes_sockets_and_devices_do_not_hang(top, handout):
    for student in ("pipe", "socket"):
        hand_in(top, student).unlink()
    name = f"{COUNT.slug}/{COUNT.file_stem}.ipynb"
    os.mkfifo(top / "pipe" / name)
    with socket.socket(socket.AF_UNIX) as listening:
        with chdir(top / "socket" / COUNT.slug):  # the path of a socket is short
            listening.bind(f"{COUNT.file_stem}.ipynb")
        pipe, sock = read(top, handout)
    assert pipe.problem == "the notebook is not a regular file"
    assert sock.problem.startswith("the notebook cannot be read")


@pytest.mark.process
@pytest.mark.parametrize("where", ["student", "lesson", "notebook"])
def test_closed_doors_get_a_line(top, handout, tmp_path, where):
    hand_in(top, "bob")
    path = hand_in(top, "ann")
    door = {"student": path.parents[1], "lesson": path.parent, "notebook": path}[where]
    door.chmod(0)
    try:
        problems = as_nobody(tmp_path, lambda: [each.problem for each in read(top, handout)])
    finally:
        door.chmod(0o755)
    assert problems[1] == ""
    assert "Permission denied" in problems[0]


def as_nobody(folder, work):
    """What `work` gives in a child that may not open every door, as root may."""
    for each in (folder, *folder.parents):
        if each.owner() == "root" and os.geteuid() == 0 and each.stat().st_mode & 0o055 != 0o055:
            each.chmod(each.stat().st_mode | 0o055)
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            os.write(writer, json.dumps(work()).encode())
        except BaseException as error:
            os.write(writer, json.dumps([repr(error)]).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as pipe:
        return json.loads(pipe.read())


def test_hostile_names_of_students_are_read(top, handout):
    for name in NAMES:
        hand_in(top, name)
    sent = read(top, handout)
    assert {each.student for each in sent} == set(NAMES)
    assert {each.problem for each in sent} == {""}
    assert [os.fsencode(each.student) for each in sent] == sorted(map(os.fsencode, NAMES))


def test_files_and_hidden_folders_beside_students_are_left_alone(top, handout):
    hand_in(top, "ann")
    (top / "roster.csv").write_text("ann")
    hand_in(top, ".git")
    (top / "ann" / "timestamp.txt").write_text("now")
    assert [each.student for each in read(top, handout)] == ["ann"]


def test_folder_of_submissions_may_be_a_link(top, handout, tmp_path):
    hand_in(top, "ann")
    (tmp_path / "link").symlink_to(top)
    assert one(tmp_path / "link", handout).problem == ""


def test_missing_or_empty_folder_is_an_error_with_a_hint(top, tmp_path):
    with pytest.raises(GradingError, match="No such file") as raised:
        list_folder(tmp_path / "nowhere")
    assert "<student>/<lesson>/<notebook>" in raised.value.hint
    with pytest.raises(GradingError, match="no student's folder"):
        list_folder(top)
    (tmp_path / "file").write_text("")
    with pytest.raises(GradingError, match="Not a directory"):
        list_folder(tmp_path / "file")


def test_folder_one_level_too_deep_is_an_error_that_names_lessons(top, handout):
    hand_in(top, "ann")
    with pytest.raises(GradingError, match="no folder in it has a lesson's name"):
        lessons_of(list_folder(top / "ann"), handout)
    with pytest.raises(GradingError, match='did you mean "count-days"'):
        lessons_of(list_folder(top), handout, "count-day")
