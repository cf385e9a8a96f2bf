"""Checks of lesson 12: the pull through a registry that redirects, and the repair.

The secret, 12.6, is in `hidden_secret`, and the move of a registry, 12.7, in `moved_archive`.
"""

from __future__ import annotations

import re

import httpx
from docker.models.containers import Container

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import (
    no_registry,
    on_port,
    setting,
    tags_of,
    wrong_image,
)
from labs.lessons.store_it_elsewhere import broken_depot
from labs.lessons.store_it_elsewhere.redirect_tries import NAME, tried
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
HIDDEN_PORT, HIDDEN_PLACE = 5000, "registry/hidden"
LESSON_PLACES = ("registry", "swift/files", "swift")
"""Where the lesson's own cells store before exercise 12.3 begins."""
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
                f"run the cell with {NAME} if you have not; then {todo}"
            )
        return _elsewhere(HIDDEN_PORT, place, HIDDEN_PLACE)
    tags = tags_of(RegistryClient(node.url(HIDDEN_PORT)), REPOSITORY)
    if TAG not in tags:
        return not_yet(f"the registry on port {HIDDEN_PORT} has no {IMAGE}", hint=_ROOT_HINT)
    if sent_to := _unreachable(node):
        seen = tried(playground, container)
        if not seen:
            return not_attempted(todo)
        return not_yet(
            f"{seen}, and still node 1 gets nothing at {sent_to}, where port {HIDDEN_PORT} sends it",
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
