"""Right, blank and wrong answers to lesson 16."""

from __future__ import annotations

import json
from typing import Any

import httpx

from labs.lessons.choose_a_registry.checks import ADA, BEFORE, KEPT, WALK
from labs.lessons.choose_a_registry.many_repositories import COUNT, fill
from labs.lessons.choose_a_registry.teams import TWO_FIT, WHY_NOT
from labs.lessons.choose_a_registry.visit import Visit
from labs.playground import Playground
from labs.registry import RegistryClient
from tests.lessons.actions import clean, nothing, push, run, wait
from tests.lessons.cases import Blank, Give, LessonTests, Right, Table, Wrong, choose
from tests.lessons.hub_state import empty_hub

VOLUME = {"distribution-data": {"bind": "/var/lib/registry", "mode": "rw"}}
LIMIT = {"REGISTRY_CATALOG_MAXENTRIES": "100"}
DELETE = "REGISTRY_STORAGE_DELETE_ENABLED"
FILE = "/srv/inventory.json"


def question(right: str, words: str, wrong: dict[str, str]) -> list[Any]:
    return [
        Right(nothing, words, give=choose(right)),
        Blank(nothing, "choose a, b or c", give=choose(None)),
        *(Wrong(nothing, why, "", give=choose(letter)) for letter, why in wrong.items()),
    ]


# 16.2


def serve(
    playground: Playground,
    *,
    volumes: Any = None,
    limit: dict[str, str] | None = None,
    **settings: str,
) -> None:
    """Run distribution again, on the lesson's volume and with its limit."""
    for container in playground.node(1).docker.containers.list(all=True):
        if container.name == "distribution":
            container.remove(force=True)
    volumes = VOLUME if volumes is None else volumes
    environment = {**(LIMIT if limit is None else limit), **settings}
    options = {"ports": {"5000/tcp": 5000}, "volumes": volumes, "environment": environment}
    run(playground, "distribution", **options)


def as_it_comes(playground: Playground) -> None:
    clean(playground)
    serve(playground)
    wait(playground, 5000)
    push(playground, "hello-world", f"127.0.0.1:5000/{KEPT}:1")


def again(playground: Playground, **settings: Any) -> None:
    as_it_comes(playground)
    serve(playground, **settings)


def that_deletes(playground: Playground) -> None:
    again(playground, **{DELETE: "true"})


def that_deletes_by_a_config_file(playground: Playground) -> None:
    as_it_comes(playground)
    text = """version: 0.1
storage:
  filesystem: {rootdirectory: /var/lib/registry}
  delete: {enabled: true}
http: {addr: ':5000'}
"""
    playground.node(1).write_file("/srv/registry.yml", text)
    file = {"/srv/registry.yml": {"bind": "/etc/docker/registry/config.yml", "mode": "ro"}}
    serve(playground, volumes={**VOLUME, **file})


def with_another_variable(playground: Playground) -> None:
    again(playground, REGISTRY_DELETE_ENABLED="true")


def without_the_volume(playground: Playground) -> None:
    again(playground, volumes={}, **{DELETE: "true"})


def with_another_image(playground: Playground) -> None:
    that_deletes(playground)
    wait(playground, 5000)
    push(playground, "busybox", f"127.0.0.1:5000/{KEPT}:1")


def read_only(playground: Playground) -> None:
    maintenance = '{"readonly": {"enabled": true}}'
    again(playground, REGISTRY_STORAGE_MAINTENANCE=maintenance, **{DELETE: "true"})


def with_a_value_that_is_none(playground: Playground) -> None:
    again(playground, **{DELETE: "[yes"})
    playground.node(1).docker.containers.get("distribution").wait(timeout=20)


def crane_in_its_place(playground: Playground) -> None:
    clean(playground)
    run(playground, "distribution", "crane", ports={"5000/tcp": 5000})
    wait(playground, 5000)
    push(playground, "hello-world", f"127.0.0.1:5000/{KEPT}:1")


# 16.4

WALKED = "/v2/namespaces/ada/repositories/walk"


def ada_of(playground: Playground) -> httpx.Client:
    return playground.hub.sign_up(*ADA)


