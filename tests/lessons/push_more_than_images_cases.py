"""Right, blank and wrong answers to lesson 4."""

from __future__ import annotations

import json
from typing import Any

from labs import lessons
from labs.lesson.lab import Lab
from labs.lessons.push_more_than_images.two_platforms import (
    INDEX,
    deliver_shop,
    push_two_platforms,
)
from labs.playground import Playground
from labs.registry import digest_of
from tests.lessons.actions import nothing, push
from tests.lessons.cases import Blank, Give, Right, Table, Wrong, choose
from tests.lessons.speak_the_api_cases import (
    DOCKER,
    JSON,
    OCI,
    begun,
    empty_registry,
    http,
    put,
    put_json,
    registry,
    same_bytes,
    upload,
)

REVIEW, REPORT = "application/vnd.example.review", "application/vnd.example.report"
SIGNATURE, SCAN = "application/vnd.example.signature", "application/vnd.example.scan"


def opened(playground: Playground) -> Lab:
    return Lab(lessons.find("push-more-than-images"), playground)


# 4.2


def delivered(playground: Playground) -> None:
    begun(playground)
    deliver_shop(opened(playground))


def delivered_entries(playground: Playground) -> list[JSON]:
    delivered(playground)
    entries: list[JSON] = registry(playground).manifest("shop/app", "1").json["manifests"]
    return entries


def architecture_of(playground: Playground, entry: JSON) -> str:
    image = registry(playground).manifest("shop/app", entry["digest"])
    config = registry(playground).blob("shop/app", image.json["config"]["digest"])
    return str(json.loads(config)["architecture"])


def right_entries(playground: Playground) -> list[JSON]:
    return [
        {**entry, "platform": {"os": "linux", "architecture": architecture_of(playground, entry)}}
        for entry in delivered_entries(playground)
    ]


def put_index(playground: Playground, entries: list[JSON], *, tag: str = "1") -> None:
    put_json(playground, "shop/app", tag, {"mediaType": INDEX, "manifests": entries})


def mended(playground: Playground) -> None:
    put_index(playground, right_entries(playground))


def mended_in_another_order(playground: Playground) -> None:
    entries = [{"annotations": {"by": "hand"}, **entry} for entry in right_entries(playground)]
    put_index(playground, entries[::-1])


def mended_as_tag_2(playground: Playground) -> None:
    put_index(playground, right_entries(playground), tag="2")


def mended_by_the_one_for_this_node(playground: Playground) -> None:
    here = playground.node(1).docker.version()["Arch"]
    (own,) = (e for e in right_entries(playground) if e["platform"]["architecture"] == here)
    document = registry(playground).manifest("shop/app", own["digest"])
    put(playground, "shop/app", "1", document.content, document.media_type)


def mended_by_an_index_of_one(playground: Playground) -> None:
    here = playground.node(1).docker.version()["Arch"]
    entries = right_entries(playground)
    put_index(playground, [e for e in entries if e["platform"]["architecture"] == here])


def mended_by_other_images(playground: Playground) -> None:
    """The configs were made to fit the index: two other images."""
    delivered(playground)
    images = push_two_platforms(opened(playground), "shop/app", "Hello")
    put_index(
        playground,
        [
            {**image, "platform": {"os": "linux", "architecture": architecture}}
            for architecture, image in images.items()
        ],
    )


def mended_without_platforms(playground: Playground) -> None:
    entries = delivered_entries(playground)
    for entry in entries:
        del entry["platform"]
    put_index(playground, entries)


def mended_half(playground: Playground) -> None:
    """Both have the platform of this node."""
    entries = right_entries(playground)
    for entry in entries:
        entry["platform"]["architecture"] = playground.node(1).docker.version()["Arch"]
    put_index(playground, entries)


def mended_by_more_entries(playground: Playground) -> None:
    entries = right_entries(playground)
    put_index(playground, [*entries, *entries])


