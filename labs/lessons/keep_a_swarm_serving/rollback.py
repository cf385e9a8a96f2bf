"""Tries a bad update: replaces the service's image by a program that exits at once.

Afterwards the service has its own image and its tasks again, whatever the result.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from docker.errors import APIError

from labs.lesson import Finding, not_yet
from labs.playground import NodeUnavailable, Playground, service_spec
from labs.waiting import WaitTimeout, wait_until

BAD = "hello-world:latest"  # prints a few lines and exits; each node pulls it from the mirror, without a login
# States in which an update does not go on by itself.
_ENDED = ("completed", "paused", "rollback_completed", "rollback_paused")
# A task that exits is noticed within the service's own monitoring time, 5 s by default, and tasks are replaced one by
# one.
_TRIED_S = 90.0
_BACK_S = 120.0
_HINTS = {
    "paused": "UpdateConfig(failure_action=…) says what to do when a new task fails; "
    "without it an update pauses",
    "completed": "UpdateConfig(failure_action=…) says what to do when a new task fails, "
    "and max_failure_ratio how many may",
}


def keeps_bad_update(playground: Playground, service: str) -> Finding | None:
    """Return None if the update was rolled back, and the service is what it was; otherwise what is wrong.

    Raises:
        NodeUnavailable: Nothing came of the update, or the service does not come back.
    """
    # Pulled first: a slow pull would look like an update that hangs.
    playground.swarm.pull(BAD)
    before = _read(playground, service)
    with _put_back(playground, before):
        seen = _try(playground, before)
        now = _read(playground, service)
    if seen == "rollback_completed" and _image(now) == _image(before):
        return None
    return not_yet(
        f"an update to a program that ends at once was tried, and its state is {seen}; "
        "wanted rollback_completed",
        hint=_HINTS.get(seen, f'docker.services.get("{service}").attrs["UpdateStatus"] tells more'),
    )


def _read(playground: Playground, service: str) -> service_spec.Raw:
    return service_spec.service(playground.swarm.reach().docker.api, service)


def _image(raw: service_spec.Raw) -> str:
    return str(raw["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"])


def _send(playground: Playground, raw: service_spec.Raw, spec: service_spec.Raw) -> None:
    """Give a service a whole specification; without credentials in the request it keeps those it has."""
    service_spec.rewrite(playground.swarm.reach().docker.api, raw["ID"], lambda _: spec)


def _try(playground: Playground, before: service_spec.Raw) -> str:
    """Update to the bad image, and wait for the update's end.

    Returns:
        Its state, `updating` where it did not end in time.
    """
    # A deep copy: `before` is what the service gets back.
    spec = copy.deepcopy(before["Spec"])
    spec["TaskTemplate"]["ContainerSpec"]["Image"] = BAD
    _send(playground, before, spec)
    state = [""]

    def ended() -> bool:
        now = _read(playground, before["ID"]).get("UpdateStatus") or {}
        state[0] = str(now.get("State", ""))
        # By its start: the status of an earlier update stays until the new one begins.
        return state[0] in _ENDED and now.get("StartedAt") != _started(before)

    with suppress(WaitTimeout):
        wait_until(ended, "the update", timeout_s=_TRIED_S, interval_s=0.3)
        return state[0]
    tasks = playground.swarm.tasks(before["Spec"]["Name"])
    # Without one, the update was not tried by the swarm: a failure of the playground, not a wrong answer.
    if not any(t.image == BAD and t.state in ("complete", "failed", "rejected") for t in tasks):
        raise NodeUnavailable("no task of the update that was tried has come to its end")
    return state[0]


def _started(raw: service_spec.Raw) -> str:
    return str((raw.get("UpdateStatus") or {}).get("StartedAt", ""))


@contextmanager
def _put_back(playground: Playground, before: service_spec.Raw) -> Iterator[None]:
    """Afterwards the service is what it was, and no node keeps the bad image.

    Raises:
        NodeUnavailable: Its tasks do not come back.
    """
    try:
        yield
    finally:
        name = before["Spec"]["Name"]
        if _read(playground, name)["Spec"] != before["Spec"]:
            # At once, whatever the student's settings: they may say to pause, or to wait minutes between tasks.
            _send(playground, before, {**before["Spec"], "UpdateConfig": service_spec.AT_ONCE})
        try:
            playground.swarm.settle(name, timeout_s=_BACK_S)
        except WaitTimeout as error:
            raise NodeUnavailable(f"{name} does not come back: {error.message}") from error
        # The update settings are put back last; this touches no task.
        if _read(playground, name)["Spec"] != before["Spec"]:
            _send(playground, before, before["Spec"])
        for node in playground.nodes:
            # A node may not have it, or still use it: what is left does not change a later verdict.
            with suppress(APIError):
                node.docker.images.remove(BAD, force=True)
