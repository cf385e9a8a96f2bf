"""Shows the certificates that a registry really serves to a node, and how the handshake went."""

from __future__ import annotations

from labs.lessons import served
from labs.playground import Node
from labs.registry import Certificate, Served
from labs.views.handshake import picture, steps
from labs.views.html import Html, View, cell, join, scrolling, tag


def inspect(node: Node, address: str) -> View:
    """Connect from `node` to the registry at `address` (`registry.lab:5000`), and show what it serves."""
    return served_view(served(node, address), node.name)


def served_view(met: Served, seen_from: str) -> View:
    """The handshake as a picture, and a row for each certificate."""
    html = tag("div", picture(met, seen_from), _table(met.chain) if met.chain else "")
    return View(_text(met, seen_from), html)


def _text(met: Served, seen_from: str) -> str:
    arrows = {">": "engine   ->", "<": "registry ->", "=": "engine:    "}
    lines = [f"{met.address}, seen from {seen_from}"]
    lines += [f"  {arrows[direction]} {words}" for direction, words in steps(met)]
    for number, each in enumerate(met.chain, 1):
        lines.append(f"  certificate {number}: " + ", ".join(f"{k} {v}" for k, v in _facts(each)))
    return "\n".join(lines)


def _facts(each: Certificate) -> list[tuple[str, str]]:
    return [
        ("subject", each.subject),
        ("issuer", "itself" if each.self_signed else each.issuer),
        ("names (SAN)", " ".join(each.names) or "none"),
        ("may sign", "yes" if each.authority else "no"),
        ("valid now", "yes" if each.valid_now else "no"),
    ]


def _table(chain: tuple[Certificate, ...]) -> Html:
    heads = join(
        cell("th", name, scope="col") for name, _ in [("Certificate", ""), *_facts(chain[0])]
    )
    rows = (
        tag(
            "tr",
            cell("th", str(number), scope="row"),
            *(cell("td", tag("code", value)) for _, value in _facts(each)),
        )
        for number, each in enumerate(chain, 1)
    )
    table = tag("table", tag("thead", tag("tr", heads)), tag("tbody", join(rows)))
    return scrolling("Certificates", table)
