"""Right, blank and wrong answers to lesson 3."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from labs import lessons
from labs.lesson import transfer
from labs.lesson.lab import Lab
from labs.lessons.speak_the_api.first_images import push_first_images
from labs.lessons.speak_the_api.half_upload import begin_upload
from labs.playground import Playground
from labs.registry import RegistryClient, authorities, digest_of
from tests.lessons.actions import nothing, pull, push, run, wait
from tests.lessons.cases import Blank, Give, Right, Table, Wrong, choose

OCI = "application/vnd.oci.image"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
NOTE = b"I was uploaded by hand"
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


# 3.1, 3.2


def filled(playground: Playground) -> None:
    """The lesson's first cell."""
    empty_registry(playground)
    push_first_images(Lab(lessons.find("speak-the-api"), playground))


def filled_and_pushed_by_hand(playground: Playground) -> None:
    """Later cells have made a repository that `names` does not have."""
    filled(playground)
    upload(playground, "by-hand", b"A blob is any bytes", "text/plain")


def drawn_repository(playground: Playground) -> str:
    return next(name for name in registry(playground).catalog() if name.startswith("test/"))


def give_names(change: Callable[[list[str]], Any]) -> Give:
    """All repositories, changed."""
    return lambda playground: {"names": change(registry(playground).catalog())}


def config_of_drawn(playground: Playground) -> JSON:
    name = drawn_repository(playground)
    return json.loads(registry(playground).blob(name, config_digest(playground)))


def config_digest(playground: Playground) -> str:
    manifest = registry(playground).manifest(drawn_repository(playground), "1")
    return str(manifest.json["config"]["digest"])


def give_label(found: Callable[[Playground], Any]) -> Give:
    return lambda playground: {"label": found(playground)}


def drawn_label(playground: Playground) -> str:
    return str(config_of_drawn(playground)["config"]["Labels"]["drawn"])


def drawn_label_by_the_engine(playground: Playground) -> str:
    tag = f"127.0.0.1:5000/{drawn_repository(playground)}:1"
    image = playground.node(1).docker.images.pull(tag)
    return str(image.labels["drawn"])


def all_labels(playground: Playground) -> JSON:
    return dict(config_of_drawn(playground)["config"]["Labels"])


def digest_of_the_manifest(playground: Playground) -> str:
    return registry(playground).head(drawn_repository(playground), "1").digest


def end_of_the_name(playground: Playground) -> str:
    return drawn_repository(playground).removeprefix("test/")


# 3.4


def open_upload(playground: Playground, repository: str) -> str:
    with http(playground) as client:
        reply = client.post(f"/v2/{repository}/blobs/uploads/").raise_for_status()
    return str(reply.headers["location"])


def note_uploaded(playground: Playground) -> None:
    begun(playground)
    upload(playground, "notes", NOTE, "text/plain")


def note_in_chunks(playground: Playground) -> None:
    begun(playground)
    place = open_upload(playground, "notes")
    with http(playground) as client:
        for chunk in (NOTE[:4], NOTE[4:]):
            place = client.patch(place, content=chunk).headers["location"]
        client.put(f"{place}&digest={digest_of(NOTE)}").raise_for_status()


def note_with_a_newline(playground: Playground) -> None:
    begun(playground)
    upload(playground, "notes", NOTE + b"\n", "text/plain")


def note_in_by_hand(playground: Playground) -> None:
    begun(playground)
    upload(playground, "by-hand", NOTE, "text/plain")


def note_opened(playground: Playground) -> None:
    begun(playground)
    open_upload(playground, "notes")


def note_with_another_digest(playground: Playground) -> None:
    begun(playground)
    place = open_upload(playground, "notes")
    with http(playground) as client:
        reply = client.put(f"{place}&digest={digest_of(b'')}", content=NOTE)
    assert reply.status_code == 400


def note_to_a_name_that_no_repository_has(playground: Playground) -> None:
    begun(playground)
    with http(playground) as client:
        assert client.post("/v2/notes/blobs/upload/").status_code == 404


# 3.5


def interrupted(playground: Playground) -> tuple[str, bytes]:
    begun(playground)
    return begin_upload(Lab(lessons.find("speak-the-api"), playground))


def left_half_way(playground: Playground) -> None:
    interrupted(playground)


def arrived(playground: Playground, place: str) -> int:
    with http(playground) as client:
        return int(client.get(place).headers["range"].split("-")[1]) + 1


def finished_by_patch_and_put(playground: Playground) -> None:
    place, content = interrupted(playground)
    there = arrived(playground, place)
    with http(playground) as client:
        place = client.patch(place, content=content[there:]).headers["location"]
        client.put(f"{place}&digest={digest_of(content)}").raise_for_status()


def finished_by_put_alone(playground: Playground) -> None:
    place, content = interrupted(playground)
    there = arrived(playground, place)
    with http(playground) as client:
        reply = client.put(f"{place}&digest={digest_of(content)}", content=content[there:])
    reply.raise_for_status()


