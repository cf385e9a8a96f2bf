"""The registry of exercise 12.5: it holds an image in the store, and three of its settings are wrong."""

from __future__ import annotations

from labs.lesson import Lab
from labs.lessons.common import in_store

PORT, NAME, ROOT = 5002, "depot", "/depot"
REGION, BUCKET = "eu-nowhere-1", "registri"
REPOSITORY, TAG = "hello-world", "latest"


def break_depot(lab: Lab) -> None:
    """Run the registry with its right settings, push an image, and run it again with wrong ones."""
    right = {**in_store(lab.store), "REGISTRY_STORAGE_S3_ROOTDIRECTORY": ROOT}
    _run(lab, right)
    lab.docker.images.pull(REPOSITORY, tag=TAG).tag(f"127.0.0.1:{PORT}/{REPOSITORY}", tag=TAG)
    lab.push(f"127.0.0.1:{PORT}/{REPOSITORY}:{TAG}")
    # The secret's first half: as if it had been cut off where it was copied.
    half = lab.store.secret_key[: len(lab.store.secret_key) // 2]
    wrong = {"REGION": REGION, "BUCKET": BUCKET, "SECRETKEY": half}
    _run(lab, {**right, **{f"REGISTRY_STORAGE_S3_{key}": value for key, value in wrong.items()}})


def _run(lab: Lab, environment: dict[str, str]) -> None:
    lab.remove(NAME)
    lab.docker.containers.run(
        "registry:2", name=NAME, detach=True, environment=environment, ports={"5000/tcp": PORT}
    )
    lab.wait(PORT)
