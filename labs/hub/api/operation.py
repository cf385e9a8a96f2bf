"""Operations: one method of one path each. The table of them is what answers, and what the OpenAPI document shows."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from labs.hub.api.api_rights import repository_seen
from labs.hub.api.api_session import ApiRequest
from labs.hub.api.json_body import Schema, check, object_in, page_of
from labs.hub.api.listing import page
from labs.hub.api.refusal import Refused, error
from labs.hub.api.row_record import RowRecord
from labs.hub.error_text import CONFLICT, text_of
from labs.hub.rights.credentials import TooManyTries

Handler = Callable[..., Any]
_PART = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    Attributes:
        method: `GET`.
        path: With the names of its parts in braces.
        group: Under which heading the document shows it.
        handler: Returns what is sent as JSON, or None if nothing is.
        body: What it takes; None if it reads no body.
        answer: What it sends of what the handler returns; None for an answer without a body.
        status: Of that answer.
        wrong: What other statuses mean here, besides those of all operations.
        own: Whether Docker Hub has never documented it, so that it is this hub's own.
        paged: Whether the handler returns rows, of which a page is sent; it takes `page` and `page_size`.
        level: What a caller needs in the repository of the path, which the handler gets; empty where it asks itself.
    """

    method: str
    path: str
    group: str
    handler: Handler
    body: Schema | None = None
    answer: RowRecord | None = None
    status: int = 200
    wrong: dict[int, str] = field(default_factory=dict)
    own: bool = False
    paged: bool = False
    level: str = ""

    @property
    def about(self) -> list[str]:
        """The paragraphs of the handler's docstring: a line for the list, and what else there is to say."""
        return (inspect.getdoc(self.handler) or "").split("\n\n")

    @property
    def parts(self) -> list[str]:
        """The names of the parts of the path that change."""
        return _PART.findall(self.path)

    @property
    def schema(self) -> Schema | None:
        """Of what it sends."""
        if self.answer is None:
            return None
        return page_of(self.answer.schema) if self.paged else self.answer.schema

    def answered(self, http: HttpRequest, parts: dict[str, Any]) -> HttpResponse:
        """The answer to a request."""
        given: dict[str, Any] = {}
        if self.body is not None:
            given = object_in(http.body)
            check(given, self.body)
        request = ApiRequest(http, given)
        if self.level:
            names = parts.pop("namespace"), parts.pop("repository")
            parts["repository"] = repository_seen(request, *names, self.level)
        found = self.handler(request, **parts)
        if self.answer is None:
            return HttpResponse(status=self.status)
        sent = page(http, found, self.answer) if self.paged else self.answer(found)
        return JsonResponse(sent, status=self.status)


class Operations:
    """The operations of one module, under one heading; each handler is added by a decorator.

    Args:
        group: The heading.
        shared: Arguments of `Operation`, for all that have none of their own.
    """

    def __init__(self, group: str, **shared: Any) -> None:
        self._group, self._shared = group, shared
        self._list: list[Operation] = []

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._list)

    def add(self, method: str, path: str, **more: Any) -> Callable[[Handler], Handler]:
        """Answer a method of a path with the function below; further arguments are an `Operation`'s."""

        def note(handler: Handler) -> Handler:
            values = {**self._shared, **more}
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
