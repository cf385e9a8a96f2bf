"""Right, blank and wrong answers to lesson 15. The tools run in the node, as a student's do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from docker.errors import NotFound

from labs.lessons.common import by_hand
from labs.lessons.move_and_sign import app_images, shop_images
from labs.lessons.move_and_sign.app_images import HERE, THERE
from labs.lessons.move_and_sign.deliveries import MOVING, deliver, was_moved
from labs.lessons.move_and_sign.stick_in_the_post import post
from labs.playground import Playground
from labs.registry import RegistryClient
from labs.waiting import wait_until
from tests.lessons.actions import nothing, pull, run, wait
from tests.lessons.cases import Blank, Right, Table, Wrong, choose

PLAIN = ["--src-tls-verify=false", "--dest-tls-verify=false"]
INSIDE = {
    "network_mode": "host",
    "volumes": ["/srv:/srv"],
    "working_dir": "/srv",
    "environment": {"COSIGN_PASSWORD": ""},
}
FROM, TO = f"127.0.0.1:{HERE}", f"127.0.0.1:{THERE}"
APP, WEB, TEA, SCHOOL = "team/app", "shop/web", "shop/tea", "school/tea"
SIGN = ("cosign", "sign", "--tlog-upload=false", "--yes", "--key")
SYNC = ("skopeo", "sync", *PLAIN, "--src", "docker", "--dest", "docker")
WHOLE = ("--all", "--preserve-digests")


def tool(playground: Playground, *command: str) -> bool:
    """Run a tool; whether it succeeded."""
    docker = playground.node(1).docker
    try:
        tools = docker.containers.get("tools")
    except NotFound:
        tools = run(
            playground, "tools", "tools", command=["busybox", "sleep", "infinity"], **INSIDE
        )
    return tools.exec_run([*command]).exit_code == 0


def copy(playground: Playground, source: str, target: str, *options: str) -> None:
    assert tool(
        playground, "skopeo", "copy", *PLAIN, *options, f"docker://{source}", f"docker://{target}"
    )


def verified(playground: Playground, image: str, key: str, *options: str) -> bool:
    return tool(
        playground, "cosign", "verify", "--insecure-ignore-tlog", "--key", key, *options, image
    )


def client(playground: Playground, port: int = HERE) -> RegistryClient:
    return RegistryClient(playground.node(1).url(port))


def digest(playground: Playground, repository: str, tag: str, port: int = HERE) -> str:
    return client(playground, port).head(repository, tag).digest


def exact(playground: Playground, repository: str, tag: str, port: int = HERE) -> str:
    return f"127.0.0.1:{port}/{repository}@{digest(playground, repository, tag, port)}"


def filled(playground: Playground) -> None:
    """As the lesson's first cell leaves it."""
    for name, port in (("here", HERE), ("there", THERE)):
        delete = {"REGISTRY_STORAGE_DELETE_ENABLED": "true"}
        run(playground, name, ports={"5000/tcp": port}, environment=delete)
    for port in (HERE, THERE):
        wait(playground, port)
    app_images.fill(playground.node(1))


# 15.1


def synced(playground: Playground) -> None:
    filled(playground)
    assert tool(playground, *SYNC, "--all", f"{FROM}/{APP}", f"{TO}/team")


def copied_one_by_one(playground: Playground) -> None:
    filled(playground)
    for tag in ("1", "2", "both"):
        copy(playground, f"{FROM}/{APP}:{tag}", f"{TO}/{APP}:{tag}", "--all")


def as_the_lesson_does(playground: Playground) -> None:
    """Two tags copied, and the repository synced beside, one platform of each."""
    filled(playground)
    for tag in ("1", "both"):
        copy(playground, f"{FROM}/{APP}:{tag}", f"{TO}/{APP}:{tag}")
    assert tool(playground, *SYNC, f"{FROM}/{APP}", f"{TO}/by-sync")


def synced_with_preserved_digests_alone(playground: Playground) -> None:
    as_the_lesson_does(playground)
    assert tool(playground, *SYNC, "--preserve-digests", f"{FROM}/{APP}", f"{TO}/team")


