"""What a page of the hub may load: its own style and script, and nothing that is written into it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
_POLICY += "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

Answer = Callable[[HttpRequest], HttpResponse]


def content_policy(answer: Answer) -> Answer:
    """A middleware of Django: descriptions, logs and branch names are escaped, and this is the second wall."""

    def with_policy(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        return response

    return with_policy
