"""Whose turn it is to make images: one waits for the other, and what ended badly is told to the next."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

import pytest

from labs.images import ImageError, Work, WorkFile


def never() -> bool:
    return False


@pytest.fixture
def file(tmp_path: Path) -> WorkFile:
    return WorkFile(tmp_path / "work.lock")


def end_with(error: BaseException, file: WorkFile) -> None:
    with file.turn(lambda _: None, never) as tell:
        assert tell
        tell("  nginx: Step 3/9")
        raise error


def test_step_is_read_from_beside_and_forgotten_at_the_end(file: WorkFile):
    said: list[str] = []
    assert file.read() == Work()
    with file.turn(said.append, never) as tell:
        assert tell
        tell("node: getting it")
        assert file.read() == Work("node: getting it", running=True)
    assert file.read() == Work()
    assert said == ["node: getting it"]


def test_failure_is_kept_and_told_to_the_next_one(file: WorkFile):
    with pytest.raises(ImageError):
        end_with(ImageError("building nginx failed: 100\nE: no network"), file)
    assert file.read() == Work("  nginx: Step 3/9", "building nginx failed: 100")
    said: list[str] = []
    with file.turn(said.append, never):
        pass
    assert said == ["the last time it failed: building nginx failed: 100"]
    assert file.read() == Work()


def test_work_that_was_killed_is_told_by_its_last_step(file: WorkFile):
    with pytest.raises(KeyboardInterrupt):
        end_with(KeyboardInterrupt(), file)
    said: list[str] = []
    with file.turn(said.append, never):
        pass
    assert said == ["the last time it was ended at: nginx: Step 3/9"]


def held(file: WorkFile, until: Event) -> Thread:
    """Another one whose turn it is, until the event."""
    at_work = Event()

    def hold() -> None:
        with file.turn(lambda _: None, never) as tell:
            assert tell
            tell("  httpd: Step 4/9")
            at_work.set()
            until.wait(30)

    thread = Thread(target=hold)
    thread.start()
    assert at_work.wait(30)
    return thread


def test_second_waits_tells_the_steps_of_the_first_and_then_has_its_turn(file: WorkFile):
    end, said = Event(), []

    def say(line: str) -> None:
        said.append(line)
        end.set()

    first = held(file, end)
    with file.turn(say, never) as tell:
        assert tell
    first.join()
    assert said == ["waiting for another process: httpd: Step 4/9"]


def test_second_goes_on_as_soon_as_what_it_needs_is_there(file: WorkFile):
    end, looks = Event(), iter([False, True])
    first = held(file, end)
    with file.turn(lambda _: None, lambda: next(looks)) as tell:
        assert tell is None
        assert file.read().running
    end.set()
    first.join()


def test_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path):
    (tmp_path / "target").write_text("kept")
    (tmp_path / "work.lock").symlink_to(tmp_path / "target")
    with (
        pytest.raises(OSError, match="symbolic"),
        WorkFile(tmp_path / "work.lock").turn(lambda _: None, never),
    ):
        pass
    assert (tmp_path / "target").read_text() == "kept"
