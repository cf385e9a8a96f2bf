"""The protocol between a student's kernel and the grader; both ends import it.

A connection carries one exchange. Request and reply are one line of JSON each:

    exchange = request LF reply LF
    request  = {"verb": verb, field: value, …}
    reply    = {"result": value} | {"error": {"kind": text, "message": text, "hint": text}}

    verb        fields                     result
    open        slug                       `Opened`: where the nodes' ports are reached in the container
    reset                                  `Opened`, of a new playground
    check       exercise, answers          "recorded"; the verdict is not told
    exec        node, argv                 `Executed`
    write_file  node, path, content, mode  null; content is base64
    machine     node, action               text of status, inner_address and log, "done" of the others
    store       action, bucket             open: `StoreOpened`; objects: [[name, bytes], …]; make_bucket: "done"
    hub                                    port of the container where the hub's pages are reached

`VERSION` counts changes of this page. The relay, which comes from the same image as the student's side, tells its
version in reply to the grader's first message, before any cell runs; another one than the grader's is an error of the
machine. Only the standard library is imported: the relay imports this too.
"""

from __future__ import annotations

import base64
import json
from enum import StrEnum
from typing import Any, TypedDict

VERSION = 3


class Verb(StrEnum):
    """What a request asks for."""

    OPEN = "open"
    RESET = "reset"
    CHECK = "check"
    EXEC = "exec"
    WRITE_FILE = "write_file"
    MACHINE = "machine"
    STORE = "store"
    HUB = "hub"


class MachineAction(StrEnum):
    """Of `Verb.MACHINE`: attributes and methods of a node."""

    STATUS = "status"
    INNER_ADDRESS = "inner_address"
    LOG = "log"
    STOP = "stop"
    START = "start"
    CUT = "cut"
    HEAL = "heal"


class StoreAction(StrEnum):
    """Of `Verb.STORE`."""

    OPEN = "open"
    OBJECTS = "objects"
    MAKE_BUCKET = "make_bucket"


FIELDS: dict[Verb, dict[str, type]] = {
    Verb.OPEN: {"slug": str},
    Verb.RESET: {},
    Verb.CHECK: {"exercise": str, "answers": dict},
    Verb.EXEC: {"node": str, "argv": list},
    Verb.WRITE_FILE: {"node": str, "path": str, "content": str, "mode": int},
    Verb.MACHINE: {"node": str, "action": str},
    Verb.STORE: {"action": str, "bucket": str},
    Verb.HUB: {},
}
"""The fields of each request and their JSON types; a request has all of them and no others."""


class Opened(TypedDict):
    """A playground: for each node, ports of the container by the node's own (0: its engine)."""

    nodes: dict[str, dict[str, int]]
    managers: int


class Executed(TypedDict):
    """A command that ended; its output as base64."""

    exit_code: int
    stdout: str
    stderr: str


class StoreOpened(TypedDict):
    """An object store, as containers in the nodes reach it."""

    endpoint: str
    secret_key: str


class RequestError(ValueError):
    """A request breaks the rules of this page; the text says which."""


def request_line(verb: Verb | str, **fields: Any) -> bytes:
    """A request as it is sent."""
    return _line({"verb": verb, **fields})


def parse_request(line: bytes) -> tuple[Verb, dict[str, Any]]:
    """The verb and the fields of a request, each of its type.

    Raises:
        RequestError: It is not a request.
        ValueError: It is not JSON.
        RecursionError: It is nested too deep to be read.
    """
    request = json.loads(line)
    if not isinstance(request, dict):
        raise RequestError("a request is a JSON object")
    name = request.pop("verb", None)
    if not isinstance(name, str) or name not in Verb.__members__.values():
        # Cut: the name is the sender's, of any length.
        raise RequestError(f"unknown request type {name!r}"[:100])
    verb = Verb(name)
    wanted = FIELDS[verb]
    # Exactly these: the handlers take them as keyword arguments.
    if set(request) != set(wanted):
        raise RequestError(f"{verb} needs the fields {', '.join(wanted) or '(none)'}")
    for field, kind in wanted.items():
        if type(request[field]) is not kind:  # exactly: True is not a number here
            raise RequestError(f"{verb}: {field} is not of type {kind.__name__}")
    return verb, request


def result_line(value: Any) -> bytes:
    """The reply to a request that was carried out."""
    return _line({"result": value})


def error_line(kind: str, message: str, hint: str = "") -> bytes:
    """The reply to a request that was not; `kind` names the error's class."""
    return _line({"error": {"kind": kind, "message": message, "hint": hint}})


def to_text(content: bytes) -> str:
    """Encode bytes for a message."""
    return base64.b64encode(content).decode()


def to_bytes(text: str) -> bytes:
    """Decode the bytes of a message.

    Raises:
        ValueError: The text is not base64.
    """
    # Without `validate`, characters that are not base64 are skipped in silence.
    return base64.b64decode(text, validate=True)


def _line(message: dict[str, Any]) -> bytes:
    # In ASCII, where no line break is left in a text: one message is one line.
    return json.dumps(message).encode() + b"\n"
