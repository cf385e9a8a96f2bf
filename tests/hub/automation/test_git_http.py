"""Git repositories of the hub, with the real `git`: what a push queues, and what the hub reads of a commit."""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client

from labs.hub.automation import build_runner, builds, git, links, triggers
from labs.hub.automation.catch_up import catch_up_all
from labs.hub.automation.sources import link_source
from labs.hub.models import AccessToken, Account, Build, Level, Repository, Source
from tests.hub.automation.git_source import commit, received
from tests.hub.rights.test_token_server import basic

pytestmark = pytest.mark.process


def test_push_to_a_branch_queues_what_its_rule_says(client: Client, source: Source):
    said = received(client, source)
    build = Build.objects.get()
    assert said == f"hub: build {build.pk} queued: acme/app:latest\n"
    assert (build.tags, build.message, build.state) == (["latest"], "first", "pending")
    assert build.commit == git.resolve(source, "branch", "main")


def test_version_tag_makes_several_tags(client: Client, source: Source):
    received(client, source)
    folder = str(git.folder_of(source))
    who = ("-c", "user.name=ada", "-c", "user.email=ada@hub.lab")
    tag = ["git", "-C", folder, *who, "tag", "-a", "-m", "1.2", "v1.2", "main"]
    subprocess.run(tag, check=True)
    assert "acme/app:1.2, acme/app:1" in received(client, source)
    build = Build.objects.first()
    assert build
    assert (build.tags, build.commit) == (["1.2", "1"], git.resolve(source, "branch", "main"))


def test_push_that_no_rule_matches_says_so(client: Client, source: Source):
    received(client, source)
    folder = str(git.folder_of(source))
    subprocess.run(["git", "-C", folder, "branch", "other", "main"], check=True)
    assert received(client, source) == "hub: no rule matches branch other\n"


def test_push_whose_hook_was_cut_off_is_built_at_the_next_start(client: Client, source: Source):
    assert catch_up_all() == 1
    assert Build.objects.get().tags == ["latest"]
    assert catch_up_all() == 0
    assert received(client, source) == ""


def test_hook_of_someone_else_queues_nothing(client: Client, source: Source):
    assert received(client, source, secret="wrong") == "403"
    assert not Build.objects.exists()


@pytest.mark.parametrize(
    ("name", "status"), [("", 401), ("eve", 404), ("linus", 404), ("ada", 200)]
)
def test_source_is_for_those_who_may_push(
    client: Client, people: dict[str, Account], source: Source, name: str, status: int
):
    headers = basic(name) if name else {}
    answer = client.get("/git/acme/app.git/info/refs?service=git-receive-pack", **headers)
    assert answer.status_code == status


def test_read_token_does_not_open_a_source(
    client: Client, people: dict[str, Account], source: Source
):
    _, secret = AccessToken.make(people["ada"], "robot", AccessToken.Scope.READ)
    answer = client.get(
        "/git/acme/app.git/info/refs?service=git-receive-pack", **basic("ada", secret)
    )
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "rest", ["../../hub.sqlite3", "%2e%2e/%2e%2e/hub.sqlite3", "config", "hooks/x"]
)
def test_path_of_git_leads_nowhere_else(
    client: Client, people: dict[str, Account], source: Source, rest: str
):
    answer = client.get(f"/git/acme/app.git/{rest}", **basic("ada"))
    assert answer.status_code in (403, 404)


@pytest.mark.parametrize(
    ("context", "names"), [("/", {"Dockerfile", "sub/Dockerfile"}), ("/sub", {"Dockerfile"})]
)
def test_archive_of_a_folder(source: Source, context: str, names: set[str]):
    head = git.resolve(source, "branch", "main")
    with git.archive(source, head, context) as out, tarfile.open(fileobj=out, mode="r|") as tar:
        assert {each.name for each in tar if each.isfile()} == names


@pytest.mark.parametrize("context", ["/none", "/../..", "/Dockerfile", "--output=/tmp/x"])
def test_archive_of_what_is_no_folder(source: Source, context: str):
    head = git.resolve(source, "branch", "main")
    with pytest.raises(git.GitError, match="no folder"), git.archive(source, head, context):
        pass


@pytest.mark.parametrize("ref", ["--help", "-x", "main --all", "../main", ""])
def test_ref_that_is_none(source: Source, ref: str):
    assert git.resolve(source, "branch", ref) == ""


def test_trigger_builds_a_branch_and_is_not_called_too_often(client: Client, source: Source):
    assert source.repository
    _, secret = triggers.make(source.repository, "nightly")
    asked = json.dumps({"source_type": "Branch", "source_name": "main"})
    answer = client.post(f"/trigger/{secret}", asked, content_type="application/json")
    assert answer.status_code == 202
    assert Build.objects.get().tags == ["latest"]
    again = client.post(f"/trigger/{secret}", asked, content_type="application/json")
    assert (again.status_code, again.headers["Retry-After"]) == (429, "10")
    assert client.post("/trigger/wrong", "{}", content_type="application/json").status_code == 404
    assert (
        client.post(f"/trigger/{secret}", "[", content_type="application/json").status_code == 400
    )


