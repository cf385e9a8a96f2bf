"""Builds by API: start, follow, retry, cancel; and triggers, by which another service starts them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from labs.hub.api.api_rights import account_for, repository_seen, row_of
from labs.hub.api.json_body import (
    NUMBER,
    TEXT,
    TIME,
    body,
    field,
    list_of,
    maybe,
    page_of,
    record,
)
from labs.hub.api.listing import page
from labs.hub.api.operation import ApiRequest, Operations
from labs.hub.api.refusal import Refused
from labs.hub.automation import builds, triggers
from labs.hub.models import Build, BuildRule, Level, Trigger

operations = Operations("Automated builds", own=True)
_ONE = "/v2/namespaces/{namespace}/repositories/{repository}"
_BUILD_FIELDS = {
    "number": NUMBER,
    "state": {**TEXT, "enum": Build.State.values},
    "source_type": TEXT,
    "source": TEXT,
    "commit": TEXT,
    "tags": list_of(TEXT),
    "cause": TEXT,
    "digest": TEXT,
    "queued": TIME,
    "started": maybe(TIME),
    "ended": maybe(TIME),
    "duration": maybe({"type": "number"}),
}
_BUILD = record("Build", **_BUILD_FIELDS)
_BUILD_WITH_LOG = record("BuildWithLog", **_BUILD_FIELDS, message=TEXT, log=TEXT)
_STARTED = record("StartedBuilds", builds=list_of(_BUILD), detail=list_of(TEXT))
_CALL = record("TriggerCall", called=TIME, address=TEXT, asked=TEXT, result=TEXT)
_TRIGGER = record("Trigger", id=NUMBER, name=TEXT, calls=list_of(_CALL))
_NEW_TRIGGER = record("NewTrigger", id=NUMBER, name=TEXT, url=TEXT)


@operations.add("GET", f"{_ONE}/builds", answer=page_of(_BUILD), paged=True)
def list_builds(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """List builds, the newest first, without their logs: for readers of the repository."""
    found = repository_seen(request, namespace, repository)
    return page(request, found.builds.defer("log"), _build)


@operations.add(
    "POST",
    f"{_ONE}/builds",
    status=201,
    answer=_STARTED,
    wrong={409: "nothing was queued; the message says why"},
    body=body(
        source_type=field("branch if not given", "branch", enum=BuildRule.Kind.values),
        source_name=field("main if not given", "main", maxLength=200),
        docker_tag=field(
            "instead of the others: run the last build of this tag of the image again",
            maxLength=128,
        ),
        optional=("source_type", "source_name", "docker_tag"),
    ),
)
def start_builds(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """Build what all rules make of a branch or tag, also those without autobuild: for writers."""
    found = repository_seen(request, namespace, repository, Level.WRITE)
    queued = builds.start(
        found,
        kind=request.body.get("source_type", "branch"),
        ref=request.body.get("source_name", "main"),
        tag=request.body.get("docker_tag", ""),
        cause=f"started by {account_for(request)}",
    )
    if not queued.builds:
        raise Refused(409, "; ".join(queued.said))
    return {"builds": [_build(each) for each in queued.builds], "detail": queued.said}


@operations.add("GET", f"{_ONE}/builds/{{number}}", answer=_BUILD_WITH_LOG)
def get_build(request: ApiRequest, namespace: str, repository: str, number: str) -> dict[str, Any]:
    """Show one build with its log, as far as it has come, and the commit's message: for writers."""
    build = _found(request, namespace, repository, number)
    return {**_build(build), "message": build.message, "log": build.log}


@operations.add(
    "POST",
    f"{_ONE}/builds/{{number}}/retry",
    status=201,
    answer=_BUILD,
    wrong={409: "the same build waits already, or the queue is full"},
)
def retry_build(
    request: ApiRequest, namespace: str, repository: str, number: str
) -> dict[str, Any]:
    """Queue a build once more, with the same commit: for writers."""
    build = _found(request, namespace, repository, number)
    again = builds.retry(build, cause=f"run again by {account_for(request)}")
    if again is None:
        raise Refused(409, builds.NOT_QUEUED)
    return _build(again)


@operations.add(
    "POST",
    f"{_ONE}/builds/{{number}}/cancel",
    answer=_BUILD,
    wrong={409: "the build has ended"},
)
def cancel_build(
    request: ApiRequest, namespace: str, repository: str, number: str
) -> dict[str, Any]:
    """Cancel a build that waits or runs: for writers."""
    build = _found(request, namespace, repository, number)
    canceled = builds.cancel(build)
    build.refresh_from_db()
    if not canceled:
        raise Refused(409, f"build {build.pk} is {build.state}: nothing to cancel")
    return _build(build)


@operations.add("GET", f"{_ONE}/triggers", answer=page_of(_TRIGGER), paged=True)
def list_triggers(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """List triggers, each with its last ten calls, without their URLs: for administrators."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    return page(request, found.triggers.prefetch_related("calls").order_by("id"), _trigger)


@operations.add(
    "POST",
    f"{_ONE}/triggers",
    status=201,
    answer=_NEW_TRIGGER,
    body=body(name=field("who calls it", "nightly", maxLength=100)),
)
def create_trigger(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """Make a trigger; its URL, which holds a secret, is in this answer alone: for administrators.

    A POST to the URL starts builds, without a login: `{"source_type": "branch", "source_name": "main"}` or
    `{"docker_tag": "latest"}`.
    """
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    trigger, secret = triggers.make(found, request.body["name"])
    url = f"https://{settings.HOSTS[0]}{reverse('trigger', args=[secret])}"
    return {"id": trigger.pk, "name": trigger.name, "url": url}


@operations.add("DELETE", f"{_ONE}/triggers/{{id}}", status=204)
def delete_trigger(request: ApiRequest, namespace: str, repository: str, id: str) -> None:
    """Delete a trigger: its URL starts nothing from now on: for administrators."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    row_of(found.triggers, id, "trigger").delete()


def _found(request: ApiRequest, namespace: str, repository: str, number: str) -> Build:
    found = repository_seen(request, namespace, repository, Level.WRITE)
    build: Build = row_of(found.builds, number, "build")
    return build


def _build(each: Build) -> dict[str, Any]:
    return {
        "number": each.pk,
        "state": each.state,
        "source_type": each.kind,
        "source": each.ref,
        "commit": each.commit,
        "tags": each.tags,
        "cause": each.cause,
        "digest": each.digest,
        "queued": each.queued.isoformat(),
        "started": each.started and each.started.isoformat(),
        "ended": each.ended and each.ended.isoformat(),
        "duration": each.seconds,
    }


def _trigger(each: Trigger) -> dict[str, Any]:
    calls = [
        {
            "called": call.at.isoformat(),
            "address": call.address,
            "asked": call.asked,
            "result": call.result,
        }
        for call in each.calls.all()
    ]
    return {"id": each.pk, "name": each.name, "calls": calls}
