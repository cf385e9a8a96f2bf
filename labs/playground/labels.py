"""Names and labels of all that a playground creates on the host's engine, so that exactly that can be removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# Reverse DNS, as Docker recommends for labels, so that no other program uses them.
COURSE = "org.registry-course"
LESSON = "org.registry-course.lesson"
NODE = "org.registry-course.node"
SPEC = "org.registry-course.plan"
FOLDER = "org.registry-course.folder"

Filters = dict[str, str | list[str] | bool]
"""What the SDK's `list` calls take."""

Say = Callable[[str], None]
"""Receives progress: what is created or repaired, one line each."""


def quiet(_: str) -> None:
    """Discard progress."""


@dataclass(frozen=True)
class Names:
    """Names and labels of one playground.

    Attributes:
        course: Id of the course folder, 8 hex digits.
        slug: The lesson's slug.
        folder: The course folder, so that objects of a deleted folder can be attributed to it.
        cgroup: The parent cgroup of its containers; empty for the engine's own.
    """

    course: str
    slug: str
    folder: str = ""
    cgroup: str = ""

    @property
    def network(self) -> str:
        """The playground's private network."""
        return f"labs-{self.course}-{self.slug}"

    @property
    def mirror(self) -> str:
        """The container that serves images instead of Docker Hub."""
        return f"{self.network}-mirror"

    @property
    def store(self) -> str:
        """The container with the object store, for registries to keep their data in."""
        return f"{self.network}-store"

    @property
    def hub(self) -> str:
        """The container with the hub."""
        return f"{self.network}-hub"

    def node(self, index: int) -> str:
        """The container of node `index`; its volume has the same name."""
        return f"{self.network}-node{index}"

    def labels(self, *, node: str = "", spec: str = "") -> dict[str, str]:
        """Labels of one object."""
        labels = {COURSE: self.course, LESSON: self.slug}
        if self.folder:
            labels[FOLDER] = self.folder
        if node:
            labels[NODE] = node
        if spec:
            labels[SPEC] = spec
        return labels

    @property
    def filters(self) -> Filters:
        """Filters that match this playground's objects and no others."""
        # Both labels: several course folders, and several lessons of one, share an engine. Removal goes by these
        # filters.
        return {"label": [f"{COURSE}={self.course}", f"{LESSON}={self.slug}"]}


def course_filters(course: str) -> Filters:
    """Return filters that match all objects of one course folder."""
    return {"label": [f"{COURSE}={course}"]}