def repository(playground: Playground, name: str, *, private: bool) -> None:
    made = {"name": name, "is_private": private}
    ada_of(playground).post("/v2/namespaces/ada/repositories", json=made).raise_for_status()


def put(playground: Playground, *tags: str) -> None:
    visit = Visit.to(playground.hub.url, WALK, ADA)
    for tag in tags:
        visit.put(visit.image("a layer"), tag).raise_for_status()


def walked(playground: Playground) -> None:
    empty_hub(playground)
    repository(playground, "walk", private=True)
    put(playground, BEFORE)


def open_to_all(playground: Playground) -> None:
    walked(playground)
    ada_of(playground).patch(WALKED, json={"is_private": False}).raise_for_status()


def deleted_and_pushed_again(playground: Playground) -> None:
    walked(playground)
    ada_of(playground).delete(WALKED).raise_for_status()
    put(playground, "a")


def open_and_walked_again(playground: Playground) -> None:
    open_to_all(playground)
    put(playground, "a", "kept")


def other_repository_open(playground: Playground) -> None:
    walked(playground)
    repository(playground, "walked", private=False)


def collaborator(playground: Playground) -> None:
    walked(playground)
    playground.hub.sign_up("linus", "linus-password")
    who = {"user": "linus"}
    ada_of(playground).post(f"/v2/repositories/{WALK}/collaborators", json=who).raise_for_status()


def deleted_and_made_again(playground: Playground) -> None:
    walked(playground)
    ada_of(playground).delete(WALKED).raise_for_status()
    repository(playground, "walk", private=False)


# 16.5


def teams(pipeline: Any = "", plant: Any = "", shop: Any = "") -> Give:
    return lambda _playground: {"pipeline": pipeline, "plant": plant, "shop": shop}


def not_best(team: str, choice: str) -> tuple[str, str]:
    return f"{choice} is not what fits {team} best", WHY_NOT[team][choice]


# 16.6


def filled(playground: Playground) -> None:
    as_it_comes(playground)
    fill(playground.node(1))
    run(playground, "crane", "crane", ports={"5000/tcp": 5001})
    wait(playground, 5001)
    push(playground, "hello-world", f"127.0.0.1:5001/{KEPT}:1")


def as_it_comes_with_crane(playground: Playground) -> None:
    as_it_comes(playground)
    run(playground, "crane", "crane", ports={"5000/tcp": 5001})
    wait(playground, 5001)


def truth(playground: Playground, port: int) -> dict[str, list[str]]:
    registry = RegistryClient(playground.node(1).url(port))
    return {name: registry.tags(name) for name in registry.catalog()}


def write(playground: Playground, told: Any) -> None:
    text = told if isinstance(told, str) else json.dumps(told)
    playground.node(1).write_file(FILE, text)


def both(playground: Playground) -> dict[str, Any]:
    filled(playground)
    return {"distribution": truth(playground, 5000), "crane": truth(playground, 5001)}


def told_of_all(playground: Playground) -> None:
    write(playground, both(playground))


def told_with_a_repository_without_tags(playground: Playground) -> None:
    told = both(playground)
    told["distribution"]["ada/walk-base"] = None
    told["store"] = {}
    write(playground, told)


def told_of_one_page(playground: Playground) -> None:
    told = both(playground)
    told["distribution"] = dict(sorted(told["distribution"].items())[:100])
    write(playground, told)


def told_of_one_page_without_a_repository_without_tags(playground: Playground) -> None:
    told = both(playground)
    told["distribution"] = dict(sorted(told["distribution"].items())[:99])
    write(playground, told)


def told_without_one_in_the_middle(playground: Playground) -> None:
    told = both(playground)
    del told["distribution"]["shop/part-050"]
    write(playground, told)


def told_of_distribution_alone(playground: Playground) -> None:
    write(playground, {"distribution": both(playground)["distribution"]})


def told_without_tags(playground: Playground) -> None:
    told = both(playground)
    told["distribution"] = {name: [] for name in told["distribution"]}
    write(playground, told)


