"""Checks of lesson 10: the pull through a registry that redirects, the secret that no command shows, the repair.

The move of a registry, 10.7, is in `moved_archive`.
"""

from __future__ import annotations

import base64
import json
import re

import httpx
from docker.models.containers import Container

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import (
    named,
    no_registry,
    on_port,
    setting,
    settings_of,
    tags_of,
    wrong_image,
)
from labs.lessons.store_it_elsewhere import broken_depot
from labs.lessons.store_it_elsewhere.stored_blobs import (
    client_of,
    fetch_from,
    place_in_store,
    redirect_of,
)
from labs.playground import Node, Playground
from labs.registry import Manifest, RegistryClient

REPOSITORY, TAG = "hello-world", "latest"
IMAGE = f"{REPOSITORY}:{TAG}"
HIDDEN_PORT, HIDDEN_NAME, HIDDEN_PLACE = 5000, "hidden.store", "registry/hidden"
LESSON_PLACES = ("registry", "swift/files", "swift")
"""Where the lesson's own cells store before exercise 10.3 begins."""
VAULT_PORT = 5001
_LAST_CODE = re.compile(r'err\.detail="\w+: (\w+)')
_REPAIRS = {
    "AuthorizationHeaderMalformed": "the store says which region it expects: REGISTRY_STORAGE_S3_REGION",
    "SignatureDoesNotMatch": "REGISTRY_STORAGE_S3_SECRETKEY signs each request: compare it with lab.store.secret_key",
    "NoSuchBucket": "lab.store.bucket is the name of the one that is there",
}
_LOG_HINT = "ask it for /v2/_catalog: the reason of a 500 is in its log alone"
_HEALTH_HINT = (
    "its health check has failed, and it asks the store for nothing more: restart it, ask for /v2/_catalog at once, "
    "and read its log"
)
_ROOT_HINT = "what was pushed is below a root directory: REGISTRY_STORAGE_S3_ROOTDIRECTORY"


def reaches_blobs(playground: Playground, _answers: Answers) -> Finding:
    """Node 1 gets every blob of hello-world from the registry on port 5000, whose data are still in the store."""
    node, todo = playground.node(1), f"let node 1 pull {REPOSITORY} from port {HIDDEN_PORT}"
    if missing := no_registry(node, HIDDEN_PORT):
        return missing
    container = on_port(node, HIDDEN_PORT)
    if container is None:
        return not_attempted(todo)
    place = place_in_store(playground, container, HIDDEN_PORT)
    if place != HIDDEN_PLACE:
        if place in LESSON_PLACES:
            return not_attempted(
                f"the registry on port {HIDDEN_PORT} keeps its data in {place}, wanted {HIDDEN_PLACE}: "
                f"run the cell with {HIDDEN_NAME} if you have not; then {todo}"
            )
        return _elsewhere(HIDDEN_PORT, place, HIDDEN_PLACE)
    tags = tags_of(RegistryClient(node.url(HIDDEN_PORT)), REPOSITORY)
    if TAG not in tags:
        return not_yet(f"the registry on port {HIDDEN_PORT} has no {IMAGE}", hint=_ROOT_HINT)
    if sent_to := _unreachable(node):
        if _is_as_left(container):
            return not_attempted(todo)
        return not_yet(
            f"the registry on port {HIDDEN_PORT} sends clients to {sent_to}, and node 1 gets nothing there",
            hint="either it sends the bytes itself, REGISTRY_STORAGE_REDIRECT_DISABLE=true, "
            "or the node reaches the store by the name that it is sent to",
        )
    with client_of(node, HIDDEN_PORT) as registry:
        return wrong_image(playground, registry, REPOSITORY, TAG, image=IMAGE) or passed()


def _unreachable(node: Node) -> str:
    """Host and port that the registry sends clients to for a blob, where the node gets none; else empty."""
    found = RegistryClient(node.url(HIDDEN_PORT)).manifest(REPOSITORY, TAG)
    blobs = found.layers if isinstance(found, Manifest) else ()
    for blob in blobs:
        location = redirect_of(node, HIDDEN_PORT, REPOSITORY, blob.digest)
        if location and fetch_from(node, location)[0] != 200:
            return httpx.URL(location).netloc.decode()
    return ""


def _is_as_left(container: Container) -> bool:
    """Whether a registry has the settings of the lesson's own cell, which names nothing of a redirect."""
    names = settings_of(container)
    endpoint = names.get("REGISTRY_STORAGE_S3_REGIONENDPOINT", "")
    return HIDDEN_NAME in endpoint and not any("REDIRECT" in name for name in names)


def _elsewhere(port: int, place: str, wanted: str) -> Finding:
    if place:
        return not_yet(
            f"the registry on port {port} writes to {place} of the store, wanted {wanted}",
            hint=_ROOT_HINT,
        )
    return not_yet(
        f"what is pushed to port {port} does not arrive in the store, wanted it in {wanted}",
        hint="REGISTRY_STORAGE=s3, with the endpoint, region, bucket and keys of lab.store",
    )


