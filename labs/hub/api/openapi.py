"""The OpenAPI document of the API, made of the table of operations that answers requests."""

from __future__ import annotations

from typing import Any

from labs.hub.api.json_body import NUMBER, TEXT, Schema, record
from labs.hub.api.listing import DEFAULT, MOST
from labs.hub.api.operation import Operation
from labs.hub.api.routes import by_path

_ABOUT = (
    "Paths and JSON are as Docker Hub documents them, as far as this hub has them. Operations marked as this hub's own "
    "(`x-own`) were never documented by Docker Hub.",
    "Log in with POST /v2/auth/token, and send its access_token as Authorization: Bearer. It is valid for ten minutes.",
    "For a login with an access token instead of a password, the token's scope counts: repo:read to read, repo:write "
    "to start, retry and cancel builds, repo:admin for what owners and administrators do. No access token manages "
    "access tokens or changes an organization.",
    "A list comes a page at a time: `page` and `page_size` choose it, and `next` and `previous` are the URLs of its "
    "neighbors at the address that the client has used, or null.",
    "A repository here is `namespace/name`, as on Docker Hub: names with more parts are not served. The registry and "
    "the hub's pages have them.",
)
_ERROR = record("Error", message=TEXT, errinfo={"type": "object"})
_OPEN = ("/v2/users", "/v2/auth/token")
# What is public is read without a login too.
_SECURITY: dict[str, list[dict[str, list[str]]]] = {
    key: [{"session": []}, {}] for key in ("GET", "HEAD")
}
_EXAMPLES = {
    "namespace": "acme",
    "repository": "app",
    "org": "acme",
    "group": "dev",
    "username": "linus",
    "tag": "latest",
    "digest": f"sha256:{'0' * 64}",
}


def document() -> dict[str, Any]:
    """The document, as JSON has it."""
    schemas: dict[str, Schema] = {}
    paths = {
        path: {each.method.lower(): _operation(each, schemas) for each in operations}
        for path, operations in by_path().items()
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Hub", "version": "2", "description": "\n\n".join(_ABOUT)},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(each: Operation, schemas: dict[str, Schema]) -> dict[str, Any]:
    parts = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": TEXT,
            "example": part_example(name),
        }
        for name in each.parts
    ]
    summary, *rest = each.about
    found: dict[str, Any] = {
        "operationId": f"{each.handler.__name__}{'_head' if each.method == 'HEAD' else ''}",
        "summary": summary,
        "tags": [each.group],
        "parameters": [*parts, *(_paging() if each.paged else [])],
        "responses": _responses(each, schemas),
        "security": _SECURITY.get(each.method, [{"session": []}]) if each.path not in _OPEN else [],
    }
    if rest:
        found["description"] = "\n\n".join(rest)
    if each.body is not None:
        content = {"schema": each.body, "example": body_example(each.body)}
        found["requestBody"] = {
            "required": bool(each.body["required"]),
            "content": {"application/json": content},
        }
    if each.own:
        found["x-own"] = True
    return found


def part_example(name: str) -> str:
    """An example of a part of a path."""
    return _EXAMPLES.get(name, "1")


def body_example(schema: Schema) -> dict[str, Any]:
    """An example of a body, of the examples of its fields."""
    fields = schema["properties"].items()
    return {name: field["examples"][0] for name, field in fields if "examples" in field}


def _paging() -> list[dict[str, Any]]:
    size = {**NUMBER, "minimum": 1, "maximum": MOST, "default": DEFAULT}
    page = {**NUMBER, "minimum": 1, "default": 1}
    return [
        {"name": "page", "in": "query", "schema": page},
        {"name": "page_size", "in": "query", "schema": size},
    ]


def _responses(each: Operation, schemas: dict[str, Schema]) -> dict[str, Any]:
    error = {"application/json": {"schema": _hoisted(_ERROR, schemas)}}
    right: dict[str, Any] = {"description": "done" if each.status < 400 else "refused"}
    if each.schema is not None:
        right["content"] = {"application/json": {"schema": _hoisted(each.schema, schemas)}}
    elif each.status >= 400:
        right["content"] = error
    wrong = {
        str(status): {"description": about, "content": error}
        for status, about in each.wrong.items()
    }
    rest = {
        "description": "400, 401, 403 or 404; `message` says what was seen and what to do",
        "content": error,
    }
    return {str(each.status): right, **wrong, "4XX": rest}


def _hoisted(schema: Schema, schemas: dict[str, Schema]) -> Schema:
    """A schema in which each record is a reference to the document's list of them."""
    if "items" in schema:
        return {**schema, "items": _hoisted(schema["items"], schemas)}
    title = schema.get("title")
    if title is None:
        return schema
    fields = {name: _hoisted(each, schemas) for name, each in schema["properties"].items()}
    schemas[title] = {**schema, "properties": fields}
    return {"$ref": f"#/components/schemas/{title}"}
