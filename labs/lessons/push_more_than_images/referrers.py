"""The check of exercise 4.5: a review is attached to busybox:latest, and the report from the lesson still is.

The registry keeps no list of referrers, so clients keep one, under the fallback tag. A client that writes the list
without reading it first loses what others attached: their manifests stay on the disk, and no client finds them.
"""

from __future__ import annotations

import re
from contextlib import suppress

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import no_registry, on_port, refused_attempt, root_of, tags_of
from labs.playground import Node, Playground
from labs.registry import (
    Descriptor,
    Index,
    InvalidManifest,
    Manifest,
    RegistryClient,
    RegistryError,
    Storage,
    files_in_tar,
)

PORT = 5000
BASE, TAG = "busybox", "latest"
FALLBACK = re.compile(r"sha256-[0-9a-f]{64}")
REVIEW, REPORT = "application/vnd.example.review", "application/vnd.example.report"


def review(playground: Playground, _answers: Answers) -> Finding:
    """A review of busybox:latest is listed and described correctly, and the lesson's report, if stored, is too."""
    node = playground.node(1)
    if missing := no_registry(node, PORT, left="registry"):
        return missing
    registry = RegistryClient(node.url(PORT))
    if TAG not in tags_of(registry, BASE):
        return not_attempted(f"run the lesson's first cell: it pushes {BASE}:{TAG} to port {PORT}")
    subject = registry.manifest(BASE, TAG).descriptor
    stored = with_subject(node, registry, BASE)
    reports = {digest for digest, about in stored.items() if about == (REPORT, subject.digest)}
    found = registry.referrers(BASE, subject.digest)
    others = [entry for entry in found if entry.digest not in reports]
    if not others:
        unlisted = set(stored) - reports
        return _not_listed(registry, subject, found, unlisted=unlisted) or _refused(node)
    findings = [_judge_referrer(registry, entry, subject) for entry in others]
    # Several reviews may be attached: one that is right is enough.
    best = next((finding for finding in findings if finding.outcome == "passed"), findings[0])
    return best if best.outcome != "passed" else _lost(reports, found) or best


def _refused(node: Node) -> Finding:
    hint = "print status_code and text of the answer: what a manifest lists has to be in the repository before it"
    # By their digest or under a fallback tag: other tags are of other exercises.
    return refused_attempt(node, PORT, f"/{BASE}/manifests/sha256", hint=hint) or not_attempted(
        f"attach a review to {BASE}:{TAG}, with the artifact type {REVIEW}"
    )


def with_subject(
    node: Node, registry: RegistryClient, repository: str
) -> dict[str, tuple[str, str]]:
    """Manifests of a repository with a subject, by digest, listed or not: artifact type and the subject's digest.

    Untagged ones are found only on the disk.
    """
    container = on_port(node, PORT)
    if container is None:
        return {}
    stored = Storage.read(files_in_tar(container.get_archive(root_of(container))[0]))
    found = {}
    for link in stored.links:
        if link.repository == repository and link.kind == "manifest":
            # A manifest of another kind has no subject.
            with suppress(InvalidManifest):
                document = registry.manifest(repository, link.digest)
                if subject := document.subject:
                    found[link.digest] = _type_of(document), subject.digest
    return found


def _type_of(document: Manifest | Index) -> str:
    """The artifact type: without one, that of the config (image spec 1.1, manifest.md)."""
    config = document.config.media_type if isinstance(document, Manifest) else ""
    return str(document.json.get("artifactType") or (config if config == REVIEW else ""))


def _lost(reports: set[str], found: list[Descriptor]) -> Finding | None:
    """Whether the list no longer names a report that is stored."""
    if reports <= {entry.digest for entry in found if entry.artifact_type == REPORT}:
        return None
    return not_yet(
        "the list names the review and not the report that was there: it is stored, and no client finds it",
        hint="GET the list, append your entry to those in it, PUT it back. Then append the report again, too",
    )


def _judge_referrer(registry: RegistryClient, entry: Descriptor, subject: Descriptor) -> Finding:
    """Whether one entry of the list leads to a review of `subject`."""
    try:
        document = registry.manifest(BASE, entry.digest)
    except RegistryError as error:
        return not_yet(
            f"the index lists a digest that {BASE} does not have ({error.status} {error.code})".strip(),
            hint=f"PUT the artifact's manifest to /v2/{BASE}/manifests/<its digest>",
        )
    kind = _type_of(document)
    if kind != REVIEW:
        return not_yet(
            f'the index lists a manifest with the artifact type "{kind}", wanted "{REVIEW}"',
            hint='"artifactType" stands beside "mediaType" in the artifact\'s manifest',
        )
    if document.subject is None:
        return not_yet(
            "the review has no subject",
            hint=f"the descriptor of {BASE}:{TAG} belongs into the review, under subject",
        )
    if triple(document.subject) != triple(subject):
        return not_yet(
            f"the review's subject is not {BASE}:{TAG}",
            hint="a descriptor is media type, digest and size, all three of the manifest that HEAD tells of",
        )
    return _judge_entry(registry, entry, document)


def triple(descriptor: Descriptor) -> tuple[str, str, int]:
    return descriptor.media_type, descriptor.digest, descriptor.size_bytes


def _judge_entry(
    registry: RegistryClient, entry: Descriptor, document: Manifest | Index
) -> Finding:
    if entry.artifact_type != REVIEW:
        said = f'as "{entry.artifact_type}"' if entry.artifact_type else "without its artifact type"
        return not_yet(
            f"the index lists the review {said}",
            hint="readers choose by the entry alone: repeat artifactType in it",
        )
    if triple(entry) != triple(document.descriptor):
        return not_yet(
            "the index lists the review with another media type or size than it has",
            hint="put_manifest returns the entry; or HEAD the review and copy what it tells",
        )
    if not isinstance(document, Manifest) or not any(
        registry.blob(BASE, layer.digest).strip() for layer in document.layers
    ):
        return not_yet(
            "the review holds no text", hint="upload the text and list it as the review's layer"
        )
    return passed()


def _not_listed(
    registry: RegistryClient, subject: Descriptor, found: list[Descriptor], *, unlisted: set[str]
) -> Finding | None:
    """No review is found in the way in which clients search: say what exists of one."""
    fallback = subject.digest.replace(":", "-")
    tags = tags_of(registry, BASE)
    if fallback in tags and not found:
        what = "an index that lists nothing"
        if isinstance(registry.manifest(BASE, fallback), Manifest):
            what = "a manifest"
        return not_yet(
            f"the fallback tag names {what}, wanted an index that lists the review",
            hint="the review is stored under its own digest; the fallback tag holds the list of referrers",
        )
    if any(FALLBACK.fullmatch(tag) and tag != fallback for tag in tags):
        return not_yet(
            f"{BASE} has a fallback tag, but not for the digest of {BASE}:{TAG}",
            hint="the tag is the subject's digest, with - in place of :",
        )
    if any(fallback in tags_of(registry, name) for name in registry.catalog() if name != BASE):
        return not_yet(
            f"the list for {BASE}:{TAG} is in another repository, wanted {BASE}",
            hint="a referrer lives in the repository of its subject",
        )
    if unlisted:
        return not_yet(
            f"{BASE} holds a manifest with a subject, and no list names it",
            hint="this registry keeps no list itself: append an entry to the index under the fallback tag",
        )
    return None
