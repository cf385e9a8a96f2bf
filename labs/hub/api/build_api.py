"""Builds by API: start, follow, retry, cancel; and triggers, by which another service starts them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from labs.hub.api.api_rights import account_for, row_of
from labs.hub.api.api_session import ApiRequest
from labs.hub.api.json_body import (
    NUMBER,
    TEXT,
    TIME,
    body,
    field,
    list_of,
    maybe,
)
from labs.hub.api.operation import Operations
from labs.hub.api.refusal import Refused
from labs.hub.api.row_record import Field, RowRecord
from labs.hub.automation import builds, triggers
from labs.hub.models import Build, BuildRule, Level, Repository

operations = Operations("Automated builds", own=True, level=Level.ADMIN)
_ONE = "/v2/namespaces/{namespace}/repositories/{repository}"
_BUILD_FIELDS: dict[str, Field] = {
    "number": (NUMBER, "pk"),
    "state": {**TEXT, "enum": Build.State.values},
    "source_type": (TEXT, "kind"),
    "source": (TEXT, "ref"),
    "commit": TEXT,
    "tags": list_of(TEXT),
    "cause": TEXT,
    "digest": TEXT,
    "queued": TIME,
    "started": maybe(TIME),
    "ended": maybe(TIME),
    "duration": (maybe({"type": "number"}), "seconds"),
}
_BUILD = RowRecord("Build", **_BUILD_FIELDS)
_BUILD_WITH_LOG = RowRecord("BuildWithLog", **_BUILD_FIELDS, message=TEXT, log=TEXT)
_STARTED = RowRecord(
    "StartedBuilds",
    builds=(list_of(_BUILD.schema), lambda queued: [_BUILD(each) for each in queued.builds]),
    detail=(list_of(TEXT), "said"),
)
_CALL = RowRecord("TriggerCall", called=(TIME, "at"), address=TEXT, asked=TEXT, result=TEXT)
_TRIGGER = RowRecord(
    "Trigger",
    id=NUMBER,
    name=TEXT,
    calls=(list_of(_CALL.schema), lambda trigger: [_CALL(each) for each in trigger.calls.all()]),
)
_NEW_TRIGGER = RowRecord("NewTrigger", id=NUMBER, name=TEXT, url=TEXT)


@operations.add("GET", f"{_ONE}/builds", answer=_BUILD, paged=True, level=Level.READ)
def list_builds(request: ApiRequest, repository: Repository) -> Any:
    """List builds, the newest first, without their logs: for readers of the repository."""
    return repository.builds.defer("log")


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
    level=Level.WRITE,
)
def start_builds(request: ApiRequest, repository: Repository) -> Any:
    """Build what all rules make of a branch or tag, also those without autobuild: for writers."""
    queued = builds.start(
        repository,
        kind=request.body.get("source_type", "branch"),
        ref=request.body.get("source_name", "main"),
        tag=request.body.get("docker_tag", ""),
        cause=f"started by {account_for(request)}",
    )
    if not queued.builds:
        raise Refused(409, "; ".join(queued.said))
    return queued


@operations.add("GET", f"{_ONE}/builds/{{number}}", answer=_BUILD_WITH_LOG, level=Level.WRITE)
def get_build(request: ApiRequest, repository: Repository, number: str) -> Any:
    """Show one build with its log, as far as it has come, and the commit's message: for writers."""
    return _found(repository, number)


@operations.add(
    "POST",
    f"{_ONE}/builds/{{number}}/retry",
    status=201,
    answer=_BUILD,
    wrong={409: "the same build waits already, or the queue is full"},
    level=Level.WRITE,
)
def retry_build(request: ApiRequest, repository: Repository, number: str) -> Any:
    """Queue a build once more, with the same commit: for writers."""
    build = _found(repository, number)
    again = builds.retry(build, cause=f"run again by {account_for(request)}")
    if again is None:
        raise Refused(409, builds.NOT_QUEUED)
    return again


@operations.add(
    "POST",
    f"{_ONE}/builds/{{number}}/cancel",
    answer=_BUILD,
    wrong={409: "the build has ended"},
    level=Level.WRITE,
)
def cancel_build(request: ApiRequest, repository: Repository, number: str) -> Any:
    """Cancel a build that waits or runs: for writers."""
    build = _found(repository, number)
    canceled = builds.cancel(build)
    build.refresh_from_db()
    if not canceled:
        raise Refused(409, f"build {build.pk} is {build.state}: nothing to cancel")
    return build


@operations.add("GET", f"{_ONE}/triggers", answer=_TRIGGER, paged=True)
def list_triggers(request: ApiRequest, repository: Repository) -> Any:
    """List triggers, each with its last ten calls, without their URLs: for administrators."""
    return repository.triggers.prefetch_related("calls").order_by("id")


@operations.add(
    "POST",
    f"{_ONE}/triggers",
    status=201,
    answer=_NEW_TRIGGER,
    body=body(name=field("who calls it", "nightly", maxLength=100)),
)
def create_trigger(request: ApiRequest, repository: Repository) -> Any:
    """Make a trigger; its URL, which holds a secret, is in this answer alone: for administrators.

    A POST to the URL starts builds, without a login: `{"source_type": "branch", "source_name": "main"}` or
    `{"docker_tag": "latest"}`.
    """
    trigger, secret = triggers.make(repository, request.body["name"])
    url = f"https://{settings.HOSTS[0]}{reverse('trigger', args=[secret])}"
    return {"id": trigger.pk, "name": trigger.name, "url": url}


@operations.add("DELETE", f"{_ONE}/triggers/{{id}}", status=204)
def delete_trigger(request: ApiRequest, repository: Repository, id: str) -> None:
    """Delete a trigger: its URL starts nothing from now on: for administrators."""
    row_of(repository.triggers, id, "trigger").delete()


def _found(repository: Repository, number: str) -> Build:
    build: Build = row_of(repository.builds, number, "build")
    return build
