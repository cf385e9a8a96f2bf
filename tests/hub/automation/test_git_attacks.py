"""What someone who may push to a source can do with names, rules and content: nothing to others, and not for long."""

from __future__ import annotations

import io
import subprocess
import tarfile
import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from labs.hub.automation import build_hooks, build_watch, builds, catch_up, git
from labs.hub.automation.build_rules import MOST
from labs.hub.models import Account, Build, Source
from tests.hub.automation.git_source import received

pytestmark = pytest.mark.process


def set_ref(source: Source, name: bytes) -> None:
    """A branch, as a push makes it."""
    head = git.resolve(source, "branch", "main").encode()
    folder = str(git.folder_of(source)).encode()
    subprocess.run([b"git", b"-C", folder, b"update-ref", b"refs/heads/" + name, head], check=True)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"$(id)", "$(id)"),
        (b"<script>alert(1)</script>", "<script>alert(1)</script>"),
        (b"--output=x", "--output=x"),
        (b"a;reboot", "a;reboot"),
        (b"sm\xf8r", r"sm\xf8r"),
        ("x\u2028refs/heads/main\u00a0c0ffee".encode(), "x\u2028refs/heads/main\u00a0c0ffee"),
        ("\u0085".encode(), "\u0085"),
    ],
)
def test_branch_of_any_name_is_a_name(client: Client, source: Source, name: bytes, shown: str):
    """Git takes all bytes but some of ASCII, and Python ends lines and words where git does not."""
    set_ref(source, name)
    assert git.refs_of(source)[f"refs/heads/{shown}"] == git.resolve(source, "branch", "main")
    assert source.repository
    source.repository.rules.create(kind="branch", source="/.*/", tag="x{sourceref}")
    said = received(client, source)
    assert f"hub: build {Build.objects.get(ref=shown).pk} queued" in said
    (tag,) = Build.objects.get(ref=shown).tags
    assert not set(tag) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")


def test_source_that_cannot_be_read_keeps_no_other_from_being_built(
    source: Source, monkeypatch: pytest.MonkeyPatch
):
    other = Source.objects.create(namespace=source.namespace, name="a0")
    app = source.namespace.repositories.create(name="a0")
    Source.objects.filter(pk=other.pk).update(repository=app)
    refs_of = git.refs_of

    def broken(each: Source) -> dict[str, str]:
        if each.pk == other.pk:
            raise git.GitError("not a repository")
        return refs_of(each)

    monkeypatch.setattr(git, "refs_of", broken)
    assert catch_up.catch_up_all() == 1


def test_expressions_that_take_for_ever_end_and_nobody_waits_to_write(
    client: Client, source: Source, monkeypatch: pytest.MonkeyPatch
):
    """A transaction that lasts as long as the rules would be all that anyone can write meanwhile."""
    assert source.repository
    for number in range(MOST):
        source.repository.rules.create(kind="branch", source="/^(a+)+$/", tag=str(number))
    for number in range(50):
        set_ref(source, b"a" * 40 + f"!{number}".encode())
    monkeypatch.setattr(builds, "_MATCH_ALL_S", 1.5)
    inside: list[int] = []
    asked_by = builds.asked_by

    def asked(*given: Any) -> builds.Asked:
        inside.append(len(connection.savepoint_ids))
        return asked_by(*given)

    monkeypatch.setattr(builds, "asked_by", asked)
    outside = len(connection.savepoint_ids)
    started = time.monotonic()
    said = received(client, source)
    assert time.monotonic() - started < 15
    assert inside == [outside]
    assert "acme/app:latest" in said  # an expression of someone else's rule is another one


def test_push_that_came_meanwhile_is_queued_once(
    client: Client, source: Source, monkeypatch: pytest.MonkeyPatch
):
    asked_by, times = builds.asked_by, []

    def asked(*given: Any) -> builds.Asked:
        times.append(1)
        if len(times) == 1:
            received(client, source)
        return asked_by(*given)

    monkeypatch.setattr(builds, "asked_by", asked)
    assert received(client, source) == ""
    assert Build.objects.count() == 1


def test_push_of_a_thousand_tags_fills_its_own_queue_and_ends(client: Client, source: Source):
    head = git.resolve(source, "branch", "main")
    lines = "".join(f"create refs/tags/v1.{number} {head}\n" for number in range(1000))
    command = ["git", "-C", str(git.folder_of(source)), "update-ref", "--stdin"]
    subprocess.run(command, input=lines.encode(), check=True)
    said = received(client, source)
    assert Build.objects.count() == builds.LONGEST_QUEUE
    assert "the queue is full: not built" in said