def mended_behind_the_wrong_entries(playground: Playground) -> None:
    """An engine takes the first entry that fits."""
    entries = right_entries(playground)
    platforms = [entry["platform"] for entry in entries][::-1]
    wrong = [{**e, "platform": other} for e, other in zip(entries, platforms, strict=True)]
    put_index(playground, [*wrong, *entries])


def mended_by_entries_of_another_size(playground: Playground) -> None:
    put_index(playground, [{**entry, "size": 7} for entry in right_entries(playground)])


def mended_and_refused(playground: Playground) -> None:
    """As a manifest: its Content-Type is not the mediaType in it."""
    content = {"schemaVersion": 2, "mediaType": INDEX, "manifests": right_entries(playground)}
    with http(playground) as client:
        reply = client.put(
            "/v2/shop/app/manifests/1",
            content=json.dumps(content),
            headers={"content-type": DOCKER},
        )
    assert reply.status_code == 400


# 4.3


def both_pushed(playground: Playground) -> JSON:
    """The index of the lesson's cell."""
    begun(playground)
    images = push_two_platforms(opened(playground), "by-hand", "pushed by hand")
    entries = [
        {**image, "platform": {"os": "linux", "architecture": architecture}}
        for architecture, image in images.items()
    ]
    return put_json(playground, "by-hand", "both", {"mediaType": INDEX, "manifests": entries})


def pushed(playground: Playground) -> None:
    both_pushed(playground)


def header(*types: str) -> Give:
    return lambda _playground: {"accept": ", ".join(types)}


def given(accept: object) -> Give:
    return lambda _playground: {"accept": accept}


# 4.5


def artifact(playground: Playground, repository: str = "busybox", **changes: Any) -> JSON:
    """Put a review of busybox:latest, changed, and return what an index should list."""
    subject = registry(playground).head("busybox", "latest")
    document = {
        "mediaType": f"{OCI}.manifest.v1+json",
        "artifactType": REVIEW,
        "config": upload(playground, repository, b"{}", "application/vnd.oci.empty.v1+json"),
        "layers": [upload(playground, repository, b"small and good", "text/plain")],
        "subject": {
            "mediaType": subject.media_type,
            "digest": subject.digest,
            "size": subject.size_bytes,
        },
        **changes,
    }
    document = {key: value for key, value in document.items() if value is not None}
    return {**put_json(playground, repository, "", document), "artifactType": REVIEW}


def entries_at(playground: Playground, repository: str, tag: str) -> list[JSON]:
    with http(playground) as client:
        accept = {"accept": f"{OCI}.index.v1+json"}
        reply = client.get(f"/v2/{repository}/manifests/{tag}", headers=accept)
    return reply.json()["manifests"] if reply.is_success else []


def list_them(
    playground: Playground,
    entries: list[JSON],
    *,
    tag: str = "",
    to: str = "busybox",
    over: bool = False,
) -> None:
    """Append entries to the list under a fallback tag, or write them over it."""
    named = (tag or registry(playground).head("busybox", "latest").digest).replace(":", "-")
    before = [] if over else entries_at(playground, to, named)
    document = {"mediaType": f"{OCI}.index.v1+json", "manifests": [*before, *entries]}
    put_json(playground, to, named, document)


def attached_report(playground: Playground) -> JSON:
    return {**artifact(playground, artifactType=REPORT), "artifactType": REPORT}


def reported(playground: Playground) -> None:
    """The lesson's cells before the exercise: a report is attached."""
    begun(playground)
    list_them(playground, [attached_report(playground)])


def report_not_listed(playground: Playground) -> None:
    """The cell that attaches the report was run, and not the one that lists it."""
    begun(playground)
    attached_report(playground)


def overwritten(playground: Playground) -> None:
    reported(playground)
    list_them(playground, [artifact(playground)], over=True)


