"""The lab that a notebook holds."""

import io
import tarfile
from types import SimpleNamespace

import pytest

from labs.lesson import LessonError
from labs.lesson.lab import Lab
from labs.lesson.shown import Asked, Note

SOURCE = """# %% [markdown] id="answer-1-2-text"
# Words.

# %% id="answer-1-2"
image = docker.images.get("hello-world")
### BEGIN SOLUTION
if image:

    lab.push("127.0.0.1:5000/hello-world")
### END SOLUTION

# %% id="check-1-2"
lab.check("1.2")
"""


def words(seen):
    return [shown.text for shown in seen]


def test_check_shows_the_verdict_returns_nothing_and_keeps_it(lab, seen, playground):
    assert lab.check("1.2") is None
    playground.nodes[0].tags = ["latest"]
    lab.check("1.2")
    assert words(seen) == ["1.2 not attempted: push hello-world", "1.2 passed"]
    lab.progress()
    assert "Lesson 1, Toy: 1 of 3 passed" in seen[-1].text


def test_check_outside_a_notebook_prints_the_line(lesson, playground, lab, capsys):
    plain = Lab(lesson, playground, progress=lab._progress)
    plain.check("1.10", digest="sha256:1")
    assert capsys.readouterr().out == "1.10 passed\n"


def test_check_of_an_unknown_exercise_lists_the_known(lab):
    with pytest.raises(LessonError, match=r"Hint: it has 1\.2, 1\.3, 1\.10"):
        lab.check("9.9")


def test_progress_that_cannot_be_saved_does_not_stop_a_check(lab, seen, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lab._progress, "record", full)
    assert lab.verdict("1.10", digest="sha256:1").passed
    assert "could not be saved" in seen[0].text


def test_hints_come_one_by_one_then_the_solution_is_named(lab, seen):
    for _ in range(4):
        lab.hint("1.2")
    assert words(seen) == [
        "1.2 hint 1 of 2: look at the tags",
        "1.2 hint 2 of 2: call push",
        *['1.2: no more hints; lab.solution("1.2") shows an answer'] * 2,
    ]


def test_hint_about_what_was_seen_comes_first(lab, seen, playground):
    lab.hint("1.2")
    playground.nodes[0].tags = ["v1"]
    lab.verdict("1.2")
    lab.hint("1.2")
    lab.hint("1.2")
    playground.nodes[0].tags = ["v2"]
    lab.verdict("1.2")
    lab.hint("1.2")
    assert [text.split(": ", 1)[1] for text in words(seen)] == [
        "look at the tags",
        "you pushed ['v1']",
        "call push",
        "you pushed ['v2']",
    ]


def test_hint_where_there_is_none_says_so(lab, seen):
    lab.hint("1.10")
    assert words(seen) == ['1.10: no hints; lab.solution("1.10") shows an answer']


@pytest.mark.parametrize(
    "opening", ['id="answer-1-2"', '{"id": "answer-1-2"}', 'tags=["x"] id="answer-1-2"']
)
def test_solution_is_read_by_cell_id(lab, seen, tmp_path, opening):
    (tmp_path / "solutions").mkdir()
    source = SOURCE.replace('# %% id="answer-1-2"', f"# %% {opening}")
    (tmp_path / "solutions" / "01-toy.py").write_text(source)
    lab.solution("1.2")
    assert seen[0].code == 'if image:\n\n    lab.push("127.0.0.1:5000/hello-world")'
    assert "another one is as right" in seen[0].text


@pytest.mark.parametrize("source", [None, "", SOURCE.replace("### END SOLUTION", "")])
def test_solution_that_is_absent_says_so(lab, seen, tmp_path, source):
    if source is not None:
        (tmp_path / "solutions").mkdir()
        (tmp_path / "solutions" / "01-toy.py").write_text(source)
    lab.solution("1.2")
    assert "solutions/01-toy.py" in seen[0].text
    assert isinstance(seen[0], Note)


def test_solution_of_a_question_explains_it(lab, seen):
    lab.solution("1.3")
    assert seen[0].code == 'choice = "b"'
    assert "That is what it is for." in seen[0].text


def test_argument_of_a_question_with_another_name_is_named(lab):
    said = lab.verdict("1.3", chosen="b")
    assert said.outcome == "not attempted"
    assert said.message == 'lab.check("1.3", …): there is no argument chosen=…; it takes choice=…'


@pytest.mark.parametrize("id", [1.3, 1])
def test_id_that_is_no_text_says_so(lab, id):
    for call in (lab.check, lab.hint, lab.solution, lab.question):
        with pytest.raises(LessonError, match="which is text") as told:
            call(id)
        assert told.value.hint == f'in quotes: "{id}"'


