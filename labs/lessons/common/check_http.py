"""The HTTP client of the checks that knock at doors: it believes any certificate, since who signed is another
question, and keeps connections, since each new one over TLS costs more than what is asked over it.
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
) -> httpx.Response | None:
    """The answer, or None where nothing speaks HTTP there.

    Args:
        url: What to ask for, with the port as it is reached from this machine.
        method: Of the request.
        member: User and password, where it is asked with one.
        headers: Of the request.
        content: Its body.
        host: The name to ask for in a TLS handshake.
    """
    named = {"sni_hostname": host} if host else None
    try:
        return _client().request(
            method, url, auth=member, headers=headers, content=content, extensions=named
        )
    except httpx.TransportError:
        return None


@cache
def _client() -> httpx.Client:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # A cookie of one playground's registry would be sent to the next one's: they differ in their ports alone.
    none = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    return httpx.Client(verify=context, trust_env=False, timeout=10, cookies=none)