def synced_a_folder_too_deep(playground: Playground) -> None:
    as_the_lesson_does(playground)
    assert tool(playground, *SYNC, "--all", f"{FROM}/{APP}", f"{TO}/{APP}")


def copied_the_index_alone(playground: Playground) -> None:
    filled(playground)
    copy(playground, f"{FROM}/{APP}:both", f"{TO}/{APP}:both", "--all")


def synced_and_tag_moved(playground: Playground) -> None:
    synced(playground)
    copy(playground, f"{TO}/{APP}:2", f"{TO}/{APP}:1")


def synced_without_the_children(playground: Playground) -> None:
    synced(playground)
    with client(playground, THERE) as there:
        there.delete(APP, there.manifest(APP, "both").manifests[0].digest)  # type: ignore[union-attr]


def synced_to_another_name(playground: Playground) -> None:
    filled(playground)
    assert tool(playground, *SYNC, "--all", f"{FROM}/{APP}", TO)


# 15.2


def with_key(playground: Playground, name: str = "team") -> None:
    assert tool(playground, "cosign", "generate-key-pair", "--output-key-prefix", name)


def key_made(playground: Playground) -> None:
    filled(playground)
    with_key(playground)


def sign(playground: Playground, tag: str = "1", key: str = "team.key") -> None:
    assert tool(playground, *SIGN, key, exact(playground, APP, tag))


def signed(playground: Playground) -> None:
    key_made(playground)
    sign(playground)


def signed_by_tag_and_claim(playground: Playground) -> None:
    key_made(playground)
    assert tool(playground, *SIGN, "team.key", "-a", "version=1", f"{FROM}/{APP}:1")


def signed_another_tag(playground: Playground) -> None:
    key_made(playground)
    sign(playground, "2")


def signed_by_another_key(playground: Playground) -> None:
    key_made(playground)
    with_key(playground, "other")
    sign(playground, key="other.key")


def signed_and_new_keys(playground: Playground) -> None:
    signed(playground)
    playground.node(1).exec(["rm", "/srv/team.key", "/srv/team.pub"])
    with_key(playground)


def signed_and_signature_given_to_another(playground: Playground) -> None:
    """The signature of 2 is kept where that of 1 belongs."""
    signed_another_tag(playground)
    one, two = (by_hand.signature_tag(digest(playground, APP, tag)) for tag in ("1", "2"))
    copy(playground, f"{FROM}/{APP}:{two}", f"{FROM}/{APP}:{one}")


# 15.5


def cleaned(playground: Playground) -> None:
    """As the clean-up leaves it; by-cosign/app has a copy."""
    signed(playground)
    assert tool(playground, "cosign", "copy", f"{FROM}/{APP}:1", f"{TO}/by-cosign/app:1")
    with client(playground) as here:
        for tag in ("2", by_hand.signature_tag(here.head(APP, "1").digest)):
            here.delete(APP, here.head(APP, tag).digest)


def put_back(playground: Playground) -> None:
    cleaned(playground)
    tag = by_hand.signature_tag(digest(playground, APP, "1"))
    copy(playground, f"{TO}/by-cosign/app:{tag}", f"{FROM}/{APP}:{tag}")


def put_back_by_cosign(playground: Playground) -> None:
    cleaned(playground)
    assert tool(playground, "cosign", "copy", f"{TO}/by-cosign/app:1", f"{FROM}/{APP}:1")


def signed_again(playground: Playground) -> None:
    cleaned(playground)
    sign(playground)


def put_back_the_image(playground: Playground) -> None:
    cleaned(playground)
    tag = by_hand.signature_tag(digest(playground, APP, "1"))
    copy(playground, f"{TO}/by-cosign/app:1", f"{FROM}/{APP}:{tag}")


