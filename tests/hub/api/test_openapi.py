"""The API's document: it has all routes, is OpenAPI, and the page shows all of it."""

from __future__ import annotations

import html
import json
import re
import shlex
from typing import Any

import jsonschema
from django.test import Client
from django.urls import get_resolver

from labs.hub.api import OPERATIONS
from tests.hub.api.api_world import ALL, DOCUMENT, content_of


def test_document_has_all_routes_and_no_others():
    shown = {(method, path) for method, path, _ in ALL}
    assert shown == {(each.method, each.path) for each in OPERATIONS}
    routes = [str(each.pattern) for each in get_resolver().url_patterns]
    below = [route for route in routes if route.startswith("^v2/")]
    assert len(below) == len(DOCUMENT["paths"]) + 1  # the last is for what is not there


def test_document_is_openapi():
    """Its structure, and each schema by the meta-schema of JSON Schema, which OpenAPI 3.1 takes."""
    assert DOCUMENT["openapi"] == "3.1.0"
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT
    numbers = [operation["operationId"] for _, _, operation in ALL]
    assert sorted(set(numbers)) == sorted(numbers)
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for method, path, operation in ALL:
        assert operation["summary"].endswith("."), (method, path)
        given = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert given == {part[1:-1] for part in path.split("/") if part.startswith("{")}
        assert all(each.get("required") for each in operation["parameters"] if each["in"] == "path")
        if content := content_of(operation):
            jsonschema.Draft202012Validator.check_schema(content["schema"])
            jsonschema.Draft202012Validator(content["schema"]).validate(content["example"])


def by_group() -> list[tuple[str, str, dict[str, Any]]]:
    """The operations in the order of the page."""
    groups = list(dict.fromkeys(operation["tags"][0] for _, _, operation in ALL))
    return sorted(ALL, key=lambda each: groups.index(each[2]["tags"][0]))


def test_page_shows_every_operation(client: Client):
    text = client.get("/api").content.decode()
    for method, path, _ in ALL:
        assert f"<code>{method} {path}</code>" in text
    assert text.count("<script") == text.count("<script src=")
    commands = [
        shlex.split(html.unescape(each))
        for each in re.findall("<pre.*?><code.*?>(.*?)</code>", text, re.S)
    ]
    assert len(commands) == len(ALL)
    for command, (_, _, operation) in zip(commands, by_group(), strict=True):
        sent = json.loads(command[command.index("-d") + 1]) if "-d" in command else None
        assert sent == content_of(operation).get("example")
    assert client.get("/api/openapi.json").json() == DOCUMENT
