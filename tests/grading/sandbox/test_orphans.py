"""What a grader that was killed left behind goes with the next one; what a living one holds stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs import course as courses
from labs.grading.sandbox.orphans import Lease, remove_orphans
from labs.playground.labels import COURSE

pytestmark = pytest.mark.engine


@pytest.fixture
def named(course: Path, engine):
    """Make a network and a volume that a grader with this token would have made."""
    made = []
    labels = {COURSE: courses.course_id()}

    def make(token: str) -> set[str]:
        made.append(engine.client.networks.create(f"labs-test-{token}-1", labels=labels))
        made.append(engine.client.volumes.create(f"labs-test-{token}-1-node1", labels=labels))
        return {each.name for each in made[-2:]}

    yield make
    names = set(there(engine))
    for each in made:
        if each.name in names:
            each.remove()


def there(engine) -> list[str]:
    filters = {"label": f"{COURSE}={courses.course_id()}"}
    client = engine.client
    found = [*client.networks.list(filters=filters), *client.volumes.list(filters=filters)]
    return [each.name for each in found]


def test_leftovers_of_a_grader_that_lives_no_more_are_removed(named, engine):
    living, dead = Lease("gaaaaaa0"), Lease("gbbbbbb0")
    kept, gone = named("gaaaaaa0"), named("gbbbbbb0")
    try:
        assert remove_orphans(engine) == []
        dead._lock.close()  # as the end of its process does
        assert set(remove_orphans(engine)) == gone
        assert set(there(engine)) == kept
        assert remove_orphans(engine) == []
    finally:
        living.release()
