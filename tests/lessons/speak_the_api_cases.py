"""Right, blank and wrong answers to lesson 3."""

from __future__ import annotations

import json
from typing import Any

import httpx

from labs.lesson import transfer
from labs.playground import Playground
from labs.registry import RegistryClient, authorities, digest_of
from tests.lessons.actions import nothing, pull, push, run, wait
from tests.lessons.cases import Blank, Right, Table, Wrong, choose

OCI = "application/vnd.oci.image"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
REVIEW, REPORT = "application/vnd.example.review", "application/vnd.example.report"
SENTENCE = "I speak the API"
JSON = dict[str, Any]


def http(playground: Playground) -> httpx.Client:
    url = playground.node(1).url(5000)
    return httpx.Client(base_url=url, verify=authorities(), trust_env=False)


def registry(playground: Playground) -> RegistryClient:
    return RegistryClient(playground.node(1).url(5000))


def begun(playground: Playground) -> None:
    run(playground, "registry", ports={"5000/tcp": 5000})
    wait(playground, 5000)
    push(playground, "busybox", "127.0.0.1:5000/busybox:latest")


def empty_registry(playground: Playground) -> None:
    run(playground, "registry", ports={"5000/tcp": 5000})
    wait(playground, 5000)


def upload(playground: Playground, repository: str, content: bytes, kind: str) -> JSON:
    with http(playground) as client:
        where = client.post(f"/v2/{repository}/blobs/uploads/").headers["location"]
        client.put(f"{where}&digest={digest_of(content)}", content=content).raise_for_status()
    return {"mediaType": kind, "digest": digest_of(content), "size": len(content)}


def put(playground: Playground, repository: str, tag: str, content: bytes, kind: str) -> JSON:
    with http(playground) as client:
        path = f"/v2/{repository}/manifests/{tag or digest_of(content)}"
        reply = client.put(path, content=content, headers={"content-type": kind})
        reply.raise_for_status()
    return {"mediaType": kind, "digest": digest_of(content), "size": len(content)}


def put_json(playground: Playground, repository: str, tag: str, document: JSON) -> JSON:
    content = json.dumps({"schemaVersion": 2, **document}).encode()
    return put(playground, repository, tag, content, document["mediaType"])


# 3.1


def same_bytes(playground: Playground) -> None:
    begun(playground)
    latest = registry(playground).manifest("busybox", "latest")
    put(playground, "busybox", "stable", latest.content, latest.media_type)


def pushed_by_docker(playground: Playground) -> None:
    begun(playground)
    push(playground, "busybox", "127.0.0.1:5000/busybox:stable")


def json_rewritten(playground: Playground) -> None:
    begun(playground)
    latest = registry(playground).manifest("busybox", "latest")
    put(playground, "busybox", "stable", json.dumps(latest.json).encode(), latest.media_type)


def another_image_as_stable(playground: Playground) -> None:
    begun(playground)
    push(playground, "hello-world", "127.0.0.1:5000/busybox:stable")


def index_of_latest_as_stable(playground: Playground) -> None:
    begun(playground)
    latest = registry(playground).head("busybox", "latest")
    entry = {"mediaType": latest.media_type, "digest": latest.digest, "size": latest.size_bytes}
    put_json(
        playground, "busybox", "stable", {"mediaType": f"{OCI}.index.v1+json", "manifests": [entry]}
    )


def both_tags_rewritten(playground: Playground) -> None:
    begun(playground)
    push(playground, "busybox", "127.0.0.1:5000/team/base:latest")
    latest = registry(playground).manifest("busybox", "latest")
    for tag in ("latest", "stable"):
        put(playground, "busybox", tag, json.dumps(latest.json).encode(), latest.media_type)


def latest_moved_to_another_image(playground: Playground) -> None:
    """Both tags, and those of the lesson's other repositories, are another image."""
    begun(playground)
    for to in ("busybox:latest", "busybox:stable", "team/base:latest", "team/tools:latest"):
        push(playground, "hello-world", f"127.0.0.1:5000/{to}")


def tag_with_another_name(playground: Playground) -> None:
    begun(playground)
    push(playground, "busybox", "127.0.0.1:5000/busybox:Stable")


def stable_elsewhere(playground: Playground) -> None:
    begun(playground)
    push(playground, "busybox", "127.0.0.1:5000/team/busybox:stable")


def tagged_on_the_engine_only(playground: Playground) -> None:
    begun(playground)
    pull(playground, "busybox").tag("127.0.0.1:5000/busybox", tag="stable")


# 3.2


