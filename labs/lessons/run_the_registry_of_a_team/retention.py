"""The check of 60.6: which tags of a repository of builds are left when the student's clean-up has run by itself."""

from __future__ import annotations

import secrets
import time
from contextlib import suppress

import httpx

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import by_hand, listed, missing_part
from labs.lessons.run_the_registry_of_a_team.door import (
    READER,
    WRITER,
    client,
    http,
    not_open,
)
from labs.lessons.run_the_registry_of_a_team.trial_image import new_image, send, why_refused
from labs.playground import Node, Playground
from labs.registry import RegistryError
from labs.waiting import WaitTimeout, wait_until

KEPT = 3
PATIENCE_S = 120.0
_SETTLED_S, _PAUSE_S = 15.0, 0.5
_DATE = "2026-{month:02d}-01T09:00:00Z"
# In the order of pushing: months of their dates. The names say nothing of the dates; the oldest is also `stable`.
_MONTHS = {"iris": 6, "aster": 1, "tulip": 2, "dahlia": 5, "rose": 3, "lily": 4}
_SIGNED = ("iris", "aster", "rose")
_WANTED = frozenset(("iris", "dahlia", "lily", "aster", "latest", "stable"))


class AgedBuilds:
    """A repository of builds that a check pushes, and one like it where nothing may be deleted.

    Args:
        node: Through which it is pushed and looked at.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        name = secrets.token_hex(4)
        self.repository, self.other = f"builds/check-{name}", f"apps/check-{name}"
        self.images = {tag: new_image(_DATE.format(month=m)) for tag, m in _MONTHS.items()}
        # Images of its own: a layer that two repositories have is garbage in neither.
        self.elsewhere = {tag: new_image(_DATE.format(month=m)) for tag, m in _MONTHS.items()}
        self.signatures = {tag: new_image() for tag in _SIGNED}

    @property
    def wanted(self) -> set[str]:
        """The tags that have to be left."""
        kept = (self._signature_tag(tag) for tag in _SIGNED if tag in _WANTED)
        return {*_WANTED, *kept}

    def push(self) -> None:
        """Push both repositories. Of what is to stay, the lasting tags come first.

        Raises:
            httpx.HTTPError: A push is refused.
        """
        for tag, document in self.elsewhere.items():
            send(self._node, self.other, tag, document)
        for tag, document in self._ordered():
            send(self._node, self.repository, tag, document)

    def _ordered(self) -> list[tuple[str, by_hand.HandMade]]:
        """Tags in the order of pushing. A signature follows its image, before another image may push that out."""
        order = [("stable", self.images["aster"]), ("latest", self.images["iris"])]
        for tag, document in self.images.items():
            order.append((tag, document))
            if tag in _SIGNED:
                order.append((self._signature_tag(tag), self.signatures[tag]))
        return order

    def tags(self, repository: str) -> set[str]:
        """The tags that a repository has now; none where the registry does not answer."""
        with client(self._node, READER) as registry, suppress(RegistryError):
            return set(registry.tags(repository))
        return set()

    def missing(self, repository: str, tags: set[str]) -> str:
        """The first of some tags that is not whole, with what of it cannot be pulled; empty if all are."""
        with client(self._node, READER) as registry:
            for tag in sorted(tags):
                if found := missing_part(registry, repository, tag):
                    return f"{self.plain(tag)}: {found}"
        return ""

    def remove(self) -> None:
        """Delete all that is left."""
        builds = [*self.images.values(), *self.signatures.values()]
        with http(self._node, WRITER) as writer, suppress(httpx.HTTPError):
            for document in builds:
                writer.delete(f"/v2/{self.repository}/manifests/{document.digest}")
            for document in self.elsewhere.values():
                writer.delete(f"/v2/{self.other}/manifests/{document.digest}")

    def plain(self, tag: str) -> str:
        """A tag as a message names it: digests differ in each run."""
        for name in _SIGNED:
            if tag == self._signature_tag(name):
                return f"the signature of {name}"
        return tag

    def _signature_tag(self, tag: str) -> str:
        return by_hand.signature_tag(self.images[tag].digest)


def keeps_three(playground: Playground, _answers: Answers) -> Finding:
    """Two minutes later the three newest images, stable and their signatures are left, and nothing else."""
    if closed := not_open(playground):
        return closed
    builds = AgedBuilds(playground.node(1))
    try:
        builds.push()
        return _tags(builds) or _whole(builds) or passed()
    except httpx.HTTPError as error:
        return why_refused(error)
    finally:
        builds.remove()


def _tags(builds: AgedBuilds) -> Finding | None:
    """Return None if exactly the tags are left that should be; otherwise which are too many or too few."""
    first: set[str] = builds.tags(builds.repository)
    seen = set(first)

    def done() -> bool:
        # An empty answer is a registry that does not answer now, or that lost everything: looked at in the end.
        seen.clear()
        seen.update(builds.tags(builds.repository))
        return bool(seen and not seen >= builds.wanted) or seen == builds.wanted

    with suppress(WaitTimeout):
        wait_until(done, "the clean-up", timeout_s=PATIENCE_S, interval_s=0.5)
    if seen != builds.wanted:
        # What deletes too much is in the middle of it.
        seen = _settled(builds)
    if gone := builds.wanted - seen:
        names = listed(builds.plain(tag) for tag in gone)
        return not_yet(
            f"the clean-up deleted {names}, which had to stay",
            hint="the three newest by the date `created`, what stable stands for, and their signatures",
        )
    if more := seen - builds.wanted:
        if more == first - builds.wanted:
            return not_attempted(f"keep {KEPT} builds, by a job that runs by itself")
        names = listed(builds.plain(tag) for tag in more)
        return not_yet(
            f"after {PATIENCE_S:g} s {names} are still there, and had to go",
            hint="two tags of one image are one image; a signature goes with its image",
        )
    return None


def _settled(builds: AgedBuilds) -> set[str]:
    """The tags, as soon as they are the same for some seconds."""
    seen, since = builds.tags(builds.repository), time.monotonic()
    end = since + PATIENCE_S
    while time.monotonic() < min(since + _SETTLED_S, end):
        time.sleep(_PAUSE_S)
        now = builds.tags(builds.repository)
        if now != seen:
            seen, since = now, time.monotonic()
    return seen


def _whole(builds: AgedBuilds) -> Finding | None:
    if missing := builds.missing(builds.repository, builds.wanted):
        return not_yet(
            f"after the clean-up, of what is left {missing}",
            hint="a tag and a signature may share layers with what goes",
        )
    if builds.missing(builds.other, set(builds.elsewhere)):
        return not_yet(
            "the clean-up is for builds/… alone, and it deleted tags of a repository of apps/…",
            hint="which repositories does it go through?",
        )
    return None
