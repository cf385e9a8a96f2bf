"""Who calls the API: a bearer token that `POST /v2/auth/token` gives for a name and a password or access token."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core import signing
from django.http import HttpRequest

from labs.hub.api.refusal import Refused
from labs.hub.models import AccessToken, Account
from labs.hub.rights.access import STRANGER, Caller

VALID_S = 600
_SALT = "labs.hub.api"


class ApiRequest:
    """What a handler gets besides the parts of the path.

    Attributes:
        http: The request as it came.
        body: The fields of its body, of the types that the operation names.
    """

    def __init__(self, http: HttpRequest, body: dict[str, Any]) -> None:
        self.http, self.body = http, body

    @cached_property
    def caller(self) -> Caller:
        """Who calls; a stranger without a header. `Refused` if the header holds no valid token."""
        return caller_of(self.http)


def token_for(caller: Caller) -> str:
    """A bearer token of ten minutes."""
    account, token = caller.account, caller.token
    content = {"account": account and account.pk, "token": token and token.pk}
    return signing.dumps(content, salt=_SALT)


def caller_of(request: HttpRequest) -> Caller:
    """Who calls; a stranger without a header.

    Raises:
        Refused: The header holds no token that is valid now.
    """
    header = request.headers.get("Authorization", "")
    if not header:
        return STRANGER
    kind, _, text = header.partition(" ")
    if kind.lower() != "bearer":
        raise Refused(
            401, f"Authorization: Bearer and a token of POST /v2/auth/token; got {kind[:20]!r}"
        )
    try:
        content = signing.loads(text, salt=_SALT, max_age=VALID_S)
        account = Account.objects.get(pk=content["account"])
        token = None
        if content["token"]:
            token = AccessToken.objects.get(pk=content["token"], active=True)
    except (signing.BadSignature, Account.DoesNotExist, AccessToken.DoesNotExist) as wrong:
        raise Refused(
            401, "not a valid token, or older than ten minutes: POST /v2/auth/token gives one"
        ) from wrong
    return Caller(account, token)