def test_question_is_asked_with_its_choices_and_what_to_write(lab, seen):
    lab.question("1.3")
    asked = seen[0]
    assert isinstance(asked, Asked)
    assert asked.text.splitlines() == [
        "1.3 What holds tags?",
        "  a. An engine",
        "  b. A repository",
        'Answer: choice = "…"',
    ]


def test_click_on_the_right_choice_says_what_to_write_and_passes_nothing(lab, seen):
    lab.question("1.3")
    said = seen[0].check("b")
    assert said.text.startswith("1.3 right, not written yet: That is what it is for.")
    assert 'Write `choice = "b"` into the cell' in said.words
    assert lab._progress.outcomes("toy") == {}


def test_click_after_the_check_has_passed_does_not_ask_to_write(lab, seen):
    lab.question("1.3")
    lab.verdict("1.3", choice="b")
    assert seen[0].check("b").text == "1.3 right: That is what it is for."
    lab.verdict("1.3", choice="a")
    assert seen[0].check("b").heading == "right, not written yet"


def test_click_on_a_question_of_an_earlier_day_says_what_counts(lesson, playground, lab, seen):
    lab.verdict("1.3", choice="b")
    again = Lab(lesson, playground, show=seen.append, progress=lab._progress)
    again.question("1.3")
    said = seen[0].check("b")
    assert (said.heading, said.written) == ("right", True)
    assert 'what counts is `choice = "b"` in the cell' in said.words
    assert seen[0].check("a").text == "1.3 no: An engine has images."


def test_check_after_a_click_alone_is_not_attempted_and_says_what_to_write(lab, seen):
    # The notebook handed in says `choice = None`: grading gives no points, so class and grade must agree.
    lab.question("1.3")
    seen[0].check("b")
    for answers in ({"choice": None}, {}):
        said = lab.verdict("1.3", **answers)
        assert said.outcome == "not attempted"
        assert 'Write `choice = "b"`' in said.message
    assert lab._progress.outcomes("toy") == {"1.3": "not attempted"}
    assert lab.verdict("1.3", choice="b").outcome == "passed"
    assert lab._progress.outcomes("toy") == {"1.3": "passed"}


def test_choice_of_an_earlier_check_is_not_kept_for_the_next(lab):
    assert lab.verdict("1.3", choice="b").outcome == "passed"
    assert lab.verdict("1.3", choice=None).outcome == "not attempted"


@pytest.mark.parametrize(
    ("click", "text"),
    [("a", "1.3 no: An engine has images."), ("", "1.3 nothing chosen: choose a or b")],
)
def test_click_on_a_wrong_choice_explains_it_and_keeps_nothing(lab, seen, click, text):
    lab.question("1.3")
    assert seen[0].check(click).text == text
    assert lab._progress.outcomes("toy") == {}


def test_reset_makes_the_playground_anew_and_keeps_what_passed(lab, playground, capsys):
    lab.verdict("1.10", digest="sha256:1")
    lab.hint("1.2")
    lab.reset()
    assert playground.resets == 1
    assert lab._progress.outcomes("toy") == {"1.10": "passed"}
    assert capsys.readouterr().err == "made again\n"


def test_shell_quotes_what_it_shows_and_says_whose_folders_are_mounted(lab, seen):
    lab.shell()
    said, _, unset, *lines = seen[0].text.splitlines()
    host = "export DOCKER_HOST=tcp://127.0.0.1:2376"
    assert lines == [host, "export DOCKER_CERT_PATH='/a folder'", "docker ps"]
    assert unset.startswith("unset DOCKER_CONTEXT ")
    assert said.startswith("A folder after -v is one of node1, not of this machine: lab.node(1)")


def test_lab_gives_the_first_node_its_url_and_its_registry(lab, playground):
    assert lab.docker is playground.nodes[0].docker
    assert lab.nodes == playground.nodes
    assert lab.url(8080) == "http://127.0.0.1:8080"
    assert lab.registry.base_url == "http://127.0.0.1:5000"
    assert repr(lab) == 'Lab("toy")'


def test_storage_reads_the_containers_folder(lab, seen, playground):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        entry = tarfile.TarInfo("registry/docker/registry/v2/blobs/sha256/aa/" + "a" * 64 + "/data")
        entry.size = 3
        tar.addfile(entry, io.BytesIO(b"abc"))
    container = SimpleNamespace(get_archive=lambda path: ([buffer.getvalue()], {}))
    playground.nodes[0].docker.containers = SimpleNamespace(get=lambda name: container)
    lab.storage()
    assert f"blob 1: 0 links, 3 bytes, sha256:{'a' * 64}" in seen[0].text


def test_check_of_a_question_with_a_choice_takes_that_one(lab, seen):
    lab.question("1.3")
    seen[0].check("b")
    assert lab.verdict("1.3", choice="a").outcome == "not yet"
