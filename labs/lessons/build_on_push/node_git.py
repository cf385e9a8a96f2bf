"""git in a node: each command is run in a container of `alpine/git`, in a folder below `/srv/git` of the node."""

from __future__ import annotations

import re

from labs.playground import Node

WORK = "/srv/git"
_TRUSTED = "/etc/docker/certs.d/hub.lab:/hub.lab:ro"


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
        said = self.run(name, *words)
        for line in re.findall(r"^remote: .*\S", said, re.MULTILINE):
            print(line)
        return said

    def run(self, name: str, *words: str) -> str:
        """The same without printing."""
        author, _ = self._account
        who = {
            "GIT_AUTHOR_NAME": author,
            "GIT_COMMITTER_NAME": author,
            "EMAIL": f"{author}@hub.lab",
        }
        said: bytes = self._node.docker.containers.run(
            "alpine/git",
            list(words),
            environment={**who, "GIT_SSL_CAINFO": "/hub.lab/ca.crt"},
            network_mode="host",
            volumes=[f"{self._work}/{name}:/git", _TRUSTED],
            stderr=True,
            remove=True,
        )
        return said.decode(errors="replace")

    def start(self, name: str, url: str) -> None:
        """An empty folder whose `origin` is a git repository of the hub, where of all names `main` alone is left."""
        self.remove(name)
        self.run(name, "init", "--quiet")
        self.run(name, "remote", "add", "origin", self.with_login(url))
        refs = re.findall(r"\t(refs/\S+)", self.run(name, "ls-remote", "--refs", "origin"))
        # main is the branch that HEAD names: git deletes that one on no server. A push with --force replaces it.
        if old := [each for each in refs if each != "refs/heads/main"]:
            self.run(name, "push", "--quiet", "origin", "--delete", *old)

    def with_login(self, url: str) -> str:
        """The URL with name and password, since a container has no one to type them."""
        return url.replace("://", "://{}:{}@".format(*self._account))

    def commit(self, name: str, files: dict[str, str], message: str) -> None:
        """Write files and commit them, or nothing."""
        for path, text in files.items():
            self._node.write_file(f"{self._work}/{name}/{path}", text)
        self.run(name, "add", "--all")
        self.run(name, "commit", "--quiet", "--allow-empty", "--message", message)

    def push(self, name: str, files: dict[str, str], message: str) -> None:
        """Write files, commit, and push the branch: `git add --all`, `git commit`, `git push --force`."""
        self.commit(name, files, message)
        self(name, "push", "--force", "origin", "HEAD")

    def remove(self, name: str) -> None:
        """Remove the folder."""
        self._node.exec(["rm", "-rf", f"{self._work}/{name}"])
