"""Runs one build on the engine of a node: source to the engine, log back, then the push."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import urllib3
from django.conf import settings

from labs.hub import names
from labs.hub.automation import builds, engine_client, git
from labs.hub.automation.build_disk import BuildDisk
from labs.hub.automation.build_hooks import HookError, Workspace
from labs.hub.automation.build_watch import EndedBuild, ended_from_outside, upload
from labs.hub.automation.builds import BuildLog
from labs.hub.automation.engine_client import LONGEST_S, EngineRefused, encoded
from labs.hub.automation.sources import source_of
from labs.hub.models import Build, Source
from labs.hub.rights.access import find
from labs.hub.rights.token_server import sign

_log = logging.getLogger("hub")
# Of the machine that builds, for one build: it cannot take the node's memory, nor all of its processor.
# An engine cannot renew a token that it was given, so this one lasts as long as the longest build.
_TOKEN_S = LONGEST_S + 60
_BUILDER = "hub-build"
MEMORY_BYTES = 1 << 30
CPU_SHARES = 512
# Of all that runs in the node as the same user, and not of this build alone: the engine has no such limit for builds.
_MOST_PROCESSES = {"Name": "nproc", "Soft": 1500, "Hard": 1500}


class FailedBuild(Exception):
    """The build failed; the message is its last line."""


_FAILURES = (
    *(FailedBuild, EngineRefused, EndedBuild, HookError, git.GitError),
    *(OSError, urllib3.exceptions.HTTPError),
)


def run(build: Build) -> None:
    """Build, push and note how it ended. Nothing that a source holds makes this raise."""
    log = BuildLog(build)
    digest, error = "", ""
    try:
        digest = _run(build, log)
    except _FAILURES as wrong:
        error = str(wrong) or type(wrong).__name__
    except Exception:
        _log.exception("build %s of %s", build.pk, build.repository)
        error = "the hub could not do this build; its log says why"
    finally:
        if error:
            log.close(f"\n{error}\n")
        log.write()
        builds.end(build, error, digest)


def _run(build: Build, log: BuildLog) -> str:
    if not settings.ENGINE:
        raise FailedBuild("this hub has no engine to build with")
    source = source_of(build.repository)
    if source is None:
        raise FailedBuild(f"{build.repository} is linked to no source any more")
    name = f"{settings.HOSTS[0]}/{build.repository}"
    with BuildDisk(log) as disk, Workspace(source, build, variables(build), log) as workspace:
        workspace.run("post_checkout", "pre_build")
        _unless_ended(log)
        with workspace.context() as tar:
            _follow(
                _build_path(build, name),
                log,
                body=upload(tar, log),
                headers=_build_headers(build, source),
            )
        workspace.run("post_build", "pre_push")
        disk.look()
        digests = []
        for tag in build.tags:
            _unless_ended(log)
            digests.append(_push(build, name, tag, log))
        workspace.run("post_push")
    return digests[-1]


def _unless_ended(log: BuildLog) -> None:
    if why := "canceled" if log.is_canceled() else log.stop:
        raise FailedBuild(why)


def variables(build: Build) -> dict[str, str]:
    """The variables of Docker Hub's builds."""
    name = f"{settings.HOSTS[0]}/{build.repository}"
    first = build.tags[0] if build.tags else ""
    return {
        "SOURCE_BRANCH": build.ref,
        "SOURCE_COMMIT": build.commit,
        "COMMIT_MSG": build.message,
        "DOCKER_REPO": name,
        "DOCKERFILE_PATH": build.dockerfile,
        "DOCKER_TAG": ",".join(build.tags),
        "IMAGE_NAME": f"{name}:{first}",
    }


