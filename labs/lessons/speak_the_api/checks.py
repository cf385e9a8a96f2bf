"""Checks of lesson 3. They ask the registry's API, and let the node's engine pull and run what was pushed."""

from __future__ import annotations

import re

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import listed, no_registry, on_port, root_of, tags_of, wrong_image
from labs.lessons.speak_the_api.image_run import run_image
from labs.playground import Node, Playground
from labs.registry import (
    Descriptor,
    Index,
    Manifest,
    RegistryClient,
    RegistryError,
    Storage,
    files_in_tar,
)

PORT = 5000
BASE, TAG, STABLE = "busybox", "latest", "stable"
_SAME = ("team/base", "team/tools")
OWN, OWN_TAG, SENTENCE = "mine/shout", "1", "I speak the API"
REVIEW = "application/vnd.example.review"
_FALLBACK = re.compile(r"sha256-[0-9a-f]{64}")
_OTHER_PLATFORM = not_yet(
    f"{OWN}:{OWN_TAG} prints the sentence, but its config names another platform than this node's",
    hint='"os" and "architecture" of your config are those of busybox\'s config',
)
_NO_BASE = f"run the lesson's first cells: they push {BASE}:{TAG} to port {PORT}"


def second_tag(playground: Playground, _answers: Answers) -> Finding:
    """The tags `stable` and `latest` of busybox have the same digest."""
    node = playground.node(1)
    if missing := no_registry(node, PORT, left="registry"):
        return missing
    registry = RegistryClient(node.url(PORT))
    tags = tags_of(registry, BASE)
    if TAG not in tags:
        return not_attempted(_NO_BASE)
    if STABLE not in tags:
        return _no_second_tag(registry, tags)
    wanted, seen = (registry.manifest(BASE, tag) for tag in (TAG, STABLE))
    if wanted.digest == seen.digest:
        return _moved(playground, registry, wanted.digest) or passed()
    if wanted.json == seen.json:
        return not_yet(
            f"{BASE}:{STABLE} has the same fields as {BASE}:{TAG}, in other bytes: another digest",
            hint="JSON written again is another document: send reply.content, not json.dumps(reply.json())",
        )
    return not_yet(
        f"{BASE}:{STABLE} stands for another manifest than {BASE}:{TAG}",
        hint=f"GET the manifest of {TAG}, with Accept, and PUT exactly these bytes",
    )


def _moved(playground: Playground, registry: RegistryClient, digest: str) -> Finding | None:
    """Whether latest was made to fit: it is busybox still, and the lesson pushed it to two more repositories."""
    if wrong := wrong_image(playground, registry, BASE, TAG, image=f"{BASE}:{TAG}"):
        return wrong
    for name in _SAME:
        if TAG in tags_of(registry, name) and registry.head(name, TAG).digest != digest:
            return not_yet(
                f"{BASE}:{TAG} no longer stands for the manifest that was pushed: {name}:{TAG} does",
                hint="latest was written again too: run the lesson's second cell again, then PUT to stable alone",
            )
    return None


def _no_second_tag(registry: RegistryClient, tags: list[str]) -> Finding:
    others = [tag for tag in tags if tag != TAG and not _FALLBACK.fullmatch(tag)]
    if others:
        return not_yet(
            f"{BASE} has tags {listed(others)} beside {TAG}, wanted {STABLE}",
            hint=f"the tag is what follows /manifests/: PUT /v2/{BASE}/manifests/{STABLE}",
        )
    elsewhere = [name for name in registry.catalog() if STABLE in tags_of(registry, name)]
    if elsewhere:
        return not_yet(
            f"{listed(elsewhere)} has the tag {STABLE}, wanted the repository {BASE}",
            hint=f"the repository stands before /manifests/: PUT /v2/{BASE}/manifests/{STABLE}",
        )
    return not_attempted(f"give {BASE}:{TAG} the second tag {STABLE}")


def own_image(playground: Playground, _answers: Answers) -> Finding:
    """The engine pulls mine/shout:1, and what runs prints the sentence."""
    node = playground.node(1)
    if missing := no_registry(node, PORT, left="registry"):
        return missing
    registry = RegistryClient(node.url(PORT))
    tags = tags_of(registry, OWN)
    if OWN_TAG not in tags:
        return _no_own_image(registry, tags)
    # Run by the engine: only that shows that manifest, config and layers fit together.
    ran = run_image(node, f"127.0.0.1:{PORT}/{OWN}:{OWN_TAG}")
    if ran.error:
        return not_yet(f"{OWN}:{OWN_TAG}: {ran.error}", hint=ran.hint)
    if ran.output.strip() == SENTENCE:
        return passed() if ran.fits else _OTHER_PLATFORM
    return not_yet(
        f'{OWN}:{OWN_TAG} prints "{_shortened(ran.output)}", wanted "{SENTENCE}"',
        hint='what runs is in the config, under "config": {"Cmd": ["echo", …]}',
    )


