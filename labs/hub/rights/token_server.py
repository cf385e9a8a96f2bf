"""The token server of distribution's protocol: who asks, for which repositories, and a signed answer for the registry.

What a caller may not do is left out of the token, and never an error: an engine that asks for more than it needs goes
on with what it got, and the registry refuses the rest. 401 means a wrong password and nothing else; 403 that the disk
is full.
"""

from __future__ import annotations

import base64
import re
import secrets
import time
from collections.abc import Iterable
from functools import cache
from typing import Any

import jwt
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from labs.hub import names
from labs.hub.rights.access import PUSH, Caller, actions
from labs.hub.rights.credentials import WRONG, TooManyTries, WrongCredentials, caller_of
from labs.hub.room import has_room
from labs.hub.signing_key import SigningKey

# `repository(plugin):acme/app:pull,push`; a registry's own class in parentheses is old, and has no meaning here.
_SCOPE = re.compile(r"(?P<kind>[a-z]+)(?:\([a-z]+\))?:(?P<name>.+):(?P<actions>[a-z,*]+)\Z")


@csrf_exempt
@require_safe
def token(request: HttpRequest) -> JsonResponse:
    """Answer `GET /auth/token?service=registry&scope=repository:acme/app:pull`."""
    scopes = [each for value in request.GET.getlist("scope") for each in value.split()]
    try:
        caller = caller_of(request, " ".join(scopes) or "login")
    except WrongCredentials:
        return JsonResponse({"details": WRONG}, status=401)
    except TooManyTries as error:
        return JsonResponse({"details": str(error)}, status=429, headers=error.headers)
    if not has_room() and any(PUSH in each["actions"] for each in granted(caller, scopes)):
        # Beside a wrong password the one error: less in the token would say that one may not push.
        full = {"code": "DENIED", "message": "the hub's disk is full: nothing can be pushed now"}
        return JsonResponse({"errors": [full], "details": full["message"]}, status=403)
    signed = sign(caller.subject, granted(caller, scopes))
    answer = {"token": signed, "access_token": signed, "expires_in": settings.TOKEN_S}
    return JsonResponse({**answer, "issued_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())})


def granted(caller: Caller, scopes: Iterable[str]) -> list[dict[str, Any]]:
    """What of the scopes a caller gets, as in a token's claim `access`."""
    found = []
    for scope in scopes:
        match = _SCOPE.match(scope)
        # The registry's list of all repositories is for no account: the hub has a list of its own, of what one may see.
        if not match or match["kind"] != "repository" or not names.is_path(match["name"]):
            continue
        wanted = set(match["actions"].split(","))
        allowed = actions(caller, match["name"])
        given = sorted(allowed if "*" in wanted and allowed >= {"delete"} else wanted & allowed)
        if given:
            found.append({"type": "repository", "name": match["name"], "actions": given})
    return found


def sign(subject: str, access: list[dict[str, Any]], *, valid_s: int = settings.TOKEN_S) -> str:
    """Return a token that the registry accepts for some minutes.

    Args:
        subject: The caller's, which the registry's events tell; empty for a stranger.
        access: What the token is good for.
        valid_s: Seconds. An engine that is given a token instead of a login cannot get another one.
    """
    now = int(time.time())
    claims = {
        "iss": settings.ISSUER,
        "sub": subject,
        "aud": settings.SERVICE,
        "iat": now,
        # A registry on another machine may be behind by a little.
        "nbf": now - 10,
        "exp": now + valid_s,
        "jti": secrets.token_hex(8),
        "access": access,
    }
    key = _key()
    # distribution 2.8 knows a key by its certificate in the header, and has no list of keys (JWKS).
    header = {"x5c": [base64.b64encode(key.certificate_der).decode()]}
    return jwt.encode(claims, key.private_pem, algorithm="ES256", headers=header)


@cache
def _key() -> SigningKey:
    return SigningKey.of(settings.DATA)
