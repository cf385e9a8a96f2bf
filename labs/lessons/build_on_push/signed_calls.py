"""Calls of a receiver: those that it must refuse, and one as the hub sends it, also while the node's engine is busy."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import httpx
from docker.errors import APIError, NotFound

from labs.lesson import Finding, not_yet
from labs.lessons.build_on_push.receiver import PORT
from labs.lessons.common import ask
from labs.playground import Node
from labs.waiting import WaitTimeout, wait_until

_PATH = "/cgi-bin/hook"
_OLD_S = 360
_REFUSED = 403
_HUB_WAITS_S = 5.0
_PAUSED_S = 240
_UNPAUSE = "docker unpause receiver"
_ENDS_S = 3.0  # a script that has answered ends in milliseconds, on a busy machine in a second
_PID = "$(cat /run/docker.pid 2>/dev/null || pidof dockerd)"
# The engine goes on by itself if the check is ended in between.
_STOP = f'p={_PID}; kill -STOP $p && setsid sh -c "sleep 20; kill -CONT $p" >/dev/null 2>&1 &'


@dataclass(frozen=True)
class Call:
    """A call of a receiver.

    Attributes:
        what: What is special about it, behind "a call".
        hint: For a receiver that lets it in.
        headers: Those that sign it.
        body: The payload.
    """

    what: str
    hint: str
    headers: dict[str, str]
    body: str


def calls_to_refuse(secret: str, body: str) -> list[Call]:
    """All kinds of wrong calls, for a secret of a webhook and a payload."""
    now, then = str(int(time.time())), str(int(time.time()) - _OLD_S)
    compare = "compare the header with sha256= and the digits that you calculate"
    of_body = "the digits have to be those of the body that came"
    other = _signature(secrets.token_hex(20), now, body)
    right, old = _signature(secret, now, body), _signature(secret, then, body)
    return [
        Call("that has no signature", compare, {}, body),
        Call("whose signature is empty", compare, _signed(now, ""), body),
        Call("whose signature is sha256= alone", compare, _signed(now, "sha256="), body),
        Call("that is signed with another secret", compare, _signed(now, other), body),
        Call(
            "whose body was changed after it was signed",
            of_body,
            _signed(now, right),
            body.replace('"tag"', '"tag" '),
        ),
        Call("that has the signature of another call", of_body, _signed(now, right), "{}"),
        Call(
            "that was signed six minutes ago",
            "the time in the header must be less than five minutes ago: $(date +%s) is now",
            _signed(then, old),
            body,
        ),
        Call(
            "that was signed six minutes ago and says it is of now",
            "the time is part of what is signed: time, dot, body",
            _signed(now, old),
            body,
        ),
    ]


def lets_in(node: Node, calls: list[Call], delivery: str = "0") -> Finding | None:
    """None if the receiver of a node refuses all calls; `delivery` is what they say as their number."""
    for call in calls:
        answer = _send(node, call, delivery)
        if answer is None:
            return not_yet(
                f"the script gave no answer to a call {call.what}, wanted 403",
                hint="docker logs receiver on node 2 has its errors",
            )
        status = answer.status_code
        if status != _REFUSED:
            refused = 400 <= status < 500
            return not_yet(
                f"a call {call.what} is answered with {status}, wanted 403",
                hint="printf 'Status: 403 Forbidden\\n\\n'" if refused else call.hint,
            )
    return None


@dataclass(frozen=True)
class Behavior:
    """What a receiver does while its node's engine is stopped.

    Attributes:
        wrong: What is wrong with it, if anything.
        waits: Whether a signed call has started a program that waits for the engine, as a deployment does. What the
            call left for another program to do is not seen.
    """

    wrong: Finding | None = None
    waits: bool = False


def behavior_of(node: Node, secret: str, calls: list[Call]) -> Behavior:
    """Whether the receiver starts nothing for a call that it refuses, and answers one of the hub's before it deploys.

    The node's engine stops meanwhile, as one that pulls a large image over a slow line. What waits for the engine is
    still there when the calls are answered, and an answer that waits for it comes too late.

    Args:
        node: Of the receiver.
        secret: The webhook's.
        calls: Those that it refuses while the engine works.
    """
    now, body = str(int(time.time())), calls[0].body
    refused, taken = (str(10**17 + secrets.randbelow(10**17)) for _ in range(2))
    right = Call("that is signed", "", _signed(now, _signature(secret, now, body)), body)
    with _busy_engine(node):
        if lets_in(node, calls, refused) or _goes_on(node, refused):
            return Behavior(
                not_yet(
                    "calls that are refused start a deployment", hint="refuse first, then deploy"
                )
            )
        answer = _send(node, right, taken)
        waits = answer is not None and _goes_on(node, taken)
    return Behavior(_not_taken(answer), waits)


def _not_taken(answer: httpx.Response | None) -> Finding | None:
    """None if this is the answer to a call of the hub that the receiver takes."""
    if answer is None:
        return not_yet(
            f"the script did not answer a signed call within {_HUB_WAITS_S:g} s, while the engine was busy",
            hint="answer first, then deploy in the background: sh deploy >log 2>&1 &",
        )
    if not answer.is_success:
        return not_yet(
            f"a call that is signed as the hub does is answered with {answer.status_code}, wanted 2xx",
            hint="sign the time, a dot and the body as they come, and compare with the whole header",
        )
    return None


@contextmanager
def out_of_reach(node: Node) -> Iterator[None]:
    """The receiver of a node takes no call meanwhile; where it is not the lesson's container, nothing changes."""
    with suppress(NotFound, APIError):  # not there, or paused already
        container = node.docker.containers.get("receiver")
        # As for the engine: it goes on by itself if the check is ended in between.
        node.exec(["sh", "-c", f"setsid sh -c 'sleep {_PAUSED_S}; {_UNPAUSE}' >/dev/null 2>&1 &"])
        container.pause()
    try:
        yield
    finally:
        node.exec(["sh", "-c", f"{_UNPAUSE} 2>/dev/null"])


def _goes_on(node: Node, mark: str) -> bool:
    """Whether a program that calls have started is still there: it has their header in its environment."""
    command = f"cat /proc/[0-9]*/environ 2>/dev/null | grep -ac {mark}"

    def ended() -> bool:
        return node.read_output(["sh", "-c", command]).stdout.strip() == "0"

    with suppress(WaitTimeout):
        return not wait_until(ended, "the script to end", timeout_s=_ENDS_S, interval_s=0.2)
    return True


@contextmanager
def _busy_engine(node: Node) -> Iterator[None]:
    node.exec(["sh", "-c", _STOP])
    try:
        yield
    finally:
        node.exec(["sh", "-c", f"kill -CONT {_PID}"])


def _send(node: Node, call: Call, delivery: str = "0") -> httpx.Response | None:
    return ask(
        f"{node.url(PORT)}{_PATH}",
        method="POST",
        headers={"Content-Type": "application/json", "X-Hub-Delivery": delivery, **call.headers},
        content=call.body.encode(),
        timeout_s=_HUB_WAITS_S,
    )


def _signature(secret: str, at: str, body: str) -> str:
    mac = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256)
    return f"sha256={mac.hexdigest()}"


def _signed(at: str, signature: str) -> dict[str, str]:
    return {"X-Hub-Timestamp": at, "X-Hub-Signature-256": signature}