def test_repository_has_a_number_of_rules_at_most(people: dict[str, Account], source: Source):
    assert source.repository
    browser = Client(HTTP_HOST="hub.lab")
    browser.force_login(people["ada"])
    given = {"kind": "branch", "source": "main", "dockerfile": "Dockerfile", "context": "/"}
    for number in range(MOST + 3):
        browser.post("/acme/app/-/automation/rule", {**given, "tag": str(number)})
    assert source.repository.rules.count() == MOST


def run(source: Source, *command: str, given: bytes = b"") -> str:
    folder = str(git.folder_of(source))
    who = ("-c", "user.name=eve", "-c", "user.email=eve@hub.lab")
    done = subprocess.run(
        ["git", *who, "-C", folder, *command], input=given, check=True, capture_output=True
    )
    return done.stdout.decode().strip()


def tree(source: Source, *entries: tuple[str, str]) -> str:
    """A tree with several names of what another tree has."""
    raw = b"".join(f"40000 {name}\0".encode() + bytes.fromhex(link) for name, link in entries)
    return run(source, "hash-object", "-t", "tree", "-w", "--stdin", given=raw)


@pytest.mark.parametrize("innermost", ["main^{tree}", ""])
def test_folder_in_itself_is_too_large(source: Source, innermost: str):
    """Ten folders of ten folders, ten times: a few kilobytes of git, and an archive without an end."""
    level = run(source, "rev-parse", innermost) if innermost else tree(source)
    for _ in range(10):
        level = tree(source, *((str(name), level) for name in range(10)))
    commit = run(source, "commit-tree", "-m", "made", level)
    with (
        pytest.raises(git.GitError, match=r"more than 200 MB or 50000 files"),
        git.archive(source, commit, "/"),
    ):
        pass


def test_file_of_zeros_is_too_large(source: Source):
    with subprocess.Popen(
        ["head", "-c", str(201 << 20), "/dev/zero"], stdout=subprocess.PIPE
    ) as zeros:
        command = ["git", "-C", str(git.folder_of(source)), "hash-object", "-w", "--stdin"]
        blob = subprocess.run(command, stdin=zeros.stdout, check=True, capture_output=True).stdout
    listed = f"100644 blob {blob.decode().strip()}\tzeros\n".encode()
    commit = run(source, "commit-tree", "-m", "zeros", run(source, "mktree", given=listed))
    with pytest.raises(git.GitError, match="more than 200 MB"), git.archive(source, commit, "/"):
        pass


def test_upload_of_a_build_that_was_canceled_ends(
    client: Client, source: Source, monkeypatch: pytest.MonkeyPatch
):
    received(client, source)
    build = builds.next_build()
    assert build
    monkeypatch.setattr(build_watch, "_LOOK_S", 0.0)
    sent = build_watch.upload(io.BytesIO(b"0" * (1 << 20)), builds.BuildLog(build))
    assert next(sent)
    builds.cancel(build)
    with pytest.raises(build_watch.EndedBuild, match="canceled"):
        list(sent)


class Tar:
    """An endless tar of empty files, as the engine would send it."""

    def __init__(self) -> None:
        self._header = tarfile.TarInfo("./x").tobuf()

    def read(self, amount: int) -> bytes:
        return (self._header * (amount // len(self._header) + 1))[
            : amount // len(self._header) * len(self._header)
        ]


def test_empty_files_that_a_hook_leaves_count_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(git, "MOST_BYTES", 5 << 20)
    given: Any = Tar()
    with pytest.raises(build_hooks.HookError, match="more than 5 MB"):
        build_hooks._copy(given, io.BytesIO())


def test_last_line_is_written_though_nothing_follows(client: Client, source: Source):
    """A command that says something and then works for minutes."""
    received(client, source)
    log = builds.BuildLog(Build.objects.get())
    log.add("first\n")
    log.add("last\n")
    assert Build.objects.get().log == "first\n"
    log.write_rest()
    assert Build.objects.get().log == "first\n"
    time.sleep(0.35)
    log.write_rest()
    assert Build.objects.get().log == "first\nlast\n"


def test_flooded_log_ends_its_build(client: Client, source: Source):
    received(client, source)
    log = builds.BuildLog(Build.objects.get())
    log.add("x" * builds.MOST_OUTPUT)
    assert not log.stop
    log.add("x")
    assert "20 million characters" in log.stop
    log.close("\nwhy\n")
    log.write()
    assert Build.objects.get().log.endswith(builds.CUT + "\nwhy\n")