def put_back_under_the_tag_of_both(playground: Playground) -> None:
    cleaned(playground)
    tags = [by_hand.signature_tag(digest(playground, APP, tag)) for tag in ("1", "both")]
    copy(playground, f"{TO}/by-cosign/app:{tags[0]}", f"{FROM}/{APP}:{tags[1]}")


def put_back_onto_the_image(playground: Playground) -> None:
    """The signature is copied, and tag 1 moves to it."""
    cleaned(playground)
    tag = by_hand.signature_tag(digest(playground, APP, "1"))
    for target in (tag, "1"):
        copy(playground, f"{TO}/by-cosign/app:{tag}", f"{FROM}/{APP}:{target}")


def put_back_and_image_deleted(playground: Playground) -> None:
    put_back(playground)
    with client(playground) as here:
        here.delete(APP, here.head(APP, "1").digest)


def put_back_after_a_detour(playground: Playground) -> None:
    """As the hint says: fill, clean up, and copy again."""
    put_back_onto_the_image(playground)
    app_images.fill(playground.node(1))
    with client(playground) as here:
        keep = {here.head(APP, tag).digest for tag in ("1", "both")}
        for found in {here.head(APP, tag).digest for tag in here.tags(APP)} - keep:
            here.delete(APP, found)
    tag = by_hand.signature_tag(digest(playground, APP, "1"))
    copy(playground, f"{TO}/by-cosign/app:{tag}", f"{FROM}/{APP}:{tag}")


def signed_again_by_another_key(playground: Playground) -> None:
    cleaned(playground)
    with_key(playground, "other")
    sign(playground, key="other.key")


# 15.6


def delivered(playground: Playground) -> None:
    filled(playground)
    deliver(playground.node(1))


def start(playground: Playground, image: str, *, remove: bool = False) -> None:
    playground.node(1).docker.containers.run(image, remove=remove)


def run_if(playground: Playground, *tags: str, options: tuple[str, ...] = ()) -> None:
    """The digest asked once, verified and run."""
    for tag in tags:
        image = exact(playground, WEB, tag)
        if verified(playground, image, "shop.pub", *options):
            start(playground, image)


def ran_verified(playground: Playground) -> None:
    delivered(playground)
    run_if(playground, *"12345")


def once_moved(playground: Playground, tag: str) -> None:
    """Read tag 5 a second time when it has been moved, on a busy machine too."""
    if tag == MOVING:
        wait_until(lambda: was_moved(playground.node(1)), f"tag {tag} to be moved")


def ran_what_was_read_twice(playground: Playground) -> None:
    """The tag is verified first and the digest again: 5 is refused, as it was moved in between."""
    delivered(playground)
    for tag in "12345":
        if verified(playground, f"{FROM}/{WEB}:{tag}", "shop.pub"):
            once_moved(playground, tag)
            run_if(playground, tag)


def ran_by_id(playground: Playground) -> None:
    delivered(playground)
    docker = playground.node(1).docker
    for tag in "15":
        image = exact(playground, WEB, tag)
        if verified(playground, image, "shop.pub"):
            docker.containers.run(docker.images.pull(image).id)


def ran_what_was_pulled_before(playground: Playground) -> None:
    """Pulled, verified and run, each by tag: the engine has the shop's 5, and what is verified is another image."""
    delivered(playground)
    for tag in "12345":
        image = f"{FROM}/{WEB}:{tag}"
        playground.node(1).docker.images.pull(image)
        once_moved(playground, tag)
        if verified(playground, image, "shop.pub"):
            start(playground, image)


def ran_after_another_try(playground: Playground) -> None:
    """What was pulled before the delivery is gone: by tag, the engine would run it without a pull."""
    ran_what_was_pulled_before(playground)
    deliver(playground.node(1))
    names = (name for each in playground.node(1).docker.images.list() for name in each.tags)
    assert not [name for name in names if WEB in name]
    run_if(playground, *"12345")


