"""What the capstone's notebook begins with: a service with its files, in one call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from docker.types import SecretReference, ServiceMode

if TYPE_CHECKING:
    from labs.lesson import Lab


def serve(
    lab: Lab,
    name: str,
    image: str,
    *command: str,
    files: Mapping[str, str | bytes] | None = None,
    replicas: int = 1,
    **options: Any,
) -> None:
    """Run a service; one of that name is removed first, with the edges of its ports.

    Args:
        lab: The lesson's.
        name: Of the service.
        image: What its tasks run.
        command: Arguments of the image's program.
        files: What its tasks find at which path. The swarm keeps each as a secret.
        replicas: How many tasks.
        options: As for `docker.services.create`: `networks`, `mounts`, `constraints`, `restart_policy`.
    """
    lab.swarm.remove(name)
    secrets = [_secret(lab, path, content) for path, content in (files or {}).items()]
    mode = ServiceMode("replicated", replicas)
    given = {"args": list(command)} if command else {}
    lab.docker.services.create(image, name=name, mode=mode, secrets=secrets, **given, **options)


def _secret(lab: Lab, path: str, content: str | bytes) -> SecretReference:
    """The secret with that content: one cannot be changed, so its name has a digest of the content."""
    data = content.encode() if isinstance(content, str) else content
    label = f"{path.rpartition('/')[2]}-{hashlib.sha256(data).hexdigest()[:8]}"
    found = lab.docker.secrets.list(filters={"name": label})
    kept = found[0] if found else lab.docker.secrets.create(name=label, data=data)
    return SecretReference(str(kept.id), label, filename=path)
