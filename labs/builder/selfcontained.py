"""Judging whether a piece of HTML fetches or runs anything: the site shows it only if not."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BANNED = {"script", "iframe", "object", "embed", "link", "base", "meta", "form"}
_FETCHING = {"src", "srcset", "href", "xlink:href", "data", "poster", "background"}
_CSS_FETCH = re.compile(r"@import|url\(\s*['\"]?(?!#|data:)", re.IGNORECASE)


def is_self_contained(html: str) -> bool:
    """Tell whether `html` has no script, no handler, and no address that a browser would fetch.

    Links that a reader may follow (`<a href="https://…">`) are no fetch.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.clean


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.clean = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BANNED or any(_harmful(tag, name, value or "") for name, value in attrs):
            self.clean = False

    def handle_data(self, data: str) -> None:
        if _CSS_FETCH.search(data):
            self.clean = False


def _harmful(tag: str, name: str, value: str) -> bool:
    value = value.strip().lower()
    if name.startswith("on") or _CSS_FETCH.search(value):
        return True
    if tag == "a" and name == "href":
        return value.startswith(("javascript:", "data:", "vbscript:"))
    return name in _FETCHING and not value.startswith(("#", "data:image/"))
