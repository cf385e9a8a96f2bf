"""Checks of exercises 4.2 and 4.3: an index whose platforms are right, and an Accept that reads all that was pushed.

What is attached to an image is judged in `referrers`.
"""

from __future__ import annotations

import string
from typing import Any

import httpx

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import listed, no_registry, read_note, refused_attempt, tags_of
from labs.lessons.push_more_than_images.two_platforms import NOTE, SHOP, TAG
from labs.playground import Node, Playground
from labs.registry import Index, Manifest, RegistryClient, RegistryError, authorities

PORT = 5000
BOTH = ("by-hand", "both")
BUSYBOX = ("busybox", "latest")
_DELIVER = f"run the cell that delivers {SHOP}:{TAG} first"
_MEND_IT = f"{SHOP}:{TAG} is as it was delivered: PUT an index whose platforms are right"


def right_platforms(playground: Playground, _answers: Answers) -> Finding:
    """The index lists both images of the shop, each with the platform that its config has."""
    node = playground.node(1)
    if missing := no_registry(node, PORT, left="registry"):
        return missing
    registry, delivered = RegistryClient(node.url(PORT)), read_note(node, NOTE)
    tags = tags_of(registry, SHOP)
    # A registry that was run again has neither tags nor untagged manifests of the shop.
    if not delivered or not (tags or _has(registry, next(iter(delivered.values())))):
        return not_attempted(_DELIVER)
    if TAG not in tags:
        return not_yet(
            f"{SHOP} has no tag {TAG}", hint=f"PUT the index as /v2/{SHOP}/manifests/{TAG}"
        )
    document = registry.manifest(SHOP, TAG)
    if isinstance(document, Manifest):
        return not_yet(
            f"{SHOP}:{TAG} is one image, wanted an index of two",
            hint="an engine with another processor pulls the same tag: keep both in the index",
        )
    return _judge_index(node, document, delivered) or _untouched(node, tags)


def _has(registry: RegistryClient, digest: str) -> bool:
    try:
        registry.head(SHOP, digest)
    except RegistryError as error:
        if error.status == 404:
            return False
        raise
    return True


def _judge_index(node: Node, index: Index, delivered: dict[str, str]) -> Finding | None:
    """Judge what was changed; None for the index as it was delivered."""
    entries = index.json["manifests"]
    platforms = {digest: architecture for architecture, digest in delivered.items()}
    if lost := set(platforms) - {entry.get("digest") for entry in entries}:
        return not_yet(
            f"the index lists {2 - len(lost)} of the two images that were delivered",
            hint="keep each entry with its digest, and change what it says of the platform",
        )
    own = [entry for entry in entries if entry.get("digest") in platforms]
    said = [_said(entry) for entry in own]
    wanted = [("linux", platforms[entry["digest"]]) for entry in own]
    if said == wanted:
        return _other_entries(entries, set(platforms)) or _judge_sizes(node, own)
    if any(not all(platform) for platform in said):
        return not_yet(
            "an entry of the index has no platform",
            hint='"platform": {"os": "linux", "architecture": …} stands beside "digest" in each entry',
        )
    if sorted(said) == sorted(wanted) and len(entries) == len(platforms):
        return None
    return not_yet(
        "the index says of an image another platform than its config does",
        hint='the config of an image has its "os" and "architecture": GET manifest, then blob',
    )


def _untouched(node: Node, tags: list[str]) -> Finding:
    if others := [tag for tag in tags if tag != TAG]:
        return not_yet(
            f"{SHOP} has tags {listed(others)} beside {TAG}, and {TAG} is as it was delivered",
            hint=f'put the index under the same tag: put_manifest(http, "{SHOP}", "{TAG}", …)',
        )
    hint = "print status_code and text of the answer; Content-Type is the mediaType of the index"
    return refused_attempt(node, PORT, f"/{SHOP}/manifests/", hint=hint) or not_attempted(_MEND_IT)


def _said(entry: dict[str, Any]) -> tuple[str, str]:
    platform = entry.get("platform") or {}
    return str(platform.get("os") or ""), str(platform.get("architecture") or "")


def _other_entries(entries: list[dict[str, Any]], own: set[str]) -> Finding | None:
    if len(entries) == len(own) and {entry.get("digest") for entry in entries} == own:
        return None
    return not_yet(
        "the index lists more than the two images that were delivered",
        hint="an engine takes the first entry that fits: list each image once",
    )


def _judge_sizes(node: Node, entries: list[dict[str, Any]]) -> Finding:
    registry = RegistryClient(node.url(PORT))
    for entry in entries:
        seen = registry.head(SHOP, entry["digest"])
        if (entry.get("mediaType"), entry.get("size")) != (seen.media_type, seen.size_bytes):
            return not_yet(
                "the index lists an image with another media type or size than it has",
                hint="take the entries of the index as they are, and change what they say of the platform",
            )
    return passed()


def reads_all(playground: Playground, answers: Answers) -> Finding:
    """With `accept`, the registry gives each image and the index as they were pushed."""
    node = playground.node(1)
    if missing := no_registry(node, PORT, left="registry"):
        return missing
    registry = RegistryClient(node.url(PORT))
    if "both" not in tags_of(registry, BOTH[0]) or "latest" not in tags_of(registry, BUSYBOX[0]):
        return not_attempted("run the cells above: they push busybox:latest and by-hand:both")
    accept = answers.get("accept")
    if accept is None or accept == "":
        return not_attempted('give the header: lab.check("4.3", accept="…")')
    if not isinstance(accept, str) or not set(accept) <= set(string.printable) - set("\r\n"):
        return not_yet(
            "accept is not the text of a header",
            hint='one text, the types in it separated by commas: "application/…, application/…"',
        )
    return _judge_accept(node, registry, accept)


def _judge_accept(node: Node, registry: RegistryClient, accept: str) -> Finding:
    index = registry.manifest(*BOTH)
    images = index.json["manifests"] if isinstance(index, Index) else []
    asked = [
        (f"{BUSYBOX[0]}:{BUSYBOX[1]}", BUSYBOX),
        (f"{BOTH[0]}:{BOTH[1]}", BOTH),
        *(("an image of by-hand", (BOTH[0], entry["digest"])) for entry in images),
    ]
    with httpx.Client(base_url=node.url(PORT), verify=authorities(), trust_env=False) as http:
        for name, (repository, reference) in asked:
            wanted = registry.head(repository, reference)
            url = f"/v2/{repository}/manifests/{reference}"
            reply = http.get(url, headers={"accept": accept})
            if reply.status_code != 200:
                return not_yet(
                    f"with this header the registry answers {reply.status_code} for {name}",
                    hint=f"its type is {wanted.media_type}: is it in the list, letter by letter?",
                )
            if reply.headers.get("docker-content-digest") != wanted.digest:
                return not_yet(
                    f"with this header the registry makes up another manifest for {name}",
                    hint=f"its type is {wanted.media_type}: is it in the list, letter by letter?",
                )
    return passed()
