"""Answers that refuse, in the form of Docker Hub's."""

from __future__ import annotations

from django.http import JsonResponse


class Refused(Exception):
    """An answer with an error.

    Attributes:
        status: Of HTTP.
        headers: Of the answer.
    """

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers or {}


def error(status: int, message: str, headers: dict[str, str] | None = None) -> JsonResponse:
    """Docker Hub's form of an error."""
    return JsonResponse({"message": message, "errinfo": {}}, status=status, headers=headers)