def _build_path(build: Build, name: str) -> str:
    # One: each is a step of the build, with a container that takes as long as a command.
    labels = {"org.opencontainers.image.revision": build.commit}
    query = [
        *(("t", f"{name}:{tag}") for tag in build.tags),
        ("dockerfile", build.dockerfile.lstrip("/")),
        ("labels", json.dumps(labels)),
        ("nocache", "0" if build.caching else "1"),
        ("rm", "1"),
        ("forcerm", "1"),
        ("pull", "1"),
        ("memory", str(MEMORY_BYTES)),
        ("memswap", str(MEMORY_BYTES)),
        ("cpushares", str(CPU_SHARES)),
        ("ulimits", json.dumps([engine_client.LARGEST_FILE, _MOST_PROCESSES])),
        # A build has the network of any container, and no more: not the engine's, not the hub's own.
        ("networkmode", "bridge"),
    ]
    return f"/build?{urlencode(query)}"


def _build_headers(build: Build, source: Source) -> dict[str, str]:
    # The engine pulls the bases with a token that is good for these repositories and some minutes.
    access = [
        {"type": "repository", "name": path, "actions": ["pull"]} for path in _bases(build, source)
    ]
    config = {settings.HOSTS[0]: {"registrytoken": sign(_BUILDER, access, valid_s=_TOKEN_S)}}
    return {"Content-Type": "application/x-tar", "X-Registry-Config": encoded(config)}


def _bases(build: Build, source: Source) -> list[str]:
    """The repositories of the hub that a Dockerfile names and that its build may read.

    A Dockerfile comes from anyone who may push to the source. It gets what is public, and what an administrator of the
    repository has linked as its base. A private image of someone else is not given out for writing its name.
    """
    path = "/".join(part for part in (build.context.strip("/"), build.dockerfile) if part)
    try:
        text = git.run(
            "-C", str(git.folder_of(source)), "show", "--end-of-options", f"{build.commit}:{path}"
        )
    except git.GitError:
        return []
    # In any place: behind FROM, in an ARG that FROM takes, in COPY --from.
    host = re.escape(settings.HOSTS[0])
    named = re.findall(rf"{host}/([a-z0-9][a-z0-9._/-]*[a-z0-9])", text.decode(errors="replace"))
    found = [find(base) for base in dict.fromkeys(named) if names.is_path(base)]
    linked = set(build.repository.links.values_list("base", flat=True))
    return [str(each) for each in found if each and (not each.private or each.pk in linked)]


def _push(build: Build, name: str, tag: str, log: BuildLog) -> str:
    path = str(build.repository)
    access = [{"type": "repository", "name": path, "actions": ["pull", "push"]}]
    login = {
        "registrytoken": sign(_BUILDER, access, valid_s=_TOKEN_S),
        "serveraddress": settings.HOSTS[0],
    }
    digest = ""
    url = f"/images/{quote(name)}/push?tag={quote(tag)}"
    for line in _follow(url, log, headers={"X-Registry-Auth": encoded(login)}):
        digest = (line.get("aux") or {}).get("Digest", digest)
    return digest


def _follow(
    path: str, log: BuildLog, *, headers: dict[str, str], body: Iterator[bytes] | None = None
) -> list[dict[str, Any]]:
    """Send a request and take its lines into the log as they come; return those that are more than text.

    Raises:
        FailedBuild: The engine said that it failed.
        EndedBuild: It took too long; it was canceled.
    """
    kept: list[dict[str, Any]] = []
    answer = engine_client.request("POST", path, body=body, headers=headers)
    with ended_from_outside(answer, log, LONGEST_S):
        for line in _lines(answer):
            if "error" in line:
                raise FailedBuild(str(line["error"]))
            log.add(line.get("stream") or _progress(line))
            if "aux" in line:
                kept.append(line)
    return kept


def _lines(answer: urllib3.BaseHTTPResponse) -> Iterator[dict[str, Any]]:
    rest = b""
    while piece := answer.read1(1 << 16):
        *whole, rest = (rest + piece).split(b"\n")
        yield from (json.loads(each) for each in whole if each.strip())
    if rest.strip():
        yield json.loads(rest)


def _progress(line: dict[str, Any]) -> str:
    # Bars that move are for a terminal; in a log each step is one line.
    if not line.get("status") or line.get("progressDetail"):
        return ""
    start = f"{line['id']}: " if line.get("id") else ""
    return f"{start}{line['status']}\n"
