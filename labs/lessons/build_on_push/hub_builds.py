"""What the hub knows of a repository of `acme`: its builds, tags, rules, triggers and webhooks, asked by its API."""

from __future__ import annotations

from contextlib import suppress

from docker.errors import APIError

from labs.lessons.common import HubAccount, Record, login_of, read_file
from labs.playground import Playground
from labs.waiting import WaitTimeout, wait_until

SPACE = "acme"
ADA = login_of("ada")
"""The lesson's own account, as its first cell makes it."""

_EVENT_S = 3.0  # for the registry to tell the hub of a push, which takes less than one
_PATIENCE_S = 90.0  # for builds that wait: one takes a second or two, on a busy machine ten


class NothingBuilt(Exception):
    """The lesson's cells have not made what a check looks at."""


class HubBuilds:
    """The hub of a playground, as the lesson's account sees it.

    Raises:
        NodeUnavailable: The hub does not answer.
    """

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._account = HubAccount(playground.hub, ADA[0])
        self.http = self._account.http

    def path(self, repository: str, *parts: str) -> str:
        """The path of a repository, or of something in it."""
        return "/".join([f"/v2/namespaces/{SPACE}/repositories", repository, *parts])

    def listed(self, repository: str, what: str) -> list[Record]:
        """All of one kind that a repository has; `builds`, the newest first.

        Raises:
            NothingBuilt: There is no such repository.
        """
        rows = self._account.rows(self.path(repository, what))
        if rows is None:
            raise NothingBuilt
        return rows

    def builds(self, repository: str, tag: str = "") -> list[Record]:
        """Its builds when none waits or runs any more, without those that were canceled; the newest first.

        Args:
            repository: Without its namespace.
            tag: Only those that make this tag of the image.
        """
        self.settle(repository)
        found = (each for each in self.listed(repository, "builds") if each["state"] != "canceled")
        return [each for each in found if not tag or tag in each["tags"]]

    def settle(self, *repositories: str) -> bool:
        """Wait until no build of these waits or runs; whether that came."""

        def ended() -> bool:
            return all(
                each["ended"] for name in repositories for each in self.listed(name, "builds")
            )

        try:
            return wait_until(ended, "the builds", timeout_s=_PATIENCE_S, interval_s=0.2)
        except WaitTimeout:
            return False

    def tags(self, repository: str) -> dict[str, str]:
        """Its tags, each with its digest."""
        return {each["name"]: each["digest"] for each in self.listed(repository, "tags")}

    def by_hand(self, repository: str, tag: str) -> bool:
        """Whether a tag names another image than the last build of it made: someone has pushed it since."""
        good = (
            each["digest"] for each in self.builds(repository, tag) if each["state"] == "successful"
        )
        made = next(good, None)
        with suppress(WaitTimeout):
            # The hub learns of a build's push, as of any, by an event, which may come after the build has ended.
            wait_until(
                lambda: self.tags(repository).get(tag) in (made, None),
                "the event of the push",
                timeout_s=_EVENT_S,
            )
            return False
        return True

    def details(self, repository: str, build: Record) -> Record:
        """A build with its commit's message and its log, which lists do not have."""
        return dict(self._account.ask(self.path(repository, "builds", str(build["number"]))))

    def log(self, repository: str, build: Record) -> str:
        """The log of a build."""
        return str(self.details(repository, build)["log"])

    def last_line(self, repository: str, build: Record) -> str:
        """The last line of its log."""
        lines = self.log(repository, build).strip().splitlines()
        return lines[-1] if lines else "its log is empty"

    def file(self, repository: str, digest: str, path: str) -> bytes | None:
        """A file of an image as the registry has it; None if the image has no such file, or is not there."""
        engine = self._playground.node(1).docker
        try:
            image = engine.images.pull(
                f"{self._playground.hub.host}/{SPACE}/{repository}", tag=digest
            )
        except APIError as error:
            if error.status_code not in (404, 500):
                raise
            return None
        container = engine.containers.create(image.id, ["true"])
        try:
            return read_file(container, path)
        finally:
            container.remove()
