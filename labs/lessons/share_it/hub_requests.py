"""Asks a hub what an account may do: its API as that account, its token server and its registry with a login."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import httpx

from labs.lessons.common import HubAccount, Member, Record, begun_at, hub_answering
from labs.playground import HubServer, Playground
from labs.registry import RegistryClient

_ACCEPT = ", ".join(
    [
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    ]
)


class HubProbe:
    """What a hub answers to the accounts of the lesson, to strangers and to access tokens.

    Attributes:
        hub: The playground's.
    """

    def __init__(self, playground: Playground) -> None:
        # The hub answers without the engines, and one that is gone is not a wrong answer.
        playground.node(1).docker.ping()
        self.hub: HubServer = playground.hub
        self._accounts: dict[str, HubAccount] = {}

    @cached_property
    def _http(self) -> httpx.Client:
        return self.hub.http()

    def account(self, name: str) -> HubAccount:
        """One of the lesson's accounts, which is made if it is not there."""
        if name not in self._accounts:
            self._accounts[name] = HubAccount(self.hub, name)
        return self._accounts[name]

    def ask(self, name: str, path: str) -> Any:
        """The JSON of a GET to the API, as an account; None if it is not for that account."""
        return self.account(name).ask(path)

    def rows(self, name: str, path: str) -> list[Record]:
        """What a list of the API has, as an account; nothing if it is not for that account."""
        return self.account(name).rows(path) or []

    def accepts(self, login: Member) -> bool:
        """Whether the token server accepts a name with a password or access token."""
        return self._token(login, "").status_code == 200

    def token(self, login: Member | None, path: str, actions: str) -> str:
        """A token of the registry for a repository; empty if the login is refused."""
        return self.token_for(login, f"repository:{path}:{actions}")

    def token_for(self, login: Member | None, scope: str) -> str:
        """A token of the registry for a scope as it was written; empty if the login is refused."""
        answer = self._token(login, scope)
        return str(answer.json()["token"]) if answer.status_code == 200 else ""

    def grants(self, login: Member | None, path: str) -> set[str]:
        """The actions that the token server grants in a repository, be it there or not; a stranger has no login."""
        access = claims_of(self.token(login, path, "pull,push,delete")).get("access") or []
        return {action for each in access if each["name"] == path for action in each["actions"]}

    def pulls(self, token: str, path: str, reference: str) -> bool:
        """Whether the registry gives a manifest for a token."""
        with hub_answering():
            answer = self._http.get(
                f"/v2/{path}/manifests/{reference}", headers={**_bearer(token), "Accept": _ACCEPT}
            )
        return answer.status_code == 200

    def pushes(self, token: str, path: str) -> bool:
        """Whether the registry begins an upload for a token; it is cancelled."""
        with hub_answering():
            begun = self._http.post(f"/v2/{path}/blobs/uploads/", headers=_bearer(token))
            if begun.status_code != 202:
                return False
            self._http.delete(begun_at(begun), headers=_bearer(token))
        return True

    def has_blob(self, token: str, path: str, digest: str) -> bool:
        """Whether the registry serves a blob for a token."""
        with hub_answering():
            answer = self._http.head(f"/v2/{path}/blobs/{digest}", headers=_bearer(token))
        return answer.status_code == 200

    def registry(self, login: Member, path: str) -> RegistryClient:
        """A client of the registry that may pull one repository."""
        return RegistryClient(self.hub.url, auth=_Bearer(self.token(login, path, "pull")))

    def _token(self, login: Member | None, scope: str) -> httpx.Response:
        asked = {"service": "registry", "scope": scope}
        with hub_answering():
            return self._http.get("/auth/token", params=asked, auth=login)


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a token, not verified; empty for what is not a token."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    except (ValueError, binascii.Error):
        return {}
    return found if isinstance(found, dict) else {}


class _Bearer(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        request.headers.update(_bearer(self._token))
        yield request


def _bearer(token: str) -> dict[str, str]:
    # What is not ASCII is no token, and an HTTP client refuses it as a header.
    return {"Authorization": f"Bearer {token}"} if token.isascii() else {}
