"""A playground made for one submission, and removed after it: no node is ever handed on to another student."""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from docker.errors import DockerException
from requests.exceptions import RequestException

from labs import course
from labs.engine import Engine
from labs.grading.records import GradingError
from labs.playground import Node, Plan, Playground
from labs.playground.certs import ClientFiles
from labs.playground.labels import Names

if TYPE_CHECKING:
    from labs.lesson import Lesson


class Place:
    """The playground of one submission, and what finds it again from another process.

    Args:
        engine: The host's.
        lesson: Whose playground it is.
        label: What tells it from those of other submissions.
    """

    def __init__(self, engine: Engine, lesson: Lesson, label: str) -> None:
        self._engine, self.slug = engine, lesson.slug
        self._label = label
        self._plan = Plan(lesson.ports, lesson.nodes, lesson.managers, lesson.workers)
        self._playground = playground_of(engine, lesson, label)
        self.ports, self.managers = lesson.ports, lesson.managers
        try:
            self._playground.open()
        except BaseException:
            with suppress(Exception):
                self.close()
            raise

    @property
    def nodes(self) -> list[Node]:
        """Its nodes."""
        return self._playground.nodes

    def trust(self) -> ssl.SSLContext:
        """For a connection to the engine of one of its nodes."""
        files = ClientFiles(
            course.state_folder() / "playgrounds" / self._names.slug / "certs"
        ).folder
        context = ssl.create_default_context(cafile=str(files / "ca.pem"))
        context.load_cert_chain(files / "cert.pem", files / "key.pem")
        return context

    def reset(self) -> None:
        """Make it anew."""
        self._playground.reset()

    def close(self) -> None:
        """Remove it, and look that nothing is left of it.

        Raises:
            GradingError: Something is.
        """
        self._playground.close()
        left = self._left()
        if left:
            raise GradingError(
                f"a playground was not removed: {', '.join(left)} is still there",
                hint="`labs reset` removes all playgrounds of this course",
            )

    def _left(self) -> list[str]:
        client, filters = self._engine.client, self._names.filters
        try:
            found: list[Any] = client.containers.list(
                all=True, filters=filters, ignore_removed=True
            )
            found += [*client.volumes.list(filters=filters), *client.networks.list(filters=filters)]
        except (DockerException, RequestException) as error:
            raise GradingError(f"the engine does not answer: {error}") from error
        return [str(each.name) for each in found]

    @property
    def _names(self) -> Names:
        return names_of(self.slug, self._label)


def names_of(slug: str, label: str) -> Names:
    """The names of the playground that goes by `label`."""
    return Names(course.course_id(), f"{slug}-{label}", str(course.course_root()))


def playground_of(engine: Engine, lesson: Lesson, label: str) -> Playground:
    """A submission's playground, neither made nor looked for yet."""
    plan = Plan(lesson.ports, lesson.nodes, lesson.managers, lesson.workers)
    return Playground(engine, names_of(lesson.slug, label), plan)
