"""A walk through a registry: a few requests for each thing that clients want of it, and what was seen.

Each step names the section and the endpoint of the OCI distribution specification, version 1.1.1, and how much that
asks: MUST, SHOULD or MAY. The categories are the specification's: "A registry claiming conformance with one of these
specification categories MUST implement all APIs in the claimed category."
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labs.lessons.choose_a_registry.visit import (
    CONFIG,
    EMPTY,
    INDEX,
    MANIFEST,
    Visit,
    described,
    document,
)
from labs.registry import digest_of

CATEGORIES = ("pull", "push", "content discovery", "content management")
_TAGS = ("m", "c", "x", "a", "p", "f", "z", "d")  # sorted neither so nor backwards


@dataclass(frozen=True)
class Found:
    """What a step found.

    Attributes:
        word: `yes`, `partly` or `no`.
        seen: The statuses that the registry answered with, the one that decides last: `202 201`.
        but: What is missing, of `partly`.
    """

    word: str
    seen: str
    but: str = ""


@dataclass(frozen=True)
class WalkStep:
    """One step.

    Attributes:
        name: What a client wants.
        category: The specification's.
        asks: MUST, SHOULD or MAY; a dash for what is not in the specification.
        where: The section and the endpoint in it.
        run: Takes the step.
    """

    name: str
    category: str
    asks: str
    where: str
    run: Callable[[Visit], Found]


STEPS: list[WalkStep] = []


def walk(visit: Visit, *only: str) -> dict[str, Found]:
    """Take all steps, or those of the categories that are named; what each found, by its name."""
    return {step.name: step.run(visit) for step in STEPS if step.category in (only or CATEGORIES)}


Run = Callable[[Visit], Found]


def _step(name: str, category: str, asks: str, where: str) -> Callable[[Run], Run]:
    def add(run: Run) -> Run:
        STEPS.append(WalkStep(name, category, asks, where, run))
        return run

    return add


def _found(yes: bool, *seen: int, but: str = "") -> Found:
    word = "yes" if yes else "partly" if but else "no"
    return Found(word, " ".join(map(str, seen)), "" if yes else but)


@_step("manifest by tag and digest, blob", "pull", "MUST", "Pulling manifests, blobs: end-2, end-3")
def pulled(visit: Visit) -> Found:
    """Asked: "A GET request to an existing manifest URL MUST provide the expected manifest"; of blobs too."""
    manifest, layer = visit.image("a layer"), b"a layer"
    visit.put(manifest, "a")
    by_tag, by_digest = (visit.get("manifests", name) for name in ("a", digest_of(manifest)))
    blob = visit.get("blobs", digest_of(layer), follow_redirects=True)
    same = (by_tag.content, by_digest.content, blob.content) == (manifest, manifest, layer)
    return _found(same, by_tag.status_code, by_digest.status_code, blob.status_code)


@_step("HEAD gives size and digest", "pull", "MUST", "Checking if content exists: end-2, end-3")
def headed(visit: Visit) -> Found:
    """Asked: "SHOULD contain the size in bytes of the uploaded blob in the header `Content-Length`"."""
    manifest = visit.image("a layer")
    visit.put(manifest, "a")
    answer = visit.http.head(visit.path("manifests", "a"))
    said = answer.headers.get("docker-content-digest"), answer.headers.get("content-length")
    told = said == (digest_of(manifest), str(len(manifest)))
    but = "it is there, of which size or digest is not said" if answer.is_success else ""
    return _found(answer.is_success and told, answer.status_code, but=but)


@_step("part of a blob", "pull", "SHOULD", "Pulling blobs: Range")
def part(visit: Visit) -> Found:
    """Asked: "A registry SHOULD support the `Range` request header", so that a pull that broke off can go on."""
    blob = visit.upload(b"0123456789")
    headers = {"range": "bytes=4-6"}
    answer = visit.get("blobs", blob["digest"], headers=headers, follow_redirects=True)
    return _found(answer.content == b"456", answer.status_code)


@_step("pull without an account", "pull", "–", "not in the specification")
def by_a_stranger(visit: Visit) -> Found:
    """Whether anyone may pull. A registry that asks for a token may give one to a stranger."""
    visit.put(visit.image("a layer"), "a")
    answer = visit.stranger.get(visit.path("manifests", "a"))
    return _found(answer.status_code == 200, answer.status_code)


@_step("blob by POST and PUT", "push", "MUST", "POST then PUT: end-4a, end-6")
def in_two(visit: Visit) -> Found:
    """Asked: "Upon successful completion of the request, the response MUST have code `201 Created`"."""
    begun = visit.begin()
    ended = visit.finish(begun, digest_of(b"in two"), b"in two")
    return _found(ended.status_code == 201, begun.status_code, ended.status_code)


@_step("blob by one POST", "push", "MAY", "Single POST: end-4b")
def in_one(visit: Visit) -> Found:
    """Asked: "Registries that do not support single request monolithic uploads SHOULD return a `202 Accepted`"."""
    path = visit.path("blobs", "uploads", f"?digest={digest_of(b'in one')}")
    answer = visit.http.post(path, content=b"in one")
    return _found(answer.status_code == 201, answer.status_code)


@_step("blob in chunks", "push", "MUST", "Pushing a blob in chunks: end-4a, end-5, end-6")
def in_chunks(visit: Visit) -> Found:
    """Asked: "Each successful chunk upload MUST have a `202 Accepted` response code"."""
    begun = visit.begin()
    first = visit.send(begun, b"in ", start=0)
    second = visit.send(first, b"chunks", start=3)
    ended = visit.finish(second, digest_of(b"in chunks"))
    # The chunks' own status last: it is the one that differs.
    statuses = [answer.status_code for answer in (begun, ended, first, second)]
    but = "it takes chunks, and MUST answer each with 202" if ended.status_code == 201 else ""
    return _found(statuses == [202, 201, 202, 202], *statuses, but=but)


@_step("blob mounted from elsewhere", "push", "MAY", "Mounting a blob: end-11")
def mounted(visit: Visit) -> Found:
    """Asked: "if a registry does not support cross-repository mounting […] it SHOULD return a `202`"."""
    other = f"{visit.repository}-base"
    digest = visit.upload(b"a base", of=other)["digest"]
    answer = visit.begin(f"?mount={digest}&from={other}")
    return _found(answer.status_code == 201, answer.status_code)


@_step("index", "push", "MUST", "Pushing Manifests: end-7")
def index_of_two(visit: Visit) -> Found:
    """Asked: "The registry MUST store the manifest in the exact byte representation provided by the client"."""
    images = [visit.image(name) for name in ("amd64", "arm64")]
    for each in images:
        visit.put(each)
    index = document(INDEX, manifests=[described(each, MANIFEST) for each in images])
    pushed, got = visit.put(index, "both"), visit.get("manifests", "both")
    return _found(got.content == index, pushed.status_code, got.status_code)


@_step("artifact that is not an image", "push", "MUST", "Pushing Manifests: end-7")
def artifact(visit: Visit) -> Found:
    """The same, for a manifest with an `artifactType` and an empty config."""
    report = _report(visit, "a report")
    pushed, got = visit.put(report, "report"), visit.get("manifests", "report")
    return _found(got.content == report, pushed.status_code, got.status_code)


@_step("manifest of 4 million bytes", "push", "SHOULD", "Pushing Manifests: end-7")
def large(visit: Visit) -> Found:
    """Asked: "SHOULD expect to be able to support manifest pushes of at least 4 megabytes"."""
    config = visit.upload(b"{}") | {"mediaType": CONFIG}
    note = {"org.example.note": "x" * 3_999_000}
    manifest = document(MANIFEST, config=config, layers=[], annotations=note)
    pushed = visit.put(manifest, "large")
    return _found(pushed.status_code == 201, pushed.status_code)


@_step("tags in their order", "content discovery", "MUST", "Listing Tags: end-8a")
def ordered(visit: Visit) -> Found:
    """Asked: "the tags MUST be in lexical order"."""
    answer, tags = _tags(_with_tags(visit))
    but = "all are there, and not in their order" if set(tags) >= set(_TAGS) else ""
    return _found(bool(but) and tags == sorted(tags), answer, but=but)


@_step("tags page by page", "content discovery", "MUST", "Listing Tags: end-8b")
def paged(visit: Visit) -> Found:
    """Asked: "up to `<int>` tags *after* `<tagname>` will be returned"."""
    _, every = _tags(_with_tags(visit))
    first, tags = _tags(visit, n="3")
    if len(tags) != 3:
        return Found("no", str(first))
    second, more = _tags(visit, n="3", last=tags[-1])
    third, none = _tags(visit, last=max(every))
    but = "after the last tag it begins again" if none else "a page is not what is next"
    whole = not none and [*tags, *more] == sorted(every)[:6]
    return _found(whole, first, second, third, but=but)


@_step("referrers", "content discovery", "MUST", "Listing Referrers: end-12a")
def referred(visit: Visit) -> Found:
    """Asked: "Assuming a repository is found, this request MUST return a `200 OK` response code"."""
    subject = visit.image("a layer")
    visit.put(subject, "a")
    report = _report(visit, "of a", subject=described(subject, MANIFEST))
    pushed = visit.put(report)
    answer = visit.get("referrers", digest_of(subject))
    listed = answer.json().get("manifests", []) if answer.is_success else []
    there = digest_of(report) in [each["digest"] for each in listed]
    return _found(there, pushed.status_code, answer.status_code)


@_step("delete a tag", "content management", "MAY", "Deleting tags: end-9")
def tag_deleted(visit: Visit) -> Found:
    """Asked: "a registry MAY implement tag deletion, while others MAY allow deletion only by manifest"."""
    image = visit.image("two tags")
    for tag in ("kept", "old"):
        visit.put(image, tag)
    deleted = visit.delete("manifests", "old")
    after = [visit.get("manifests", tag).status_code for tag in ("old", "kept")]
    return _found(after == [404, 200], deleted.status_code)


@_step("delete a manifest", "content management", "MAY", "Deleting Manifests: end-9")
def manifest_deleted(visit: Visit) -> Found:
    """Asked: "a `GET` to `/v2/<name>/manifests/<digest>` and any tag pointing to that digest will return a 404"."""
    image = visit.image("to be deleted")
    visit.put(image, "gone")
    deleted = visit.delete("manifests", digest_of(image))
    after = [visit.get("manifests", name).status_code for name in (digest_of(image), "gone")]
    but = "its tag still answers" if after == [404, 200] else ""
    return _found(after == [404, 404], deleted.status_code, but=but)


@_step("delete a blob", "content management", "MAY", "Deleting Blobs: end-10")
def blob_deleted(visit: Visit) -> Found:
    """Asked: "Registries MAY implement deletion or they MAY disable it"."""
    digest = visit.upload(b"a blob to be deleted")["digest"]
    deleted = visit.delete("blobs", digest)
    return _found(visit.get("blobs", digest).status_code == 404, deleted.status_code)


def _report(visit: Visit, text: str, **fields: object) -> bytes:
    """Upload the blobs of an artifact, a report; return its manifest."""
    config = visit.upload(b"{}") | {"mediaType": EMPTY}
    layers = [visit.upload(text.encode()) | {"mediaType": "text/plain"}]
    kind = "application/vnd.example.report"
    return document(MANIFEST, artifactType=kind, config=config, layers=layers, **fields)


def _with_tags(visit: Visit) -> Visit:
    image = visit.image("a layer")
    for tag in _TAGS:
        visit.put(image, tag)
    return visit


def _tags(visit: Visit, **asked: str) -> tuple[int, list[str]]:
    answer = visit.get("tags", "list", params=asked)
    return answer.status_code, (answer.json()["tags"] or []) if answer.is_success else []
