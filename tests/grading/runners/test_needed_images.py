"""Which images a node of the grading swarm is given."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from labs import lessons
from labs.grading.runners.swarm_runner import _needed
from labs.images import Catalog
from tests.notebooks.course import COURSE


@pytest.mark.parametrize(
    ("slug", "brought"),
    [("run-a-registry", False), ("serve-a-swarm", True), ("store-it-elsewhere", True)],
)
def test_store_is_brought_for_lessons_that_use_it(slug: str, brought: bool) -> None:
    handout = cast(Any, SimpleNamespace(lessons={slug: lessons.find(slug)}))
    assert (Catalog.read().images["store"].name in _needed(handout)) is brought


def test_image_that_a_lesson_has_in_its_node_is_brought_for_it_alone() -> None:
    for lesson in lessons.all_lessons():
        needed = _needed(cast(Any, SimpleNamespace(lessons={lesson.slug: lesson})))
        tools = Catalog.read().images["tools"].name
        assert (tools in needed) is ("tools" in lesson.loaded), lesson.slug


def test_lessons_whose_source_names_the_store_or_the_hub_say_so() -> None:
    for lesson in lessons.all_lessons():
        source = (COURSE / "solutions" / f"{lesson.file_stem}.py").read_text(encoding="utf-8")
        assert ("lab.store" in source) is lesson.store, lesson.slug
        assert ("lab.hub" in source) is lesson.hub, lesson.slug