def hides_secret(playground: Playground, _answers: Answers) -> Finding:
    """The registry on port 5001 keeps hello-world in the store, and `docker inspect` does not show its secret."""
    node, secret = playground.node(1), playground.store.secret_key
    missing = no_registry(node, VAULT_PORT)
    container = on_port(node, VAULT_PORT)
    if missing:
        return (_without_keys(container) if container else None) or missing
    if container is None:
        return not_attempted(
            f"run a registry on port {VAULT_PORT} that keeps its data in the store"
        )
    if shown := _shown_in(container, secret):
        return not_yet(
            f"docker inspect shows the secret of {named(container)}, in {shown}",
            hint="put the settings into a file of the node, and mount that: volumes=[…]",
        )
    if _is_own_image(node, container):
        return not_yet(
            f"{named(container)} is made from an image of your own, wanted registry:2",
            hint="a file in an image goes to everyone who gets the image: mount the file instead",
        )
    if misplaced := _without_root(playground, container):
        return misplaced
    if open_to_all := _readable(node, container, secret):
        return not_yet(
            f"every user of the node can read the secret in {open_to_all}",
            hint="lab.node().write_file(path, content, mode=0o600)",
        )
    with client_of(node, VAULT_PORT) as registry:
        if TAG not in tags_of(registry, REPOSITORY):
            return not_yet(
                f"the registry on port {VAULT_PORT} has no {IMAGE}",
                hint=f"push 127.0.0.1:{VAULT_PORT}/{IMAGE}",
            )
        return wrong_image(playground, registry, REPOSITORY, TAG, image=IMAGE) or passed()


def _without_root(playground: Playground, container: Container) -> Finding | None:
    """None if what is pushed arrives in the store, below a root directory."""
    place = place_in_store(playground, container, VAULT_PORT)
    if not place:
        return not_yet(
            f"what is pushed to port {VAULT_PORT} does not arrive in the store",
            hint="a configuration file replaces the one in the image: /etc/docker/registry/config.yml",
        )
    if "/" not in place:
        return not_yet(
            f"the registry on port {VAULT_PORT} writes to the top of {place} in the store, wanted a root directory",
            hint="rootdirectory below s3 in the file, or REGISTRY_STORAGE_S3_ROOTDIRECTORY",
        )
    return None


def _without_keys(container: Container) -> Finding | None:
    """Why a registry answers 500, if its log says that it has no keys."""
    if b"NoCredentialProviders" in container.logs(tail=200):
        return not_yet(
            f"the registry on port {VAULT_PORT} has found no keys for the store",
            hint="REGISTRY_STORAGE=s3 in a variable replaces the section of your file, and its keys: leave it out",
        )
    return None


def _shown_in(container: Container, secret: str) -> str:
    """The part of what the engine tells about a container that has the secret; empty if none has."""
    spellings = (secret, base64.b64encode(secret.encode()).decode().rstrip("="))
    for part in ("Env", "Entrypoint", "Cmd", "Labels"):
        if any(each in json.dumps(container.attrs["Config"].get(part)) for each in spellings):
            return part
    return "its answer" if any(each in json.dumps(container.attrs) for each in spellings) else ""


def _is_own_image(node: Node, container: Container) -> bool:
    known = node.docker.images.list(name="registry:2")
    return bool(known) and container.attrs["Image"] not in [image.id for image in known]


# As a user with no rights of its own: the modes of the folders above count too. The file's name is the last line.
_FIND = r"""
grep -rlF -- "$SECRET" "$SOURCE" 2>/dev/null | while read -r file; do
  setpriv --reuid 65534 --regid 65534 --clear-groups test -r "$file" && echo "$file"
done | sort | head -n 1
"""


def _readable(node: Node, container: Container, secret: str) -> str:
    """A file with the secret that is mounted into the container and that every user of the node can read."""
    for mount in container.attrs["Mounts"]:
        if source := mount.get("Source"):
            words = ["env", f"SECRET={secret}", f"SOURCE={source}", "sh", "-c", _FIND]
            if found := node.exec(words).stdout.strip():
                return found
    return ""


def is_repaired(playground: Playground, _answers: Answers) -> Finding:
    """The registry on port 5002 serves what it had in the store before its settings were wrong."""
    node, port = playground.node(1), broken_depot.PORT
    container = on_port(node, port)
    if container is None:
        return no_registry(node, port) or not_attempted("run the cell with break_depot first")
    wrong = (
        setting(container, "storage", "s3", "region") == broken_depot.REGION,
        setting(container, "storage", "s3", "bucket") == broken_depot.BUCKET,
    )
    if all(wrong):
        return not_attempted(
            f"find out what the registry on port {port} complains of, and repair it"
        )
    if failing := _failing(node, container, port):
        return failing
    if missing := no_registry(node, port):
        return missing
    place = place_in_store(playground, container, port)
    wanted = f"{playground.store.bucket}{broken_depot.ROOT}"
    if place != wanted:
        return _elsewhere(port, place, wanted)
    with client_of(node, port) as registry:
        if TAG not in tags_of(registry, REPOSITORY):
            return not_yet(f"the registry on port {port} has no {IMAGE}", hint=_ROOT_HINT)
        return wrong_image(playground, registry, REPOSITORY, TAG, image=IMAGE) or passed()


def _failing(node: Node, container: Container, port: int) -> Finding | None:
    """Say what the log of a registry that answers with 5xx has as its reason."""
    with httpx.Client(base_url=node.url(port), trust_env=False, timeout=30) as http:
        try:
            status = http.get("/v2/_catalog").status_code
        except httpx.TransportError:  # `no_registry` says why, and waits for one that starts
            return None
    if status < 500:
        return None
    codes = _LAST_CODE.findall(container.logs(tail=200).decode(errors="replace"))
    code = codes[-1] if codes else ""
    says = f"its log says {code}" if code else "its log has no reason"
    return not_yet(
        f"the registry on port {port} answers {status}, and {says}",
        hint=_REPAIRS.get(code, _HEALTH_HINT if status == 503 else _LOG_HINT),
    )
