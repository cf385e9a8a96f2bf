"""Where a registry keeps what is written to its port: asked by an upload that begins, and is cancelled.

A port, a name and an image are signs of a registry. A proxy, a redirected port or a shared folder has them too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from docker.models.containers import Container

from labs.lessons.common.check_http import ask
from labs.lessons.common.container_files import read_file
from labs.lessons.common.data_folder import data_on_node, root_of
from labs.lessons.common.registry_requests import begun_at
from labs.lessons.common.registry_settings import keeps_files
from labs.lessons.common.registry_state import named, registries_of
from labs.playground import Node, ObjectStore

_REPOSITORY = "course-check"
_UPLOADS = f"repositories/{_REPOSITORY}/_uploads"
_ID = re.compile(rf"/v2/{_REPOSITORY}/blobs/uploads/([0-9a-f-]{{36}})(?:\?|$)")
# Removes folders that the upload leaves empty, and no folder with anything in it.
_TIDY = 'cd "$1" && rmdir -p --ignore-fail-on-non-empty "$2"'


class Upload:
    """An upload that has begun, and of which no byte was sent.

    Attributes:
        path: Where it is continued, with the registry's signature.
        id: Its id, also the name of its folder.
    """

    def __init__(self, path: str, id: str) -> None:
        self.path = path
        self.id = id

    def known_at(self, url: str) -> bool:
        """Whether what answers at `url` goes on with it: the same registry, by another way."""
        answer = ask(url + self.path)
        return answer is not None and answer.status_code == 204

    def kept_by(self, container: Container) -> bool:
        """Whether a registry's container has its folder."""
        return (
            read_file(
                container, f"{root_of(container)}/docker/registry/v2/{_UPLOADS}/{self.id}/startedat"
            )
            is not None
        )

    def place_in(self, store: ObjectStore, bucket: str) -> str:
        """Where a bucket has it: the bucket and the registry's folder, `registry/depot`; empty if it has not.

        Raises:
            PlaygroundError: There is no such bucket, or the store does not answer.
        """
        for each in store.objects(bucket):
            before, found, _ = each.name.partition(f"{self.id}/startedat")
            if found:
                folder = before.partition("docker/registry/v2/")[0].strip("/")
                return f"{bucket}/{folder}".rstrip("/")
        return ""


@contextmanager
def upload(node: Node, url: str) -> Iterator[Upload | None]:
    """An upload to a registry; None if it begins none. Afterwards it is cancelled, and no folder of it is left.

    Args:
        node: Where the registry runs.
        url: Its port, as this machine reaches it.
    """
    begun = ask(f"{url}/v2/{_REPOSITORY}/blobs/uploads/", method="POST")
    path = begun_at(begun)
    found = _ID.match(path)
    if not found:
        yield None
        return
    try:
        yield Upload(path, found[1])
    finally:
        ask(url + path, method="DELETE")
        for each in registries_of(node):
            if data := data_on_node(each):
                node.exec(["sh", "-c", _TIDY, "tidy", data, _UPLOADS])


def shares_store(node: Node, container: Container, url: str, *, others: dict[int, str]) -> str:
    """Say how a registry shares its store with another one; empty if what is written to it is in its store alone.

    Args:
        node: Where the containers run.
        container: The one that has the port.
        url: The port, as this machine reaches it.
        others: URLs of other registries, by port.

    Returns:
        An end of "what is written to it …".
    """
    with upload(node, url) as begun:
        if begun is None:
            return "is refused"
        for port, other in others.items():
            if begun.known_at(other):
                return f"arrives at port {port}"
        for each in registries_of(node):
            if each.status == "running" and each.id != container.id and begun.kept_by(each):
                return f"arrives in {named(each)}"
        if keeps_files(container) and not begun.kept_by(container):
            return f"does not arrive in {named(container)}"
        return ""
