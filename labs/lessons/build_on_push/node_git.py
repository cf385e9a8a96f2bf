"""git in a node: it runs in a container of `alpine/git`, in a folder below `/srv/git` of the node.

What belongs together is one container, since its start takes longer than what git does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from labs.playground import Node

WORK = "/srv/git"
_TRUSTED = "/etc/docker/certs.d/hub.lab:/hub.lab:ro"
_COMMIT = """[ -d .git ] || git init --quiet
git add --all
git commit --quiet --allow-empty --message "$1"
shift
[ $# = 0 ] || git push "$@"
"""
# main is the branch that HEAD names: git deletes that one on no server. A push with --force replaces it.
_START = """git init --quiet
git remote add origin "$1"
old=$(git ls-remote --refs origin | while read -r _ ref; do
    [ "$ref" = refs/heads/main ] || echo "$ref"
done)
[ -z "$old" ] || git push --quiet origin --delete $old
"""


class NodeGit:
    """git for one person.

    Args:
        node: Where it runs.
        account: Name and password for git repositories of the hub, and the author of commits.
        work: The folder with the working folders.
    """

    def __init__(
        self, node: Node, account: tuple[str, str] = ("ada", "ada-password"), work: str = WORK
    ) -> None:
        self._node = node
        self._account = account
        self._work = work

    def __call__(self, name: str, *words: str) -> str:
        """Run git in the folder of a name, print what the hub says, and return all that git says.

        Raises:
            ContainerError: git failed; the message ends with its words.
        """
        return _told(self.run(name, *words))

    def run(self, name: str, *words: str) -> str:
        """The same without printing."""
        return self._contained(name, list(words), ["git"])

    def start(self, name: str, url: str) -> None:
        """An empty folder whose `origin` is a git repository of the hub, where of all names `main` alone is left."""
        self.remove(name)
        self._contained(name, [_START, "git", self.with_login(url)])

    def with_login(self, url: str) -> str:
        """The URL with name and password, since a container has no one to type them."""
        return url.replace("://", "://{}:{}@".format(*self._account))

    def commit(
        self, name: str, files: dict[str, str], message: str, push: Sequence[str] = ()
    ) -> str:
        """Write files, commit them, or nothing, and push; return what git says.

        Args:
            name: Of the folder, which is made a working folder if it is not one.
            files: Texts by their paths in it.
            message: Of the commit.
            push: Arguments of `git push`; without any, nothing is pushed.
        """
        for path, text in files.items():
            self._node.write_file(f"{self._work}/{name}/{path}", text)
        return self._contained(name, [_COMMIT, "git", message, *push])

    def push(self, name: str, files: dict[str, str], message: str) -> None:
        """Write files, commit, and push the branch: `git add --all`, `git commit`, `git push --force`."""
        _told(self.commit(name, files, message, ("--force", "origin", "HEAD")))

    def remove(self, name: str) -> None:
        """Remove the folder."""
        self._node.exec(["rm", "-rf", f"{self._work}/{name}"])

    def _contained(
        self, name: str, words: list[str], program: Sequence[str] = ("sh", "-ec")
    ) -> str:
        author, _ = self._account
        who = {
            "GIT_AUTHOR_NAME": author,
            "GIT_COMMITTER_NAME": author,
            "EMAIL": f"{author}@hub.lab",
        }
        said: bytes = self._node.docker.containers.run(
            "alpine/git",
            words,
            entrypoint=list(program),
            environment={**who, "GIT_SSL_CAINFO": "/hub.lab/ca.crt"},
            network_mode="host",
            volumes=[f"{self._work}/{name}:/git", _TRUSTED],
            stderr=True,
            remove=True,
        )
        return said.decode(errors="replace")


def _told(said: str) -> str:
    """The same words, after those of the hub are printed."""
    for line in re.findall(r"^remote: .*\S", said, re.MULTILINE):
        print(line)
    return said