@contextmanager
def slow_mover(playground: Playground) -> Iterator[None]:
    """What moves tag 5 waits meanwhile, as on a busy machine."""
    node = playground.node(1)
    stop, go = (f"kill -s {signal} -- -$(cat /srv/mover/pid)" for signal in ("STOP", "CONT"))
    started = ["test", "-s", "/srv/mover/pid"]
    wait_until(lambda: node.exec(started).exit_code == 0, "the script that moves the tag")
    assert node.exec(["sh", "-c", stop]).exit_code == 0
    yield
    assert not was_moved(node)
    assert node.exec(["sh", "-c", go]).exit_code == 0
    once_moved(playground, MOVING)


def ran_quickly_by_tag(playground: Playground) -> None:
    """The digest is verified, and the engine asks the tag again."""
    delivered(playground)
    with slow_mover(playground):
        for tag in "15":
            if verified(playground, exact(playground, WEB, tag), "shop.pub"):
                start(playground, f"{FROM}/{WEB}:{tag}")


def ran_quickly_another_digest(playground: Playground) -> None:
    """The digest that is run is read before, and what is verified is the tag."""
    delivered(playground)
    with slow_mover(playground):
        for tag in "15":
            image = exact(playground, WEB, tag)
            if verified(playground, f"{FROM}/{WEB}:{tag}", "shop.pub"):
                start(playground, image)


def ran_quickly_what_was_pulled(playground: Playground) -> None:
    """Pulled by tag, then the digest read and verified, then the pulled image run."""
    delivered(playground)
    with slow_mover(playground):
        for tag in "15":
            playground.node(1).docker.images.pull(f"{FROM}/{WEB}:{tag}")
            if verified(playground, exact(playground, WEB, tag), "shop.pub"):
                start(playground, f"{FROM}/{WEB}:{tag}")


def ran_what_was_pulled_once(playground: Playground) -> None:
    """The engine reads the tag, and knows the digest."""
    delivered(playground)
    for tag in "15":
        image = playground.node(1).docker.images.pull(f"{FROM}/{WEB}:{tag}")
        pulled = next(each for each in image.attrs["RepoDigests"] if f"{WEB}@" in each)
        if verified(playground, pulled, "shop.pub"):
            start(playground, f"{FROM}/{WEB}:{tag}")


def ran_by_tag(playground: Playground) -> None:
    delivered(playground)
    for tag in "12345":
        image = f"{FROM}/{WEB}:{tag}"
        if verified(playground, image, "shop.pub"):
            start(playground, image)


def ran_all(playground: Playground) -> None:
    delivered(playground)
    for tag in "12345":
        start(playground, exact(playground, WEB, tag))


def ran_what_has_a_signature(playground: Playground) -> None:
    delivered(playground)
    with client(playground) as here:
        names = set(here.tags(WEB))
    for tag in "12345":
        if by_hand.signature_tag(digest(playground, WEB, tag)) in names:
            start(playground, exact(playground, WEB, tag))


def ran_without_claims(playground: Playground) -> None:
    delivered(playground)
    run_if(playground, *"12345", options=("--check-claims=false",))


def ran_and_removed(playground: Playground) -> None:
    delivered(playground)
    for tag in "15":
        start(playground, exact(playground, WEB, tag), remove=True)


def ran_with_own_key(playground: Playground) -> None:
    delivered(playground)
    with_key(playground)
    image = exact(playground, WEB, "5")
    assert not verified(playground, image, "team.pub")
    start(playground, image)


def ran_one(playground: Playground) -> None:
    delivered(playground)
    run_if(playground, "1")


# 15.7


def tea(playground: Playground) -> None:
    filled(playground)
    shop_images.deliver_tea(playground.node(1))


def moved(playground: Playground) -> None:
    tea(playground)
    assert tool(playground, *SYNC, *WHOLE, f"{FROM}/{TEA}", f"{TO}/shop")


def moved_one_by_one(playground: Playground) -> None:
    tea(playground)
    for tag in client(playground).tags(TEA):
        copy(playground, f"{FROM}/{TEA}:{tag}", f"{TO}/{TEA}:{tag}", *WHOLE)


