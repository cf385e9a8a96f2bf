"""The HTTP client of checks. It does not verify TLS, since other checks judge certificates, and keeps connections,
since a handshake takes longer than a request.
"""

from __future__ import annotations

import ssl
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

Member = tuple[str, str]


def ask(
    url: str,
    *,
    method: str = "GET",
    member: Member | None = None,
    headers: dict[str, str] | None = None,
    content: bytes | None = None,
    host: str = "",
    timeout_s: float = 10.0,
) -> httpx.Response | None:
    """Return the answer, or None if no HTTP server answers.

    Args:
        url: The resource, with the port as this machine reaches it.
        method: HTTP method.
        member: User and password, if the request has any.
        headers: Request headers.
        content: Request body.
        host: Server name (SNI) for the TLS handshake.
        timeout_s: Seconds for each step of the request.
    """
    named = {"sni_hostname": host} if host else None
    try:
        return _client().request(
            method,
            url,
            auth=member,
            headers=headers,
            content=content,
            extensions=named,
            timeout=timeout_s,
        )
    # Refused, reset, no TLS or no HTTP: for a check all of these mean that no HTTP server answers.
    except httpx.TransportError:
        return None


@cache
def _client() -> httpx.Client:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # Cookies are kept by host without port, so one playground's would be sent to another one's registry.
    none = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    return httpx.Client(verify=context, trust_env=False, cookies=none)
