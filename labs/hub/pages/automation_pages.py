"""Builds, rules, links, triggers and webhooks of a repository."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from labs.hub.automation import build_rules, builds, links, triggers, webhooks
from labs.hub.automation.sources import link_source, source_of
from labs.hub.models import Delivery, Level, Repository
from labs.hub.pages.forms import (
    NewRule,
    NewSource,
    NewTrigger,
    NewWebhook,
    Path,
    StartBuilds,
    is_done,
)
from labs.hub.pages.repository_pages import head
from labs.hub.pages.space_pages import PAGE
from labs.hub.rights.viewer import account_of, number_of, person_of, repository_for

Change = Callable[[HttpRequest, Repository], None]


def builds_page(request: HttpRequest, path: str) -> HttpResponse:
    """The history of builds: what a reader of the repository may see."""
    repository = repository_for(request, path)
    page = Paginator(repository.builds.defer("log"), PAGE).get_page(request.GET.get("page"))
    shown = {**head(request, repository), "page": page, "start": StartBuilds(auto_id="start-%s")}
    shown["source"] = source_of(repository)
    return render(request, "builds.html", shown)


def build_page(request: HttpRequest, path: str, number: int) -> HttpResponse:
    """One build with its log."""
    repository = repository_for(request, path, Level.WRITE)
    build = get_object_or_404(repository.builds, pk=number)
    return render(request, "build.html", {**head(request, repository), "build": build})


def build_log(request: HttpRequest, path: str, number: int) -> JsonResponse:
    """The log from a character on, for the script that shows it live."""
    repository = repository_for(request, path, Level.WRITE)
    build = get_object_or_404(repository.builds, pk=number)
    start = int(request.GET.get("from", "0") or 0) if request.GET.get("from", "0").isdigit() else 0
    return JsonResponse({"state": build.state, "text": build.log[start:], "end": len(build.log)})


@login_required
@require_POST
def change_build(request: HttpRequest, path: str, number: int) -> HttpResponse:
    """Cancel a build, or run it once more."""
    repository = repository_for(request, path, Level.WRITE)
    build = get_object_or_404(repository.builds, pk=number)
    if request.POST.get("what") == "cancel":
        done = builds.cancel(build)
        messages.info(request, "canceled" if done else f"it is {build.state}: nothing to cancel")
    else:
        again = builds.retry(build, cause=f"run again by {account_of(request)}")
        messages.info(request, "queued" if again else builds.NOT_QUEUED)
        build = again or build
    return redirect("build", path, build.pk)


@login_required
@require_POST
def start_builds(request: HttpRequest, path: str) -> HttpResponse:
    """Build what the rules make of a branch or tag, now."""
    repository = repository_for(request, path, Level.WRITE)
    kind, ref = request.POST.get("kind", ""), request.POST.get("ref", "").strip()
    queued = builds.start(repository, kind=kind, ref=ref, cause=f"started by {account_of(request)}")
    for said in queued.said:
        (messages.success if queued.builds else messages.error)(request, said)
    return redirect("builds", path)


@login_required
def automation_page(request: HttpRequest, path: str) -> HttpResponse:
    """Source, rules, links, triggers and webhooks."""
    return _automation(request, repository_for(request, path, Level.ADMIN))


def _automation(request: HttpRequest, repository: Repository, **wrong: BaseForm) -> HttpResponse:
    """The page, with the form that was sent and is wrong in place of an empty one."""
    initial: dict[str, dict[str, str]] = {
        "source": {"name": repository.name.rpartition("/")[2]},
        "rule": {"source": "main", "tag": "latest"},
    }
    shown = {
        **head(request, repository),
        **{
            f"new_{what}": form(auto_id=f"{what}-%s", initial=initial.get(what))
            for what, (form, _) in _ADDS.items()
        },
        "source": source_of(repository),
        "rules": repository.rules.all(),
        "links": repository.links.select_related("base__namespace"),
        "triggers": repository.triggers.prefetch_related("calls"),
        "webhooks": repository.webhooks.all(),
        "deliveries": Delivery.objects.filter(webhook__repository=repository).select_related(
            "webhook"
        )[:20],
        "trigger": request.session.pop("trigger", ""),
        "secret": request.session.pop("secret", ""),
        **wrong,
        "failed": any(form.errors for form in wrong.values()),
    }
    return render(request, "automation.html", shown)


@login_required
@require_POST
def change_automation(request: HttpRequest, path: str, what: str) -> HttpResponse:
    """Add or take one of them."""
    repository = repository_for(request, path, Level.ADMIN)
    if what in _CHANGES:
        _CHANGES[what](request, repository)
        return redirect("automation", path)
    if what not in _ADDS:
        raise Http404(f"nothing to change called {what}")
    kind, add = _ADDS[what]
    form = kind(request.POST, auto_id=f"{what}-%s")
    often_wrong = {"rule": "tag", "webhook": "url"}.get(what, next(iter(form.fields)))
    if is_done(form, partial(add, request, repository), often_wrong):
        return redirect("automation", path)
    return _automation(request, repository, **{f"new_{what}": form})


def _source(request: HttpRequest, repository: Repository, name: str) -> None:
    link_source(repository, name, by=person_of(request))


def _rule(_request: HttpRequest, repository: Repository, **fields: Any) -> None:
    build_rules.add(repository, **fields)


def _link(request: HttpRequest, repository: Repository, path: str) -> None:
    links.link_named(repository, path, by=person_of(request))


def _trigger(request: HttpRequest, repository: Repository, name: str) -> None:
    _, request.session["trigger"] = triggers.make(repository, name)


def _webhook(request: HttpRequest, repository: Repository, **fields: str) -> None:
    request.session["secret"] = webhooks.add(repository, **fields).secret


def _again(request: HttpRequest, repository: Repository) -> None:
    delivery = get_object_or_404(Delivery, pk=number_of(request), webhook__repository=repository)
    webhooks.send_again(delivery)


def _remove(kind: str) -> Change:
    def remove(request: HttpRequest, repository: Repository) -> None:
        get_object_or_404(getattr(repository, kind), pk=number_of(request)).delete()

    return remove


_ADDS: dict[str, tuple[Callable[..., BaseForm], Callable[..., None]]] = {
    "source": (NewSource, _source),
    "rule": (NewRule, _rule),
    "link": (Path, _link),
    "trigger": (NewTrigger, _trigger),
    "webhook": (NewWebhook, _webhook),
}
_CHANGES: dict[str, Change] = {
    "again": _again,
    **{f"no-{kind[:-1]}": _remove(kind) for kind in ("rules", "links", "triggers", "webhooks")},
}
