"""The check of exercise 4.7: a signature that one client lost for another is found again, and the scan still is."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import no_registry, refused_attempt, tags_of
from labs.lessons.push_more_than_images.referrers import triple, with_subject
from labs.playground import Node, Playground
from labs.registry import Descriptor, RegistryClient

PORT = 5000
REPOSITORY, TAG = "by-hand", "both"
SIGNATURE, SCAN = "application/vnd.example.signature", "application/vnd.example.scan"
_APPEND = (
    "GET the list, append the entry that is missing to those in it, PUT it back, and look again"
)


def both_found(playground: Playground, _answers: Answers) -> Finding:
    """A client that asks for referrers of by-hand:both finds each signature and each scan that is stored."""
    node = playground.node(1)
    if missing := no_registry(node, PORT, left="registry"):
        return missing
    registry = RegistryClient(node.url(PORT))
    if TAG not in tags_of(registry, REPOSITORY):
        return not_attempted(f"run the cells above: they push {REPOSITORY}:{TAG}")
    subject = registry.head(REPOSITORY, TAG).digest
    stored = {
        digest: kind
        for digest, (kind, about) in with_subject(node, registry, REPOSITORY).items()
        if about == subject and kind in (SIGNATURE, SCAN)
    }
    if set(stored.values()) != {SIGNATURE, SCAN}:
        return not_attempted("run the cell in which two clients attach something")
    found = registry.referrers(REPOSITORY, subject)
    return _judge(node, stored, found)


def _judge(node: Node, stored: dict[str, str], found: list[Descriptor]) -> Finding:
    listed = {entry.digest for entry in found}
    lost = {kind for digest, kind in stored.items() if digest not in listed}
    if lost == {SIGNATURE, SCAN}:
        return not_yet("the list names neither the signature nor the scan", hint=_APPEND)
    if lost == {SCAN}:
        return not_yet("the list names the signature, and now the scan is lost", hint=_APPEND)
    if lost and any(entry.artifact_type == SIGNATURE for entry in found):
        return not_yet(
            "the list names a signature, and not the one that was lost",
            hint="nothing has to be attached again: it is stored, and `signature` is its entry",
        )
    if lost:
        return refused_attempt(
            node, PORT, f"/{REPOSITORY}/manifests/sha256-", hint=_APPEND
        ) or not_attempted(f"bring the lost signature back into the list of {REPOSITORY}:{TAG}")
    return _judge_entries(node, stored, found)


def _judge_entries(node: Node, stored: dict[str, str], found: list[Descriptor]) -> Finding:
    registry = RegistryClient(node.url(PORT))
    for entry in found:
        if entry.digest not in stored:
            continue
        if entry.artifact_type != stored[entry.digest]:
            said = (
                f'as "{entry.artifact_type}"' if entry.artifact_type else "without an artifact type"
            )
            return not_yet(
                f"the list names one of the two {said}",
                hint="readers choose by the entry alone: `signature` and `scan` are whole entries",
            )
        if triple(entry) != triple(registry.head(REPOSITORY, entry.digest)):
            return not_yet(
                "the list names one of the two with another media type or size than it has",
                hint="`signature` and `scan` are whole entries: put them into the list as they are",
            )
    return passed()
