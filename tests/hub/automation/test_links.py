"""Repository links: a new base queues builds, and no circle is accepted."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from labs.hub.automation import builds, links
from labs.hub.automation.after_push import after_push
from labs.hub.models import Build, Repository, Tag


def pushed(repository: Repository, tag: str, *, changed: bool = True) -> None:
    now = timezone.now()
    image, _ = repository.images.get_or_create(
        digest=f"sha256:{repository.pk:064}", defaults={"media_type": "m", "pushed": now}
    )
    made, _ = Tag.objects.update_or_create(
        repository=repository, name=tag, defaults={"image": image, "pushed": now}
    )
    after_push(made, changed=changed)


def built(repository: Repository, *tags: str, commit: str = "c0ffee") -> Build:
    """A build that has ended."""
    return Build.objects.create(
        repository=repository,
        kind="branch",
        ref="main",
        commit=commit,
        tags=list(tags),
        dockerfile="Dockerfile",
        context="/",
        cause="push",
        state=Build.State.SUCCESS,
    )


def waiting(repository: Repository) -> list[tuple[str, list[str]]]:
    found = repository.builds.filter(state=Build.State.PENDING).order_by("id")
    return [(each.commit, each.tags) for each in found]


def test_new_base_builds_the_last_commit_of_each_tag_again(repository: Callable[..., Repository]):
    app, base = repository("acme/app"), repository("acme/base")
    links.link(app, base)
    built(app, "latest", commit="0ld")
    built(app, "latest", commit="new")
    built(app, "dev", commit="d3v")
    pushed(base, "1")
    assert sorted(waiting(app)) == [("d3v", ["dev"]), ("new", ["latest"])]
    again = app.builds.filter(state=Build.State.PENDING).first()
    assert again
    assert (again.cause, again.caching) == ("acme/base:1 was pushed", False)
    assert waiting(base) == []


def test_same_image_pushed_again_builds_nothing(repository: Callable[..., Repository]):
    app, base = repository("acme/app"), repository("acme/base")
    links.link(app, base)
    built(app, "latest")
    pushed(base, "1", changed=False)
    assert waiting(app) == []


def test_build_that_waits_already_is_not_queued_twice(repository: Callable[..., Repository]):
    app, base = repository("acme/app"), repository("acme/base")
    links.link(app, base)
    built(app, "latest")
    pushed(base, "1")
    pushed(base, "2")
    assert len(waiting(app)) == 1


@pytest.mark.parametrize("length", [1, 2, 3, 5])
def test_circle_is_refused_and_named(repository: Callable[..., Repository], length: int):
    chain = [repository(f"acme/r{number}") for number in range(length)]
    for upper, lower in pairwise(chain):
        links.link(upper, lower)
    with pytest.raises(ValidationError) as refused:
        links.link(chain[-1], chain[0])
    way = " → ".join([f"acme/r{length - 1}", *(str(each) for each in chain)])
    assert way in refused.value.messages[0]
    assert not chain[-1].links.exists()


def test_diamond_is_no_circle(repository: Callable[..., Repository]):
    top, left, right, base = (
        repository(f"acme/{name}") for name in ("top", "left", "right", "base")
    )
    for upper, lower in ((top, left), (top, right), (left, base), (right, base)):
        links.link(upper, lower)
    assert top.links.count() == 2


def test_full_queue_refuses(repository: Callable[..., Repository]):
    app = repository("acme/app")
    first = built(app, "latest")
    for number in range(builds.LONGEST_QUEUE):
        assert builds.retry(built(app, f"t{number}"), cause="again")
    assert builds.retry(first, cause="again") is None
