"""Digits of signatures that a student has calculated: what is wrong with them, by how they were made."""

from __future__ import annotations

import hashlib
import hmac

from labs.lesson import Finding, not_yet


def pair(given: object) -> tuple[str, str]:
    """Two texts of an answer, be it what it may."""
    texts = [str(each or "") for each in given] if isinstance(given, list) else []
    one, two = [*texts, "", ""][:2]
    return one, two


def _other_ways(secret: str, time: str, body: str) -> dict[str, str]:
    """What is calculated instead, by what it is."""
    text = f"{time}.{body}"
    return {
        "the HMAC of the body alone": _mac(secret.encode(), body),
        "a digest without the secret": hashlib.sha256(text.encode()).hexdigest(),
        "the HMAC without the dot": _mac(secret.encode(), time + body),
        "the HMAC of the body with the time behind it": _mac(secret.encode(), f"{body}.{time}"),
    }


def _mac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def wrong_digits(secret: str, time: str, body: str, mac: str) -> Finding | None:
    """None if these are the digits of a delivery."""
    given = mac.lower().removeprefix("sha256=")
    for text, other in _other_ways(secret, time, body).items():
        if hmac.compare_digest(given.encode(), other.encode()):
            return not_yet(
                f"this is {text}", hint="HMAC of time, dot and body, with the secret as key"
            )
    if not hmac.compare_digest(given.encode(), _mac(secret.encode(), f"{time}.{body}").encode()):
        return not_yet(
            "other digits than in the header",
            hint='hmac.new(key, f"{time}.{body}".encode(), hashlib.sha256).hexdigest()',
        )
    if mac != given:
        return not_yet(
            "the digits are right, and the cell compares other text with the header",
            hint="small letters, as hexdigest() gives them, and sha256= is put before them there",
        )
    return None


def wrong_for_forged(secret: str, time: str, forged: str, macs: tuple[str, str]) -> Finding | None:
    """None if the digits for a forged body are its own; `macs` are those of a delivery and of the forged body."""
    mac, of_forged = macs
    if of_forged == mac:
        return not_yet(
            "digits gives the same for a body that was forged: a receiver would take any",
            hint="calculate them from the time and the body that the function is given",
        )
    if of_forged != _mac(secret.encode(), f"{time}.{forged}"):
        return not_yet(
            "digits gives other digits for the forged body than its HMAC",
            hint="calculate them from the time and the body that the function is given",
        )
    return None
