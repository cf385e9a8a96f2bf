"""Home, search, and the pages of accounts and organizations."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from labs.hub.error_text import text_of
from labs.hub.models import Team
from labs.hub.pages.forms import NewMember, NewName, NewRepository, is_done
from labs.hub.rights.access import is_owner
from labs.hub.rights.members import add_to_team, make_team, remove_member, set_role
from labs.hub.rights.namespaces import add_repository, found_organization
from labs.hub.rights.viewer import (
    account_of,
    person_of,
    sees_members,
    space_for,
    spaces_of,
    visible,
)

PAGE = 50


def home(request: HttpRequest) -> HttpResponse:
    """Repositories that one may see, searched by name and description."""
    words = request.GET.get("q", "")[:200].split()[:10]
    found = visible(account_of(request))
    for word in words:
        found = found.filter(
            Q(namespace__name__icontains=word)
            | Q(name__icontains=word)
            | Q(description__icontains=word)
        )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    account = account_of(request)
    shown = {
        "page": page,
        "q": " ".join(words),
        "is_home": True,
        "spaces": spaces_of(account) if account else (),
    }
    return render(request, "home.html", shown)


def space_page(request: HttpRequest, space: str) -> HttpResponse:
    """The repositories of a namespace; for members, who else is in it."""
    found, account = space_for(request, space), account_of(request)
    repositories = visible(account).filter(namespace=found)
    page = Paginator(repositories, PAGE).get_page(request.GET.get("page"))
    shown = {"space": found, "page": page, "owner": is_owner(account, found)}
    if sees_members(account, found):
        shown |= {
            "members": found.memberships.select_related("account"),
            "teams": found.teams.annotate(size=Count("members")).order_by("name"),
        }
    return render(request, "space.html", shown)


@login_required
def new_organization(request: HttpRequest) -> HttpResponse:
    """Make an organization."""
    form = NewName(request.POST or None)
    if is_done(form, lambda name: found_organization(name, person_of(request)), "name"):
        return redirect("space", form.cleaned_data["name"])
    shown = {"form": form, "title": "New organization", "send": "Make organization"}
    return render(request, "form.html", shown)


@login_required
def new_repository(request: HttpRequest, space: str) -> HttpResponse:
    """Make a repository in a namespace that one owns."""
    found = space_for(request, space, owner=True)
    form = NewRepository(request.POST or None, initial={"private": found.default_private})
    if is_done(form, partial(add_repository, found), "name"):
        return redirect("repository", f"{found}/{form.cleaned_data['name']}")
    title = f"New repository of {found}"
    shown = {"form": form, "title": title, "send": "Make repository", "space": found}
    return render(request, "form.html", shown)


@login_required
def members_page(request: HttpRequest, space: str) -> HttpResponse:
    """Add a member to an organization, or change one: for owners."""
    found = space_for(request, space, owner=True)
    form = NewMember(request.POST or None)
    person = person_of(request)
    if is_done(form, lambda username, role: set_role(found, username, role, by=person), "username"):
        messages.success(request, "{username} is {role}".format(**form.cleaned_data))
        return redirect("members", found.name)
    members = found.memberships.select_related("account")
    return render(request, "members.html", {"space": found, "form": form, "members": members})


@login_required
@require_POST
def delete_member(request: HttpRequest, space: str, number: int) -> HttpResponse:
    """Take someone out of an organization and of its teams."""
    found = space_for(request, space, owner=True)
    membership = get_object_or_404(found.memberships.select_related("account"), pk=number)
    try:
        remove_member(membership, by=person_of(request))
        messages.success(request, f"{membership.account} has left {found}")
    except ValidationError as error:
        messages.error(request, text_of(error))
    return redirect("members", found.name)


@login_required
def teams_page(request: HttpRequest, space: str) -> HttpResponse:
    """Make a team, and list the members of each."""
    found = space_for(request, space, owner=True)
    form = NewName(request.POST or None)
    if is_done(form, partial(make_team, found), "name"):
        return redirect("teams", found.name)
    shown = {
        "space": found,
        "form": form,
        "teams": found.teams.prefetch_related("members", "permissions__repository__namespace"),
        "members": found.memberships.select_related("account"),
    }
    return render(request, "teams.html", shown)


@login_required
@require_POST
def change_team(request: HttpRequest, space: str, number: int) -> HttpResponse:
    """Add to a team, take out of it, or delete it."""
    found = space_for(request, space, owner=True)
    team = get_object_or_404(Team, pk=number, organization=found)
    what = request.POST.get("what")
    if what == "delete":
        team.delete()
    else:
        membership = get_object_or_404(
            found.memberships, account__username=request.POST.get("username")
        )
        if what == "add":
            add_to_team(team, membership.account)
        else:
            team.members.remove(membership.account)
    return redirect("teams", found.name)


@login_required
@require_POST
def change_default(request: HttpRequest, space: str) -> HttpResponse:
    """Whether repositories that a push makes are private."""
    found = space_for(request, space, owner=True)
    found.default_private = request.POST.get("default_private") == "on"
    found.save(update_fields=["default_private"])
    kind = "private" if found.default_private else "public"
    messages.success(request, f"a push makes {kind} repositories here")
    return redirect("space", found.name)
