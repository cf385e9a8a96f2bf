"""One job on a swarm, watched from its manager until it has ended or its node is lost, and removed."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

from docker.errors import DockerException
from requests.exceptions import RequestException

from labs.errors import LabsError
from labs.grading.models import GradingError, Stopped
from labs.grading.runners.job_messages import Inbox
from labs.grading.runners.local_runner import SETUP_ALLOWANCE_S
from labs.grading.runners.swarm_api import SwarmApi

Take = Callable[[int, dict[str, Any]], None]
_LOOK_S = 1.0
_LATE_S = 20.0
_FAILED = ("failed", "rejected", "shutdown", "orphaned", "remove")
_WORDS = 5


class Unfinished(LabsError):
    """A job ended before all of its work was done."""


class SwarmJob:
    """One service.

    Args:
        cluster: Where.
        part: Of its name.
        work: What its tasks are to do.
        take: Called with an order's number and what came of it, perhaps twice, from another thread.
    """

    def __init__(self, cluster: SwarmApi, part: str, work: dict[str, Any], take: Take) -> None:
        self._cluster, self._part, self._work, self._take = cluster, part, work, take
        self._left = {number for number, _ in work.get("orders", ())}
        self._inbox = Inbox()
        self._lock = threading.Lock()
        self._words: list[str] = []
        self._heard = time.monotonic()
        self._states: list[str] = []
        self._over = False

    def run(self, image: str, stopped: Callable[[], bool]) -> None:
        """Have the work done by one task.

        Raises:
            Unfinished: It was not, or not all.
            Stopped: `stopped` said so.
        """
        id = self._cluster.job(self._part, image, self._work)
        try:
            self._listen(id, follow=True)
            while self._left:
                if stopped():
                    raise Stopped
                self._look(id)
                time.sleep(_LOOK_S)
        finally:
            self._over = True
            self._cluster.remove(id)

    def run_everywhere(self, image: str, *, timeout_s: float) -> None:
        """Have the work done on every node that takes tasks.

        Raises:
            GradingError: A node did not.
        """
        id = self._cluster.job(self._part, image, self._work, everywhere=True)
        deadline = time.monotonic() + timeout_s
        try:
            while missing := self._missing(id):
                if time.monotonic() > deadline:
                    raise GradingError(
                        f"look for what is left on {', '.join(missing)}: nothing heard of it",
                        hint="`labs reset` on that machine removes it",
                    )
                time.sleep(_LOOK_S)
        finally:
            self._over = True
            self._cluster.remove(id)

    def _missing(self, id: str) -> list[str]:
        """Names of open nodes whose task has not come to its end."""
        done = {t["NodeID"] for t in self._cluster.tasks(id) if t["Status"]["State"] == "complete"}
        nodes = self._cluster.open_nodes()
        return [node["Description"]["Hostname"] for node in nodes if node["ID"] not in done]

    def _look(self, id: str) -> None:
        """See how its task is.

        Raises:
            Unfinished: It has ended, or will not begin.
        """
        tasks = self._cluster.tasks(id)
        states = [task["Status"]["State"] for task in tasks]
        if states != self._states:
            self._states, self._heard = states, time.monotonic()
        if any(state in _FAILED for state in states):
            self._listen(id)
            time.sleep(_LOOK_S)
            raise Unfinished(self._told(tasks))
        if "complete" in states:
            self._late(id, tasks)
        elif tasks and tasks[0].get("NodeID") in self._down():
            raise Unfinished(f"its node was lost: {self._told(tasks)}")
        elif time.monotonic() - self._heard > self._patience_s:
            raise Unfinished(f"nothing heard for {self._patience_s:g} s: {self._told(tasks)}")

    def _late(self, id: str, tasks: list[dict[str, Any]]) -> None:
        """Its task is done: what it said must come, if need be by asking again."""
        deadline = time.monotonic() + _LATE_S
        while self._left:
            if time.monotonic() > deadline:
                raise Unfinished(f"its log is not whole: {self._told(tasks)}")
            time.sleep(_LOOK_S)
            if self._left:
                self._listen(id)

    @property
    def _patience_s(self) -> float:
        """How long a submission may keep still, and a job wait for a node that is free."""
        return max(
            (
                2 * order["limits"]["whole_s"] + SETUP_ALLOWANCE_S
                for _, order in self._work["orders"]
            ),
            default=SETUP_ALLOWANCE_S,
        )

    def _down(self) -> set[str]:
        nodes = self._cluster.api.nodes()
        return {node["ID"] for node in nodes if node["Status"]["State"] == "down"}

    def _told(self, tasks: list[dict[str, Any]]) -> str:
        said = [f"{t['Status']['State']} {t['Status'].get('Err', '')}".strip() for t in tasks[:1]]
        return "; ".join((*said, *self._words[-_WORDS:])) or "it was never begun"

    def _listen(self, id: str, *, follow: bool = False) -> None:
        """Read its log in a thread: an engine that falls silent must not hold the run."""

        def listen() -> None:
            while not self._over:
                with contextlib.suppress(DockerException, RequestException, OSError):
                    self._read(id, follow=follow)
                if not follow:
                    return
                time.sleep(_LOOK_S)

        threading.Thread(target=listen, name=f"log-{self._part}", daemon=True).start()

    def _read(self, id: str, *, follow: bool) -> None:
        parts = self._cluster.api.service_logs(
            id, follow=follow, stdout=True, stderr=True, is_tty=False
        )
        for part in parts:
            for line in part.splitlines():
                self._heed(line)
            if self._over:
                return

    def _heed(self, line: bytes) -> None:
        with self._lock:
            found = self._inbox.take(line)
            if found is None:
                if line.strip() and not line.startswith(b"labs-said "):
                    self._words.append(line.decode(errors="replace")[:300])
                return
            self._heard = time.monotonic()
            if found[0] in self._left:
                self._take(*found)
                self._left.discard(found[0])