def report_listed_without_its_type(playground: Playground) -> None:
    reported(playground)
    report = attached_report(playground)
    del report["artifactType"]
    list_them(playground, [report, artifact(playground)], over=True)


def report_attached_again(playground: Playground) -> None:
    """Lost first, by a list that was not read, and then repaired."""
    overwritten(playground)
    list_them(playground, [attached_report(playground)])


def reviewed_without_the_report(playground: Playground) -> None:
    """The cells that attach it were not run: there is nothing to lose."""
    begun(playground)
    list_them(playground, [artifact(playground)])


def reviewed_before_the_report(playground: Playground) -> None:
    reported(playground)
    list_them(playground, [artifact(playground), attached_report(playground)], over=True)


def reviewed(playground: Playground) -> None:
    reported(playground)
    list_them(playground, [artifact(playground)])


def reviewed_beside_a_signature(playground: Playground) -> None:
    reported(playground)
    signature = artifact(playground, artifactType="application/vnd.example.signature")
    signature["artifactType"] = "application/vnd.example.signature"
    list_them(playground, [signature, artifact(playground)])


def reviewed_with_a_tag_of_its_own(playground: Playground) -> None:
    reported(playground)
    entry = artifact(playground)
    document = registry(playground).manifest("busybox", entry["digest"])
    put(playground, "busybox", "review", document.content, document.media_type)
    list_them(playground, [entry])


def reviewed_with_the_type_of_the_config(playground: Playground) -> None:
    """Without artifactType in the manifest: the config's media type is the artifact's."""
    reported(playground)
    config = upload(playground, "busybox", b"{}", REVIEW)
    list_them(playground, [artifact(playground, artifactType=None, config=config)])


def not_listed(playground: Playground) -> None:
    reported(playground)
    artifact(playground)


def review_under_the_fallback_tag(playground: Playground) -> None:
    reported(playground)
    document = registry(playground).manifest("busybox", artifact(playground)["digest"])
    fallback = registry(playground).head("busybox", "latest").digest.replace(":", "-")
    put(playground, "busybox", fallback, document.content, document.media_type)


def empty_list(playground: Playground) -> None:
    reported(playground)
    artifact(playground)
    list_them(playground, [], over=True)


def tag_of_the_reviews_digest(playground: Playground) -> None:
    reported(playground)
    entry = artifact(playground)
    list_them(playground, [entry], tag=entry["digest"])


def list_in_another_repository(playground: Playground) -> None:
    reported(playground)
    push(playground, "busybox", "127.0.0.1:5000/by-hand:1")
    list_them(playground, [artifact(playground, "by-hand")], to="by-hand")


def no_subject(playground: Playground) -> None:
    reported(playground)
    list_them(playground, [artifact(playground, subject=None)])


def subject_is_the_config(playground: Playground) -> None:
    reported(playground)
    config = registry(playground).manifest("busybox", "latest").json["config"]
    list_them(playground, [artifact(playground, subject=config)])


def subject_with_another_size(playground: Playground) -> None:
    reported(playground)
    latest = registry(playground).head("busybox", "latest")
    subject = {"mediaType": latest.media_type, "digest": latest.digest, "size": 1}
    list_them(playground, [artifact(playground, subject=subject)])


def subject_of_another_type(playground: Playground) -> None:
    reported(playground)
    latest = registry(playground).head("busybox", "latest")
    kind = f"{OCI}.manifest.v1+json"
    subject = {"mediaType": kind, "digest": latest.digest, "size": latest.size_bytes}
    list_them(playground, [artifact(playground, subject=subject)])


def listed_with_another_size(playground: Playground) -> None:
    reported(playground)
    list_them(playground, [{**artifact(playground), "size": 2}])


def listed_as_an_index(playground: Playground) -> None:
    reported(playground)
    list_them(playground, [{**artifact(playground), "mediaType": f"{OCI}.index.v1+json"}])


