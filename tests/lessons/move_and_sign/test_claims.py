"""What lesson 15 says of skopeo, oras and cosign and none of its cells shows: each with the real programs."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from labs.lessons.common import by_hand
from labs.lessons.move_and_sign import shop_images
from labs.lessons.move_and_sign.app_images import Base, app_images, client_of, push
from labs.lessons.move_and_sign.shop_images import shop_key, signed, stranger_key
from labs.lessons.move_and_sign.signatures import claims
from labs.playground import Playground
from tests.lessons.move_and_sign_cases import (
    APP,
    FROM,
    HERE,
    INSIDE,
    PLAIN,
    SIGN,
    SYNC,
    TEA,
    THERE,
    TO,
    WHOLE,
    client,
    copy,
    digest,
    exact,
    filled,
    tool,
    verified,
)

pytestmark = [pytest.mark.engine, pytest.mark.full]


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """One node with both registries, the team's image signed, and the shop's repository."""
    made = opened("move-claims", ports=(HERE, THERE), loaded=("tools",))
    filled(made)
    shop_images.deliver_tea(made.node(1))
    assert tool(made, "cosign", "generate-key-pair", "--output-key-prefix", "team")
    assert tool(made, *SIGN, "team.key", exact(made, APP, "1"))
    return made


def said(playground: Playground, *command: str) -> str:
    """What a tool prints, of whichever end."""
    tools = playground.node(1).docker.containers.get("tools")
    return str(tools.exec_run([*command]).output.decode())


def test_tools_are_the_versions_that_the_lesson_names(playground: Playground):
    assert "GitVersion" in said(playground, "cosign", "version")
    assert said(playground, "skopeo", "--version").startswith("skopeo version 1.")
    assert "Version:    1." in said(playground, "oras", "version")


def test_tools_run_in_a_container_of_their_own_too(playground: Playground):
    options = {**INSIDE, "remove": True}
    output = playground.node(1).docker.containers.run("tools", ["skopeo", "--version"], **options)
    assert output.startswith(b"skopeo version 1.")


def test_layer_that_is_not_compressed_is_compressed_unless_digests_are_preserved(
    playground: Playground,
):
    copy(playground, f"{FROM}/{TEA}:2", f"{TO}/changed/tea:2")
    copy(playground, f"{FROM}/{TEA}:2", f"{TO}/kept/tea:2", "--preserve-digests")
    before = digest(playground, TEA, "2")
    assert digest(playground, "changed/tea", "2", THERE) != before
    assert digest(playground, "kept/tea", "2", THERE) == before


def test_engine_takes_one_platform_of_an_index(playground: Playground):
    docker = playground.node(1).docker
    docker.images.pull(f"{FROM}/{APP}", tag="both").tag(f"{TO}/by-docker/app", tag="both")
    docker.images.push(f"{TO}/by-docker/app", tag="both")
    assert digest(playground, "by-docker/app", "both", THERE) != digest(playground, APP, "both")
    with client(playground, THERE) as there:
        assert "manifests" not in there.manifest("by-docker/app", "both").json


def test_cosign_warns_of_a_tag(playground: Playground):
    words = said(playground, *SIGN, "team.key", f"{FROM}/{APP}:2")
    assert "uses a tag, not a digest, to identify the image to sign" in words


def test_without_the_flag_cosign_asks_the_log_at_sigstore(playground: Playground):
    words = said(playground, "cosign", "verify", "--key", "team.pub", f"{FROM}/{APP}:1")
    assert "sigstore.dev" in words


def test_claim_names_a_digest_and_no_tag(playground: Playground):
    key = playground.node(1).read_file("/srv/team.pub")
    with client(playground) as here:
        one = here.head(APP, "1").digest
        claim = claims(here, APP, one, key)[0]
    assert claim["critical"]["image"] == {"docker-manifest-digest": one}
    assert claim["critical"]["identity"] == {"docker-reference": f"{FROM}/{APP}"}
    assert claim["optional"] is None


def test_cosign_copy_puts_the_image_itself_under_the_fallback_tag(playground: Playground):
    assert tool(playground, "cosign", "copy", f"{FROM}/{TEA}:3", f"{TO}/by-cosign/tea:3")
    three = digest(playground, TEA, "3")
    with client(playground, THERE) as there:
        assert there.head("by-cosign/tea", three.replace(":", "-")).digest == three
    assert "spdx" in said(playground, "oras", "discover", "--plain-http", f"{FROM}/{TEA}:3")
    found = said(playground, "oras", "discover", "--plain-http", f"{TO}/by-cosign/tea:3")
    assert "spdx" not in found


def test_sync_of_all_takes_signature_and_sbom(playground: Playground):
    assert tool(playground, *SYNC, *WHOLE, f"{FROM}/{TEA}", f"{TO}/synced")
    assert verified(playground, f"{TO}/synced/tea:3", "shop.pub")
    assert "spdx" in said(playground, "oras", "discover", "--plain-http", f"{TO}/synced/tea:3")


def test_untagged_collection_keeps_the_signature_and_takes_the_sbom(playground: Playground):
    assert tool(playground, *SYNC, *WHOLE, f"{FROM}/{TEA}", f"{TO}/collected")
    there = playground.node(1).docker.containers.get("there")
    config = "/etc/docker/registry/config.yml"
    there.exec_run(["registry", "garbage-collect", "-m", config])
    three = digest(playground, TEA, "3")
    with client(playground, THERE) as registry:
        assert claims(registry, "collected/tea", three, shop_key())
        listed = registry.referrers("collected/tea", three)
        assert listed
        answers = {
            tool(playground, "oras", "manifest", "fetch", "--plain-http", f"{name}@{each.digest}")
            for each in listed
            for name in (f"{TO}/collected/tea",)
        }
    assert answers == {False}


def test_cosign_reads_its_own_form_on_a_disk_and_not_that_of_skopeo(playground: Playground):
    verify = ("cosign", "verify", "--insecure-ignore-tlog", "--key", "team.pub", "--local-image")
    assert tool(playground, "cosign", "save", "--dir", "/srv/saved", f"{FROM}/{APP}:1")
    assert tool(playground, *verify, "/srv/saved")
    dir_of = ("skopeo", "copy", *PLAIN, f"docker://{FROM}/{APP}:1", "dir:/srv/folder")
    assert tool(playground, *dir_of)
    assert not tool(playground, *verify, "/srv/folder")


def test_checks_and_cosign_agree_on_signatures(playground: Playground):
    """Good, of another key, of another digest, damaged, and none that can be read."""
    node = playground.node(1)
    images = app_images(Base.of(node))
    good = signed(images["1"])
    broken = json.loads(good.content)
    broken["layers"][0]["annotations"] = {"dev.cosignproject.cosign/signature": "AAAA"}
    documents = {
        "good": (good, True),
        "stranger": (signed(images["1"], by_shop=False), False),
        "claim": (signed(images["1"], claim=images["2"]), False),
    }
    for name, (document, right) in documents.items():
        with client_of(node) as http:
            push(http, f"agree/{name}", "1", images["1"])
            push(http, f"agree/{name}", by_hand.signature_tag(images["1"].digest), document)
        with client(playground) as here:
            found = bool(claims(here, f"agree/{name}", images["1"].digest, shop_key()))
            assert not claims(here, f"agree/{name}", images["1"].digest, b"no key")
        assert found is right, name
        assert verified(playground, f"{FROM}/agree/{name}:1", "shop.pub") is right, name
    assert shop_key() != stranger_key()