def moved_and_compressed(playground: Playground) -> None:
    tea(playground)
    assert tool(playground, *SYNC, "--all", f"{FROM}/{TEA}", f"{TO}/shop")


def moved_one_platform(playground: Playground) -> None:
    tea(playground)
    tool(playground, *SYNC, "--preserve-digests", f"{FROM}/{TEA}", f"{TO}/shop")


def moved_images_alone(playground: Playground) -> None:
    tea(playground)
    for tag in "123":
        copy(playground, f"{FROM}/{TEA}:{tag}", f"{TO}/{TEA}:{tag}", *WHOLE)


def moved_and_signed_again(playground: Playground) -> None:
    moved_images_alone(playground)
    with_key(playground)
    for tag in "123":
        assert tool(playground, *SIGN, "team.key", exact(playground, TEA, tag, THERE))


def moved_by_cosign(playground: Playground) -> None:
    tea(playground)
    for tag in "123":
        assert tool(playground, "cosign", "copy", f"{FROM}/{TEA}:{tag}", f"{TO}/{TEA}:{tag}")


def moved_to_another_name(playground: Playground) -> None:
    tea(playground)
    assert tool(playground, *SYNC, *WHOLE, f"{FROM}/{TEA}", TO)


def moved_two_of_three(playground: Playground) -> None:
    tea(playground)
    for tag in "12":
        copy(playground, f"{FROM}/{TEA}:{tag}", f"{TO}/{TEA}:{tag}", *WHOLE)


# 15.8


def posted(playground: Playground) -> None:
    tea(playground)
    pack = ("skopeo", "sync", *PLAIN, *WHOLE, "--src", "docker", "--dest", "dir")
    assert tool(playground, *pack, f"{FROM}/{TEA}", "/srv/stick")
    post(playground.node(1))


def unpack(playground: Playground, to: str) -> None:
    options = ("--src", "dir", "--dest", "docker", "--keep-going")
    # It says that one image could not be copied.
    assert not tool(
        playground, "skopeo", "sync", *PLAIN, *WHOLE, *options, "/srv/stick", f"{TO}/{to}"
    )


def take_if(playground: Playground, key: str, *, sure: bool = False) -> None:
    unpack(playground, "checked")
    for tag in "13":
        image = f"{TO}/checked/tea:{tag}"
        if sure or verified(playground, image, key):
            assert tool(playground, "cosign", "copy", image, f"{TO}/{SCHOOL}:{tag}")


def taken(playground: Playground) -> None:
    posted(playground)
    take_if(playground, "shop.pub")


def taken_and_deleted(playground: Playground) -> None:
    posted(playground)
    unpack(playground, "school")
    with client(playground, THERE) as there:
        there.delete(SCHOOL, there.head(SCHOOL, "3").digest)


def taken_all(playground: Playground) -> None:
    posted(playground)
    unpack(playground, "school")


def taken_by_the_key_of_the_stick(playground: Playground) -> None:
    posted(playground)
    take_if(playground, "stick/shop.pub")


def taken_after_another_try(playground: Playground) -> None:
    """The stick is posted again: what was not the shop's is gone, by its digest too."""
    taken_and_hidden(playground)
    post(playground.node(1))
    take_if(playground, "shop.pub")


def posted_after_another_try(playground: Playground) -> None:
    taken_all(playground)
    post(playground.node(1))


def taken_and_hidden(playground: Playground) -> None:
    """Tag 3 is moved to 1: what it was can still be pulled by its digest."""
    taken_all(playground)
    copy(playground, f"{TO}/{SCHOOL}:1", f"{TO}/{SCHOOL}:3", *WHOLE)


def taken_and_left_aside(playground: Playground) -> None:
    posted(playground)
    unpack(playground, "checked")


def taken_the_image_alone(playground: Playground) -> None:
    posted(playground)
    unpack(playground, "checked")
    copy(playground, f"{TO}/checked/tea:1", f"{TO}/{SCHOOL}:1", *WHOLE)