def base(playground: Playground, repository: str) -> tuple[JSON, JSON]:
    """Busybox's layer in `repository`, and busybox's config."""
    begun(playground)
    manifest = registry(playground).manifest("busybox", "latest")
    layer, config = manifest.json["layers"][0], manifest.json["config"]
    with http(playground) as client:
        params = {"mount": layer["digest"], "from": "busybox"}
        assert client.post(f"/v2/{repository}/blobs/uploads/", params=params).status_code == 201
    layer["mediaType"] = f"{OCI}.layer.v1.tar+gzip"
    return layer, json.loads(registry(playground).blob("busybox", config["digest"]))


def shout(
    playground: Playground,
    *,
    command: list[str] | None = None,
    to: str = "mine/shout",
    tag: str = "1",
    changes: JSON | None = None,
    kind: str = f"{OCI}.config.v1+json",
) -> JSON:
    """Push an image by hand that runs `command`, its config changed; return its descriptor."""
    layer, config = base(playground, to)
    made = {
        "os": "linux",
        "architecture": config["architecture"],
        "config": {"Cmd": command or ["echo", SENTENCE]},
        "rootfs": config["rootfs"],
        **(changes or {}),
    }
    blob = upload(playground, to, json.dumps(made).encode(), kind)
    document = {"mediaType": f"{OCI}.manifest.v1+json", "config": blob, "layers": [layer]}
    return {
        **put_json(playground, to, tag, document),
        "platform": {"os": "linux", "architecture": config["architecture"]},
    }


def by_hand(playground: Playground) -> None:
    shout(playground)


def with_an_entrypoint(playground: Playground) -> None:
    shout(
        playground,
        changes={"config": {"Entrypoint": ["/bin/echo", "I", "speak"], "Cmd": ["the API"]}},
    )


def as_an_index(playground: Playground) -> None:
    image = shout(playground, tag="amd")
    document = {"mediaType": f"{OCI}.index.v1+json", "manifests": [image]}
    put_json(playground, "mine/shout", "1", document)


def built_and_pushed_by_docker(playground: Playground) -> None:
    begun(playground)
    engine = playground.node(1).docker
    made = engine.containers.create("busybox", command=["echo", SENTENCE])
    made.commit("127.0.0.1:5000/mine/shout", tag="1")
    made.remove()
    transfer.push(engine, "127.0.0.1:5000/mine/shout:1")
    engine.images.remove("127.0.0.1:5000/mine/shout:1")


def blobs_only(playground: Playground) -> None:
    base(playground, "mine/shout")
    upload(playground, "mine/shout", b"{}", f"{OCI}.config.v1+json")


def shout_as_latest(playground: Playground) -> None:
    shout(playground, tag="latest")


def shout_without_mine(playground: Playground) -> None:
    shout(playground, to="shout")


def another_sentence(playground: Playground) -> None:
    shout(playground, command=["echo", "i speak the api"])


def busybox_as_it_is(playground: Playground) -> None:
    begun(playground)
    push(playground, "busybox", "127.0.0.1:5000/mine/shout:1")


def digests_of_packed_layers(playground: Playground) -> None:
    begun(playground)
    packed = registry(playground).manifest("busybox", "latest").json["layers"][0]["digest"]
    playground.node(1).docker.containers.get("registry").remove(force=True)
    shout(playground, changes={"rootfs": {"type": "layers", "diff_ids": [packed]}})


def no_diff_ids(playground: Playground) -> None:
    shout(playground, changes={"rootfs": {"type": "layers", "diff_ids": []}})


def command_as_text(playground: Playground) -> None:
    shout(playground, command=[f"echo {SENTENCE}"])


def command_outside_config(playground: Playground) -> None:
    shout(playground, changes={"config": {}, "Cmd": ["echo", SENTENCE]})


def ends_with_an_error(playground: Playground) -> None:
    shout(playground, command=["sh", "-c", f"echo {SENTENCE}; exit 3"])


def never_ends(playground: Playground) -> None:
    shout(playground, command=["sh", "-c", f"echo {SENTENCE}; sleep 600"])


def for_another_platform(playground: Playground) -> None:
    begun(playground)
    other = "arm64" if playground.node(1).docker.version()["Arch"] == "amd64" else "amd64"
    playground.node(1).docker.containers.get("registry").remove(force=True)
    shout(playground, changes={"architecture": other})


def for_no_platform(playground: Playground) -> None:
    shout(playground, changes={"architecture": ""})


def config_marked_as_empty(playground: Playground) -> None:
    shout(playground, kind="application/vnd.oci.empty.v1+json")


# 3.3


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


