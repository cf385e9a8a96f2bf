"""The error for a registry that refuses or does not answer: with the request, status and code.

The codes are those of the OCI distribution spec 1.1, "Error Codes". Those that occur in
lessons have a hint here.
"""

from __future__ import annotations

import httpx

from labs.errors import LabsError

_HINTS = {
    "NAME_UNKNOWN": "no such repository there; RegistryClient.catalog() lists those it holds",
    "MANIFEST_UNKNOWN": "no such tag or digest; RegistryClient.tags(repository) lists the tags",
    "BLOB_UNKNOWN": "the repository links no such blob; a manifest lists those that belong to it",
    "NAME_INVALID": "a repository is written in lower case: hello-world, team/my-app",
    "UNAUTHORIZED": "give the user and password: RegistryClient(url, auth=(user, password))",
    "DENIED": "this user may not do that in this repository",
    "UNSUPPORTED": "deleting is off; start the registry with REGISTRY_STORAGE_DELETE_ENABLED=true",
    "TOOMANYREQUESTS": "the registry limits how often you may ask; wait, or log in",
}


class RegistryError(LabsError):
    """A registry refused, or did not answer.

    Attributes:
        method: The request's method.
        url: Its URL, without user and password.
        status: The HTTP status, or None where no answer came.
        code: The registry's own code (`MANIFEST_UNKNOWN`), or "" where it gave none.
    """

    def __init__(
        self,
        method: str,
        url: str,
        *,
        status: int | None = None,
        code: str = "",
        message: str = "",
        hint: str = "",
    ) -> None:
        words = " ".join(str(word) for word in (status, code, message) if word)
        super().__init__(f"{method} {url}: {words}", hint=hint)
        self.method = method
        self.url = url
        self.status = status
        self.code = code


def refused(method: str, url: str, reply: httpx.Response) -> RegistryError:
    """Return the error for an unsuccessful answer."""
    code, message = _first_error(reply)
    hint = _HINTS.get(code or _code_of(reply.status_code), "")
    # What a Go server with TLS answers, with 400, to plain HTTP.
    if "HTTP request to an HTTPS server" in message:
        hint = f"this registry speaks TLS: https://{httpx.URL(url).netloc.decode()}"
    return RegistryError(
        method, url, status=reply.status_code, code=code, message=message, hint=hint
    )


def unreachable(method: str, url: str, error: Exception) -> RegistryError:
    """Return the error for a request without an answer."""
    words = str(error) or type(error).__name__
    return RegistryError(method, url, message=words, hint=_transport_hint(words))


def _first_error(reply: httpx.Response) -> tuple[str, str]:
    """The first error's code and message, or the first line of a body in another form."""
    try:
        first = reply.json()["errors"][0]
        # Where there is a hint, it says the same as distribution's message, and what to do.
        return str(first["code"]), "" if first["code"] in _HINTS else str(first.get("message", ""))
    except (ValueError, LookupError, TypeError, AttributeError):
        lines = reply.text.strip().splitlines()
        # A proxy in front of a registry answers with a page of its own; its first line has the reason. 200
        # characters, since the body is not the registry's and may be of any length.
        return "", lines[0][:200] if lines else reply.reason_phrase


def _code_of(status: int) -> str:
    """The code for an answer to HEAD, which has no body."""
    return {401: "UNAUTHORIZED", 403: "DENIED", 405: "UNSUPPORTED", 429: "TOOMANYREQUESTS"}.get(
        status, ""
    )


def _transport_hint(words: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in words:
        return "no authority known here signed it: RegistryClient(url, verify='ca.crt')"
    if "WRONG_VERSION_NUMBER" in words or "record layer failure" in words.lower():
        return "this registry speaks plain HTTP: begin the URL with http://"
    return "is a registry's container running, and is its port published?"
