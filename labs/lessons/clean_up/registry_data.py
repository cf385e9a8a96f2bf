"""Where a registry of a node has its data, and whether a blob is in it."""

from __future__ import annotations

from labs.lessons.common import blob_file, data_on_node, on_port
from labs.playground import Node


def is_on_disk(node: Node, data: str, *digests: str) -> bool:
    """Whether the file of a blob is there, or of one of several.

    Args:
        node: Where the registry runs.
        data: The folder with its blobs and repositories, as the node sees it.
        *digests: Of the blobs.
    """
    files = [blob_file(data, digest) for digest in digests]
    any_of = 'for file; do test -f "$file" && exit; done; exit 1'
    return node.exec(["sh", "-c", any_of, "any", *files]).exit_code == 0


def data_of(node: Node, port: int) -> str:
    """The folder of the node with the data of the registry on a port; empty if it is not in a mount, or none runs."""
    container = on_port(node, port)
    return data_on_node(container) if container else ""
