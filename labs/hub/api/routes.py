"""All operations of the API, and the paths at which Django finds them."""

from __future__ import annotations

import re
from itertools import chain

from django.http import HttpRequest, HttpResponse
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt

from labs.hub.api import (
    account_api,
    automation_api,
    build_api,
    organization_api,
    permission_api,
    repository_api,
    webhook_api,
)
from labs.hub.api.operation import Operation, pattern_of, view_of
from labs.hub.api.refusal import error

_MODULES = (
    *(account_api, organization_api, repository_api, permission_api),
    *(automation_api, build_api, webhook_api),
)
# What has more parts than `/v2/namespaces/acme/repositories/app` and is not below an operation's path.
_LONG_NAME = re.compile("/v2/(namespaces/[^/]+/repositories|repositories/[^/]+)/[^/]+/.")
OPERATIONS: tuple[Operation, ...] = tuple(chain.from_iterable(each.operations for each in _MODULES))


def by_path() -> dict[str, list[Operation]]:
    """The operations of each path."""
    found: dict[str, list[Operation]] = {}
    for each in OPERATIONS:
        found.setdefault(each.path, []).append(each)
    return found


@csrf_exempt
def _not_here(request: HttpRequest) -> HttpResponse:
    parts = ""
    if _LONG_NAME.match(request.path):
        parts = "names of repositories with more than two parts are not served; "
    return error(404, f"{parts}the API has no path {request.path[:200]!r}: /api lists all")


urlpatterns = [
    *(re_path(pattern_of(path), view_of(found)) for path, found in by_path().items()),
    # What the proxy sends here of the registry's `/v2/` is the API's, and its errors are JSON.
    re_path("^v2/", _not_here),
]
