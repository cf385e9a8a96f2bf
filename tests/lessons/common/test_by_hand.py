"""Images made by hand, as lesson 11 and the capstone push them: the same bytes in every run, in the right order."""

from __future__ import annotations

import json

import httpx
import pytest

from labs.lessons.clean_up import leaked_shop, old_builds
from labs.lessons.common.by_hand import HandMade, image, index, noise, push, signature
from labs.registry import digest_of


def sent_by_push(document: HandMade, tag: str | None, *, there: str = "") -> list[str]:
    """What a push sends, in order: the digests of blobs, and references of manifests.

    Args:
        document: What is pushed.
        tag: Its tag.
        there: The digest of a blob that the registry has.
    """
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.method == "HEAD":
            return httpx.Response(200 if path.endswith(f"/{there}") else 404)
        if request.method == "POST":
            return httpx.Response(202, headers={"location": "http://elsewhere/upload?state=s"})
        sent.append(request.url.params.get("digest") or path.rpartition("/")[2])
        return httpx.Response(201)

    transport = httpx.MockTransport(answer)
    with httpx.Client(base_url="http://registry", transport=transport) as http:
        assert push(http, "team/app", tag, document) == document.digest
    return sent


def test_noise_is_the_same_in_every_process() -> None:
    assert digest_of(noise("base", 0.001)).startswith("sha256:5d098a70")
    assert len(noise("base", 0.001)) == 1000
    assert noise("base", 0.001) != noise("other", 0.001)


def test_push_sends_blobs_before_manifest_and_images_before_index() -> None:
    one, two = image(b"1"), image(b"2", architecture="arm64")
    config, layer = one.blobs
    assert sent_by_push(one, "1") == [digest_of(config), digest_of(layer), "1"]
    sent = sent_by_push(index(one, two), "both")
    assert sent.index(one.digest) < sent.index(two.digest) < sent.index("both")


def test_push_does_not_send_what_is_there() -> None:
    one = image(b"1")
    config, layer = one.blobs
    assert sent_by_push(one, "1", there=digest_of(layer)) == [digest_of(config), "1"]


def test_signature_names_its_subject() -> None:
    subject = image(b"1")
    assert json.loads(signature(subject).content)["subject"]["digest"] == subject.digest


def test_index_tells_the_platform_of_each_image() -> None:
    listed = json.loads(index(image(b"1"), image(b"1", architecture="arm64")).content)["manifests"]
    assert [each["platform"]["architecture"] for each in listed] == ["amd64", "arm64"]


def test_layer_with_the_key_is_in_the_leaked_images_and_in_no_other() -> None:
    def has(document: HandMade) -> bool:
        parts = [has(part) for part in document.parts]
        return leaked_shop.LAYER in document.blobs or any(parts)

    assert all(has(document) for _, document in leaked_shop.LEAKED)
    assert not any(map(has, leaked_shop.KEPT.values()))
    assert leaked_shop.KEPT[leaked_shop.API, "2"].digest != leaked_shop.LEAKED[0][1].digest


def created(document: HandMade) -> str:
    first = document.parts[0] if document.parts else document
    return str(json.loads(first.blobs[0])["created"])


def test_kept_builds_are_the_newest_three_and_what_stable_is() -> None:
    builds = {t: d for t, d in old_builds.EVERYTHING.items() if not t.endswith(".sig")}
    newest = sorted({d.digest: created(d) for d in builds.values()}.items(), key=lambda it: it[1])
    wanted = {digest for digest, _ in newest[-3:]} | {builds["stable"].digest}
    assert {tag for tag in builds if builds[tag].digest in wanted} == set(builds) & set(
        old_builds.KEPT
    )


@pytest.mark.parametrize("tag", [t for t in old_builds.EVERYTHING if t.endswith(".sig")])
def test_signature_is_kept_with_what_it_signs(tag: str) -> None:
    signed = "sha256:" + tag.removeprefix("sha256-").removesuffix(".sig")
    tags = [each for each, made in old_builds.EVERYTHING.items() if made.digest == signed]
    assert {each in old_builds.KEPT for each in tags} == {tag in old_builds.KEPT}
    assert old_builds.shown(tag) == f"the signature of {tags[0]}"
