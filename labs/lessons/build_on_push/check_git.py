"""git as a check uses it: in node 1, in a folder of its own that is removed, with the lesson's account."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from labs.lessons.build_on_push.hub_builds import ADA, SPACE
from labs.lessons.build_on_push.node_git import NodeGit
from labs.playground import Node

_FOLDER = "/srv/course-check"


class CheckGit:
    """A working folder for a git repository of the hub; `with` removes it.

    Args:
        node: Where git runs.
        repository: Of acme, without `.git`.
    """

    def __init__(self, node: Node, repository: str) -> None:
        self._git = NodeGit(node, ADA, work=_FOLDER)
        self._name = repository
        self.url = self._git.with_login(f"https://hub.lab/git/{SPACE}/{repository}.git")

    def __enter__(self) -> Self:
        self._git.remove(self._name)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._git.remove(self._name)

    def __call__(self, *words: str) -> str:
        """Run git; return what it says.

        Raises:
            ContainerError: It failed; the message ends with git's.
        """
        return self._git.run(self._name, *words)

    def push(self, files: dict[str, str], message: str, *refs: str) -> None:
        """Write files, commit them and push to the hub."""
        self._git.commit(self._name, files, message, ("--force", self.url, *refs))
