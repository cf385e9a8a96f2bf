"""Accounts, logins and access tokens by API."""

from __future__ import annotations

from typing import Any

from labs.hub.api.api_rights import person_for, row_of
from labs.hub.api.api_session import ApiRequest, token_for
from labs.hub.api.json_body import FLAG, TEXT, TIME, body, field, list_of, maybe
from labs.hub.api.operation import Operations
from labs.hub.api.refusal import Refused
from labs.hub.api.row_record import Field, RowRecord
from labs.hub.models import AccessToken
from labs.hub.rights.credentials import WRONG, WrongCredentials, address_of, check
from labs.hub.rights.namespaces import sign_up

operations = Operations("Accounts and access tokens")
_ACCOUNT = RowRecord("Account", username=TEXT, date_joined=(TIME, "created"))
_SESSION = RowRecord("Session", access_token=TEXT)
_FIELDS: dict[str, Field] = {
    "uuid": (TEXT, lambda token: str(token.pk)),
    "token_label": (TEXT, "label"),
    "scopes": (list_of(TEXT), lambda token: [token.scope]),
    "is_active": (FLAG, "active"),
    "created_at": (TIME, "created"),
    "last_used": maybe(TIME),
}
_TOKEN = RowRecord("AccessToken", **_FIELDS)
_NEW_TOKEN = RowRecord("NewAccessToken", **_FIELDS, token=TEXT)
_USE = RowRecord("TokenUse", at=TIME, address=TEXT, asked=TEXT)
_PASSWORD = "hamilton 69"
_LABEL = field("what the token is for", "continuous integration", maxLength=100)
_SCOPES = field(
    "one scope; each includes those before it",
    ["repo:write"],
    kind=list_of({**TEXT, "enum": AccessToken.Scope.values}),
    minItems=1,
    maxItems=1,
)


@operations.add(
    "POST",
    "/v2/users",
    own=True,
    status=201,
    answer=_ACCOUNT,
    wrong={
        409: "the name is taken",
        429: "too many new accounts from one address: wait as long as `Retry-After` says",
    },
    body=body(
        username=field("2 to 30 small letters and digits", "margaret", maxLength=30),
        password=field("8 characters at least", _PASSWORD, format="password"),
    ),
)
def create_account(request: ApiRequest) -> Any:
    """Make an account, as the page for signing up does.

    Its namespace has the same name.
    """
    name, password = request.body["username"], request.body["password"]
    return sign_up(name, password, address=address_of(request.http))


@operations.add(
    "POST",
    "/v2/auth/token",
    answer=_SESSION,
    wrong={429: "too many wrong passwords: wait as long as `Retry-After` says"},
    body=body(
        identifier=field("the name of an account", "ada"),
        secret=field("its password or access token", _PASSWORD, format="password"),
    ),
)
def create_session(request: ApiRequest) -> Any:
    """Log in: a bearer token of ten minutes for a name and a password or access token."""
    name, secret = request.body["identifier"], request.body["secret"]
    try:
        caller = check(name, secret, address=address_of(request.http), asked="API")
        return {"access_token": token_for(caller)}
    except WrongCredentials as wrong:
        raise Refused(401, WRONG) from wrong


@operations.add("GET", "/v2/access-tokens", answer=_TOKEN, paged=True)
def list_tokens(request: ApiRequest) -> Any:
    """List your access tokens."""
    return person_for(request).tokens.all()


@operations.add(
    "POST",
    "/v2/access-tokens",
    status=201,
    answer=_NEW_TOKEN,
    body=body(token_label=_LABEL, scopes=_SCOPES, optional=("scopes",)),
)
def create_token(request: ApiRequest) -> Any:
    """Make an access token; its text is in this answer alone.

    Without scopes it gets repo:read.
    """
    person = person_for(request)
    scopes = request.body.get("scopes", [AccessToken.Scope.READ])
    token, text = AccessToken.make(person, _label(request.body["token_label"]), scopes[0])
    return {**_TOKEN(token), "token": text}


@operations.add("GET", "/v2/access-tokens/{uuid}", answer=_TOKEN)
def get_token(request: ApiRequest, uuid: str) -> Any:
    """Show one of your access tokens, without its text."""
    return row_of(person_for(request).tokens, uuid, "access token")


@operations.add("GET", "/v2/access-tokens/{uuid}/uses", answer=_USE, own=True, paged=True)
def list_uses(request: ApiRequest, uuid: str) -> Any:
    """List what one of your access tokens was used for, the newest first: the last fifty."""
    token: AccessToken = row_of(person_for(request).tokens, uuid, "access token")
    return token.log.all()


@operations.add(
    "PATCH",
    "/v2/access-tokens/{uuid}",
    answer=_TOKEN,
    body=body(
        token_label=_LABEL,
        is_active=field("false: it is refused until it is true again", False, kind=FLAG),
        optional=("token_label", "is_active"),
    ),
)
def change_token(request: ApiRequest, uuid: str) -> Any:
    """Change what one of your access tokens is called, or whether it is accepted."""
    token: AccessToken = row_of(person_for(request).tokens, uuid, "access token")
    token.label = _label(request.body.get("token_label", token.label))
    token.active = request.body.get("is_active", token.active)
    token.save(update_fields=["label", "active"])
    return token


@operations.add("DELETE", "/v2/access-tokens/{uuid}", status=204)
def delete_token(request: ApiRequest, uuid: str) -> None:
    """Delete one of your access tokens: what logs in with it is refused from now on."""
    row_of(person_for(request).tokens, uuid, "access token").delete()


def _label(text: str) -> str:
    if not text.strip():
        raise Refused(400, "token_label: what the token is for; got an empty one")
    return text.strip()