def test_trigger_of_a_tag_runs_its_last_build_again(client: Client, source: Source):
    received(client, source)
    Build.objects.update(state=Build.State.FAILED)
    assert source.repository
    _, secret = triggers.make(source.repository, "again")
    client.post(f"/trigger/{secret}", '{"docker_tag": "latest"}', content_type="application/json")
    assert [each.state for each in Build.objects.all()] == ["pending", "failed"]


def test_queue_survives_a_restart(client: Client, source: Source):
    received(client, source)
    build = builds.next_build()
    assert build
    assert builds.next_build() is None
    assert builds.put_back() == 1
    again = builds.next_build()
    assert again
    assert again.pk == build.pk
    builds.end(again, "")
    assert builds.put_back() == 0
    assert Build.objects.get().state == "successful"


def test_build_that_ends_the_hub_twice_is_not_tried_a_third_time(client: Client, source: Source):
    received(client, source)
    for waits in (1, 0):
        assert builds.next_build()
        assert builds.put_back() == waits
    build = Build.objects.get()
    assert (build.state, build.log) == ("failed", "the hub ended twice during this build")


def test_build_without_a_source_fails_and_says_so(
    client: Client, source: Source, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(settings, "ENGINE", "tcp://node1:2376")
    received(client, source)
    Source.objects.update(repository=None)
    build = builds.next_build()
    assert build
    build_runner.run(build)
    build.refresh_from_db()
    assert build.state == "failed"
    assert "linked to no source" in build.log


def test_error_of_the_hub_itself_is_no_success(
    client: Client, source: Source, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(settings, "ENGINE", "tcp://node1:2376")
    monkeypatch.setattr(build_runner, "_run", lambda *_: {}["nothing"])
    received(client, source)
    build = builds.next_build()
    assert build
    build_runner.run(build)
    build.refresh_from_db()
    assert build.state == "failed"


def test_build_reads_what_is_public_or_linked_and_no_other_base(
    client: Client, source: Source, repository: Callable[..., Repository], tmp_path: Path
):
    """Anyone who may push to the source could else read each private image by its name."""
    repository("acme/secret", private=True)
    repository("ada/secret", private=True)
    linked = repository("acme/base", private=True)
    repository("grace/open")
    assert source.repository
    links.link(source.repository, linked)
    text = """ARG BASE=hub.lab/acme/base:1
FROM $BASE
FROM hub.lab/acme/secret
FROM --platform=linux/amd64 hub.lab/ada/secret@sha256:00 AS other
COPY --from=hub.lab/grace/open:1 /a /b
FROM elsewhere.lab/acme/base
FROM hub.lab/../acme/secret
"""
    commit(git.folder_of(source), tmp_path / "work", {"Dockerfile": text}, "bases")
    received(client, source)
    build = Build.objects.first()
    assert build
    assert sorted(build_runner._bases(build, source)) == ["acme/base", "grace/open"]


def test_source_that_was_given_up_is_linked_by_an_owner_alone(
    people: dict[str, Account], source: Source, repository: Callable[..., Repository]
):
    """It may hold the code of a repository that is private to others."""
    Source.objects.update(repository=None)
    other = repository("acme/other")
    team = other.namespace.teams.create(name="dev")
    team.members.add(people["linus"])
    other.permissions.create(team=team, level=Level.ADMIN)
    for name, linked in (("linus", None), ("ada", other.pk)):
        browser = Client(HTTP_HOST="hub.lab")
        browser.force_login(people[name])
        browser.post("/acme/other/-/automation/source", {"name": "app"})
        source.refresh_from_db()
        assert source.repository_id == linked


def test_canceled_build_stays_canceled(client: Client, source: Source):
    received(client, source)
    build = builds.next_build()
    assert build
    assert builds.cancel(build)
    builds.end(build, "")
    assert Build.objects.get().state == "canceled"
    assert not builds.cancel(build)


def test_log_is_cut_and_says_so(client: Client, source: Source):
    received(client, source)
    log = builds.BuildLog(Build.objects.get())
    for _ in range(30):
        log.add("x" * 50_000)
    log.write()
    kept = Build.objects.get().log
    assert len(kept) == builds.MOST_LOG + len(builds.CUT)
    assert kept.endswith(builds.CUT)


def test_name_of_a_source_is_no_path(source: Source, people: dict[str, Account]):
    assert source.repository
    for name in ("..", "a/b", "../../etc", "x.git/../y", ""):
        with pytest.raises(ValidationError, match="small letters"):
            link_source(source.repository, name, by=people["ada"])