def taken_one_platform(playground: Playground) -> None:
    posted(playground)
    unpack(playground, "checked")
    copy(playground, f"{TO}/checked/tea:1", f"{TO}/{SCHOOL}:1")


def taken_from_the_source(playground: Playground) -> None:
    taken(playground)
    assert tool(playground, "cosign", "copy", f"{FROM}/{TEA}:2", f"{TO}/{SCHOOL}:2")


def taken_with_something_else(playground: Playground) -> None:
    taken(playground)
    copy(playground, f"{FROM}/{APP}:1", f"{TO}/{SCHOOL}:4")


def stopped(playground: Playground) -> None:
    taken(playground)
    playground.node(1).docker.containers.get("there").stop(timeout=2)


def base_is_busybox(playground: Playground) -> None:
    """The registry is there and the lesson's images are not."""
    for name, port in (("here", HERE), ("there", THERE)):
        run(playground, name, ports={"5000/tcp": port})
        wait(playground, port)
    pull(playground, "busybox")


NO_REGISTRY = "run a registry that answers on port 5000"
FIRST = "run the lesson's cells from the first one: registries, images, and the key"
FILL = "run the cell with deliver_tea first"
NOT_BY_KEY = "the signature of team/app:1 is not by the key that belongs to /srv/team.pub"
SIGN_AGAIN = 'a new pair of keys makes older signatures worthless: sign again, with "team.key"'
FILL_AGAIN = "fill(lab.node()) pushes it again; then run the cell that cleans up, and then this one"
BY_LUCK = (
    "web:5 was run as the shop delivered it, by luck: its tag was read twice, before it was moved"
)
READ_TWICE = (
    "web:5 was not run as the shop delivered it: its tag was read twice, and moved in between"
)
ASK_ONCE = "ask what digest the tag stands for, once; verify that digest, and run that digest"
OF_THE_STICK = (
    "its signature is by the key on the stick, and not by /srv/shop.pub, which came by another way; delete it, "
    'there.delete("school/tea", there.head("school/tea", "3").digest), or run the whole cell again: post empties '
    "school/tea"
)
BY_NAME = "tags/list of shop/tea on port 5000 names all; skopeo sync copies all of them"

