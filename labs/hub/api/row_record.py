"""What answers show of rows: each field once, with its schema and where its value comes from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import Model

from labs.hub.api.json_body import Schema, record

Field = Schema | tuple[Schema, str | Callable[[Any], Any]]


class RowRecord:
    """The form of a row in answers.

    Args:
        title: Of its schema.
        fields: Of each its schema; with an attribute of the row, or a function of it, where its name is not the row's.

    Attributes:
        schema: Of the object.
    """

    def __init__(self, title: str, **fields: Field) -> None:
        pairs = {name: it if isinstance(it, tuple) else (it, name) for name, it in fields.items()}
        self.schema = record(title, **{name: schema for name, (schema, _) in pairs.items()})
        self._of = {
            name: attrgetter(of) if isinstance(of, str) else of for name, (_, of) in pairs.items()
        }

    def __call__(self, row: Any) -> dict[str, Any]:
        """The object of a row; what is an object already stays as it is."""
        return row if isinstance(row, dict) else {k: _plain(of(row)) for k, of in self._of.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Model) else value
