"""Whether an image can be pulled whole: its manifest, those that it lists, and the bytes of every blob."""

from __future__ import annotations

from labs.lessons.common import blob_file, data_on_node, on_port
from labs.playground import Node
from labs.registry import Index, InvalidManifest, RegistryClient, RegistryError


def missing_part(registry: RegistryClient, repository: str, reference: str) -> str:
    """Say what of an image cannot be pulled; empty if it is whole.

    Returns:
        The beginning of a sentence: "its manifest answers 404 MANIFEST_UNKNOWN".
    """
    part = "its manifest"
    try:
        found = registry.manifest(repository, reference)
        if isinstance(found, Index):
            for each in found.manifests:
                if missing := missing_part(registry, repository, each.digest):
                    return f"of what it lists, {missing.replace('its', 'a', 1)}"
            return ""
        part = "its config"
        registry.blob(repository, found.config.digest)
        part = "its layer"
        for layer in found.layers:
            registry.blob(repository, layer.digest)
    except RegistryError as error:
        return f"{part} {answer_of(error)}"
    except InvalidManifest:
        return "its manifest is not one"
    return ""


def answer_of(error: RegistryError) -> str:
    """What a registry did instead of answering with bytes, without digests and ports."""
    if error.status:
        return f"answers {error.status} {error.code}".strip()
    # Of a blob that its cache knows and its disk has not, it announces the length and sends nothing.
    return "has no bytes: the connection is closed"


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
