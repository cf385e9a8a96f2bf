"""What lesson 16 says of its registries and none of its cells shows, each on a real one."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from labs.lessons.choose_a_registry.checks import ADA, BEFORE, WALK
from labs.lessons.choose_a_registry.conformance_walk import mounted
from labs.lessons.choose_a_registry.visit import Visit
from labs.playground import Playground
from labs.waiting import wait_until
from tests.lessons.choose_a_registry_cases import as_it_comes, open_to_all, serve

pytestmark = [pytest.mark.engine, pytest.mark.full]


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """One node with crane's image, and a hub."""
    return opened("choose-claims", ports=(5000, 5001), loaded=("crane",))


def crane(playground: Playground, *options: str) -> Visit:
    """Run crane again, with options."""
    node = playground.node(1)
    for container in node.docker.containers.list(all=True):
        if container.name == "crane":
            container.remove(force=True)
    command = ["registry", "serve", "--address", ":5000", *options]
    node.docker.containers.run(
        "crane", command, name="crane", detach=True, ports={"5000/tcp": 5001}
    )
    return answering(playground, 5001)


def answering(playground: Playground, port: int) -> Visit:
    visit = Visit.to(playground.node(1).url(port), WALK)

    def answers() -> bool:
        try:
            return visit.http.get("/v2/").status_code == 200
        except httpx.TransportError:
            return False

    wait_until(answers, f"port {port}")
    return visit


@pytest.mark.parametrize("options", [(), ("--disk", "/tmp")], ids=["memory", "disk"])
def test_crane_has_no_tag_after_a_new_start(
    playground: Playground, options: tuple[str, ...]
) -> None:
    visit = crane(playground, *options)
    visit.put(visit.image("a layer"), "a").raise_for_status()
    playground.node(1).docker.containers.get("crane").restart(timeout=2)
    again = answering(playground, 5001)
    assert again.get("manifests", "a").status_code == 404


def test_repository_with_blobs_alone_answers_404_for_its_tags(playground: Playground) -> None:
    as_it_comes(playground)
    for visit in (answering(playground, 5000), crane(playground)):
        mounted(visit)
        base = f"/v2/{WALK}-base"
        assert visit.http.get(f"{base}/tags/list").status_code == 404


def test_catalog_refuses_a_number_above_its_limit(playground: Playground) -> None:
    as_it_comes(playground)
    serve(playground, REGISTRY_CATALOG_MAXENTRIES="100")
    http = answering(playground, 5000).http
    assert http.get("/v2/_catalog", params={"n": 100}).status_code == 200
    refused = http.get("/v2/_catalog", params={"n": 1000})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "PAGINATION_NUMBER_INVALID"


def test_crane_sends_all_without_a_number_and_never_a_link(playground: Playground) -> None:
    visit = crane(playground)
    tags = [f"{number:03}" for number in range(120)]
    image = visit.image("a layer")
    for tag in tags:
        visit.put(image, tag).raise_for_status()
    every = visit.get("tags", "list")
    assert (every.json()["tags"], every.links) == (tags, {})
    page = visit.get("tags", "list", params={"n": 5})
    assert (page.json()["tags"], page.links) == (tags[:5], {})


def test_stranger_may_pull_and_not_push_where_a_repository_is_public(
    playground: Playground,
) -> None:
    open_to_all(playground)
    visit = Visit.to(playground.hub.url, WALK, ADA)
    stranger = Visit.to(playground.hub.url, WALK)
    assert stranger.get("manifests", BEFORE).status_code == 200
    assert stranger.begin().status_code == 401
    assert visit.begin().status_code == 202


def test_hub_gives_its_catalog_to_no_account(playground: Playground) -> None:
    playground.hub.sign_up(*ADA)
    visit = Visit.to(playground.hub.url, WALK, ADA)
    assert visit.http.get("/v2/_catalog").status_code == 401
