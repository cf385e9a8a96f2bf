"""Builds, rules, links, triggers and webhooks of a repository."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from labs.hub import builds, git, links, triggers, webhooks
from labs.hub.access import find, is_owner
from labs.hub.forms import NewRule, NewSource, NewWebhook, Path
from labs.hub.models import Delivery, Level, Repository, Source
from labs.hub.repository_pages import head
from labs.hub.space_pages import PAGE
from labs.hub.viewer import account_of, number_of, repository_for, visible

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
        messages.info(
            request, "queued" if again else "not queued: it waits already, or the queue is full"
        )
    return redirect("builds", path)


@login_required
def automation_page(request: HttpRequest, path: str) -> HttpResponse:
    """Source, rules, links, triggers and webhooks."""
    repository = repository_for(request, path, Level.ADMIN)
    shown = {
        **head(request, repository),
        "source": Source.objects.filter(repository=repository).first(),
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
        messages.error(request, " ".join(error.messages))
    return redirect("automation", path)


def _source(request: HttpRequest, repository: Repository) -> None:
    form = NewSource(request.POST)
    _valid(form)
    space = repository.namespace
    with transaction.atomic():
        source, made = Source.objects.get_or_create(namespace=space, name=form.cleaned_data["name"])
        if source.repository_id not in (None, repository.pk):
            raise ValidationError(f"{source} makes another repository")
        if not made and source.repository_id is None and not is_owner(account_of(request), space):
            # It may hold the code of a repository that is private to others.
            raise ValidationError(f"{source} is there already: only an owner of {space} links it")
        Source.objects.filter(repository=repository).exclude(pk=source.pk).update(repository=None)
        source.repository = repository
        source.save()
    git.init(source)


def _rule(request: HttpRequest, repository: Repository) -> None:
    form = NewRule(request.POST)
    _valid(form)
    form.instance.repository = repository
    form.save()


def _link(request: HttpRequest, repository: Repository) -> None:
    form = Path(request.POST)
    _valid(form)
    base = find(form.cleaned_data["path"])
    if base is None or not visible(account_of(request)).filter(pk=base.pk).exists():
        raise ValidationError(f"no repository {form.cleaned_data['path']!r}")
    links.link(repository, base)


def _trigger(request: HttpRequest, repository: Repository) -> None:
    name = request.POST.get("name", "").strip()[:100] or "trigger"
    request.session["trigger"] = triggers.make(repository, name)


def _webhook(request: HttpRequest, repository: Repository) -> None:
    form = NewWebhook(request.POST)
    _valid(form)
    made = webhooks.add(repository, form.cleaned_data["name"], form.cleaned_data["url"])
    request.session["secret"] = made.secret


def _again(request: HttpRequest, repository: Repository) -> None:
    delivery = get_object_or_404(Delivery, pk=number_of(request), webhook__repository=repository)
    webhooks.send_again(delivery)


def _remove(kind: str) -> Change:
    def remove(request: HttpRequest, repository: Repository) -> None:
        get_object_or_404(getattr(repository, kind), pk=number_of(request)).delete()

    return remove


def _valid(form: BaseForm) -> None:
    if not form.is_valid():
        lines = (f"{field}: {' '.join(map(str, wrong))}" for field, wrong in form.errors.items())
        raise ValidationError("; ".join(lines))


_CHANGES = {
    "source": _source,
    "rule": _rule,
    "link": _link,
    "trigger": _trigger,
    "webhook": _webhook,
    "again": _again,
    **{f"no-{kind[:-1]}": _remove(kind) for kind in ("rules", "links", "triggers", "webhooks")},
}
