"""The lessons, one after the other open in a playground, and a second process that judges the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.lessons.shared_checks", "tests.lessons.open_lesson")

from labs import lessons  # noqa: E402
from labs.engine import Engine  # noqa: E402
from labs.playground import open_playground  # noqa: E402
from tests.engine_fixtures import course_folder  # noqa: E402
from tests.lessons.actions import clean, clean_swarm  # noqa: E402
from tests.lessons.hub_state import new_hub  # noqa: E402
from tests.lessons.open_lesson import ROOT, OpenLesson, SecondProcess, second_process  # noqa: E402


@pytest.hookimpl(trylast=True)  # pytest puts items in an order of its own before
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of one lesson together: its playground is made once."""
    places = [place for place, item in enumerate(items) if _slug(item)]
    order = [lesson.slug for lesson in lessons.all_lessons()]
    together = sorted((items[place] for place in places), key=lambda item: order.index(_slug(item)))
    for place, item in zip(places, together, strict=True):
        items[place] = item


def _slug(item: pytest.Item) -> str:
    """The lesson whose playground a test has."""
    return str((getattr(item, "callspec", None) and item.callspec.params.get("open_lesson")) or "")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A course folder of the tests' own with the lessons of this checkout."""
    with course_folder(tmp_path_factory.mktemp("course")) as folder:
        for part in ("solutions", "notebooks"):
            (folder / part).symlink_to(ROOT / part)
        yield folder


@pytest.fixture(scope="module")
def second(course: Path) -> Iterator[SecondProcess]:
    """One second process for all lessons."""
    with second_process() as process:
        yield process


@pytest.fixture(scope="module")
def open_lesson(
    request: pytest.FixtureRequest, engine: Engine, second: SecondProcess
) -> Iterator[OpenLesson]:
    """The lesson whose slug the test's parameter is; its playground is removed before the next one's is made."""
    lesson = lessons.find(request.param)
    size = {"nodes": lesson.nodes, "managers": lesson.managers, "workers": lesson.workers}
    playground = open_playground(
        lesson.slug, ports=lesson.ports, loaded=lesson.loaded, engine=engine, **size
    )
    opened = OpenLesson(lesson, playground, second)
    try:
        if lesson.hub:
            # Its image may have to be made first, which says so in the cell that asks for the hub.
            assert playground.hub.answers()
        yield opened
    finally:
        opened.playground.close()


@pytest.fixture
def clean_lesson(open_lesson: OpenLesson) -> OpenLesson:
    """The same, with nothing in its nodes that an earlier test did."""
    (clean_swarm if open_lesson.lesson.managers else clean)(open_lesson.playground)
    if open_lesson.lesson.hub:
        new_hub(open_lesson.playground)
    return open_lesson
