"""A source of a hub in tests: its repository with rules, a clone, pushes, and what became of builds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from labs.playground import Playground
from labs.waiting import wait_until
from tests.playground.hub_accounts import PASSWORDS, Person, git, log_in, post

UNFINISHED = ("pending", "in progress")
RULE = {"dockerfile": "Dockerfile", "context": "/", "autobuild": "on", "caching": "on"}


@contextmanager
def browser(playground: Playground, name: str = "") -> Iterator[httpx.Client]:
    """Someone's browser. Made for each use: a hub that was killed comes back at another port."""
    url = playground.hub.url
    with httpx.Client(base_url=url, trust_env=False, follow_redirects=True, timeout=60) as made:
        if name:
            log_in(made, name)
        yield made


class Work:
    """A clone of the source of one repository.

    Args:
        playground: Whose hub.
        path: The repository, which is made: `acme/app`.
        folder: Where the clone is; empty or missing.
        owner: Whose.
        private: Whether the repository is.
    """

    def __init__(
        self,
        playground: Playground,
        path: str,
        folder: Path,
        *,
        owner: str = "ada",
        private: bool = False,
    ) -> None:
        self.playground, self.path, self.owner, self.folder = playground, path, owner, folder
        space, _, name = path.partition("/")
        given = {"name": name, "is_private": private}
        api = Person(playground.hub, owner).http
        assert api.post(f"/v2/namespaces/{space}/repositories", json=given).status_code in (
            201,
            409,
        )
        self.change("source", name=name)
        folder.mkdir(exist_ok=True)
        git(folder, "init", "-q", "-b", "main")

    @property
    def remote(self) -> str:
        """The address for git, with a password."""
        login = f"http://{self.owner}:{PASSWORDS[self.owner]}@"
        return self.playground.hub.url.replace("http://", login) + f"/git/{self.path}.git"

    def change(self, what: str, /, **given: str) -> str:
        """Add or take something on the page of automation; return the page after it."""
        page = f"/{self.path}/-/automation"
        with browser(self.playground, self.owner) as client:
            return post(client, f"{page}/{what}", at=page, **given).text

    def rule(
        self, source: str = "main", tag: str = "latest", kind: str = "branch", **more: str
    ) -> str:
        """Add a build rule."""
        return self.change("rule", kind=kind, source=source, tag=tag, **{**RULE, **more})

    def commit(self, files: dict[str, str], message: str = "change") -> None:
        """Write files and commit them."""
        for name, content in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(content)
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "--allow-empty", "-m", message)

    def push(self, *refs: str) -> list[str]:
        """Push; return the numbers of the builds that it queued."""
        said = git(self.folder, "push", "-f", self.remote, *(refs or ("main",)))
        return re.findall(r"remote: hub: build (\d+) queued", said)

    def build(self, files: dict[str, str], message: str = "change") -> dict[str, Any]:
        """Commit, push and wait for the build."""
        self.commit(files, message)
        (number,) = self.push()
        return self.ended(number)

    def state(self, number: str) -> dict[str, Any]:
        """State and log of a build now."""
        with browser(self.playground, self.owner) as client:
            return dict(client.get(f"/{self.path}/-/builds/{number}/log").json())

    def ended(self, number: str, timeout_s: float = 150) -> dict[str, Any]:
        """State and log of a build after its end."""
        with browser(self.playground, self.owner) as client:

            def log() -> dict[str, Any]:
                return dict(client.get(f"/{self.path}/-/builds/{number}/log").json())

            what = f"build {number} of {self.path}"
            wait_until(lambda: log()["state"] not in UNFINISHED, what, timeout_s=timeout_s)
            return log()

    def running(self, number: str, text: str) -> None:
        """Wait until a build's log has a text."""
        what = f"{text!r} in the log of build {number}"
        wait_until(
            lambda: text in self.state(number)["text"],
            what,
            timeout_s=60,
            last_words=lambda: str(self.state(number)),
        )

    def cancel(self, number: str) -> None:
        """Cancel a build."""
        at = f"/{self.path}/-/builds/{number}"
        with browser(self.playground, self.owner) as client:
            post(client, f"{at}/change", at=at, what="cancel")