def another_type(playground: Playground) -> None:
    reported(playground)
    list_them(playground, [artifact(playground, artifactType="text/plain")])


def no_type(playground: Playground) -> None:
    reported(playground)
    list_them(playground, [artifact(playground, artifactType=None)])


def type_not_in_the_list(playground: Playground) -> None:
    reported(playground)
    entry = artifact(playground)
    del entry["artifactType"]
    list_them(playground, [entry])


def another_type_in_the_list(playground: Playground) -> None:
    reported(playground)
    list_them(playground, [{**artifact(playground), "artifactType": "text/plain"}])


def no_text(playground: Playground) -> None:
    reported(playground)
    list_them(playground, [artifact(playground, layers=[])])


def artifact_refused(playground: Playground) -> None:
    """Its layer was not uploaded."""
    reported(playground)
    missing = {"mediaType": "text/plain", "digest": digest_of(b"never sent"), "size": 10}
    document = {"schemaVersion": 2, "mediaType": f"{OCI}.manifest.v1+json", "artifactType": REVIEW}
    document["config"] = upload(playground, "busybox", b"{}", "application/vnd.oci.empty.v1+json")
    document["layers"] = [missing]
    content = json.dumps(document).encode()
    with http(playground) as client:
        reply = client.put(
            f"/v2/busybox/manifests/{digest_of(content)}",
            content=content,
            headers={"content-type": f"{OCI}.manifest.v1+json"},
        )
    assert reply.status_code == 400


# 4.7


def attached(
    playground: Playground, subject: JSON, kind: str, text: bytes = b"all is well"
) -> JSON:
    """What the lesson's `attach` returns."""
    document = {
        "mediaType": f"{OCI}.manifest.v1+json",
        "artifactType": kind,
        "config": upload(playground, "by-hand", b"{}", "application/vnd.oci.empty.v1+json"),
        "layers": [upload(playground, "by-hand", text, "text/plain")],
        "subject": subject,
    }
    return {**put_json(playground, "by-hand", "", document), "artifactType": kind}


def race(playground: Playground) -> tuple[JSON, JSON, JSON]:
    """The lesson's cell: only the scan is listed. The subject, the signature and the scan."""
    subject = both_pushed(playground)
    signature, scan = (attached(playground, subject, kind) for kind in (SIGNATURE, SCAN))
    put_list(playground, subject, [scan])
    return subject, signature, scan


def put_list(playground: Playground, subject: JSON, entries: list[JSON]) -> None:
    tag = subject["digest"].replace(":", "-")
    put_json(playground, "by-hand", tag, {"mediaType": INDEX, "manifests": entries})


def raced(playground: Playground) -> None:
    race(playground)


def signature_appended(playground: Playground) -> None:
    subject, signature, scan = race(playground)
    put_list(playground, subject, [scan, signature])


def signature_in_front_beside_a_review(playground: Playground) -> None:
    subject, signature, scan = race(playground)
    review = attached(playground, subject, REVIEW)
    put_list(playground, subject, [review, signature, scan])


def scan_lost(playground: Playground) -> None:
    subject, signature, _scan = race(playground)
    put_list(playground, subject, [signature])


def both_lost(playground: Playground) -> None:
    subject, _signature, _scan = race(playground)
    put_list(playground, subject, [])


def another_signature(playground: Playground) -> None:
    subject, _signature, scan = race(playground)
    other = attached(playground, subject, SIGNATURE, b"signed again")
    put_list(playground, subject, [scan, other])


def signature_without_its_type(playground: Playground) -> None:
    subject, signature, scan = race(playground)
    del signature["artifactType"]
    put_list(playground, subject, [scan, signature])


def signature_as_a_scan(playground: Playground) -> None:
    subject, signature, scan = race(playground)
    put_list(playground, subject, [scan, {**signature, "artifactType": SCAN}])


