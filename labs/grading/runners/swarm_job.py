"""Runs one swarm job: creates the service, follows its log until it has ended or its node is lost, removes it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

from docker.errors import DockerException
from requests.exceptions import RequestException

from labs.errors import LabsError
from labs.grading.models import GradingError, Limits, Stopped
from labs.grading.runners.job_messages import Inbox
from labs.grading.runners.local_runner import SETUP_ALLOWANCE_S
from labs.grading.runners.swarm_api import SwarmApi

Take = Callable[[int, dict[str, Any]], None]
# One request to the manager each time, for every job of the run.
_LOOK_S = 1.0
# The manager may deliver the log of a node some seconds after the end of its task.
_LATE_S = 20.0
_FAILED = ("failed", "rejected", "shutdown", "orphaned", "remove")
# Lines of a log in an error message: the end of a traceback.
_WORDS = 5


class Unfinished(LabsError):
    """A job ended before all of its work was done."""


class SwarmJob:
    """One service.

    Args:
        cluster: Where.
        part: Of its name.
        work: Input of its tasks.
        take: Called from another thread with the number and the result of each submission.
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
        """Run the job as one task.

        Raises:
            Unfinished: Not all of the work was done.
            Stopped: `stopped` returned True.
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
        """Run the job on every node that accepts tasks.

        Raises:
            GradingError: A node did not finish in time.
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
        """Names of nodes whose task has not completed."""
        done = {t["NodeID"] for t in self._cluster.tasks(id) if t["Status"]["State"] == "complete"}
        nodes = self._cluster.open_nodes()
        return [node["Description"]["Hostname"] for node in nodes if node["ID"] not in done]

    def _look(self, id: str) -> None:
        """Check the state of its task.

        Raises:
            Unfinished: It failed, its node was lost, or nothing happened for too long.
        """
        tasks = self._cluster.tasks(id)
        states = [task["Status"]["State"] for task in tasks]
        if states != self._states:
            self._states, self._heard = states, time.monotonic()
        if any(state in _FAILED for state in states):
            self._listen(id)
            time.sleep(_LOOK_S)
            # Its last lines have had a moment to arrive: they say why it failed.
            raise Unfinished(self._told(tasks))
        if "complete" in states:
            self._late(id, tasks)
        elif tasks and tasks[0].get("NodeID") in self._down():
            raise Unfinished(f"its node was lost: {self._told(tasks)}")
        elif time.monotonic() - self._heard > self._patience_s:
            raise Unfinished(f"nothing heard for {self._patience_s:g} s: {self._told(tasks)}")

    def _late(self, id: str, tasks: list[dict[str, Any]]) -> None:
        """Wait for the results of a completed task; reads the log again where some are missing."""
        deadline = time.monotonic() + _LATE_S
        while self._left:
            if time.monotonic() > deadline:
                raise Unfinished(f"its log is not whole: {self._told(tasks)}")
            time.sleep(_LOOK_S)
            if self._left:
                self._listen(id)

    @property
    def _patience_s(self) -> float:
        """How long a job may print nothing, and wait for a free node: as long as its slowest submission."""
        return max(
            (
                Limits(**order["limits"]).most_s + SETUP_ALLOWANCE_S
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
        """Read its log in a thread: an engine that stops answering must not block the run."""

        def listen() -> None:
            while not self._over:
                # A log that breaks off is read again from its start; `_look` finds whether the task
                # still runs.
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
                    # Cut: a program in the task may print a line of any length.
                    self._words.append(line.decode(errors="replace")[:300])
                return
            self._heard = time.monotonic()
            # The log is read more than once, so the same result may come again.
            if found[0] in self._left:
                self._take(*found)
                self._left.discard(found[0])
