"""One of a lesson's accounts at the hub of its playground: the API, logged in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from labs.lessons.common.check_http import Member
from labs.playground import HubServer, NodeUnavailable, PlaygroundError

Record = dict[str, Any]


def login_of(name: str) -> Member:
    """An account with its password, as the first cells of lessons with a hub make it."""
    return name, f"{name}-password"


class HubAccount:
    """The API as one account sees it, which is made if it is not there.

    Attributes:
        http: A client that is logged in.

    Raises:
        PlaygroundError: The account has another password.
        NodeUnavailable: The hub does not answer.
    """

    def __init__(self, hub: HubServer, name: str) -> None:
        login = login_of(name)
        try:
            self.http: httpx.Client = hub.log_in(*login)
        except NodeUnavailable:
            raise
        except PlaygroundError:
            self.http = hub.sign_up(*login)

    def ask(self, path: str, **params: Any) -> Any:
        """The JSON of a GET; None if it is not for the account, or not there."""
        with hub_answering():
            answer = self.http.get(path, params=params)
        return answer.json() if answer.status_code == 200 else None

    def rows(self, path: str) -> list[Record] | None:
        """What a list has; None if it is not for the account, or not there."""
        found = self.ask(path, page_size=100)
        return list(found["results"]) if found else None


@contextmanager
def hub_answering() -> Iterator[None]:
    """A hub that does not answer is a failure of the playground, not of the student."""
    try:
        yield
    except httpx.TransportError as error:
        raise NodeUnavailable(
            f"the hub does not answer: {error}", hint="ask for lab.hub again: it starts the hub"
        ) from error
