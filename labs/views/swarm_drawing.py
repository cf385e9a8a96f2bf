"""Draws a swarm: a card for each node with what runs there, a row for each service. What a color says is also
said by a word or a shape. The live form is in `live_swarm`.
"""

from __future__ import annotations

from collections.abc import Iterable

from labs.lesson import SwarmMap
from labs.playground import Member, ServiceState
from labs.views.html import LINE, Html, View, cell, join, scrolling, tag

_GREEN, _RED, _ORANGE, _GRAY = "#2e8540", "#c03535", "#c4480b", "#767676"
# Symbol, color and edge of each status: a gap in the edge is a gap in the connection.
_SHAPES = {
    "ready": ("✓", _GREEN, "solid"),
    "stopped": ("■", _RED, "dotted"),
    "missing": ("■", _RED, "dotted"),
    "paused": ("■", _RED, "dotted"),
    "down": ("▼", _RED, "dotted"),
    "cut": ("✂", _ORANGE, "dashed"),
    "unreachable": ("⚠", _ORANGE, "dashed"),
}
_UNKNOWN = ("?", _GRAY, "dashed")
_TASKS = {"running": "▶", "failed": "✗", "rejected": "✗", "orphaned": "✗"}
_MOVING = "◌"
_LINES = "line-height: 1.4"  # a widget would set lines far apart


def swarm_view(drawn: SwarmMap) -> View:
    """The swarm at one moment."""
    return View(drawn.text, tag("div", summary(drawn), drawing(drawn)))


def summary(drawn: SwarmMap) -> Html:
    """One line about all of it."""
    return tag("div", tag("strong", drawn.summary), style=_LINES)


def drawing(drawn: SwarmMap) -> Html:
    """The nodes, then the services."""
    state = drawn.state
    cards = tag(
        "ul",
        *(_card(drawn, member) for member in state.nodes),
        style="display: flex; flex-wrap: wrap; gap: 0.5em; list-style: none; margin: 0.5em 0; padding: 0",
        aria_label="Nodes of the swarm",
    )
    parts = [cards, _services(drawn) if state.services else ""]
    if state.waiting:
        parts.append(tag("div", "Waiting for a node: ", tag("ul", *map(_item, drawn.waiting))))
    return tag("div", *parts, style=f"max-width: 60em; {_LINES}")


def _card(drawn: SwarmMap, member: Member) -> Html:
    symbol, color, edge = _SHAPES.get(member.status, _UNKNOWN)
    box = f"border: 2px {edge} {LINE}; border-left: 6px {edge} {color}"
    size = "box-sizing: border-box; flex: 1 1 9.5em; min-width: 9.5em; max-width: 18em"
    tasks = drawn.tasks(member)
    return tag(
        "li",
        tag("strong", member.name),
        " ",
        _marked(symbol, member.status),
        tag("div", *_role(member)),
        tag("ul", *map(_item, tasks), style="list-style: none; margin: 0.3em 0 0; padding: 0")
        if tasks
        else tag("div", "no tasks"),
        style=f"{box}; {size}; padding: 0.3em 0.6em; margin: 0; overflow-wrap: anywhere",
    )


def _role(member: Member) -> Iterable[Html]:
    yield join([member.role])
    if member.leader:
        yield join([", "])
        yield _marked("★", "leader")
    if member.availability not in ("active", ""):
        yield join([", "])
        yield _marked("‖", member.availability)


def _item(task: tuple[str, str, str]) -> Html:
    """Tasks of one service in one state, and their errors."""
    name, state, error = task
    # Any other state, such as `preparing`, is on its way to one of these.
    mark = tag("span", _TASKS.get(state, _MOVING), aria_hidden="true")
    words = [mark, f" {name} {state}"]
    if error:
        words.append(tag("div", error, style="padding-left: 1.2em; font-size: 0.9em"))
    return tag("li", *words, style="margin: 0")


def _marked(symbol: str, words: str) -> Html:
    """Words with a symbol before them that is not read aloud."""
    mark = tag("span", symbol, aria_hidden="true")
    return tag("span", mark, f" {words}", style="white-space: nowrap")


def _services(drawn: SwarmMap) -> Html:
    heads = ("Service", "Running", "Image", "Update")
    table = tag(
        "table",
        tag("thead", tag("tr", *(cell("th", head, scope="col") for head in heads))),
        tag("tbody", *(_row(drawn, service) for service in drawn.state.services)),
        style="border-collapse: separate; border-spacing: 0.8em 0.1em; margin: 0 -0.8em",
    )
    return scrolling("Services", table)


def _row(drawn: SwarmMap, service: ServiceState) -> Html:
    done = service.running == service.wanted
    name, pinned = drawn.image(service.image)
    return tag(
        "tr",
        cell("th", service.name, scope="row"),
        cell("td", _marked("✓" if done else _MOVING, drawn.running(service))),
        cell("td", tag("code", name), pinned),
        cell("td", drawn.update(service) or "none"),
    )