def finished_after_a_failed_try(playground: Playground) -> None:
    sent_from_the_beginning(playground)
    playground.node(1).docker.containers.get("registry").remove(force=True)
    finished_by_put_alone(playground)


def sent_from_the_beginning(playground: Playground) -> None:
    place, content = interrupted(playground)
    with http(playground) as client:
        reply = client.put(f"{place}&digest={digest_of(content)}", content=content)
    assert reply.status_code == 400


def one_byte_too_few(playground: Playground) -> None:
    """Range tells the last byte that is there, and it was taken for the first one that is missing, plus two."""
    place, content = interrupted(playground)
    there = arrived(playground, place)
    with http(playground) as client:
        client.patch(place, content=content[there + 1 :]).raise_for_status()


def not_closed(playground: Playground) -> None:
    place, content = interrupted(playground)
    there = arrived(playground, place)
    with http(playground) as client:
        client.patch(place, content=content[there:]).raise_for_status()


def closed_at_once(playground: Playground) -> None:
    place, content = interrupted(playground)
    with http(playground) as client:
        assert client.put(f"{place}&digest={digest_of(content)}").status_code == 400


def uploaded_again(playground: Playground) -> None:
    _place, content = interrupted(playground)
    upload(playground, "unfinished", content, "application/octet-stream")


def registry_run_again(playground: Playground) -> None:
    interrupted(playground)
    playground.node(1).docker.containers.get("registry").remove(force=True)
    begun(playground)


# 3.3


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


def put_without_its_type(playground: Playground) -> None:
    """Content-Type of the OCI: the document says another."""
    begun(playground)
    latest = registry(playground).manifest("busybox", "latest")
    with http(playground) as client:
        headers = {"content-type": f"{OCI}.index.v1+json"}
        reply = client.put("/v2/busybox/manifests/stable", content=latest.content, headers=headers)
    assert reply.status_code == 400


def tagged_on_the_engine_only(playground: Playground) -> None:
    begun(playground)
    pull(playground, "busybox").tag("127.0.0.1:5000/busybox", tag="stable")


# 3.7


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


def shout_to_a_name_in_capitals(playground: Playground) -> None:
    begun(playground)
    with http(playground) as client:
        assert client.post("/v2/mine/Shout/blobs/uploads/").status_code >= 400


OTHER_PLATFORM = (
    "mine/shout:1 prints the sentence, but its config names another platform than this node's"
)
PLATFORM = '"os" and "architecture" of your config are those of busybox\'s config'
NO_REGISTRY = "run a registry that answers on port 5000"
NO_BASE = "run the lesson's first cell: it pushes busybox:latest to port 5000"
FIRST_CELL = "run the lesson's first cell: it pushes images to port 5000"
TAG_IT = "give busybox:latest the second tag stable"
SHOUT_IT = f'push an image as mine/shout:1 that prints "{SENTENCE}"'
EXACT_BYTES = "GET the manifest of latest, with Accept, and PUT exactly these bytes"
COMMAND = 'what runs is in the config, under "config": {"Cmd": ["echo", …]}'
ONLY_LAYERS = "there is only what the layers hold: busybox has echo, sh and cat"
DIFF_IDS = "rootfs.diff_ids has a digest for each layer, in their order, unpacked"
NO_MATCH = (
    "mine/shout:1: the engine cannot pull it: layers from manifest don't match image configuration"
)
GIVE_NAMES = 'give all repositories: lab.check("3.1", names=…)'
NO_LIST = 'page.json() is a dictionary; its "repositories" are a list, and + joins two lists'
BOTH_PAGES = "the first page has two of them: names of the first page + names of the next one"
GIVE_LABEL = 'give the value of the label: lab.check("3.2", label=…)'
PRINT = "Print status_code and text of the answer: they say what is wrong"
UPLOAD_IT = "upload the text to the repository notes"
CLOSE_IT = f"PUT to the Location of the POST, with &digest=… and the bytes as content. {PRINT}"
BEGIN = "run the cell that begins the upload: begin_upload(lab)"
GO_ON = "GET place tells in Range what is there; send content from the next byte on, and close with PUT and the digest"