def told_as_lists(playground: Playground) -> None:
    told = both(playground)
    write(playground, {name: sorted(found) for name, found in told.items()})


def told_in_python(playground: Playground) -> None:
    write(playground, str(both(playground)))


def told_of_one_twice(playground: Playground) -> None:
    told = both(playground)
    write(playground, {**told, "crane": told["distribution"]})


def told_in_a_registry_without_the_limit(playground: Playground) -> None:
    """Started by hand with what 16.2 asks for: one request with a large number has the whole catalog."""
    told = both(playground)
    serve(playground, limit={}, **{DELETE: "true"})
    wait(playground, 5000)
    answer = httpx.get(f"{playground.node(1).url(5000)}/v2/_catalog?n=1000", trust_env=False)
    assert len(answer.raise_for_status().json()["repositories"]) == EVERY
    write(playground, told)


def told_before_the_last_push(playground: Playground) -> None:
    told_of_all(playground)
    push(playground, "busybox", f"127.0.0.1:5001/{KEPT}:2")


def without_crane(playground: Playground) -> None:
    as_it_comes(playground)
    fill(playground.node(1))


KEYS = '{"distribution": {"shop/part-001": ["1.001"], …}, "crane": {…}}'
GONE = f"{WALK} is public, and its tag {BEFORE} is gone"
PATCH = "change the repository that is there, with PATCH, and delete nothing. Run the cell again: it pushes the tag"
PAGES = "the catalog gives 100 at once, and a Link to the next page"
SPELLING = "the variable is that of lesson 11: REGISTRY_STORAGE_DELETE_ENABLED, and its value true"
EVERY = COUNT + 1

# Each action cleans what it uses: a new start of the hub for each would take longer than all else.
TESTS = LessonTests(clean_each=False, only_at_their_place=frozenset({"16.2", "16.4"}))