CASES: Table = {
    "15.1": [
        Right(synced),
        Right(copied_one_by_one),
        Blank(nothing, NO_REGISTRY),
        Blank(base_is_busybox, FIRST),
        Blank(filled, "copy team/app to the registry on port 5001"),
        Blank(
            as_the_lesson_does,
            "team/app:both on port 5001 is the image of one platform: sync both platforms",
        ),
        Wrong(
            synced_with_preserved_digests_alone,
            "team/app:both on port 5001 has another digest than on port 5000",
            "of an index, one platform is not all of it",
        ),
        Wrong(
            synced_a_folder_too_deep,
            'port 5001 has ["team/app/app"] and not all of team/app',
            "skopeo sync appends the last part of the name to where it copies to",
        ),
        Wrong(
            copied_the_index_alone,
            'team/app on port 5001 lacks ["1", "2"]',
            "skopeo sync of the repository, without a tag, copies all tags",
        ),
        Wrong(
            synced_and_tag_moved,
            "team/app:1 on port 5001 has another digest than on port 5000",
            "an engine that pulls and pushes makes a manifest of its own: use skopeo",
        ),
        Wrong(
            synced_to_another_name,
            'port 5001 has ["app"] and no team/app',
            "skopeo sync appends the last part of the name to where it copies to",
        ),
        Wrong(
            synced_without_the_children,
            "team/app:both on port 5001 is not whole: of what it lists, a manifest answers 404 MANIFEST_UNKNOWN",
            "run the sync again",
        ),
    ],
    "15.2": [
        Right(signed),
        Right(signed_by_tag_and_claim),
        Blank(nothing, NO_REGISTRY),
        Blank(filled, FIRST),
        Blank(key_made, "team/app:1 has no signature on port 5000"),
        Wrong(
            signed_another_tag,
            "team/app has a signature of another digest, and none of the digest of tag 1",
            "a signature is about one digest: that of 1 is in the variable exact",
        ),
        Wrong(signed_by_another_key, NOT_BY_KEY, SIGN_AGAIN),
        Wrong(signed_and_new_keys, NOT_BY_KEY, SIGN_AGAIN),
        Wrong(
            signed_and_signature_given_to_another,
            "what team/app:1 has as a signature is about another digest",
            "a signature cannot be given to another image: sign the digest in the variable exact",
        ),
    ],
    "15.3": [
        Right(
            nothing,
            "skopeo copies what the tag stands for. What points to it from elsewhere stays there.",
            give=choose("c"),
        ),
        Blank(nothing, "choose a, b or c", give=choose(None)),
        Wrong(
            nothing,
            "Both are manifests of their own. The image's manifest does not name them; they name it.",
            "",
            give=choose("a"),
        ),
        Wrong(
            nothing,
            "The signature is under a tag of its own, and one tag was copied.",
            "",
            give=choose("b"),
        ),
    ],
    "15.4": [
        Right(
            nothing,
            "The claim names a repository and a digest. Which tags stood for it, and when, it does not say.",
            give=choose("b"),
        ),
        Blank(nothing, "choose a, b or c", give=choose(None)),
        Wrong(
            nothing,
            "That is about a digest that no one has signed. The digest of image 1 is signed.",
            "",
            give=choose("a"),
        ),
        Wrong(
            nothing,
            "The claim names a repository and a digest, no tag, unless an annotation adds one.",
            "",
            give=choose("c"),
        ),
    ],
    "15.5": [
        Right(put_back),
        Right(put_back_by_cosign),
        Right(signed_again),
        Right(put_back_after_a_detour),
        Blank(nothing, NO_REGISTRY),
        Blank(signed, "run the cell that cleans up first"),
        Blank(cleaned, "team/app:1 has no signature on port 5000"),
        Wrong(
            put_back_the_image,
            "what team/app has under the tag of the signature of 1 is an image, and not a signature",
            "the copy has a tag ending in .sig: that is what has to be copied",
        ),
        Wrong(
            put_back_under_the_tag_of_both,
            "team/app has a signature of another digest, and none of the digest of tag 1",
            "a signature is about one digest: that of 1 is in the variable exact",
        ),
        Wrong(put_back_onto_the_image, "team/app:1 is another image now", FILL_AGAIN),
        Wrong(put_back_and_image_deleted, "team/app:1 is not there any more", FILL_AGAIN),
        Wrong(signed_again_by_another_key, NOT_BY_KEY, SIGN_AGAIN),
    ],
    "15.6": [
        Right(ran_verified),
        Right(ran_by_id),
        Right(ran_after_another_try),
        Right(ran_what_was_pulled_once),
        Blank(nothing, NO_REGISTRY),
        Blank(delivered, "run those of the five images of shop/web that the shop has signed"),
        Wrong(
            ran_by_tag,
            "web:5 was run, and no one has signed that image: the tag was moved after it had been read",
            ASK_ONCE,
        ),
        Wrong(ran_what_was_pulled_before, READ_TWICE, ASK_ONCE),
        Wrong(ran_what_was_read_twice, READ_TWICE, ASK_ONCE),
        Wrong(ran_quickly_by_tag, BY_LUCK, ASK_ONCE),
        Wrong(ran_quickly_another_digest, BY_LUCK, ASK_ONCE),
        Wrong(ran_quickly_what_was_pulled, BY_LUCK, ASK_ONCE),
        Wrong(
            ran_all,
            "web:2 was run, and no one has signed it",
            "cosign verify ends with an error then: refuse the image",
        ),
        Wrong(
            ran_what_has_a_signature,
            "web:3 was run, and the key that signed it is not the shop's",
            "that it is signed says nothing; verify with the shop's key, /srv/shop.pub",
        ),
        Wrong(
            ran_without_claims,
            "web:4 was run, and what it has as a signature is that of web:1",
            "that a tag ending in .sig is there says nothing: let cosign verify it",
        ),
        Wrong(
            ran_and_removed,
            "no container of shop/web is there, and the shop has signed at least one of the five",
            'verify with the shop\'s key: verify(…, "shop.pub"); and run without remove=True',
        ),
        Wrong(
            ran_with_own_key,
            "web:1 was not run, and the shop has signed it",
            "verify with the shop's public key, /srv/shop.pub",
        ),
        Wrong(ran_one, "web:5 was not looked at", "call run_verified for each of the tags 1 to 5"),
    ],
    "15.7": [
        Right(moved),
        Right(moved_one_by_one),
        Blank(nothing, NO_REGISTRY),
        Blank(filled, FILL),
        Blank(tea, "move shop/tea to the registry on port 5001"),
        Wrong(
            moved_images_alone,
            "shop/tea:1 on port 5001 has no signature",
            "it is under a tag of its own, sha256-….sig: skopeo sync takes it, or cosign copy",
        ),
        Wrong(
            moved_and_compressed,
            "shop/tea:2 on port 5001 has another digest than on port 5000",
            "the layer of 2 was not compressed, and now it is: an option of skopeo preserves digests",
        ),
        Wrong(
            moved_one_platform,
            "shop/tea:1 on port 5001 has another digest than on port 5000",
            "of an index, one platform is not all of it",
        ),
        Wrong(
            moved_and_signed_again,
            "shop/tea:1 is signed on port 5001, and not by the shop",
            "to sign it again with a key of yours says nothing of the shop: bring its signature along",
        ),
        Wrong(
            moved_by_cosign,
            "the SBOM of shop/tea:3 is not found on port 5001",
            "its list is an index under the fallback tag: a sync of all tags takes both, and cosign copy writes "
            "something else there",
        ),
        Wrong(
            moved_to_another_name,
            'port 5001 has ["tea"] and no shop/tea',
            "skopeo sync appends the last part of the name to where it copies to",
        ),
        Wrong(moved_two_of_three, "shop/tea on port 5001 has no tag 3", BY_NAME),
    ],
    "15.8": [
        Right(taken),
        Right(taken_and_deleted),
        Right(taken_after_another_try),
        Blank(nothing, NO_REGISTRY),
        Blank(filled, FILL),
        Blank(moved, "bring what is good on the stick to school/tea on port 5001"),
        Blank(posted, "bring what is good on the stick to school/tea on port 5001"),
        Blank(
            posted_after_another_try, "bring what is good on the stick to school/tea on port 5001"
        ),
        Wrong(
            taken_by_the_key_of_the_stick,
            "school/tea:3 is not the shop's image: it was replaced",
            OF_THE_STICK,
        ),
        Wrong(
            taken_all,
            "school/tea:3 is not the shop's image: it was replaced",
            OF_THE_STICK,
        ),
        Wrong(
            taken_and_hidden,
            "school/tea:3 is not the shop's image: it was replaced",
            OF_THE_STICK,
        ),
        Wrong(
            taken_and_left_aside,
            'port 5001 has ["checked/tea"] and no school/tea',
            "skopeo sync appends the last part of the name to where it copies to",
        ),
        Wrong(
            taken_the_image_alone,
            "school/tea:1 on port 5001 has no signature",
            "it is under a tag of its own, sha256-….sig: skopeo sync takes it, or cosign copy",
        ),
        Wrong(
            taken_one_platform,
            "school/tea:1 on port 5001 has another digest than on port 5000",
            "of an index, one platform is not all of it",
        ),
        Wrong(
            taken_from_the_source,
            "school/tea has an image that was not on the stick as the shop signed it",
            "it cannot have come from the stick: copy from /srv/stick, not from port 5000",
        ),
        Wrong(
            taken_with_something_else,
            'school/tea has ["4"], which the shop has not signed',
            "delete what does not verify, or copy only what does",
        ),
        Wrong(
            stopped,
            "container there is exited, wanted running",
            'docker.containers.get("there").logs() tells why, where it ever ran',
        ),
    ],
}