OTHER_PLATFORM = (
    "mine/shout:1 prints the sentence, but its config names another platform than this node's"
)
PLATFORM = '"os" and "architecture" of your config are those of busybox\'s config'
NO_REGISTRY = "run a registry that answers on port 5000"
NO_BASE = "run the lesson's first cell: it pushes busybox:latest to port 5000"
LOST = "the list names the review and not the report that was there: it is stored, and no client finds it"
APPEND = (
    "GET the list, append your entry to those in it, PUT it back. Then append the report again, too"
)
TAG_IT = "give busybox:latest the second tag stable"
SHOUT_IT = f'push an image as mine/shout:1 that prints "{SENTENCE}"'
REVIEW_IT = f"attach a review to busybox:latest, with the artifact type {REVIEW}"
EXACT_BYTES = "GET the manifest of latest, with Accept, and PUT exactly these bytes"
COMMAND = 'what runs is in the config, under "config": {"Cmd": ["echo", …]}'
ONLY_LAYERS = "there is only what the layers hold: busybox has echo, sh and cat"
DIFF_IDS = "rootfs.diff_ids has a digest for each layer, in their order, unpacked"
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
NO_MATCH = (
    "mine/shout:1: the engine cannot pull it: layers from manifest don't match image configuration"
)
CHANGED = "The label is in the config, so that has a new digest, and so has the manifest."

CASES: Table = {
    "3.1": [
        Blank(nothing, NO_REGISTRY),
        Blank(empty_registry, NO_BASE),
        Blank(begun, TAG_IT),
        Blank(tagged_on_the_engine_only, TAG_IT),
        Right(same_bytes),
        Right(pushed_by_docker),
        Wrong(
            json_rewritten,
            "busybox:stable has the same fields as busybox:latest, in other bytes: another digest",
            "JSON written again is another document: send reply.content, not json.dumps(reply.json())",
        ),
        Wrong(
            another_image_as_stable,
            "busybox:stable stands for another manifest than busybox:latest",
            EXACT_BYTES,
        ),
        Wrong(
            index_of_latest_as_stable,
            "busybox:stable stands for another manifest than busybox:latest",
            EXACT_BYTES,
        ),
        Wrong(
            both_tags_rewritten,
            "busybox:latest no longer stands for the manifest that was pushed: team/base:latest does",
            "latest was written again too: run the lesson's first cell again, then PUT to stable alone",
        ),
        Wrong(
            latest_moved_to_another_image,
            'busybox:latest is not busybox: it runs ["/hello"], wanted ["sh"]',
            'tag the image that docker.images.pull("busybox", tag="latest") gives',
        ),
        Wrong(
            tag_with_another_name,
            'busybox has tags ["Stable"] beside latest, wanted stable',
            "the tag is what follows /manifests/: PUT /v2/busybox/manifests/stable",
        ),
        Wrong(
            stable_elsewhere,
            '["team/busybox"] has the tag stable, wanted the repository busybox',
            "the repository stands before /manifests/: PUT /v2/busybox/manifests/stable",
        ),
    ],
    "3.2": [
        Blank(nothing, NO_REGISTRY),
        Blank(begun, SHOUT_IT),
        Right(by_hand),
        Right(with_an_entrypoint),
        Right(as_an_index),
        Right(built_and_pushed_by_docker),
        Wrong(
            blobs_only,
            "mine/shout has blobs and no manifest",
            "print the answer to the PUT: MANIFEST_BLOB_UNKNOWN means that a blob is not in this repository",
        ),
        Wrong(
            shout_as_latest,
            'repository "mine/shout" has tags ["latest"], wanted "1"',
            "PUT the manifest as /v2/mine/shout/manifests/1",
        ),
        Wrong(
            shout_without_mine,
            'the registry has ["shout"], wanted "mine/shout"',
            "blobs and manifest go to the same repository: /v2/mine/shout/…",
        ),
        Wrong(
            another_sentence,
            f'mine/shout:1 prints "i speak the api", wanted "{SENTENCE}"',
            COMMAND,
        ),
        Wrong(busybox_as_it_is, f'mine/shout:1 prints "", wanted "{SENTENCE}"', COMMAND),
        Wrong(
            digests_of_packed_layers,
            NO_MATCH,
            DIFF_IDS,
        ),
        Wrong(no_diff_ids, NO_MATCH, DIFF_IDS),
        Wrong(
            command_as_text,
            f'mine/shout:1: it cannot run: exec: "echo {SENTENCE}": executable file not found in $PATH',
            ONLY_LAYERS,
        ),
        Wrong(command_outside_config, "mine/shout:1: it cannot run: no command specified", COMMAND),
        Wrong(
            ends_with_an_error,
            "mine/shout:1: it ends with status 3",
            "docker.containers.run(…) shows what it says",
        ),
        Wrong(never_ends, "mine/shout:1: it still runs after 6 seconds", "print, and end"),
        Wrong(for_another_platform, OTHER_PLATFORM, PLATFORM),
        Wrong(for_no_platform, OTHER_PLATFORM, PLATFORM),
        Wrong(
            config_marked_as_empty,
            "mine/shout:1: the engine cannot pull it: "
            "unsupported media type application/vnd.oci.empty.v1+json",
            f"the config's media type is {OCI}.config.v1+json",
        ),
    ],
    "3.3": [
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
    ],
    "3.4": [
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
}
