"""Tells early what stops the tasks of a service that does not come up, while somebody waits for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from docker.errors import APIError, DockerException
from requests.exceptions import RequestException

from labs.playground.node_errors import PlaygroundError
from labs.playground.swarm.obstacles import NO_IMAGE, obstacles, reasons
from labs.playground.swarm.state import TaskState
from labs.waiting import WaitTimeout

LOOK_AFTER_S = 4.0  # a task that can start has mostly done so
TELL_AT = 8
"""At which look in a row a reason is told: half a minute, longer than a node that comes back needs."""


class ObstacleWatch:
    """Looks at the tasks of a service from time to time.

    Args:
        service: Its name.
        tasks: All its tasks, as `Swarm.tasks` gives them.
        is_nowhere: Whether the registry of an image answers and has none of that name.
        is_on_a_node: Whether a node has an image itself: the swarm tries until all tasks are there, as lesson 7 shows.
    """

    def __init__(
        self,
        service: str,
        tasks: Callable[[], list[TaskState]],
        is_nowhere: Callable[[str], bool],
        is_on_a_node: Callable[[str], bool] = lambda _image: False,
    ) -> None:
        self._service, self._tasks, self._is_nowhere = service, tasks, is_nowhere
        self._is_on_a_node = is_on_a_node
        self._next = time.monotonic() + LOOK_AFTER_S
        self._looks = 0

    def look(self) -> None:
        """Look if it is time, and tell on stderr, once, what stays.

        Raises:
            WaitTimeout: No task can start: the image is not in its registry.
        """
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + LOOK_AFTER_S
        found = self._obstacles()
        if not found:
            self._looks = 0
            return
        said = "\n".join(reasons(found))
        self._require_image(found, said)
        self._looks += 1
        # A registry that moves to another node refuses for a moment, and the swarm tries again.
        if self._looks == TELL_AT:
            print(f"waiting for {self._service}, whose tasks report:\n{said}", file=sys.stderr)

    def _obstacles(self) -> list[TaskState]:
        try:
            return [
                task
                for task in obstacles(self._tasks())
                if NO_IMAGE not in task.error or not self._is_on_a_node(task.image)
            ]
        except (DockerException, RequestException, PlaygroundError):
            return []  # no manager answers now; what waits for the service says so in the end

    def _asked(self, image: str) -> bool:
        try:
            return self._is_nowhere(image)
        except (DockerException, RequestException, PlaygroundError):
            return False

    def _require_image(self, found: list[TaskState], said: str) -> None:
        missing = {task.image for task in found if NO_IMAGE in task.error}
        for image in sorted(missing):
            if self._asked(image):
                raise WaitTimeout(
                    f"no task of {self._service} can start: {image} is not in its registry\n{said}",
                    hint=f'push it first: lab.push("{image.partition("@")[0]}")',
                )


def is_nowhere(api: Any, image: str) -> bool:
    """Whether the registry of an image answers, and has none of that name.

    Args:
        api: Of a node that reaches the registry.
        image: As a service names it.
    """
    try:
        api.inspect_distribution(image)
    except APIError as error:
        # Engines report it with other statuses too, in the registry's words: `manifest unknown`, `name unknown`.
        return error.status_code == 404 or "unknown: " in str(error.explanation)
    return False


def has_image(api: Any, image: str) -> bool:
    """Whether an engine has an image; False where it does not say."""
    try:
        api.inspect_image(image)
    except (DockerException, RequestException):
        return False
    return True
