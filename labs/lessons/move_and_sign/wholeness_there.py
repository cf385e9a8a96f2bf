"""Whether all that belongs to a tag can be read: what an index lists, configs, layers, each with its digest."""

from __future__ import annotations

from labs.registry import Index, InvalidManifest, RegistryClient, RegistryError


def broken_part(registry: RegistryClient, repository: str, reference: str) -> str:
    """Say what of an image cannot be read; empty if it is whole."""
    part = "its manifest"
    try:
        found = registry.manifest(repository, reference)
        if isinstance(found, Index):
            for each in found.manifests:
                if broken := broken_part(registry, repository, each.digest):
                    return f"of what it lists, {broken.replace('its', 'a', 1)}"
            return ""
        part = "its config"
        registry.blob(repository, found.config.digest)
        part = "its layer"
        for layer in found.layers:
            registry.blob(repository, layer.digest)
    except RegistryError as error:
        return f"{part} answers {error.status} {error.code}".strip()
    except InvalidManifest:
        return "its manifest is not one"
    return ""
