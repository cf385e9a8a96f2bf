"""Who is it: a password or an access token, given to the token server, to git or to the API."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from labs.hub.models import AccessToken, Account, FailedLogin, TokenUse
from labs.hub.rights.access import STRANGER, Caller

WRONG = "incorrect username or password"
"""Docker Hub's words, for a wrong name and a wrong password alike."""

_FREE_TRIES = 5
_WINDOW = timedelta(minutes=5)
_LONGEST_S = 60
_KEPT_USES = 50


class WrongCredentials(Exception):
    """The name or the password is wrong."""


class TooManyTries(Exception):
    """Too many wrong passwords for one name, or accounts from one address.

    Attributes:
        headers: Of the answer: seconds until the next try is looked at.
    """

    def __init__(self, what: str, wait_s: int) -> None:
        super().__init__(f"too many {what}: try again in {wait_s} s")
        # Docker Hub's API has a header of its own beside that of HTTP.
        self.headers = {"Retry-After": str(wait_s), "X-Retry-After": str(wait_s)}


def caller_of(request: HttpRequest, asked: str) -> Caller:
    """Return who sends a request with `Authorization: Basic`; a stranger without it.

    Args:
        request: The request.
        asked: What is asked for, for the log of a token.

    Raises:
        WrongCredentials: Name or password is wrong, or the header is none of Basic's.
        TooManyTries: Too many of those.
    """
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if not kind:
        return STRANGER
    if kind.lower() != "basic":
        raise WrongCredentials
    try:
        pair = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise WrongCredentials from error
    username, _, password = pair.partition(":")
    return check(username, password, address=address_of(request), asked=asked)


def check(username: str, password: str, *, address: str, asked: str) -> Caller:
    """Return who has this name and this password or access token.

    Raises:
        WrongCredentials: No account has both.
        TooManyTries: It is not looked at: too many were wrong.
    """
    # A token is looked at without a pause: its 192 random bits need none, and no one can lock out a robot.
    if token := _by_token(username, password):
        _note(token, address, asked)
        return Caller(token.account, token)
    # Nor is one that was switched off counted: a program that goes on with it would lock out its account's owner.
    if AccessToken.is_one(password):
        raise WrongCredentials
    if wait_s := _wait_s(username, address):
        raise TooManyTries("wrong passwords", wait_s)
    by_password = _by_password(username, password)
    if by_password is None:
        FailedLogin.objects.create(username=username[:150], address=address)
        raise WrongCredentials
    return by_password


def has_secret(request: HttpRequest, secret: str) -> bool:
    """Whether a request comes from another program of the hub, which sends a secret of its container."""
    given = request.headers.get("Authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {secret}".encode())


def address_of(request: HttpRequest) -> str:
    """The address of the client, which the proxy before the hub names."""
    return str(request.headers.get("X-Real-IP", request.META.get("REMOTE_ADDR", "")))[:45]


def _by_token(username: str, text: str) -> AccessToken | None:
    if not AccessToken.is_one(text):
        return None
    return (
        AccessToken.objects.select_related("account")
        .filter(hashed=AccessToken.hash_of(text), active=True, account__username=username)
        .first()
    )


def _by_password(username: str, password: str) -> Caller | None:
    account = Account.objects.filter(username=username).first()
    if account is None:
        # As long as a wrong password takes: the time does not tell whether there is such an account.
        Account().set_password(password)
        return None
    if _REMEMBERED.has(account.password, password):
        return Caller(account)
    if not account.check_password(password):
        return None
    _REMEMBERED.add(account.password, password)
    return Caller(account)


class _Remembered:
    """Passwords that were right a moment ago: an engine sends its login with each token that it asks for, and to check
    one takes a tenth of a second. What is kept is good for nothing outside this process, and not after a change.
    """

    _KEPT_S = 60.0
    _MOST = 1000

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._until: dict[bytes, float] = {}

    def has(self, hashed: str, password: str) -> bool:
        return self._until.get(self._mark(hashed, password), 0.0) > time.monotonic()

    def add(self, hashed: str, password: str) -> None:
        if len(self._until) >= self._MOST:
            self._until.clear()
        self._until[self._mark(hashed, password)] = time.monotonic() + self._KEPT_S

    def _mark(self, hashed: str, password: str) -> bytes:
        return hmac.digest(self._key, f"{hashed}\0{password}".encode(), "sha256")


_REMEMBERED = _Remembered()


def _wait_s(username: str, address: str) -> int:
    """Seconds until the name may be tried again from an address: after the fifth wrong one.

    From elsewhere after the fiftieth: who sends wrong passwords locks out himself long before the account's owner.
    """
    since = timezone.now() - _WINDOW
    failed = FailedLogin.objects.filter(username=username[:150], at__gt=since)
    elsewhere = failed.exclude(address=address).count()
    return pause_s(failed, "at", free=_FREE_TRIES + min(elsewhere, 9 * _FREE_TRIES))


def pause_s(rows: QuerySet[Any], time_of: str, *, free: int) -> int:
    """Seconds to wait before there is one row more: none for the first, then 1, 2, 4 … since the last.

    Args:
        rows: Those that count, of a time that has passed.
        time_of: The field that says when a row was made.
        free: How many need no wait.
    """
    count = rows.count()
    if count < free:
        return 0
    pause: int = min(_LONGEST_S, 2 ** min(count - free, 10))
    last: datetime = getattr(rows.latest(time_of), time_of)
    return max(0, round(pause - (timezone.now() - last).total_seconds()))


def _note(token: AccessToken, address: str, asked: str) -> None:
    with transaction.atomic():  # one wait for the disk
        token.last_used = timezone.now()
        token.save(update_fields=["last_used"])
        TokenUse.objects.create(token=token, address=address, asked=asked[:300])
        oldest = token.log.values_list("pk", flat=True)[_KEPT_USES:]
        TokenUse.objects.filter(pk__in=list(oldest)).delete()
