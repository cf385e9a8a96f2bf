"""The built site as files: its pages, and the links in them that lead nowhere. No browser here."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from labs.course import course_root
from labs.repairs import all_scenarios

ROOT = course_root()
HOST = "http://site"
# What `make test` looks at of each kind of page; the others are made by the same templates.
SHOWN = ("", "lessons/01-run-a-registry/", "registries-compared/", "what-became-of/")


def lesson_paths() -> list[str]:
    """The lesson pages that there must be, one for each source."""
    return [f"lessons/{path.stem}/" for path in sorted((ROOT / "solutions").glob("[0-9]*.py"))]


def error_paths() -> list[str]:
    """The pages of errors that there must be, one for each scenario of the repair shop."""
    return [f"errors/{scenario.slug}/" for scenario in all_scenarios()]


def page_paths() -> list[str]:
    """All pages that there must be, as paths below the site's root."""
    words = [path.stem for path in sorted((ROOT / "site").glob("*.md"))]
    plain = ["" if stem == "index" else f"{stem}/" for stem in words]
    return [*plain, *lesson_paths(), *error_paths(), "404.html"]


def file_of(site: Path, path: str) -> Path:
    """The file that a web server gives for a path."""
    file = site / unquote(path).lstrip("/")
    return file / "index.html" if path.endswith("/") or file.is_dir() or not path else file


@dataclass
class Page(HTMLParser):
    """What one HTML file links to, fetches, and can be linked to."""

    links: list[str] = field(default_factory=list)
    fetches: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    def read(cls, file: Path) -> Page:
        page = cls()
        page.feed(file.read_text(encoding="utf-8"))
        page.close()
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.ids.update(values[name] for name in ("id", "name") if name in values)
        if "href" in values:
            (self.links if tag == "a" else self.fetches).append(values["href"])
        if "src" in values:
            self.fetches.append(values["src"])


def broken_links(site: Path) -> list[str]:
    """Every link of every page to a file or an anchor that is not there, as `page: link`."""
    pages = {file: Page.read(file) for file in sorted(site.rglob("*.html"))}
    found = []
    for file, page in pages.items():
        here = f"{HOST}/{file.relative_to(site)}".removesuffix("index.html")
        for link in page.links + page.fetches:
            target, anchor = urldefrag(urljoin(here, link))
            if not target.startswith(HOST):
                continue
            goal = file_of(site, urlsplit(target).path)
            if not goal.is_file() or (anchor and goal in pages and anchor not in pages[goal].ids):
                found.append(f"{file.relative_to(site)}: {link}")
    return found


def reachable(site: Path) -> set[str]:
    """The pages that links lead to, beginning at the home page."""
    seen: set[str] = set()
    todo = [""]
    while todo:
        path = todo.pop()
        file = file_of(site, path)
        if path in seen or file.suffix != ".html" or not file.is_file():
            continue
        seen.add(path)
        targets = (urljoin(f"{HOST}/{path}", link) for link in Page.read(file).links)
        inside = (urlsplit(target).path for target in targets if target.startswith(HOST))
        todo += [unquote(path).lstrip("/") for path in inside]
    return seen
