"""Bodies of requests: JSON objects whose fields are described by JSON Schema, and checked with a message for people."""

from __future__ import annotations

import json
from typing import Any

from labs.hub.api.refusal import Refused

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": "integer"}
TIME: Schema = {"type": "string", "format": "date-time"}
URL: Schema = {"type": "string", "format": "uri"}
_KINDS = {
    "string": ("a string", str),
    "boolean": ("true or false", bool),
    "integer": ("a whole number", int),
    "array": ("a list", list),
}
_SHOWN = 100


def maybe(schema: Schema) -> Schema:
    """What a schema describes, or null."""
    return {**schema, "type": [schema["type"], "null"]}


def list_of(schema: Schema) -> Schema:
    """A list of what a schema describes."""
    return {"type": "array", "items": schema}


def record(title: str, **fields: Schema) -> Schema:
    """An object of an answer, with all of these fields and no others."""
    return {
        "title": title,
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def page_of(item: Schema) -> Schema:
    """One page of a list."""
    return record(
        f"PageOf{item['title']}",
        count=NUMBER,
        next=maybe(URL),
        previous=maybe(URL),
        results=list_of(item),
    )


def field(about: str, example: object = None, *, kind: Schema = TEXT, **more: object) -> Schema:
    """One field of a body.

    Args:
        about: What it is, for the document and for the error when it is missing.
        example: A value that is accepted; without one, examples of the body leave the field out.
        kind: Its type.
        more: Further keywords of JSON Schema, of which `enum`, `maxLength`, `maxItems` and `minItems` are checked.
    """
    examples = {} if example is None else {"examples": [example]}
    return {**kind, "description": about, **examples, **more}


def body(*, optional: tuple[str, ...] = (), **fields: Schema) -> Schema:
    """A body with these fields, all required but the optional."""
    required = [name for name in fields if name not in optional]
    return {
        "type": "object",
        "properties": fields,
        "required": required,
        "additionalProperties": False,
    }


def object_in(data: bytes) -> dict[str, Any]:
    """The JSON object in a body; an empty one if nothing was sent.

    Raises:
        Refused: It is not one.
    """
    if not data:
        return {}
    try:
        found = json.loads(data)
        # Half of a surrogate pair is JSON, and cannot be kept.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as wrong:
        raise Refused(400, f"the body is not JSON in UTF-8: {wrong}") from wrong
    if not isinstance(found, dict):
        raise Refused(400, f"the body is not a JSON object; got {_shown(found)}")
    return found


def check(given: dict[str, Any], schema: Schema) -> None:
    """Accept a body.

    Raises:
        Refused: With the field, what it has to be, and what was sent.
    """
    fields = schema["properties"]
    if unknown := [name for name in given if name not in fields]:
        raise Refused(400, f"unknown field {unknown[0][:_SHOWN]!r}: known are {', '.join(fields)}")
    for name in schema["required"]:
        if name not in given:
            raise Refused(400, f"{name} is missing: {fields[name]['description']}")
    for name, value in given.items():
        if rule := _rule(value, fields[name]):
            secret = fields[name].get("format") == "password"
            raise Refused(400, f"{name}: {rule}" + ("" if secret else f"; got {_shown(value)}"))


def _rule(value: Any, schema: Schema) -> str:
    """The rule that a value breaks; empty if it keeps all."""
    words, kind = _KINDS[schema["type"]]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        return words
    if "enum" in schema and value not in schema["enum"]:
        return f"one of {', '.join(schema['enum'])}"
    if isinstance(value, str):
        if len(value) > schema.get("maxLength", len(value)):
            return f"at most {schema['maxLength']} characters"
        if "\0" in value:
            return "text without a zero byte"
    if isinstance(value, list):
        least, most = schema.get("minItems", 0), schema.get("maxItems", len(value))
        if not least <= len(value) <= most:
            return f"a list of {least} to {most}" if least != most else f"a list of {least}"
        return next((found for each in value if (found := _rule(each, schema["items"]))), "")
    return ""


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
