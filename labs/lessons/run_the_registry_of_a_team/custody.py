"""The check of 60.2: what is pushed is in the store, no key or password can be read, and a full store loses nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import suppress

import httpx

from labs.lesson import Answers, Finding, not_yet, passed
from labs.lessons.common import by_hand
from labs.lessons.run_the_registry_of_a_team.door import (
    READER,
    TRIES,
    WRITER,
    client,
    http,
    not_open,
)
from labs.lessons.run_the_registry_of_a_team.trial_image import (
    Trial,
    new_image,
    pushed,
    why_refused,
)
from labs.playground import Playground
from labs.registry import RegistryError
from labs.waiting import WaitTimeout, wait_until

_AGAIN_S = 60.0


def in_the_store(playground: Playground, _answers: Answers) -> Finding:
    """The store has every blob that is pushed, nothing shows a secret, and a full store takes and loses nothing."""
    if closed := not_open(playground):
        return closed
    try:
        with pushed(playground.node(1), f"{TRIES}/stored") as trial:
            return (
                _elsewhere(playground, trial)
                or _shown(playground)
                or _while_full(playground, trial)
                or passed()
            )
    except httpx.HTTPError as error:
        return why_refused(error)


def _elsewhere(playground: Playground, trial: Trial) -> Finding | None:
    """Return None if each blob of a new image is an object of the store; otherwise how many are not."""
    store = playground.store
    stored = " ".join(each.name for each in store.objects())
    lost = [digest for digest in trial.digests if digest.partition(":")[2] not in stored]
    if not lost:
        return None
    return not_yet(
        f"of {len(trial.digests)} blobs that were pushed, the bucket {store.bucket} of the store "
        f"has {len(trial.digests) - len(lost)}",
        hint="lesson 12: storage: s3, with regionendpoint, region, bucket and the two keys",
    )


def _shown(playground: Playground) -> Finding | None:
    """Return None if nothing that an engine tells about services, configs and containers is a secret."""
    kept = {
        "the secret key of the store": playground.store.secret_key,
        f"the password of {READER[0]}": READER[1],
        f"the password of {WRITER[0]}": WRITER[1],
        "a private key": "PRIVATE KEY-----",
        "a hash of a password": "$2y$",
        "a hash of a password ": "$2b$",
    }
    for where, text in _told(playground):
        for what, secret in kept.items():
            if secret in text:
                return not_yet(
                    f"{where} shows {what.strip()} to all who may ask an engine",
                    hint="lesson 8: what is not to be seen is kept as a secret, and read from a file",
                )
    return None


def _told(playground: Playground) -> Iterator[tuple[str, str]]:
    """What engines tell, each with a name: services, configs, containers that belong to no service."""
    docker = playground.swarm.reach().docker
    for service in sorted(docker.services.list(), key=lambda each: str(each.name)):
        yield f"docker service inspect {service.name}", json.dumps(service.attrs)
    for config in sorted(docker.configs.list(), key=lambda each: str(each.name)):
        data = base64.b64decode(config.attrs["Spec"].get("Data", "")).decode(errors="replace")
        yield f"docker config inspect {config.name}", data
    for node in playground.nodes:
        for each in node.docker.containers.list(all=True, ignore_removed=True):
            # A task's container repeats what its service says; its name differs in each run.
            if "com.docker.swarm.task.id" not in each.labels:
                yield f"docker container inspect on {node.name}", json.dumps(each.attrs)


def _while_full(playground: Playground, trial: Trial) -> Finding | None:
    """Return None if a full store refuses pushes, gives what it has, and takes pushes when it has room again."""
    node, other = playground.node(1), playground.node(2)
    with http(node) as writer:
        with playground.store.full():
            refused = _push(writer, "full")
            missing = trial.lacks(other, patience_s=_AGAIN_S)
        if not refused:
            return not_yet(
                "the store is full, and a push is acknowledged",
                hint="where did it go? Each task of the registry has to write to the store alone",
            )
        if missing:
            return not_yet(
                f"while the store is full, an image that it has cannot be pulled: {missing}"
            )
        try:
            wait_until(lambda: not _push(writer, "room"), "a push", timeout_s=_AGAIN_S)
        except WaitTimeout:
            return not_yet(
                "the store was full and has room again, and no push is accepted",
                hint="what would have to be done by hand then?",
            )
        finally:
            _remove(playground, "room")
    return None


def _push(writer: httpx.Client, tag: str) -> bool:
    """Push a new image; whether it is refused."""
    try:
        by_hand.push(writer, f"{TRIES}/stored", tag, new_image())
    except httpx.HTTPError:
        return True
    return False


def _remove(playground: Playground, tag: str) -> None:
    with client(playground.node(1), WRITER) as registry, suppress(RegistryError):
        registry.delete(f"{TRIES}/stored", registry.head(f"{TRIES}/stored", tag).digest)