def signature_of_another_size(playground: Playground) -> None:
    subject, signature, scan = race(playground)
    put_list(playground, subject, [scan, {**signature, "size": 2}])


def list_refused(playground: Playground) -> None:
    """Its Content-Type is not the mediaType in it."""
    subject, signature, scan = race(playground)
    content = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [scan, signature]}
    with http(playground) as client:
        reply = client.put(
            f"/v2/by-hand/manifests/{subject['digest'].replace(':', '-')}",
            content=json.dumps(content),
            headers={"content-type": DOCKER},
        )
    assert reply.status_code == 400


NO_REGISTRY = "run a registry that answers on port 5000"
NO_BASE = "run the lesson's first cell: it pushes busybox:latest to port 5000"
LOST = "the list names the review and not the report that was there: it is stored, and no client finds it"
APPEND = (
    "GET the list, append your entry to those in it, PUT it back. Then append the report again, too"
)
REVIEW_IT = f"attach a review to busybox:latest, with the artifact type {REVIEW}"
MISLISTED = "the index lists the review with another media type or size than it has"
ENTRY = "put_manifest returns the entry; or HEAD the review and copy what it tells"
REPEAT = "readers choose by the entry alone: repeat artifactType in it"
TYPE_PLACE = '"artifactType" stands beside "mediaType" in the artifact\'s manifest'
WHOLE_SUBJECT = (
    "a descriptor is media type, digest and size, all three of the manifest that HEAD tells of"
)
TWO_PLACES = (
    "the review is stored under its own digest; the fallback tag holds the list of referrers"
)
CHANGED = "The label is in the config, so that has a new digest, and so has the manifest."
DELIVER = "run the cell that delivers shop/app:1 first"
MEND_IT = "shop/app:1 is as it was delivered: PUT an index whose platforms are right"
KEEP = "keep each entry with its digest, and change what it says of the platform"
CELLS_ABOVE = "run the cells above: they push by-hand:both"
BOTH_CELLS_ABOVE = "run the cells above: they push busybox:latest and by-hand:both"
GIVE_ACCEPT = 'give the header: lab.check("4.3", accept="…")'
OCI_MANIFEST = f"{OCI}.manifest.v1+json"
ONE_TEXT = 'one text, the types in it separated by commas: "application/…, application/…"'
BRING_IT = "bring the lost signature back into the list of by-hand:both"
APPEND_IT = (
    "GET the list, append the entry that is missing to those in it, PUT it back, and look again"
)
WHOLE_ENTRIES = "readers choose by the entry alone: `signature` and `scan` are whole entries"


def letter(kind: str) -> str:
    return f"its type is {kind}: is it in the list, letter by letter?"


