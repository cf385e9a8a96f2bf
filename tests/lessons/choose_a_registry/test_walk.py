"""The walk of lesson 16 on real registries, step by step: what each answers, and the table that is made of it.

The steps' sentences are those of the OCI distribution specification, version 1.1.1, spec.md:
https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from labs.lessons.choose_a_registry.checks import ADA, WALK
from labs.lessons.choose_a_registry.conformance_walk import CATEGORIES, STEPS, Found, walk
from labs.lessons.choose_a_registry.visit import Visit
from labs.playground import Playground
from labs.registry import RegistryClient
from labs.waiting import wait_until

# Full: the stored run of the lesson compares the table too.
pytestmark = [pytest.mark.engine, pytest.mark.full]

ROOT = Path(__file__).resolve().parents[3]
PORTS = {"as it comes": 5000, "crane": 5001, "deletes": 5002}
DELETE = {"REGISTRY_STORAGE_DELETE_ENABLED": "true"}

# Each row: the step, then distribution 2.8.3 as it comes, the same with deletion, crane 0.20, the hub.
EXPECTED = """
manifest by tag and digest, blob|yes 200 200 200    |yes 200 200 200    |yes 200 200 200       |yes 200 200 200
HEAD gives size and digest      |yes 200            |yes 200            |yes 200               |yes 200
part of a blob                  |yes 206            |yes 206            |yes 206               |yes 206
pull without an account         |yes 200            |yes 200            |yes 200               |no 401
blob by POST and PUT            |yes 202 201        |yes 202 201        |yes 202 201           |yes 202 201
blob by one POST                |no 202             |no 202             |yes 201               |no 202
blob in chunks                  |yes 202 201 202 202|yes 202 201 202 202|partly 202 201 204 204|yes 202 201 202 202
blob mounted from elsewhere     |yes 201            |yes 201            |no 202                |yes 201
index                           |yes 201 200        |yes 201 200        |yes 201 200           |yes 201 200
artifact that is not an image   |yes 201 200        |yes 201 200        |yes 201 200           |yes 201 200
manifest of 4 million bytes     |yes 201            |yes 201            |yes 201               |yes 201
tags in their order             |partly 200         |partly 200         |yes 200               |partly 200
tags page by page               |no 200             |no 200             |partly 200 200 200    |no 200
referrers                       |no 201 404         |no 201 404         |no 201 404            |no 201 404
delete a tag                    |no 405             |no 400             |yes 202               |no 400
delete a manifest               |no 405             |yes 202            |partly 202            |yes 202
delete a blob                   |no 405             |yes 202            |yes 202               |yes 202
"""
NAMES = ("as it comes", "deletes", "crane", "hub")


@pytest.fixture(scope="module")
def walks(opened: Callable[..., Playground]) -> dict[str, dict[str, Found]]:
    """One walk through each registry."""
    playground = opened("choose-walk", ports=tuple(PORTS.values()), loaded=("crane",))
    node = playground.node(1)
    node.docker.images.pull("registry", "2")
    for name, port in PORTS.items():
        image = "crane" if name == "crane" else "registry:2"
        settings = DELETE if name == "deletes" else {}
        ports = {"5000/tcp": port}
        node.docker.containers.run(image, detach=True, ports=ports, environment=settings)
    visits = {name: Visit.to(node.url(port), WALK) for name, port in PORTS.items()}
    for name, port in PORTS.items():
        wait_until(RegistryClient(node.url(port)).speaks, name)
    ada = playground.hub.sign_up(*ADA)
    private = {"name": "walk", "is_private": True}
    ada.post("/v2/namespaces/ada/repositories", json=private).raise_for_status()
    visits["hub"] = Visit.to(playground.hub.url, WALK, ADA)
    walks = {name: walk(visit) for name, visit in visits.items()}
    # A cell is run again, on what the first walk left.
    return walks | {"again": walk(Visit.to(node.url(PORTS["crane"]), WALK))}


def rows() -> dict[str, dict[str, str]]:
    """What is expected, by step and registry."""
    lines = [[cell.strip() for cell in line.split("|")] for line in EXPECTED.strip().splitlines()]
    return {name: dict(zip(NAMES, cells, strict=True)) for name, *cells in lines}


def test_page_of_the_site_has_the_counts_of_the_walk() -> None:
    data = tomllib.loads((ROOT / "site" / "data" / "registries.toml").read_text(encoding="utf-8"))
    told = {row["name"].lower(): row["walk"]["text"] for row in data["conformance"]}
    cells = {name: cells["deletes"].split()[0] == "yes" for name, cells in rows().items()}
    counts = {
        category: [cells[step.name] for step in STEPS if step.category == category]
        for category in CATEGORIES
    }
    assert told == {name: f"{sum(done)} of {len(done)}" for name, done in counts.items()}


def test_every_step_is_expected() -> None:
    assert [step.name for step in STEPS] == list(rows())


@pytest.mark.parametrize("name", NAMES)
def test_registry_answers_as_the_lesson_says(walks: dict[str, dict[str, Found]], name: str) -> None:
    seen = {step: f"{found.word} {found.seen}" for step, found in walks[name].items()}
    assert seen == {step: cells[name] for step, cells in rows().items()}


def test_second_walk_finds_the_same(walks: dict[str, dict[str, Found]]) -> None:
    assert walks["again"] == walks["crane"]


def test_partly_says_what_is_missing_and_nothing_else_does(
    walks: dict[str, dict[str, Found]],
) -> None:
    for found in (each for walked in walks.values() for each in walked.values()):
        assert bool(found.but) is (found.word == "partly")


@pytest.mark.parametrize("category", CATEGORIES)
def test_category_has_steps(category: str) -> None:
    assert [step for step in STEPS if step.category == category]
