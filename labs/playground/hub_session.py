"""A login of the hub's API in an HTTP client: it logs in again when its bearer token, of ten minutes, has expired."""

from __future__ import annotations

from collections.abc import Generator

import httpx

LOGIN = "/v2/auth/token"


class HubSession(httpx.Auth):
    """Sends a bearer token with each request.

    Attributes:
        token: The one that is sent now.
    """

    requires_response_body = True

    def __init__(self, url: str, login: dict[str, str], token: str) -> None:
        self._url, self._login = url, login
        self.token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send a request; after a 401, log in and send it once more."""
        request.headers["Authorization"] = f"Bearer {self.token}"
        answer = yield request
        if answer.status_code != 401:
            return
        session = yield httpx.Request("POST", self._url + LOGIN, json=self._login)
        if session.status_code == 200:
            self.token = str(session.json()["access_token"])
        # Where the login is refused too, the answer is that to what was asked, and not to the login.
        request.headers["Authorization"] = f"Bearer {self.token}"
        yield request