CASES: Table = {
    "4.1": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Blank(nothing, "there is no choice 'd'; choose a, b or c", choose("d")),
        Right(nothing, CHANGED, choose("b")),
        Wrong(nothing, "A HEAD for each layer answers 200, so no layer is sent.", "", choose("a")),
        Wrong(
            nothing,
            "The manifest lists the config by its digest, and the registry does not have that config yet.",
            "",
            choose("c"),
        ),
    ],
    "4.2": [
        Blank(nothing, NO_REGISTRY),
        Blank(begun, DELIVER),
        Blank(delivered, MEND_IT),
        Right(mended),
        Right(mended_in_another_order),
        Wrong(
            mended_by_the_one_for_this_node,
            "shop/app:1 is one image, wanted an index of two",
            "an engine with another processor pulls the same tag: keep both in the index",
        ),
        Wrong(
            mended_by_an_index_of_one,
            "the index lists 1 of the two images that were delivered",
            KEEP,
        ),
        Wrong(
            mended_by_other_images, "the index lists 0 of the two images that were delivered", KEEP
        ),
        Wrong(
            mended_without_platforms,
            "an entry of the index has no platform",
            '"platform": {"os": "linux", "architecture": …} stands beside "digest" in each entry',
        ),
        Wrong(
            mended_half,
            "the index says of an image another platform than its config does",
            'the config of an image has its "os" and "architecture": GET manifest, then blob',
        ),
        Wrong(
            mended_behind_the_wrong_entries,
            "the index says of an image another platform than its config does",
            'the config of an image has its "os" and "architecture": GET manifest, then blob',
        ),
        Wrong(
            mended_by_more_entries,
            "the index lists more than the two images that were delivered",
            "an engine takes the first entry that fits: list each image once",
        ),
        Wrong(
            mended_by_entries_of_another_size,
            "the index lists an image with another media type or size than it has",
            "take the entries of the index as they are, and change what they say of the platform",
        ),
        Wrong(
            mended_as_tag_2,
            'shop/app has tags ["2"] beside 1, and 1 is as it was delivered',
            'put the index under the same tag: put_manifest(http, "shop/app", "1", …)',
        ),
        Wrong(
            mended_and_refused,
            "the last PUT of a manifest to shop/app was answered with 400",
            "print status_code and text of the answer; Content-Type is the mediaType of the index",
        ),
    ],
    "4.3": [
        Blank(nothing, NO_REGISTRY),
        Blank(begun, BOTH_CELLS_ABOVE),
        Blank(pushed, GIVE_ACCEPT, given(None)),
        Right(pushed, give=header(DOCKER, INDEX, OCI_MANIFEST)),
        Right(pushed, give=header("text/html", OCI_MANIFEST, DOCKER, INDEX)),
        Wrong(
            pushed,
            "with this header the registry answers 404 for by-hand:both",
            letter(INDEX),
            header(DOCKER),
        ),
        Wrong(
            pushed,
            "with this header the registry makes up another manifest for busybox:latest",
            letter(DOCKER),
            header(INDEX, OCI_MANIFEST),
        ),
        Wrong(
            pushed,
            "with this header the registry answers 404 for an image of by-hand",
            letter(OCI_MANIFEST),
            header(DOCKER, INDEX),
        ),
        Wrong(
            pushed,
            "with this header the registry makes up another manifest for busybox:latest",
            letter(DOCKER),
            header("*/*"),
        ),
        Wrong(
            pushed,
            "with this header the registry answers 404 for by-hand:both",
            letter(INDEX),
            header(DOCKER, "application/vnd.oci.image.index.v1", OCI_MANIFEST),
        ),
        Wrong(
            pushed,
            "accept is not the text of a header",
            ONE_TEXT,
            given([DOCKER, INDEX, OCI_MANIFEST]),
        ),
        Wrong(
            pushed,
            "accept is not the text of a header",
            ONE_TEXT,
            given({"accept": f"{DOCKER}, {INDEX}, {OCI_MANIFEST}"}),
        ),
    ],
    "4.4": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "The report points at the image, not the image at the report. A signature would be useless "
            "otherwise: it would change what it signs.",
            choose("a"),
        ),
        Wrong(
            nothing, "A digest that changes with each report could not be signed.", "", choose("b")
        ),
        Wrong(
            nothing,
            "Layers are listed in the manifest, and one more would give it another digest.",
            "",
            choose("c"),
        ),
    ],
    "4.5": [
        Blank(nothing, NO_REGISTRY),
        Blank(empty_registry, NO_BASE),
        Blank(begun, REVIEW_IT),
        Blank(same_bytes, REVIEW_IT),
        Blank(reported, REVIEW_IT),
        Blank(report_not_listed, REVIEW_IT),
        Right(reviewed),
        Right(reviewed_before_the_report),
        Right(reviewed_without_the_report),
        Right(report_attached_again),
        Right(reviewed_beside_a_signature),
        Right(reviewed_with_a_tag_of_its_own),
        Right(reviewed_with_the_type_of_the_config),
        Wrong(overwritten, LOST, APPEND),
        Wrong(report_listed_without_its_type, LOST, APPEND),
        Wrong(
            not_listed,
            "busybox holds a manifest with a subject, and no list names it",
            "this registry keeps no list itself: append an entry to the index under the fallback tag",
        ),
        Wrong(
            review_under_the_fallback_tag,
            "the fallback tag names a manifest, wanted an index that lists the review",
            TWO_PLACES,
        ),
        Wrong(
            empty_list,
            "the fallback tag names an index that lists nothing, wanted an index that lists the review",
            TWO_PLACES,
        ),
        Wrong(
            tag_of_the_reviews_digest,
            "busybox has a fallback tag, but not for the digest of busybox:latest",
            "the tag is the subject's digest, with - in place of :",
        ),
        Wrong(
            list_in_another_repository,
            "the list for busybox:latest is in another repository, wanted busybox",
            "a referrer lives in the repository of its subject",
        ),
        Wrong(
            no_subject,
            "the review has no subject",
            "the descriptor of busybox:latest belongs into the review, under subject",
        ),
        Wrong(subject_is_the_config, "the review's subject is not busybox:latest", WHOLE_SUBJECT),
        Wrong(
            subject_with_another_size, "the review's subject is not busybox:latest", WHOLE_SUBJECT
        ),
        Wrong(subject_of_another_type, "the review's subject is not busybox:latest", WHOLE_SUBJECT),
        Wrong(listed_with_another_size, MISLISTED, ENTRY),
        Wrong(listed_as_an_index, MISLISTED, ENTRY),
        Wrong(
            another_type,
            f'the index lists a manifest with the artifact type "text/plain", wanted "{REVIEW}"',
            TYPE_PLACE,
        ),
        Wrong(
            no_type,
            f'the index lists a manifest with the artifact type "", wanted "{REVIEW}"',
            TYPE_PLACE,
        ),
        Wrong(
            type_not_in_the_list,
            "the index lists the review without its artifact type",
            REPEAT,
        ),
        Wrong(another_type_in_the_list, 'the index lists the review as "text/plain"', REPEAT),
        Wrong(
            no_text,
            "the review holds no text",
            "upload the text and list it as the review's layer",
        ),
        Wrong(
            artifact_refused,
            "the last PUT of a manifest to busybox was answered with 400",
            "print status_code and text of the answer: what a manifest lists has to be in the repository before it",
        ),
    ],
    "4.6": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(nothing, "And no client is told: both were answered with 201.", choose("b")),
        Wrong(
            nothing,
            "A PUT writes the whole document: the registry does not add two lists together.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "A tag may be moved at any time, so a PUT under the same tag is not refused.",
            "",
            choose("c"),
        ),
    ],
    "4.7": [
        Blank(nothing, NO_REGISTRY),
        Blank(begun, CELLS_ABOVE),
        Blank(pushed, "run the cell in which two clients attach something"),
        Blank(raced, BRING_IT),
        Right(signature_appended),
        Right(signature_in_front_beside_a_review),
        Wrong(scan_lost, "the list names the signature, and now the scan is lost", APPEND_IT),
        Wrong(both_lost, "the list names neither the signature nor the scan", APPEND_IT),
        Wrong(
            another_signature,
            "the list names a signature, and not the one that was lost",
            "nothing has to be attached again: it is stored, and `signature` is its entry",
        ),
        Wrong(
            signature_without_its_type,
            "the list names one of the two without an artifact type",
            WHOLE_ENTRIES,
        ),
        Wrong(
            signature_as_a_scan,
            f'the list names one of the two as "{SCAN}"',
            WHOLE_ENTRIES,
        ),
        Wrong(
            signature_of_another_size,
            "the list names one of the two with another media type or size than it has",
            "`signature` and `scan` are whole entries: put them into the list as they are",
        ),
        Wrong(
            list_refused,
            "the last PUT of a manifest to by-hand was answered with 400",
            APPEND_IT,
        ),
    ],
}
