"""The course folder, its state folder and its id."""

import stat
from pathlib import Path

import pytest

from labs import course
from labs.errors import LabsError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A course folder that is the current folder, with no variable set."""
    monkeypatch.delenv("LABS_COURSE", raising=False)
    (tmp_path / "labs").mkdir()
    (tmp_path / "mkdocs.yml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path.resolve()


def test_root_is_the_nearest_course_around_here(folder, monkeypatch):
    inner = folder / "notebooks" / "deep"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert course.course_root() == folder


def test_root_outside_a_course_is_the_package_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("LABS_COURSE", raising=False)
    monkeypatch.chdir(tmp_path)
    assert course.course_root() == Path(course.__file__).resolve().parents[1]


def test_root_that_the_variable_names_comes_first(folder, monkeypatch):
    other = folder / "other"
    other.mkdir()
    monkeypatch.setenv("LABS_COURSE", str(other))
    assert course.course_root() == other


def test_root_that_is_no_folder_is_an_error(folder, monkeypatch):
    monkeypatch.setenv("LABS_COURSE", str(folder / "gone"))
    with pytest.raises(LabsError, match="gone is not a folder"):
        course.course_root()


@pytest.mark.parametrize("before", [None, 0o755])
def test_state_folder_is_for_its_owner_alone(folder, before):
    if before:
        (folder / ".labs").mkdir(mode=before)
    state = course.state_folder()
    assert state == folder / ".labs"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_id_is_stable_and_follows_the_resolved_folder(folder, monkeypatch):
    here = course.course_id()
    link = folder.parent / "link"
    link.symlink_to(folder)
    monkeypatch.setenv("LABS_COURSE", str(link))
    assert course.course_id() == here
    assert len(here) == 8
    assert int(here, 16) >= 0
    monkeypatch.setenv("LABS_COURSE", str(folder.parent))
    assert course.course_id() != here
