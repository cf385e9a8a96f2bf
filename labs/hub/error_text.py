"""The text of an error that Django's validation found, with the field in which it is."""

from __future__ import annotations

from django.core.exceptions import ValidationError

CONFLICT = "conflict"
"""The code of an error whose cause is what the hub already has, not the form of what was sent."""


def text_of(error: ValidationError) -> str:
    """One line: `name: at most 100 characters; url: not a URL`."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return "; ".join(
        " ".join(wrong) if field == "__all__" else f"{field}: {' '.join(wrong)}"
        for field, wrong in error.message_dict.items()
    )
