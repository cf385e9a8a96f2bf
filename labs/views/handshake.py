"""Draws the TLS handshake of a pull as it went at one address: each message, and where it stops."""

from __future__ import annotations

from labs.registry import Certificate, Served
from labs.views.html import Html, join, scrolling, tag

# Units of the SVG's viewBox, not pixels. 360: text of 11.5 units stays readable at the least width, 440 pixels.
_WIDTH, _LEFT, _RIGHT, _STEP = 360, 24, 336, 40
_TOP = 50
_TEXT = 'style="font: 11.5px sans-serif; fill: currentColor"'
GOOD, BAD = "✓", "✗"


def checks(served: Served) -> list[tuple[bool, str]]:
    """The engine's checks of the certificate, in its order, up to the first that fails."""
    if not served.chain:
        return []
    own = served.chain[0]
    asked = [
        (own.valid_now, "valid today" if own.valid_now else "expired, or not valid yet"),
        (own.covers(served.host), _name_words(own, served.host)),
        (served.trusted, "known authority" if served.trusted else "unknown authority"),
    ]
    failed = next((n for n, (good, _) in enumerate(asked) if not good), len(asked))
    return asked[: failed + 1]


def _name_words(own: Certificate, host: str) -> str:
    if own.covers(host):
        return f"{host} is among its names"
    return f"{host} is not among its names" if own.names else "it has no names (SAN)"


def steps(served: Served) -> list[tuple[str, str]]:
    """The conversation: direction (`>` from the engine, `<` from the registry, `=` the engine alone), words."""
    said = [(">", "TCP: connect"), (">", f"ClientHello: I want {served.host}")]
    if not served.chain:
        return [*said[:1], ("=", f"{BAD} nobody listens")] if served.refused else [*said, _no_tls()]
    count = len(served.chain)
    said += [
        ("<", f"ServerHello: {served.protocol}; encrypted from here"),
        ("<", f"Certificate: {count} sent; proof that I have its key"),
    ]
    asked = checks(served)
    said += [("=", f"{GOOD if good else BAD} {words}") for good, words in asked]
    if all(good for good, _ in asked):
        return [
            *said,
            (">", "Finished; GET /v2/"),
            ("<", "200 OK"),
            (">", "GET /v2/…/manifests/latest, then blobs"),
            ("<", "manifest, config, layers"),
        ]
    return [*said, (">", "alert: bad certificate; hang up")]


def _no_tls() -> tuple[str, str]:
    return "<", f"{BAD} HTTP/1.1 400 Bad Request: no TLS here"


def picture(served: Served, engine: str) -> Html:
    """The steps as SVG in the text's color; where it is too wide, it scrolls and stays readable."""
    said = steps(served)
    height = _TOP + _STEP * len(said)
    parts = [_lanes(served, height, engine)]
    parts += [_step(n, direction, words) for n, (direction, words) in enumerate(said)]
    label = f"TLS handshake with {served.address}: " + "; ".join(words for _, words in said)
    drawing = tag(
        "svg",
        *parts,
        viewBox=f"0 0 {_WIDTH} {height}",
        role="img",
        aria_label=label,
        style="width: 100%; min-width: 440px; max-width: 34em; height: auto; display: block",
    )
    return scrolling("TLS handshake", drawing)


def _lanes(served: Served, height: int, engine: str) -> Html:
    ends = ((_LEFT, "start", f"engine of {engine}"), (_RIGHT, "end", served.address))
    lines = (
        f'<line x1="{x}" y1="24" x2="{x}" y2="{height - 4}" stroke="currentColor" opacity="0.4"/>'
        for x, _, _ in ends
    )
    heads = (
        f'<text x="{x + (-18 if anchor == "start" else 18)}" y="14" text-anchor="{anchor}" {_TEXT}>'
        + tag("tspan", name, font_weight="bold")
        + "</text>"
        for x, anchor, name in ends
    )
    return Html("".join([*lines, *heads]))


def _step(number: int, direction: str, words: str) -> Html:
    y = _TOP + _STEP * number
    if direction == "=":
        return join((_box(y, words),))
    start, end = (_LEFT, _RIGHT) if direction == ">" else (_RIGHT, _LEFT)
    tip = -8 if direction == ">" else 8
    arrow = f'<path d="M{start} {y}H{end}m{tip} -4L{end} {y}l{tip} 4" fill="none" stroke="currentColor"/>'
    return Html(arrow + _words((_LEFT + _RIGHT) // 2, y - 6, words))


def _box(y: int, words: str) -> Html:
    color = "#c4480b" if words.startswith(BAD) else "#2e8540"
    box = f'<rect x="6" y="{y - 18}" width="262" height="26" rx="4" fill="none" stroke="{color}" stroke-width="2"/>'
    return Html(box + _words(137, y - 1, words))


def _words(x: int, y: int, words: str) -> Html:
    # Through `tag`, which escapes: words have names from the certificate. The rest are numbers.
    text = tag("tspan", words)
    return Html(f'<text x="{x}" y="{y}" text-anchor="middle" {_TEXT}>{text}</text>')
