"""Where a notebook may be: what is clear is graded with a remark, all else is a line, nothing vanishes."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from labs.grading import GradingError
from labs.grading.submissions import zip_archive
from labs.grading.submissions.folder import lessons_of, list_folder, read_all
from labs.grading.submissions.notebook_file import FILE_BYTES
from tests.grading.submissions.test_folder import read
from tests.grading.toy import COUNT, SPELL, answered, hand_in, handout, top

__all__ = ["handout", "top"]

NAME = "01-count-days.ipynb"
RIGHT = {"answer-1-1": "value = 7", "answer-1-2": 'choice = "b"'}


def text(value="value = 7", each=COUNT):
    return json.dumps(answered(each, value=value)).encode()


def put(top, path, content=None):
    """A file below the submissions; a notebook unless content is given."""
    file = top / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text() if content is None else content)
    return file


def zipped(entries, *, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return buffer.getvalue()


def graded(top, handout):
    """Students by name, with what is run of each; checks that each is graded as handed in."""
    sent = read(top, handout)
    assert [each.problem for each in sent] == [""] * len(sent)
    return {each.student: each for each in sent}


@pytest.mark.parametrize(
    "path",
    [
        f"ann/{NAME}",
        "ann/homework.ipynb",
        f"ann/01-count-days/{NAME}",
        f"ann/Count Days/{NAME}",
        f"ann/count_days/{NAME}",
        f"ann/01_Count_Days/{NAME}",
        f"ann/lesson 1: count-days/{NAME}",
        f"ann/count-dayz/{NAME}",
        f"ann/old/stuff/{NAME}",
        "ann/count-days/deep/x.ipynb",
        "ann/01-count-days (1).ipynb",
        "ann/01-count-days-1.ipynb",
        "ann/count-days-Copy1.ipynb",
        f"count-days/ann/{NAME}",
        "count-days/ann.ipynb",
        "ann.ipynb",
        "ann_01-count-days.ipynb",
        "ann\\count-days\\01-count-days.ipynb",
        "ann/count-days\\01-count-days.ipynb",
    ],
)
def test_place_that_can_be_meant_in_one_way_is_graded_with_a_remark(top, handout, path):
    put(top, path)
    sent = graded(top, handout)
    assert list(sent) == ["ann"]
    assert (sent["ann"].answers, sent["ann"].path) == (RIGHT, path)
    assert sent["ann"].remarks == (
        f"the notebook was found at {path}; its place is ann/count-days/{NAME}",
    )


@pytest.mark.parametrize("more", [".txt", ".json", ".TXT", "(1)", " (2)", " (1).txt"])
def test_ending_that_a_browser_adds_does_not_make_a_notebook_vanish(top, handout, more):
    put(top, f"ann/count-days/{NAME}{more}")
    assert graded(top, handout)["ann"].answers == RIGHT


def test_files_of_systems_and_editors_are_nobodys(top, handout):
    put(top, f"ann/count-days/{NAME}")
    for path in (
        f"__MACOSX/ann/count-days/._{NAME}",
        f"ann/__MACOSX/count-days/{NAME}",
        f"ann/count-days/._{NAME}",
        f"ann/count-days/.ipynb_checkpoints/{NAME}",
        "ann/.DS_Store",
        ".DS_Store",
    ):
        put(top, path, b"\0\5\26\7")
    assert graded(top, handout)["ann"].remarks == ()


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("ann.zip", [NAME]),
        ("ann.zip", [f"count-days/{NAME}"]),
        ("ann.zip", [f"ann/count-days/{NAME}"]),
        ("ann.zip", [f"ann/count-days/{NAME}", f"__MACOSX/ann/count-days/._{NAME}"]),
        ("ann.zip", [f"ann\\count-days\\{NAME}"]),
        ("ann.zip", [f"/count-days/{NAME}"]),
        ("ann.zip", [f"C:\\Users\\ann\\{NAME}"]),
        ("ann.zip", [f"./count-days/{NAME}"]),
        ("ann.ZIP", [f"work/count-days/.ipynb_checkpoints/{NAME}", f"work/count-days/{NAME}"]),
        ("ann/count-days.zip", [NAME]),
        ("ann/count-days/all.zip", [f"some/where/{NAME}"]),
        ("ann/anything.zip", ["homework.ipynb"]),
        ("count-days/ann.zip", [NAME]),
    ],
)
def test_zip_of_a_student_is_looked_into(top, handout, name, entries):
    put(top, name, zipped({each: text() if "_" not in each else b"x" for each in entries}))
    put(top, f"bob/count-days/{NAME}")
    sent = graded(top, handout)
    assert sorted(sent) == ["ann", "bob"]
    assert sent["ann"].answers == RIGHT
    assert sent["ann"].path.startswith(f"{name}/")
    assert "was found at" in sent["ann"].remarks[0]


@pytest.mark.parametrize("within", ["", "submissions/", "a/b/"])
@pytest.mark.parametrize("how", ["zip given", "zip in folder"])
def test_zip_of_a_class_is_looked_into(top, handout, within, how):
    entries = {f"{within}{who}/count-days/{NAME}": text() for who in ("ann", "bob")}
    file = put(top, "class.zip", zipped({**entries, f"__MACOSX/{within}ann/._{NAME}": b"x"}))
    sent = graded(file if how == "zip given" else top, handout)
    assert sorted(sent) == ["ann", "bob"]
    assert sent["bob"].answers == RIGHT


MOODLE = ("Ann Lee_4711_assignsubmission_file_", "Bob Ott_4712_assignsubmission_file_")


@pytest.mark.parametrize(
    "layout",
    [
        lambda who: f"{who}/{NAME}",
        lambda who: f"{who.rstrip('_')}/{NAME}",
        lambda who: f"{who}{NAME}",
        lambda who: f"export/{who}/homework.ipynb",
        lambda who: f"count-days/{who}/homework.ipynb",
        lambda who: f"{who}/count-days/{NAME}",
    ],
)
@pytest.mark.parametrize("as_zip", [False, True])
def test_export_of_moodle_is_a_class(top, handout, layout, as_zip):
    files = {layout(who): text() for who in MOODLE}
    if as_zip:
        put(top, "RegCourse-Count-2201.zip", zipped(files))
    else:
        for path in files:
            put(top, path)
    sent = graded(top, handout)
    assert sorted(sent) == ["Ann Lee", "Bob Ott"]
    assert sent["Ann Lee"].answers == RIGHT
    where = f"the notebook was found in the export of Moodle: {sent['Ann Lee'].path}"
    assert sent["Ann Lee"].remarks == (where,)


def test_moodle_with_text_online_and_a_zip_in_a_folder(top, handout):
    put(top, f"{MOODLE[0]}/work.zip", zipped({f"x/{NAME}": text()}))
    put(top, "Ann Lee_4711_assignsubmission_onlinetext_/onlinetext.html", b"<p>hi")
    put(top, "Bob Ott_4712_assignsubmission_onlinetext_/onlinetext.html", b"<p>hi")
    ann, bob = read(top, handout)
    assert (ann.problem, ann.answers) == ("", RIGHT)
    assert bob.problem.startswith("nothing was handed in")
    assert "onlinetext.html" in bob.problem


def test_two_exports_of_moodle_are_one_class(top, handout):
    # The number is of one assignment: the same student has another one in the next.
    put(top, "A-Count-1.zip", zipped({f"Ann Lee_1_assignsubmission_file_/{NAME}": text()}))
    spell = {"Ann Lee_99_assignsubmission_file_/x.ipynb": text(each=SPELL)}
    put(top, "A-Spell-2.zip", zipped(spell))
    sent = read(top, handout)
    assert [(each.student, each.slug, each.problem) for each in sent] == [
        ("Ann Lee", "count-days", ""),
        ("Ann Lee", "spell-words", ""),
    ]


def test_two_students_of_one_name_are_told_apart(top, handout):
    for number in (1, 2):
        put(top, f"Ann Lee_{number}_assignsubmission_file_/{NAME}", text(f"value = {number}"))
    sent = graded(top, handout)
    assert {name: each.answers["answer-1-1"] for name, each in sent.items()} == {
        "Ann Lee_1": "value = 1",
        "Ann Lee_2": "value = 2",
    }


@pytest.mark.parametrize("where", ["", "export/", "count-days/", "zip"])
def test_export_of_canvas_is_a_class(top, handout, where):
    files = [f"leeann_11_501_{NAME}", f"ottbob_LATE_12_502_{NAME}", "evecarol_13_503_work.zip"]
    contents = [text(), text(), zipped({NAME: text()})]
    if where == "zip":
        put(top, "submissions.zip", zipped(dict(zip(files, contents, strict=True))))
    else:
        for name, content in zip(files, contents, strict=True):
            put(top, where + name, content)
    sent = graded(top, handout)
    assert {name: each.canvas_id for name, each in sent.items()} == {
        "evecarol": "13",
        "leeann": "11",
        "ottbob": "12",
    }
    assert {json.dumps(each.answers) for each in sent.values()} == {json.dumps(RIGHT)}
    late = [name for name, each in sent.items() if "late" in " ".join(each.remarks)]
    assert late == ["ottbob"]


def test_canvas_renames_what_was_handed_in_again_and_hides_names(top, handout):
    put(top, "leeann_11_501_01-count-days-2.ipynb")
    put(top, f"anon_x7Yz1_502_{NAME}")
    put(top, f"LATE_anon_Ab3dE_503_{NAME}")
    assert sorted(graded(top, handout)) == ["anon_Ab3dE", "anon_x7Yz1", "leeann"]


def test_student_who_sent_no_notebook_to_canvas_does_not_vanish(top, handout):
    put(top, f"leeann_11_501_{NAME}")
    put(top, "ottbob_12_502_answers.py", b"value = 7")
    put(top, "notes_2026_11_class.txt", b"mine")
    sent = {each.student: each for each in read(top, handout)}
    assert "ottbob_12_502_answers.py" in sent["ottbob"].problem
    assert sent["ottbob"].state == "nothing"


def test_student_cannot_hand_in_for_another(top, handout):
    put(top, f"bob/count-days/{NAME}", text("value = 1"))
    put(top, f"eve/bob_12_34_{NAME}")
    put(top, f"eve/Bob_3_assignsubmission_file_/{NAME}")
    put(
        top,
        "mallory.zip",
        zipped({f"../bob/count-days/{NAME}": text(), f"bob/count-days/{NAME}": text()}),
    )
    sent = {each.student: each for each in read(top, handout)}
    assert sorted(sent) == ["bob", "eve", "mallory"]
    assert sent["bob"].answers["answer-1-1"] == "value = 1"
    assert sent["bob"].remarks == ()


@pytest.mark.parametrize("name", [f"../../bob/{NAME}", f"..\\bob\\{NAME}", f"a/../../{NAME}"])
def test_entry_that_leads_out_of_its_archive_is_not_read(top, handout, name):
    put(top, f"bob/count-days/{NAME}")
    put(top, "eve.zip", zipped({name: text("value = 8")}))
    bob, eve = read(top, handout)
    assert bob.answers == RIGHT
    assert eve.answers == {}
    assert "eve.zip/" in eve.problem
    assert "its name leads out of the archive" in eve.problem
    assert eve.state == "unclear"


def good():
    return zipped({f"count-days/{NAME}": text()})


def encrypted():
    data = bytearray(good())
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


def nested():
    return zipped({"b.zip": zipped({"c.zip": zipped({"d.zip": zipped({NAME: text()})})})})


DAMAGED = {
    "cut": lambda: good()[:-40],
    "text": lambda: b"not a zip",
    "empty": lambda: b"",
    "rar": lambda: b"Rar!\x1a\x07",
    "bomb": lambda: zipped({f"count-days/{NAME}": b" " * (FILE_BYTES + 1)}),
    "nested": nested,
    "encrypted": encrypted,
    "many archives": lambda: zipped({f"{n}.zip": b" " * FILE_BYTES for n in range(5)}),
    "long name": lambda: zipped({f"count-days/{'x' * 300}.ipynb": text()}),
    "many": lambda: zipped({f"{n}.ipynb": b"" for n in range(zip_archive.MAX_ENTRIES + 1)}),
    "broken inside": lambda: good().replace(good()[60:75], b"\xff" * 15, 1),
}


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("cut", "not a zip file, or was cut off"),
        ("text", "not a zip file"),
        ("empty", "not a zip file"),
        ("rar", "not a zip file"),
        ("bomb", "unpacks to over 50 MB"),
        ("nested", "inside of too many archives"),
        ("encrypted", "encrypted"),
        ("many archives", "not a zip file"),
        ("long name", "longer than a file's can be"),
        ("many", "lists over 20,000 files"),
        ("broken inside", "is damaged inside its archive"),
    ],
)
def test_archive_that_cannot_be_read_is_a_line_that_names_it(top, handout, how, words):
    put(top, f"bob/count-days/{NAME}")
    put(top, "eve/work.zip", DAMAGED[how]())
    bob, eve, *_ = read(top, handout)
    assert bob.problem == ""
    assert (eve.student, eve.answers) == ("eve", {})
    assert words in eve.problem
    assert eve.problem.startswith("eve/work.zip")


def test_archives_in_an_archive_are_not_all_unpacked(top, handout, monkeypatch):
    monkeypatch.setitem(zip_archive.ALL_INNER_BYTES, 1, 5000)
    put(top, f"bob/count-days/{NAME}")
    put(
        top,
        "eve.zip",
        zipped({f"{n}.zip": zipped({"x.txt": b""}) + b"\0" * 2000 for n in range(9)}),
    )
    _, eve, *_ = read(top, handout)
    problems = [each.problem for each in list_folder(top).top.everything() if each.problem]
    assert sum("unpacks to too much" in each for each in problems) == 7
    assert eve.state == "unclear"


def test_other_kinds_of_archive_are_named(top, handout):
    put(top, f"bob/count-days/{NAME}")
    put(top, "eve/work.rar", b"Rar!")
    put(top, "mo.7z", b"7z")
    _, eve, mo = read(top, handout)
    assert eve.problem.startswith("eve/work.rar is an archive of a kind that is not read")
    assert mo.problem.startswith("mo.7z is an archive of a kind that is not read")
    assert {eve.state, mo.state} == {"unclear"}


def test_list_of_entries_of_a_forged_size_is_not_read(top, handout):
    put(top, f"bob/count-days/{NAME}")
    good = bytearray(zipped({NAME: text()}))
    end = good.rindex(b"PK\5\6")
    good[end + 12 : end + 16] = (zip_archive.LIST_BYTES + 1).to_bytes(4, "little")
    put(top, "eve.zip", bytes(good))
    assert "lists more files" in read(top, handout)[1].problem


def test_link_in_a_zip_is_not_followed(top, handout):
    put(top, f"bob/count-days/{NAME}")
    info = zipfile.ZipInfo(f"count-days/{NAME}")
    info.external_attr = 0o120777 << 16
    put(top, "eve.zip", zipped({info: "../../bob/count-days/" + NAME}))
    eve = read(top, handout)[1]
    assert "is a symbolic link" in eve.problem
    assert eve.state == "unclear"


def test_link_beside_the_notebook_is_a_remark(top, handout):
    path = hand_in(top, "ann")
    (path.parent / "latest.ipynb").symlink_to(path.name)
    (sent,) = read(top, handout)
    assert sent.answers == RIGHT
    assert "latest.ipynb is a symbolic link" in sent.remarks[0]


def test_two_notebooks_of_one_lesson_in_two_places_are_for_the_instructor(top, handout):
    put(top, "ann/one/count-days.ipynb")
    put(top, "ann/two/count-days.ipynb", text("value = 8"))
    (sent,) = read(top, handout)
    assert "which one counts? ann/one/count-days.ipynb, ann/two/count-days.ipynb" in sent.problem
    assert sent.state == "unclear"


def test_two_copies_of_the_same_bytes_are_one_notebook(top, handout):
    put(top, "ann/one/count-days.ipynb")
    put(top, "ann/two/count-days.ipynb")
    (sent,) = read(top, handout)
    assert sent.answers == RIGHT
    assert "not graded: ann/two/count-days.ipynb" in " ".join(sent.remarks)


def test_notebook_in_the_folder_of_another_lesson_is_graded_as_what_it_is(top, handout):
    hand_in(top, "bob")
    hand_in(top, "bob", each=SPELL)
    put(top, f"ann/count-days/{NAME}", text(each=SPELL))
    sent = {(each.student, each.slug): each for each in read(top, handout)}
    moved = sent["ann", "spell-words"]
    assert moved.problem == ""
    assert moved.remarks[0].startswith(f"the notebook was found at ann/count-days/{NAME}")
    assert "is the notebook of another lesson, spell-words" in sent["ann", "count-days"].problem


def test_notebook_whose_student_is_unknown_is_a_line(top, handout):
    hand_in(top, "bob")
    put(top, NAME)
    sent = read(top, handout)[0]
    assert sent.student == NAME
    assert "does not say whose it is: its place is <student>/<lesson>/" in sent.problem
    assert sent.state == "unclear"


def test_folder_of_a_lesson_between_students_is_a_line(top, handout):
    hand_in(top, "bob")
    put(top, f"count-days/{NAME}")
    sent = {each.student: each for each in read(top, handout)}
    assert "is a lesson's folder where a student's is expected" in sent["count-days"].problem


def test_notebook_of_no_lesson_leaves_the_grade_open(top, handout):
    hand_in(top, "bob")
    put(top, "ann/thesis.ipynb", json.dumps({"cells": []}).encode())
    sent = [each for each in read(top, handout) if each.student == "ann"]
    assert sent[0].problem.endswith("whether it is this one is not known: ann/thesis.ipynb")
    assert sent[1].problem == "ann/thesis.ipynb: the notebook is of no lesson of this course"
    assert {each.state for each in sent} == {"unclear"}


def test_many_notebooks_of_one_student_are_not_all_opened(top, handout):
    hand_in(top, "bob")
    for number in range(60):
        put(top, f"eve/x{number}.ipynb", b"{}")
    sent = [each for each in read(top, handout) if each.student == "eve"]
    assert "there are too many notebooks" in sent[0].problem
    assert len(sent) < 15


def test_zip_that_is_no_class_is_an_error(tmp_path, handout):
    (tmp_path / "x.zip").write_bytes(b"no zip")
    with pytest.raises(GradingError, match="not a zip file"):
        list_folder(tmp_path / "x.zip")
    (tmp_path / "y.zip").write_bytes(zipped({"readme.txt": "hi"}))
    with pytest.raises(GradingError, match="no student's folder"):
        list_folder(tmp_path / "y.zip")


def test_only_one_lesson_of_an_export_is_read_when_asked(top, handout):
    put(top, f"{MOODLE[0]}/{NAME}")
    put(top, f"{MOODLE[1]}/x.ipynb", text(each=SPELL))
    listing = list_folder(top)
    sent = list(
        read_all(listing, lessons_of(listing, handout, "spell-words"), handout, with_unknown=False)
    )
    assert [(each.student, bool(each.answers)) for each in sent] == [
        ("Ann Lee", False),
        ("Bob Ott", True),
    ]
