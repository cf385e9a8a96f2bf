"""Judging whether a piece of HTML fetches or runs anything: the site shows it only if not."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# Elements that load, run or submit something with any attributes.
_BANNED = {"script", "iframe", "object", "embed", "link", "base", "meta", "form"}
# Attributes whose address a browser loads without a click.
_FETCHING = {"src", "srcset", "href", "xlink:href", "data", "poster", "background"}
_CSS_FETCH = re.compile(r"@import|url\(\s*['\"]?(?!#|data:)", re.IGNORECASE)


def is_self_contained(html: str) -> bool:
    """Tell whether `html` has no script, no handler, and no address that a browser would fetch.

    Links that a reader may follow (`<a href="https://…">`) are not fetched.
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
    # Browsers ignore case and leading blanks of a scheme: " JavaScript:" runs too.
    value = value.strip().lower()
    if name.startswith("on") or _CSS_FETCH.search(value):
        return True
    if tag == "a" and name == "href":
        return value.startswith(("javascript:", "data:", "vbscript:"))
    # A fragment is in the same page, and a picture as data is in the text itself.
    return name in _FETCHING and not value.startswith(("#", "data:image/"))
