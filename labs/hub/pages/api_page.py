"""The OpenAPI document, and a page that shows it to people."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from labs.hub.api import document


@require_safe
def openapi_json(_request: HttpRequest) -> JsonResponse:
    """The document."""
    return JsonResponse(document())


@require_safe
def api_page(request: HttpRequest) -> HttpResponse:
    """Each operation with what it takes, what it answers, and an example."""
    about = document()["info"]["description"].split("\n\n")
    return render(request, "api.html", {"about": about, "groups": _groups()})


@cache
def _groups() -> dict[str, list[dict[str, Any]]]:
    """The operations under the heading of each."""
    whole = document()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in whole["paths"].items():
        for method, operation in operations.items():
            shown = _shown(method.upper(), path, operation, whole["components"]["schemas"])
            groups.setdefault(operation["tags"][0], []).append(shown)
    return groups


def _shown(
    method: str, path: str, operation: dict[str, Any], schemas: dict[str, Any]
) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return {
        "id": operation["operationId"],
        "method": method,
        "path": path,
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "own": operation.get("x-own", False),
        "paged": any(each["in"] == "query" for each in operation["parameters"]),
        "fields": _fields(body["schema"]) if body else [],
        "answers": [
            (status, _answer(answer, schemas))
            for status, answer in operation["responses"].items()
            if status != "4XX"
        ],
        "example": _curl(method, path, operation, body and body["example"]),
    }


def _fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "type": field["type"],
            "about": field["description"],
            "choices": field.get("enum") or field.get("items", {}).get("enum", []),
            "required": name in schema["required"],
        }
        for name, field in schema["properties"].items()
    ]


def _answer(answer: dict[str, Any], schemas: dict[str, Any]) -> str:
    """What an answer holds; of one that refuses, what its status means."""
    reference = answer.get("content", {}).get("application/json", {}).get("schema", {})
    if answer["description"] != "done" or "$ref" not in reference:
        return str(answer["description"])
    fields = schemas[reference["$ref"].rpartition("/")[2]]["properties"]
    if "results" not in fields:
        return ", ".join(fields)
    item = schemas[fields["results"]["items"]["$ref"].rpartition("/")[2]]
    return f"count, next, previous, and results, each with {', '.join(item['properties'])}"


def _curl(method: str, path: str, operation: dict[str, Any], body: Any) -> str:
    for part in operation["parameters"]:
        if part["in"] == "path":
            path = path.replace(f"{{{part['name']}}}", part["example"])
    ask = "--head" if method == "HEAD" else f"-X {method}"
    lines = [f"curl {ask} https://{settings.HOSTS[0]}{path}"]
    if operation["security"]:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if body is not None:
        lines.append("-H 'Content-Type: application/json'")
        text = json.dumps(body, ensure_ascii=False).replace("'", r"'\''")
        lines.append(f"-d '{text}'")
    return " \\\n  ".join(lines)