def _no_own_image(registry: RegistryClient, tags: list[str]) -> Finding:
    if tags:
        return not_yet(
            f'repository "{OWN}" has tags {listed(tags)}, wanted "{OWN_TAG}"',
            hint=f"PUT the manifest as /v2/{OWN}/manifests/{OWN_TAG}",
        )
    names = registry.catalog()
    if OWN in names:
        return not_yet(
            f"{OWN} has blobs and no manifest",
            hint="print the answer to the PUT: MANIFEST_BLOB_UNKNOWN means that a blob is not in this repository",
        )
    near = [name for name in names if "shout" in name or name.startswith("mine")]
    if near:
        return not_yet(
            f'the registry has {listed(near)}, wanted "{OWN}"',
            hint=f"blobs and manifest go to the same repository: /v2/{OWN}/…",
        )
    return not_attempted(f'push an image as {OWN}:{OWN_TAG} that prints "{SENTENCE}"')


def _shortened(text: str) -> str:
    lines = text.strip().splitlines()
    # 80 characters: the output is the student's, of any length, and a verdict is one line.
    return lines[0][:80] if lines else ""


def review(playground: Playground, _answers: Answers) -> Finding:
    """A referrer of busybox:latest with the review's type is listed, and the list describes it correctly."""
    node = playground.node(1)
    if missing := no_registry(node, PORT, left="registry"):
        return missing
    registry = RegistryClient(node.url(PORT))
    if TAG not in tags_of(registry, BASE):
        return not_attempted(_NO_BASE)
    subject = registry.manifest(BASE, TAG).descriptor
    found = registry.referrers(BASE, subject.digest)
    if not found:
        return _not_listed(node, registry, subject)
    findings = [_judge_referrer(registry, entry, subject) for entry in found]
    # Several reviews may be attached: one that is right is enough.
    return next((finding for finding in findings if finding.outcome == "passed"), findings[0])


def _judge_referrer(registry: RegistryClient, entry: Descriptor, subject: Descriptor) -> Finding:
    """Whether one entry of the list leads to a review of `subject`."""
    try:
        document = registry.manifest(BASE, entry.digest)
    except RegistryError as error:
        return not_yet(
            f"the index lists a digest that {BASE} does not have ({error.status} {error.code})".strip(),
            hint=f"PUT the artifact's manifest to /v2/{BASE}/manifests/<its digest>",
        )
    # Without an artifact type, that of the config is the artifact's (image spec 1.1, manifest.md).
    config = document.config.media_type if isinstance(document, Manifest) else ""
    kind = document.json.get("artifactType") or (config if config == REVIEW else "")
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
    if _triple(document.subject) != _triple(subject):
        return not_yet(
            f"the review's subject is not {BASE}:{TAG}",
            hint="a descriptor is media type, digest and size, all three of the manifest that HEAD tells of",
        )
    return _judge_entry(registry, entry, document)


def _triple(descriptor: Descriptor) -> tuple[str, str, int]:
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
    if _triple(entry) != _triple(document.descriptor):
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


def _not_listed(node: Node, registry: RegistryClient, subject: Descriptor) -> Finding:
    """No referrer is found in the way in which clients search: say what exists of one."""
    fallback = subject.digest.replace(":", "-")
    tags = tags_of(registry, BASE)
    if fallback in tags:
        what = "an index that lists nothing"
        if isinstance(registry.manifest(BASE, fallback), Manifest):
            what = "a manifest"
        return not_yet(
            f"the fallback tag names {what}, wanted an index that lists the review",
            hint="the review is stored under its own digest; the fallback tag holds the list of referrers",
        )
    if any(_FALLBACK.fullmatch(tag) for tag in tags):
        return not_yet(
            f"{BASE} has a fallback tag, but not for the digest of {BASE}:{TAG}",
            hint="the tag is the subject's digest, with - in place of :",
        )
    if any(fallback in tags_of(registry, name) for name in registry.catalog()):
        return not_yet(
            f"the list for {BASE}:{TAG} is in another repository, wanted {BASE}",
            hint="a referrer lives in the repository of its subject",
        )
    if _has_unlisted(node, registry):
        return not_yet(
            f"{BASE} holds a manifest with a subject, and no list names it",
            hint="this registry keeps no list itself: PUT an index under the fallback tag",
        )
    return not_attempted(f"attach a review to {BASE}:{TAG}, with the artifact type {REVIEW}")


def _has_unlisted(node: Node, registry: RegistryClient) -> bool:
    """Whether the repository has a manifest with a subject; untagged ones are found only on the disk."""
    container = on_port(node, PORT)
    if container is None:
        return False
    stored = Storage.read(files_in_tar(container.get_archive(root_of(container))[0]))
    digests = {
        link.digest for link in stored.links if link.repository == BASE and link.kind == "manifest"
    }
    return any(registry.manifest(BASE, digest).subject for digest in sorted(digests))
