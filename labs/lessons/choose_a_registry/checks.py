"""Checks of lesson 16: they walk to the registries themselves, with a login and without."""

from __future__ import annotations

from typing import Any

import httpx

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.choose_a_registry.conformance_walk import blob_deleted, manifest_deleted
from labs.lessons.choose_a_registry.visit import Visit
from labs.lessons.common import (
    no_registry,
    on_port,
    registries_of,
    settings_of,
    tags_of,
    wrong_image,
)
from labs.playground import Playground
from labs.registry import RegistryClient

PORTS = {"distribution": 5000, "crane": 5001}
WALK, KEPT = "ada/walk", "ada/hello"
BEFORE = "before"  # the tag of what is in the repository before it is opened
ADA = ("ada", "ada-password")
# Variables that are there before an answer: of the image, and of the lesson's `serve`.
_THERE_BEFORE = {"PATH", "OTEL_TRACES_EXPORTER", "REGISTRY_CATALOG_MAXENTRIES"}


def deletes(playground: Playground, _answers: Answers) -> Finding:
    """The registry on port 5000 deletes manifests and blobs, and has the image that it had before."""
    node, port = playground.node(1), PORTS["distribution"]
    if missing := no_registry(node, port):
        return missing
    container = on_port(node, port)
    if container is None or container not in registries_of(node):
        return not_yet(
            f"what answers on port {port} is not registry:2",
            hint="distribution with another setting, not another registry",
        )
    visit = Visit.to(node.url(port), WALK)
    try:
        found = [manifest_deleted(visit), blob_deleted(visit)]
    except (httpx.HTTPStatusError, LookupError):
        return not_yet(
            f"the registry on port {port} takes no push",
            hint="one variable more than before, and nothing else changed",
        )
    registry = RegistryClient(node.url(port))
    if refused := [each.seen for each in found if each.word != "yes"]:
        tried = set(settings_of(container)) - _THERE_BEFORE
        if not tried:
            return not_attempted(f"let distribution delete: a DELETE is answered with {refused[0]}")
        return not_yet(
            f"with {' and '.join(sorted(tried))} a DELETE is answered with {refused[0]}",
            hint="the variable is that of lesson 11: REGISTRY_STORAGE_DELETE_ENABLED, and its value true",
        )
    if "1" not in tags_of(registry, KEPT):
        return not_yet(
            f"it deletes, and {KEPT}:1 is gone",
            hint="the same volume as before. Push the image again: the cell of 16.1 does",
        )
    return wrong_image(playground, registry, KEPT, "1", image="hello-world:latest") or passed()


def open_to_strangers(playground: Playground, _answers: Answers) -> Finding:
    """Anyone may pull ada/walk:before from the hub, and no stranger may push."""
    playground.node(1).docker.ping()
    hub = playground.hub
    ada = hub.sign_up(*ADA)
    one = _one(ada, "walk")
    if one is None:
        return not_attempted(f"run the cell that walks to the hub first: it has no {WALK}")
    visit = Visit.to(hub.url, WALK, ADA)
    if one["is_private"]:
        return _still_private(ada)
    if visit.get("manifests", BEFORE).status_code != 200:
        return not_yet(
            f"{WALK} is public, and its tag {BEFORE} is gone",
            hint="change the repository that is there, with PATCH, and delete nothing. Run the cell again: it pushes "
            "the tag",
        )
    if visit.stranger.get(visit.path("manifests", BEFORE)).status_code != 200:
        return not_yet(
            f"a stranger cannot pull {WALK}:{BEFORE}", hint="look at the page of the repository"
        )
    return passed()


def _one(ada: httpx.Client, name: str) -> dict[str, Any] | None:
    answer = ada.get(f"/v2/namespaces/ada/repositories/{name}")
    return dict(answer.json()) if answer.status_code == 200 else None


def _still_private(ada: httpx.Client) -> Finding:
    every = ada.get("/v2/namespaces/ada/repositories", params={"page_size": 100}).json()["results"]
    others = sorted(each["name"] for each in every if not each["is_private"])
    if others:
        return not_yet(
            f"ada/{others[0]} is public, and {WALK} is private, wanted {WALK} public",
            hint=f"the path ends in the name of the repository: …/repositories/{WALK.split('/')[1]}",
        )
    people = ada.get(f"/v2/repositories/{WALK}/collaborators").json()["results"]
    if people:
        return not_yet(
            f"{WALK} is private and has a collaborator, wanted public",
            hint="a stranger has no account, so no one can give a permission to one",
        )
    return not_attempted(f"let strangers pull from {WALK}: it is private")
