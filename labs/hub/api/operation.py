"""Operations: one method of one path each. The table of them is what answers, and what the OpenAPI document shows."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from labs.hub.api import api_session
from labs.hub.api.json_body import Schema, check, object_in
from labs.hub.api.refusal import Refused, error
from labs.hub.error_text import CONFLICT, text_of
from labs.hub.rights.access import Caller
from labs.hub.rights.credentials import TooManyTries

Handler = Callable[..., Any]
_PART = re.compile(r"\{(\w+)\}")


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
        return api_session.caller_of(self.http)


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    Attributes:
        method: `GET`.
        path: With the names of its parts in braces.
        group: Under which heading the document shows it.
        handler: Returns what is sent as JSON, or None if nothing is.
        body: What it takes; None if it reads no body.
        answer: What it sends; None for an answer without a body.
        status: Of that answer.
        wrong: What other statuses mean here, besides those of all operations.
        own: Whether Docker Hub has never documented it, so that it is this hub's own.
        paged: Whether it takes `page` and `page_size`.
    """

    method: str
    path: str
    group: str
    handler: Handler
    body: Schema | None = None
    answer: Schema | None = None
    status: int = 200
    wrong: dict[int, str] = field(default_factory=dict)
    own: bool = False
    paged: bool = False

    @property
    def about(self) -> list[str]:
        """The paragraphs of the handler's docstring: a line for the list, and what else there is to say."""
        return (inspect.getdoc(self.handler) or "").split("\n\n")

    @property
    def parts(self) -> list[str]:
        """The names of the parts of the path that change."""
        return _PART.findall(self.path)

    def answered(self, request: HttpRequest, parts: dict[str, str]) -> HttpResponse:
        """The answer to a request."""
        given: dict[str, Any] = {}
        if self.body is not None:
            given = object_in(request.body)
            check(given, self.body)
        found = self.handler(ApiRequest(request, given), **parts)
        if found is None:
            return HttpResponse(status=self.status)
        return JsonResponse(found, status=self.status)


class Operations:
    """The operations of one module, under one heading; each handler is added by a decorator."""

    def __init__(self, group: str, *, own: bool = False) -> None:
        self._group, self._own = group, own
        self._list: list[Operation] = []

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._list)

    def add(self, method: str, path: str, **more: Any) -> Callable[[Handler], Handler]:
        """Answer a method of a path with the function below; further arguments are an `Operation`'s."""

        def note(handler: Handler) -> Handler:
            values = {"own": self._own, **more}
            self._list.append(Operation(method, path, self._group, handler, **values))
            return handler

        return note


def view_of(operations: list[Operation]) -> Callable[..., HttpResponse]:
    """The view of one path, for all of its methods."""
    methods = {each.method: each for each in operations}

    @csrf_exempt  # who calls is in a header, which no page of another origin can send
    def view(request: HttpRequest, **parts: str) -> HttpResponse:
        operation = methods.get(request.method or "")
        try:
            if operation is None:
                allowed = ", ".join(methods)
                raise Refused(
                    405, f"{request.method} is not for this path: {allowed}", {"Allow": allowed}
                )
            return operation.answered(request, parts)
        except Refused as refused:
            return error(refused.status, str(refused), refused.headers)
        except ValidationError as wrong:
            conflict = getattr(wrong, "code", None) == CONFLICT
            return error(409 if conflict else 400, text_of(wrong))
        except Http404 as wrong:
            return error(404, str(wrong))
        except TooManyTries as wrong:
            return error(429, str(wrong), wrong.headers)

    return view


def pattern_of(path: str) -> str:
    """A path as a regular expression for Django's table of them."""
    return "^" + _PART.sub(r"(?P<\1>[^/]+)", path.lstrip("/")) + "$"
