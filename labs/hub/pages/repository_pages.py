"""The pages of one repository: tags, an image, settings and permissions."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from labs.hub.error_text import text_of
from labs.hub.models import Account, Level, Repository, Team
from labs.hub.pages.forms import EditRepository, NamedAccount, TypedName, is_done
from labs.hub.pages.space_pages import PAGE
from labs.hub.rights.access import Caller, at_least, is_owner, level
from labs.hub.rights.namespaces import remove_image, remove_repository
from labs.hub.rights.permissions import add_collaborator, permit
from labs.hub.rights.viewer import account_of, number_of, repository_for


def repository_page(request: HttpRequest, path: str) -> HttpResponse:
    """Tags with digest, size, platforms, by whom and when, from the hub's own table."""
    repository = repository_for(request, path)
    tags = repository.tags.select_related("image")
    if words := request.GET.get("q", ""):
        tags = tags.filter(name__icontains=words)
    page = Paginator(tags, PAGE).get_page(request.GET.get("page"))
    # What is pulled without a tag has to be there: not every repository has a `latest`.
    newest = repository.tags.filter(name="latest").first() or repository.tags.first()
    shown = {**head(request, repository), "page": page, "q": words, "newest": newest}
    return render(request, "repository.html", shown)


def image_page(request: HttpRequest, path: str, digest: str) -> HttpResponse:
    """One image: its layers and all of its tags."""
    repository = repository_for(request, path)
    image = get_object_or_404(repository.images.prefetch_related("tags"), digest=digest)
    return render(request, "image.html", {**head(request, repository), "image": image})


@login_required
@require_POST
def delete_image(request: HttpRequest, path: str, digest: str) -> HttpResponse:
    """Delete an image with all of its tags, in the registry; its event then changes the table."""
    repository = repository_for(request, path, Level.ADMIN)
    image = get_object_or_404(repository.images, digest=digest)
    try:
        remove_image(image)
        messages.success(request, f"{digest[:19]} is gone, with all of its tags")
    except ValidationError as error:
        messages.error(request, text_of(error))
    return redirect("repository", path)


@login_required
@require_POST
def delete_repository(request: HttpRequest, path: str) -> HttpResponse:
    """Delete a repository with all of its images: for the owner of its namespace, who types its name."""
    repository = repository_for(request, path, Level.ADMIN)
    form = TypedName(path, request.POST, auto_id="delete-%s")
    if not is_owner(account_of(request), repository.namespace):
        form.add_error("name", f"only an owner of {repository.namespace} deletes {path}")
    if is_done(form, lambda name: remove_repository(repository), "name"):
        messages.success(request, f"{path} is gone")
        return redirect("space", repository.namespace.name)
    return _settings(request, repository, typed=form)


@login_required
def settings_page(request: HttpRequest, path: str) -> HttpResponse:
    """Description, visibility, and who may do what."""
    repository = repository_for(request, path, Level.ADMIN)
    form = EditRepository(request.POST or None, instance=repository)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved")
        return redirect("settings", path)
    return _settings(request, repository, form=form)


def _settings(request: HttpRequest, repository: Repository, **wrong: BaseForm) -> HttpResponse:
    """The page, with the forms that were sent and are wrong in place of empty ones."""
    shown = {
        **head(request, repository),
        "form": EditRepository(instance=repository),
        "levels": Level.choices,
        "permissions": repository.permissions.select_related("team"),
        "teams": repository.namespace.teams.all(),
        "collaborators": repository.collaborators.select_related("account"),
        "named": NamedAccount(auto_id="collaborator-%s"),
        "typed": TypedName(str(repository), auto_id="delete-%s"),
        **wrong,
        "failed": any(form.errors for form in wrong.values()),
    }
    return render(request, "settings.html", shown)


@login_required
@require_POST
def change_permission(request: HttpRequest, path: str) -> HttpResponse:
    """Give a team a level, or take it; `none` takes."""
    repository = repository_for(request, path, Level.ADMIN)
    team = get_object_or_404(Team, pk=number_of(request, "team"), organization=repository.namespace)
    wanted = request.POST.get("level")
    if wanted in Level.values:
        permit(repository, team, str(wanted))
    else:
        repository.permissions.filter(team=team).delete()
    return redirect("settings", path)


@login_required
@require_POST
def change_collaborator(request: HttpRequest, path: str) -> HttpResponse:
    """Add or take a collaborator of a personal repository."""
    repository = repository_for(request, path, Level.ADMIN)
    form = NamedAccount(request.POST, auto_id="collaborator-%s")

    def change(username: Account) -> None:
        if request.POST.get("what") == "remove":
            repository.collaborators.filter(account=username).delete()
        else:
            add_collaborator(repository, username)

    if is_done(form, change, "username"):
        return redirect("settings", path)
    return _settings(request, repository, named=form)


def head(request: HttpRequest, repository: Repository) -> dict[str, object]:
    """What each page of a repository shows above."""
    account = account_of(request)
    return {
        "repository": repository,
        "level": level(account, repository),
        "admin": at_least(Caller(account), repository, Level.ADMIN),
        "host": request.get_host(),
    }
