"""The log of a container's last run. An engine keeps the logs of all runs in one: what a server wrote when it started
is still there after it was killed and started again.
"""

from __future__ import annotations

from datetime import datetime

from docker.models.containers import Container

# As an engine writes the time of what has not happened.
_NEVER = "0001-01-01"


def log_of_last_run(container: Container) -> bytes:
    """Return what a container wrote since it was last started, both streams.

    Raises:
        docker.errors.APIError: It is gone, or the engine does not answer.
    """
    container.reload()
    # The end of the run before, since the first lines may be older than the start that the engine notes.
    ended = container.attrs["State"]["FinishedAt"]
    if not container.attrs["State"]["Running"] or ended.startswith(_NEVER):
        return bytes(container.logs())
    return bytes(container.logs(since=seconds_of(ended)))


def seconds_of(time: str) -> float:
    """Seconds since 1970 of a time as an engine writes it, `2026-11-23T13:13:38.148282642Z`.

    Engines write UTC and up to nine digits of a fraction; Python's dates hold six.
    """
    seconds, _, fraction = time.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{seconds}.{fraction[:6]:0<6}+00:00").timestamp()
