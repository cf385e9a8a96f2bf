"""Names and labels of everything a playground makes on the host's engine, so that exactly that can be removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

COURSE = "org.registry-course"
LESSON = "org.registry-course.lesson"
NODE = "org.registry-course.node"
PLAN = "org.registry-course.plan"
FOLDER = "org.registry-course.folder"

Filters = dict[str, str | list[str] | bool]
"""What the SDK's `list` calls take."""

Say = Callable[[str], None]
"""Told what is made or repaired, a line at a time."""


def quiet(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Names:
    """Names and labels of one playground.

    Attributes:
        course: Id of the course folder, 8 hex digits.
        slug: The lesson's slug.
        folder: The course folder, so that what it left can be told when it is gone.
    """

    course: str
    slug: str
    folder: str = ""

    @property
    def network(self) -> str:
        """The playground's private network."""
        return f"labs-{self.course}-{self.slug}"

    @property
    def mirror(self) -> str:
        """The container that stands in for Docker Hub."""
        return f"{self.network}-mirror"

    @property
    def store(self) -> str:
        """The container that keeps the bytes of registries."""
        return f"{self.network}-store"

    def node(self, index: int) -> str:
        """The container of node `index`, and its volume."""
        return f"{self.network}-node{index}"

    def labels(self, *, node: str = "", plan: str = "") -> dict[str, str]:
        """Labels of one object."""
        labels = {COURSE: self.course, LESSON: self.slug}
        if self.folder:
            labels[FOLDER] = self.folder
        if node:
            labels[NODE] = node
        if plan:
            labels[PLAN] = plan
        return labels

    @property
    def filters(self) -> Filters:
        """What finds this playground's objects, and no others."""
        return {"label": [f"{COURSE}={self.course}", f"{LESSON}={self.slug}"]}


def course_filters(course: str) -> Filters:
    """What finds all objects of one course folder."""
    return {"label": [f"{COURSE}={course}"]}
