"""Git repositories of the hub: bare, below one folder, with a hook that tells the hub what was pushed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings

from labs.hub.models import Source

# The hub's own hook for all repositories, by a setting of git: none of them has a hook that someone could write.
HOOK = """#!/bin/sh
# What the hub answers is printed by `git push` behind "remote:".
exec busybox wget -q -T 20 -O - --header "Authorization: Bearer $HUB_HOOK" --post-file=/dev/stdin "$HUB_RECEIVED"
"""
_TIMEOUT_S = 60
MOST_BYTES, MOST_ENTRIES = 200 << 20, 50_000
"""Of a source that is built."""


class GitError(Exception):
    """Git could not do it; the message is git's."""


def folder_of(source: Source) -> Path:
    """Where it is: both names were checked, so the path stays below the folder."""
    return Path(settings.GIT_FOLDER) / source.namespace.name / f"{source.name}.git"


def init(source: Source) -> Path:
    """Make the repository if it is not there."""
    folder = folder_of(source)
    if not (folder / "HEAD").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        run("init", "--quiet", "--bare", "--initial-branch=main", str(folder))
        run("-C", str(folder), "config", "http.receivepack", "true")
    return folder


def hooks_folder() -> Path:
    """The folder with the hub's hook."""
    return Path(settings.GIT_FOLDER).parent / "hooks"


def write_hook() -> None:
    """At each start, since the hook belongs to the code and not to the data. Not later: git may be running it."""
    hooks_folder().mkdir(parents=True, exist_ok=True)
    draft, hook = hooks_folder() / "draft", hooks_folder() / "post-receive"
    draft.write_text(HOOK)
    draft.chmod(0o755)
    draft.rename(hook)


def refs_of(source: Source) -> dict[str, str]:
    """All branches and tags, `refs/heads/main`, with the commit of each.

    A name is any bytes but spaces and control characters: it may be no UTF-8, or hold what Python takes for the end of
    a line or for a space.
    """
    form = "--format=%(refname) %(objectname) %(*objectname)"
    listed = _git(source, "for-each-ref", form, "refs/heads", "refs/tags").stdout
    found = {}
    for line in listed.split(b"\n")[:-1]:
        name, own, tagged = line.split(b" ")
        # Of an annotated tag, its commit.
        found[name.decode(errors="backslashreplace")] = (tagged or own).decode()
    return found


def resolve(source: Source, kind: str, ref: str) -> str:
    """The commit of a branch or tag; empty if there is none of that name."""
    full = f"refs/{'heads' if kind == 'branch' else 'tags'}/{ref}"
    done = _git(
        source, "rev-parse", "--quiet", "--verify", "--end-of-options", f"{full}^{{commit}}"
    )
    return done.stdout.decode().strip() if done.returncode == 0 else ""


def message_of(source: Source, commit: str) -> str:
    """The first line of a commit's message."""
    done = _git(source, "log", "-1", "--format=%s", "--end-of-options", commit)
    return done.stdout.decode(errors="replace").strip()[:500]


@contextmanager
def archive(source: Source, commit: str, context: str) -> Iterator[IO[bytes]]:
    """A tar of a folder of a commit.

    Raises:
        GitError: There is no such folder in the commit, or it is too large.
    """
    path = context.strip("/")
    tree = f"{commit}:{path}" if path else f"{commit}^{{tree}}"
    kind = _git(source, "cat-file", "-t", tree)
    if kind.stdout.strip() != b"tree":
        raise GitError(f"the commit has no folder {context!r} for the build context")
    _check_size(source, tree)
    with _output(source, "archive", "--format=tar", tree) as tar:
        yield tar


def _check_size(source: Source, tree: str) -> None:
    """Accept a tree that is not too large to be sent to an engine.

    A few kilobytes of git may hold a gigabyte of zeros, or a folder that has the same folder ten times, and so on down:
    `git archive` takes all of its names into memory before it writes the first.

    Raises:
        GitError: It is.
    """
    size, entries = 0, 0
    with _output(source, "ls-tree", "-r", "-t", "-l", tree) as lines:
        for line in lines:
            length = line.partition(b"\t")[0].split()[3]
            size += int(length) if length.isdigit() else 0
            entries += 1
            if size > MOST_BYTES or entries > MOST_ENTRIES:
                raise GitError(
                    f"the source has more than {MOST_BYTES >> 20} MB or {MOST_ENTRIES} files, the most of a build"
                )


@contextmanager
def _output(source: Source, *arguments: str) -> Iterator[IO[bytes]]:
    """What a command of git writes, which ends with the block."""
    command = ["git", "-C", str(folder_of(source)), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) as process:
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            process.kill()


def run(*arguments: str) -> bytes:
    """Run git.

    Raises:
        GitError: It failed.
    """
    done = _done(*arguments)
    if done.returncode:
        raise GitError(done.stderr.decode(errors="replace").strip())
    return done.stdout


def environment() -> dict[str, str]:
    """What git may know: no configuration of the machine or of a user, and no way to ask for a password."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LANG": "C.UTF-8",
    }


def _git(source: Source, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return _done("-C", str(folder_of(source)), *arguments)


def _done(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = ["git", *arguments]
    return subprocess.run(
        command, capture_output=True, timeout=_TIMEOUT_S, check=False, env=environment()
    )
