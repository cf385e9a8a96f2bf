"""Builds, rules, links, triggers and webhooks of a repository."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from labs.hub import build_rules, builds, links, triggers, webhooks
from labs.hub.error_text import check_form, text_of
from labs.hub.forms import NewRule, NewSource, NewWebhook
from labs.hub.models import Delivery, Level, Repository
from labs.hub.repository_pages import head
from labs.hub.sources import link_source, source_of
from labs.hub.space_pages import PAGE
from labs.hub.viewer import account_of, number_of, person_of, repository_for

Change = Callable[[HttpRequest, Repository], None]


def builds_page(request: HttpRequest, path: str) -> HttpResponse:
    """The history of builds: what a reader of the repository may see."""
    repository = repository_for(request, path)
    page = Paginator(repository.builds.defer("log"), PAGE).get_page(request.GET.get("page"))
    return render(request, "builds.html", {**head(request, repository), "page": page})


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
    return redirect("builds", path)


@login_required
def automation_page(request: HttpRequest, path: str) -> HttpResponse:
    """Source, rules, links, triggers and webhooks."""
    repository = repository_for(request, path, Level.ADMIN)
    shown = {
        **head(request, repository),
        "source": source_of(repository),
        "new_source": NewSource(initial={"name": repository.name.rpartition("/")[2]}),
        "rules": repository.rules.all(),
        "new_rule": NewRule(initial={"source": "main", "tag": "latest"}),
        "links": repository.links.select_related("base__namespace"),
        "triggers": repository.triggers.prefetch_related("calls"),
        "webhooks": repository.webhooks.all(),
        "new_webhook": NewWebhook(),
        "deliveries": Delivery.objects.filter(webhook__repository=repository)[:20],
        "trigger": request.session.pop("trigger", ""),
        "secret": request.session.pop("secret", ""),
    }
    return render(request, "automation.html", shown)


@login_required
@require_POST
def change_automation(request: HttpRequest, path: str, what: str) -> HttpResponse:
    """Add or take one of them."""
    repository = repository_for(request, path, Level.ADMIN)
    if what not in _CHANGES:
        raise Http404(f"nothing to change called {what}")
    change = _CHANGES[what]
    try:
        change(request, repository)
    except ValidationError as error:
        messages.error(request, text_of(error))
    return redirect("automation", path)


def _source(request: HttpRequest, repository: Repository) -> None:
    form = NewSource(request.POST)
    check_form(form)
    link_source(repository, form.cleaned_data["name"], by=person_of(request))


def _rule(request: HttpRequest, repository: Repository) -> None:
    form = NewRule(request.POST)
    check_form(form)
    build_rules.add(repository, **form.cleaned_data)


def _link(request: HttpRequest, repository: Repository) -> None:
    links.link_named(repository, request.POST.get("path", ""), by=person_of(request))


def _trigger(request: HttpRequest, repository: Repository) -> None:
    _, request.session["trigger"] = triggers.make(repository, request.POST.get("name", ""))


def _webhook(request: HttpRequest, repository: Repository) -> None:
    form = NewWebhook(request.POST)
    check_form(form)
    request.session["secret"] = webhooks.add(repository, **form.cleaned_data).secret


def _again(request: HttpRequest, repository: Repository) -> None:
    delivery = get_object_or_404(Delivery, pk=number_of(request), webhook__repository=repository)
    webhooks.send_again(delivery)


def _remove(kind: str) -> Change:
    def remove(request: HttpRequest, repository: Repository) -> None:
        get_object_or_404(getattr(repository, kind), pk=number_of(request)).delete()

    return remove


_CHANGES = {
    "source": _source,
    "rule": _rule,
    "link": _link,
    "trigger": _trigger,
    "webhook": _webhook,
    "again": _again,
    **{f"no-{kind[:-1]}": _remove(kind) for kind in ("rules", "links", "triggers", "webhooks")},
}