CASES: Table = {
    "3.1": [
        Blank(nothing, NO_REGISTRY),
        Blank(begun, FIRST_CELL),
        Blank(filled, GIVE_NAMES),
        Right(filled, give=give_names(lambda names: names)),
        Right(filled, give=give_names(lambda names: sorted(names, reverse=True))),
        Right(
            filled_and_pushed_by_hand,
            give=give_names(lambda names: [name for name in names if name != "by-hand"]),
        ),
        Wrong(
            filled,
            "names has 2 of 4 repositories",
            BOTH_PAGES,
            give_names(lambda names: names[:2]),
        ),
        Wrong(
            filled,
            "names has 2 of 4 repositories",
            BOTH_PAGES,
            give_names(lambda names: names[2:]),
        ),
        Wrong(
            filled,
            "names has 0 of 4 repositories",
            'the names are in page.json()["repositories"]',
            give_names(lambda _names: []),
        ),
        Wrong(
            filled,
            "names is not a list of texts",
            NO_LIST,
            give_names(lambda names: {"repositories": names}),
        ),
        Wrong(
            filled,
            "names is not a list of texts",
            NO_LIST,
            give_names(lambda names: [names[:2], names[2:]]),
        ),
        Wrong(
            filled,
            "names has 1 that the registry does not have",
            "names come from the registry's answers; the first cell, run again, draws another name",
            give_names(lambda names: [*names[:-1], "test/app"]),
        ),
    ],
    "3.2": [
        Blank(nothing, NO_REGISTRY),
        Blank(begun, FIRST_CELL),
        Blank(filled, GIVE_LABEL),
        Right(filled, give=give_label(drawn_label)),
        Right(filled, give=give_label(drawn_label_by_the_engine)),
        Wrong(
            filled,
            "label is a dictionary, wanted the value of one label",
            'config["config"]["Labels"]["drawn"], of the config\'s JSON',
            give_label(all_labels),
        ),
        Wrong(
            filled,
            "label is the digest of the config, wanted what the config says",
            "the config is a blob: GET /v2/<repository>/blobs/<digest of the config>, and read its JSON",
            give_label(config_digest),
        ),
        Wrong(
            filled,
            "label is the digest of the manifest, wanted what the config says",
            "the config is a blob: GET /v2/<repository>/blobs/<digest of the config>, and read its JSON",
            give_label(digest_of_the_manifest),
        ),
        Wrong(
            filled,
            "label is from the name of the repository, wanted what the config says",
            "repository, then manifest, then config: each of the last two is a GET",
            give_label(end_of_the_name),
        ),
        Wrong(
            filled,
            "label is not what the config of the image says under drawn",
            "is it the config of the repository that begins with test/, from the present registry? "
            "The first cell, run again, draws another value",
            give_label(lambda _playground: "drawn"),
        ),
    ],
    "3.3": [
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
            put_without_its_type,
            "the last PUT of a manifest to busybox was answered with 400",
            "print status_code and text of the answer: the bytes go with the content-type that the GET told",
        ),
        Wrong(
            stable_elsewhere,
            '["team/busybox"] has the tag stable, wanted the repository busybox',
            "the repository stands before /manifests/: PUT /v2/busybox/manifests/stable",
        ),
    ],
    "3.4": [
        Blank(nothing, NO_REGISTRY),
        Blank(begun, UPLOAD_IT),
        Right(note_uploaded),
        Right(note_in_chunks),
        Wrong(
            note_with_a_newline,
            "notes has another blob than the one that is wanted",
            "these bytes and no others, no newline at the end: their digest is that of other bytes otherwise",
        ),
        Wrong(
            note_in_by_hand,
            '["by-hand"] has the blob, wanted the repository notes',
            "the repository stands in the address of the POST: /v2/notes/blobs/uploads/",
        ),
        Wrong(note_opened, "an upload to notes is open, and no blob is there", CLOSE_IT),
        Wrong(
            note_with_another_digest, "an upload to notes is open, and no blob is there", CLOSE_IT
        ),
        Wrong(
            note_to_a_name_that_no_repository_has,
            "the last POST to an address of that repository was answered with 404",
            PRINT,
        ),
    ],
    "3.5": [
        Blank(nothing, NO_REGISTRY),
        Blank(begun, BEGIN),
        Blank(left_half_way, "finish the upload to the repository unfinished"),
        Blank(registry_run_again, BEGIN),
        Right(finished_by_patch_and_put),
        Right(finished_by_put_alone),
        Right(finished_after_a_failed_try),
        Wrong(
            sent_from_the_beginning,
            "the upload has more bytes than the content: some of them twice",
            f"the registry adds what it gets to what it has. Run the cell again. {GO_ON}",
        ),
        Wrong(
            one_byte_too_few,
            "the upload has more than before, and not all of the content",
            "content[n:] are the bytes from n on; Range names the last byte that is there, so n is one more",
        ),
        Wrong(
            not_closed,
            "the upload has as many bytes as the content, and is still open",
            "PUT to its last Location, with &digest=…, closes it. DIGEST_INVALID: the bytes are others than those of "
            "content, and the cell begins another upload",
        ),
        Wrong(
            closed_at_once,
            "the last PUT of a blob to unfinished was answered with 400",
            "the upload lacks bytes, or the Location was not the last one: print status_code and text of the answer",
        ),
        Wrong(
            uploaded_again,
            "the blob is there, by another upload: the one that was left is still open",
            f"run the cell again for a new one. {GO_ON}",
        ),
    ],
    "3.6": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing, "The code is MANIFEST_BLOB_UNKNOWN. So the manifest goes last.", choose("b")
        ),
        Wrong(
            nothing,
            "It has the bytes, and this repository has no link to them: what it lists must be in it.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "The registry looks before it takes a manifest, so that no tag leads to half an image.",
            "",
            choose("c"),
        ),
    ],
    "3.7": [
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
            shout_to_a_name_in_capitals,
            "the last POST of a blob to mine/Shout was answered with 404",
            "print status_code and text of the answer; addresses begin with /v2/mine/shout/",
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
}