CASES: Table = {
    "16.1": question(
        "c",
        "Each DELETE is answered with 405, until a variable allows it.",
        {
            "a": "Where no one has to log in, everyone may push. Lesson 1 pushed like that.",
            "b": "The lists are answers of its API. A web page is not in the specification.",
        },
    ),
    "16.2": [
        Blank(nothing, "run a registry that answers on port 5000"),
        Blank(as_it_comes, "let distribution delete: a DELETE is answered with 405"),
        Right(that_deletes),
        Right(that_deletes_by_a_config_file),
        Wrong(
            without_the_volume,
            f"it deletes, and {KEPT}:1 is gone",
            "the same volume as before. Push the image again: the cell of 16.1 does",
        ),
        Wrong(
            with_another_variable,
            "with REGISTRY_DELETE_ENABLED a DELETE is answered with 405",
            SPELLING,
        ),
        Wrong(
            with_another_image,
            f'{KEPT}:1 is not hello-world: it runs ["sh"], wanted ["/hello"]',
            'tag the image that docker.images.pull("hello-world", tag="latest") gives',
        ),
        Wrong(
            read_only,
            "the registry on port 5000 takes no push",
            "one variable more than before, and nothing else changed",
        ),
        Wrong(
            crane_in_its_place,
            "what answers on port 5000 is not registry:2",
            "distribution with another setting, not another registry",
        ),
        Wrong(
            with_a_value_that_is_none,
            "container distribution is exited, wanted running",
            'docker.containers.get("distribution").logs() tells why, where it ever ran',
        ),
    ],
    "16.3": question(
        "b",
        "A push by tag keeps the manifest under the tag and under the digest, and this DELETE removes one of the two.",
        {
            "a": 'The specification says so, "and any tag pointing to that digest will return a 404", and crane does '
            "not. Walk there.",
            "c": "It deletes without a setting. The walk shows how much.",
        },
    ),
    "16.4": [
        Blank(nothing, f"run the cell that walks to the hub first: it has no {WALK}"),
        Blank(walked, f"let strangers pull from {WALK}: it is private"),
        Right(open_to_all),
        Right(open_and_walked_again),
        Wrong(deleted_and_pushed_again, GONE, PATCH),
        Wrong(
            other_repository_open,
            f"ada/walked is public, and {WALK} is private, wanted {WALK} public",
            "the path ends in the name of the repository: …/repositories/walk",
        ),
        Wrong(
            collaborator,
            f"{WALK} is private and has a collaborator, wanted public",
            "a stranger has no account, so no one can give a permission to one",
        ),
        Wrong(deleted_and_made_again, GONE, PATCH),
    ],
    "16.5": [
        Blank(
            nothing,
            "choose one for each team: cloud, crane, distribution, docker hub, gitlab",
            give=teams(),
        ),
        Blank(
            nothing,
            "choose one for each team: cloud, crane, distribution, docker hub, gitlab",
            give=teams(None, None, " "),
        ),
        Right(nothing, TWO_FIT, give=teams("crane", "distribution", "gitlab")),
        Right(nothing, TWO_FIT, give=teams("Crane", " distribution", "GitLab")),
        Right(nothing, TWO_FIT, give=teams("distribution", "distribution", "gitlab")),
        *(
            Wrong(nothing, *not_best("pipeline", each), give=teams(each, "distribution", "gitlab"))
            for each in WHY_NOT["pipeline"]
        ),
        *(
            Wrong(nothing, *not_best("plant", each), give=teams("crane", each, "gitlab"))
            for each in WHY_NOT["plant"]
        ),
        *(
            Wrong(nothing, *not_best("shop", each), give=teams("crane", "distribution", each))
            for each in WHY_NOT["shop"]
        ),
        Wrong(
            nothing,
            "plant has none yet, wanted one of cloud, crane, distribution, docker hub, gitlab",
            "go through the questions in their order, and stop at the first that decides",
            give=teams("crane", "", "gitlab"),
        ),
        Wrong(
            nothing,
            'there is no choice "harbor" for shop',
            "the choices are cloud, crane, distribution, docker hub, gitlab",
            give=teams("crane", "distribution", "Harbor"),
        ),
    ],
    "16.6": [
        Blank(nothing, "run a registry that answers on port 5000"),
        Blank(without_crane, "run the first cell: crane does not answer"),
        Blank(filled, f"write {FILE} on node 1"),
        Blank(as_it_comes_with_crane, "run the cell that fills distribution and crane first"),
        Right(told_of_all),
        Right(told_with_a_repository_without_tags),
        Wrong(
            told_of_one_page,
            f"distribution: {EVERY - 100} of the {EVERY} repositories with tags are missing from the file",
            PAGES,
        ),
        Wrong(
            told_of_one_page_without_a_repository_without_tags,
            f"distribution: {EVERY - 99} of the {EVERY} repositories with tags are missing from the file",
            PAGES,
        ),
        Wrong(
            told_without_one_in_the_middle,
            f"distribution: 1 of the {EVERY} repositories with tags is missing from the file",
            "a repository is a key, as the catalog names it",
        ),
        Wrong(
            told_of_distribution_alone,
            f'{FILE} has the keys ["distribution"], wanted the keys ["crane", "distribution"]',
            KEYS,
        ),
        Wrong(
            told_without_tags,
            f"the file has other tags for {KEPT} in distribution than the registry",
            "the list in `tags` of /v2/<name>/tags/list, as it is now",
        ),
        Wrong(
            told_as_lists,
            "the file has no dictionary of repositories for distribution",
            'a dictionary: {"shop/part-001": ["1.001"], …}',
        ),
        Wrong(
            told_in_python,
            f"{FILE} is not JSON",
            "json.dumps makes the text, lab.node().write_file writes it",
        ),
        Wrong(
            told_of_one_twice,
            "the file has tags for shop/part-001 in crane, and the registry has none",
            "ask each registry for its own catalog, and write the file again",
        ),
        Wrong(
            told_in_a_registry_without_the_limit,
            "the registry on port 5000 lists 120 repositories at once, wanted 100 at most",
            "the cell of 16.2 runs it with REGISTRY_CATALOG_MAXENTRIES=100; then run yours again",
        ),
        Wrong(
            told_before_the_last_push,
            f"the file has other tags for {KEPT} in crane than the registry",
            "the list in `tags` of /v2/<name>/tags/list, as it is now",
        ),
    ],
}
