"""Whether an image can be pulled whole: its manifest, those that it lists, and the bytes of every blob."""

from __future__ import annotations

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
        return f"{part} {_answer_of(error)}"
    except InvalidManifest:
        return "its manifest is not one"
    return ""


def _answer_of(error: RegistryError) -> str:
    """What a registry did instead of answering with bytes, without digests and ports."""
    if error.status:
        return f"answers {error.status} {error.code}".strip()
    # Of a blob that its cache knows and its disk has not, it announces the length and sends nothing.
    return "has no bytes: the connection is closed"
