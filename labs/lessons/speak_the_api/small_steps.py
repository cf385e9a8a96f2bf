"""Checks of the small tasks of lesson 3: names from the catalog, a label from a config, a blob."""

from __future__ import annotations

import json

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import listed, no_registry, on_port, refused_attempt, root_of, tags_of
from labs.lessons.speak_the_api.first_images import DRAWN, LABEL, SAME
from labs.playground import Node, Playground
from labs.registry import (
    Manifest,
    RegistryClient,
    RegistryError,
    Storage,
    digest_of,
    files_in_tar,
)

PORT = 5000
NOTES, TEXT = "notes", b"I was uploaded by hand"
"""Repository and content of exercise 3.4."""
_PRINT = "Print status_code and text of the answer: they say what is wrong"
_FIRST_CELL = f"run the lesson's first cell: it pushes images to port {PORT}"


def _drawn(registry: RegistryClient) -> str:
    """The repository whose name is drawn by chance; empty if it is not there."""
    names = (name for name in registry.catalog() if name.startswith(DRAWN))
    return next((name for name in names if "1" in tags_of(registry, name)), "")


def all_names(playground: Playground, answers: Answers) -> Finding:
    """`names` has every repository that the lesson's first cell made."""
    node = playground.node(1)
    if missing := no_registry(node, PORT, left="registry"):
        return missing
    registry = RegistryClient(node.url(PORT))
    catalog, drawn = registry.catalog(), _drawn(registry)
    if not drawn:
        return not_attempted(_FIRST_CELL)
    names = answers.get("names")
    if names is None:
        return not_attempted('give all repositories: lab.check("3.1", names=…)')
    return _judge_names(names, {*SAME, drawn}, catalog)


def _judge_names(names: object, wanted: set[str], catalog: list[str]) -> Finding:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return not_yet(
            "names is not a list of texts",
            hint='page.json() is a dictionary; its "repositories" are a list, and + joins two lists',
        )
    # Repositories of later exercises may be there, and may be named.
    if unknown := set(names) - set(catalog):
        count = len(unknown)
        return not_yet(
            f"names has {count} that the registry does not have",
            hint="names come from the registry's answers; the first cell, run again, draws another name",
        )
    if missing := wanted - set(names):
        return not_yet(
            f"names has {len(set(names) & wanted)} of {len(wanted)} repositories",
            hint="the first page has two of them: names of the first page + names of the next one"
            if len(missing) < len(wanted)
            else 'the names are in page.json()["repositories"]',
        )
    return passed()


def label(playground: Playground, answers: Answers) -> Finding:
    """`label` is what the config of the image in the drawn repository says."""
    node = playground.node(1)
    if missing := no_registry(node, PORT, left="registry"):
        return missing
    registry = RegistryClient(node.url(PORT))
    drawn = _drawn(registry)
    if not drawn:
        return not_attempted(_FIRST_CELL)
    given = answers.get("label")
    if given is None or given == "":
        return not_attempted('give the value of the label: lab.check("3.2", label=…)')
    return _judge_label(registry, drawn, given)


def _judge_label(registry: RegistryClient, drawn: str, given: object) -> Finding:
    manifest = registry.manifest(drawn, "1")
    if not isinstance(manifest, Manifest):
        return not_attempted(_FIRST_CELL)
    config = json.loads(registry.blob(drawn, manifest.config.digest))
    labels = config["config"].get("Labels") or {}
    if given == labels.get(LABEL):
        return passed()
    if isinstance(given, dict):
        return not_yet(
            "label is a dictionary, wanted the value of one label",
            hint=f'config["config"]["Labels"]["{LABEL}"], of the config\'s JSON',
        )
    if given in (manifest.digest, manifest.config.digest):
        of = "config" if given == manifest.config.digest else "manifest"
        return not_yet(
            f"label is the digest of the {of}, wanted what the config says",
            hint="the config is a blob: GET /v2/<repository>/blobs/<digest of the config>, and read its JSON",
        )
    if isinstance(given, str) and given and given in drawn:
        return not_yet(
            "label is from the name of the repository, wanted what the config says",
            hint="repository, then manifest, then config: each of the last two is a GET",
        )
    return not_yet(
        f"label is not what the config of the image says under {LABEL}",
        hint="is it the config of the repository that begins with test/, from the present registry? "
        "The first cell, run again, draws another value",
    )


def small_blob(playground: Playground, _answers: Answers) -> Finding:
    """The blob with the given content is in the repository."""
    node = playground.node(1)
    if missing := no_registry(node, PORT, left="registry"):
        return missing
    registry, digest = RegistryClient(node.url(PORT)), digest_of(TEXT)
    if has_blob(registry, NOTES, digest):
        return passed()
    if elsewhere := [name for name in registry.catalog() if has_blob(registry, name, digest)]:
        return not_yet(
            f"{listed(elsewhere)} has the blob, wanted the repository {NOTES}",
            hint=f"the repository stands in the address of the POST: /v2/{NOTES}/blobs/uploads/",
        )
    return _no_small_blob(node)


def has_blob(registry: RegistryClient, repository: str, digest: str) -> bool:
    """Whether a repository gives out a blob."""
    try:
        registry.blob(repository, digest)
    except RegistryError as error:
        if error.status == 404:
            return False
        raise
    return True


def _no_small_blob(node: Node) -> Finding:
    """Say what is on the disk in its place: another blob, or an upload that was never closed."""
    container = on_port(node, PORT)
    files = files_in_tar(container.get_archive(root_of(container))[0]) if container else []
    if any(link.repository == NOTES for link in Storage.read(files).links):
        return not_yet(
            f"{NOTES} has another blob than the one that is wanted",
            hint="these bytes and no others, no newline at the end: their digest is that of other bytes otherwise",
        )
    if any(f"/{NOTES}/_uploads/" in file.path for file in files):
        return not_yet(
            f"an upload to {NOTES} is open, and no blob is there",
            hint=f"PUT to the Location of the POST, with &digest=… and the bytes as content. {_PRINT}",
        )
    return refused_attempt(node, PORT, f"/{NOTES}", hint=_PRINT) or not_attempted(
        f"upload the text to the repository {NOTES}"
    )
