"""Who calls the API: a bearer token that `POST /v2/auth/token` gives for a name and a password or access token."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from labs.hub.access import STRANGER, Caller
from labs.hub.credentials import WRONG, TooManyTries, WrongCredentials, address_of, check
from labs.hub.models import AccessToken, Account

VALID_S = 600
_SALT = "labs.hub.api"
View = Callable[..., HttpResponse]
QUERY, PATH = "?", "/"
"""Keys beside those of the body, which no body of this API has: the query and the path."""


class Refused(Exception):
    """An answer with an error, in the form of Docker Hub's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def endpoint(**methods: View) -> View:
    """One path with a function for each method; each gets caller, body and the parts of the path."""

    @csrf_exempt  # who calls is in a header, which no page of another origin can send
    @wraps(next(iter(methods.values())))
    def answer(request: HttpRequest, **parts: Any) -> HttpResponse:
        method = methods.get((request.method or "").lower())
        if method is None:
            return error(405, f"{request.method} is not for this path")
        try:
            asked = {**body_of(request), QUERY: request.GET, PATH: request.path}
            return method(caller_of(request), asked, **parts)
        except Refused as refused:
            return error(refused.status, str(refused))
        except ValidationError as wrong:
            return error(400, " ".join(wrong.messages))
        except Http404 as wrong:
            return error(404, str(wrong))

    return answer


def error(status: int, message: str) -> JsonResponse:
    """Docker Hub's form of an error."""
    return JsonResponse({"message": message, "errinfo": {}}, status=status)


@csrf_exempt
def make_session(request: HttpRequest) -> JsonResponse:
    """`POST /v2/auth/token`: name and secret for a bearer token of ten minutes."""
    if request.method != "POST":
        return error(405, "POST a JSON object with identifier and secret")
    try:
        given = body_of(request)
        name, secret = str(given.get("identifier", "")), str(given.get("secret", ""))
        caller = check(name, secret, address=address_of(request), asked="API")
    except Refused as refused:
        return error(refused.status, str(refused))
    except WrongCredentials:
        return error(401, WRONG)
    except TooManyTries as wrong:
        answer = error(429, str(wrong))
        answer.headers["X-Retry-After"] = answer.headers["Retry-After"] = str(wrong.wait_s)
        return answer
    account, token = caller.account, caller.token
    content = {"account": account and account.pk, "token": token and token.pk}
    return JsonResponse({"access_token": signing.dumps(content, salt=_SALT)})


def caller_of(request: HttpRequest) -> Caller:
    """Who calls; a stranger without a header.

    Raises:
        Refused: The header holds no token that is valid now.
    """
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    if not kind:
        return STRANGER
    try:
        content = signing.loads(text, salt=_SALT, max_age=VALID_S)
        account = Account.objects.get(pk=content["account"])
        token = None
        if content["token"]:
            token = AccessToken.objects.get(pk=content["token"], active=True)
    except (signing.BadSignature, Account.DoesNotExist, AccessToken.DoesNotExist) as wrong:
        raise Refused(401, "not a valid token: get one at /v2/auth/token") from wrong
    return Caller(account, token)


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that was sent; an empty one without a body.

    Raises:
        Refused: It is none.
    """
    if not request.body:
        return {}
    try:
        found = json.loads(request.body)
    except ValueError as wrong:
        raise Refused(400, f"the body is no JSON: {wrong}") from wrong
    if not isinstance(found, dict):
        raise Refused(400, "the body is no JSON object")
    return found
