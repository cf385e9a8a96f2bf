"""What a running build takes of the node's disk, which has no quota: measured each second, and ended above a limit."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Any, Self
from urllib.parse import quote

import urllib3
from django.conf import settings

from labs.hub.automation.builds import BuildLog
from labs.hub.automation.engine_client import LARGEST_FILE, EngineRefused, ask

_LOOK_S = 1.0
_END_S = 15
_REFUSED = (EngineRefused, urllib3.exceptions.HTTPError, ValueError)


class BuildDisk:
    """Measures one build from its start to its end, and asks its log to end it.

    Counted is what its containers have written, also to volumes, and what its steps have added to images. One build
    runs at a time, so all containers with the limits of builds and hooks are its own.
    """

    def __init__(self, log: BuildLog) -> None:
        self._log, self._over = log, threading.Event()
        self._before = {each["Id"] for each in _images()}
        self._others: set[str] = set()
        self._is_above = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._is_above:
            self._remove()

    def look(self) -> None:
        """Measure now."""
        used, most = self._used(), settings.BUILD_BYTES
        if used > most and not self._over.is_set():
            self._is_above = True
            mega = f"{used / 1e6:.0f} MB of disk, more than the {most / 1e6:.0f} MB of a build"
            self._log.stop = f"the build has taken {mega}"

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_S):
            with suppress(*_REFUSED):  # the engine is busy, or went away: the build itself says so
                self.look()

    def _used(self) -> int:
        images = _images()
        size = {each["Id"]: each["Size"] for each in images}
        # What was built has a parent here; what was pulled has none, and is not of this build alone.
        made = self._made(images)
        steps: int = sum(each["Size"] - size.get(each["ParentId"], 0) for each in made)
        return steps + sum(map(self._size_of, self._containers()))

    def _made(self, images: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [each for each in images if each["ParentId"] and each["Id"] not in self._before]

    def _containers(self) -> list[str]:
        """Those of the build that run."""
        running = [each["Id"] for each in ask("GET", "/containers/json")]
        return [each for each in running if each not in self._others and self._is_own(each)]

    def _is_own(self, container: str) -> bool:
        with suppress(EngineRefused):  # it has ended meanwhile
            limits = ask("GET", f"/containers/{container}/json")["HostConfig"]["Ulimits"] or []
            if LARGEST_FILE in limits:
                return True
            self._others.add(container)
        return False

    def _size_of(self, container: str) -> int:
        with suppress(EngineRefused):
            found = ask("GET", f"/containers/{container}/json?size=1")
            volumes = [each["Name"] for each in found["Mounts"] if each["Type"] == "volume"]
            return int(found.get("SizeRw") or 0) + (_volume_bytes(volumes) if volumes else 0)
        return 0

    def _remove(self) -> None:
        """Remove what the steps have left: a build that was not above keeps it, as the cache of the next one."""
        until = time.monotonic() + _END_S
        with suppress(*_REFUSED):
            while self._containers() and time.monotonic() < until:
                time.sleep(_LOOK_S / 4)
            # A child is newer than its parent.
            for each in sorted(self._made(_images()), key=lambda each: -each["Created"]):
                with suppress(EngineRefused):  # it went with its child
                    ask("DELETE", f"/images/{quote(each['Id'])}")


def _images() -> list[dict[str, Any]]:
    return list(ask("GET", "/images/json?all=1"))


def _volume_bytes(names: list[str]) -> int:
    found = ask("GET", "/system/df?type=volume")["Volumes"] or []
    return sum(max(0, each["UsageData"]["Size"]) for each in found if each["Name"] in names)
