"""Sign up, log in, log out, and access tokens."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from labs.hub.models import AccessToken
from labs.hub.pages.forms import NewToken, SignUp
from labs.hub.rights.credentials import WRONG, TooManyTries, WrongCredentials, address_of, check
from labs.hub.rights.namespaces import sign_up
from labs.hub.rights.viewer import person_of

_BACKEND = "django.contrib.auth.backends.ModelBackend"


def sign_up_page(request: HttpRequest) -> HttpResponse:
    """Make an account and log in."""
    form, status, headers = SignUp(request.POST or None), 200, {}
    if request.method == "POST" and form.is_valid():
        try:
            made = sign_up(**form.cleaned_data, address=address_of(request))
        except TooManyTries as error:
            form.add_error(None, str(error))
            status, headers = 429, error.headers
        except ValidationError as error:
            form.add_error(None if hasattr(error, "error_dict") else "username", error)
        else:
            start_session(request, made, backend=_BACKEND)
            return redirect("space", made.username)
    shown = {"form": form, "title": "Sign up", "send": "Sign up"}
    text = render_to_string("form.html", shown, request)
    return HttpResponse(text, status=status, headers=headers)


def login_page(request: HttpRequest) -> HttpResponse:
    """Log in with the password; an access token is for programs alone."""
    wrong, status, name = "", 200, ""
    if request.method == "POST":
        name, password = request.POST.get("username", ""), request.POST.get("password", "")
        try:
            if AccessToken.is_one(password):
                raise WrongCredentials
            caller = check(name, password, address=address_of(request), asked="page")
        except WrongCredentials:
            wrong, status = WRONG, 401
        except TooManyTries as error:
            wrong, status = str(error), 429
        else:
            start_session(request, caller.account, backend=_BACKEND)
            return redirect(_next(request))
    # After a wrong password too, the login leads where it was asked for.
    shown = {"wrong": wrong, "username": name, "next": _next(request)}
    return render(request, "login.html", shown, status=status)


@require_POST
def logout_page(request: HttpRequest) -> HttpResponse:
    """Log out."""
    end_session(request)
    return redirect("home")


@login_required
def tokens_page(request: HttpRequest) -> HttpResponse:
    """List access tokens and make one, whose text is shown this once."""
    account = person_of(request)
    form, text = NewToken(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        _, text = AccessToken.make(account, form.cleaned_data["label"], form.cleaned_data["scope"])
        form = NewToken()
    shown = {"form": form, "text": text, "tokens": account.tokens.prefetch_related("log")}
    return render(request, "tokens.html", shown)


@login_required
@require_POST
def switch_token(request: HttpRequest, number: int) -> HttpResponse:
    """Switch an access token of one's own off, or on again: who uses it is refused while it is off."""
    token = get_object_or_404(AccessToken, pk=number, account=person_of(request))
    token.active = not token.active
    token.save(update_fields=["active"])
    messages.success(request, f"the token {token.label} is {'on' if token.active else 'off'}")
    return redirect("tokens")


@login_required
@require_POST
def delete_token(request: HttpRequest, number: int) -> HttpResponse:
    """Delete an access token of one's own: who uses it is refused from now on."""
    token = get_object_or_404(AccessToken, pk=number, account=person_of(request))
    messages.success(request, f"the token {token.label} is gone")
    token.delete()
    return redirect("tokens")


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "") or request.GET.get("next", "")
    # A link of someone else's must not lead elsewhere after the login.
    here = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if wanted and here else "/"
