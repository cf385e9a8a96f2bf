"""The order of the queue: accounts take turns, and then their namespaces."""

from __future__ import annotations

from collections.abc import Callable

from labs.hub.automation import builds
from labs.hub.models import Account, Build, Repository
from labs.hub.rights.namespaces import found_organization, remove_repository

Make = Callable[..., Repository]


def waiting(repository: Repository) -> int:
    """Queue a build; return its number."""
    values = {"kind": "branch", "ref": "main", "commit": "c0ffee", "tags": ["latest"]}
    made = repository.builds.create(**values, dockerfile="Dockerfile", context="/", cause="a test")
    return made.pk


def order() -> list[int]:
    """The numbers of all builds that wait, as they are taken."""
    found = []
    while build := builds.next_build():
        builds.end(build, "")
        found.append(build.pk)
    return found


def test_namespaces_of_an_account_take_turns(repository: Make):
    app, tool = repository("acme/app"), repository("ada/tool")
    many = [waiting(app) for _ in range(4)]
    late = waiting(tool)
    assert order() == [many[0], late, *many[1:]]


def test_ten_organizations_of_an_account_do_not_pass_a_build_of_another(
    repository: Make, people: dict[str, Account]
):
    waiting(repository("eve/first"))
    assert len(order()) == 1  # eve was served, grace was not
    many = []
    for number in range(10):
        found_organization(f"many{number}", people["eve"])
        many.append(waiting(repository(f"many{number}/app")))
    one = waiting(repository("grace/tool"))
    assert order() == [one, *many]
    # And when both were served, each new organization waits for its founder's turn.
    found_organization("another", people["eve"])
    again, new = waiting(repository("grace/tool")), waiting(repository("another/app"))
    assert order() == [again, new]


def test_organization_that_is_given_away_counts_for_who_founded_it(
    repository: Make, people: dict[str, Account]
):
    """Its builds must not take the turns of an account that was made its owner without being asked."""
    given = found_organization("given", people["eve"])
    given.memberships.create(account=people["grace"], role="owner")
    given.memberships.filter(account=people["eve"]).delete()
    first = waiting(repository("given/app"))
    assert order() == [first]
    many, one = waiting(repository("given/app")), waiting(repository("grace/tool"))
    assert order() == [one, many]


def test_deleted_repository_does_not_make_its_account_first(repository: Make, monkeypatch):
    monkeypatch.setattr("labs.hub.registry_reader.tags", lambda _: [])
    waiting(repository("eve/app"))
    waiting(repository("grace/tool"))
    assert len(order()) == 2
    waiting(repository("eve/app"))
    assert len(order()) == 1
    remove_repository(Repository.objects.get(name="app"))
    assert not Build.objects.filter(repository__namespace__name="eve").exists()
    again, one = waiting(repository("eve/app")), waiting(repository("grace/tool"))
    assert order() == [one, again]
