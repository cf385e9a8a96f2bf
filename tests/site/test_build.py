"""Building the site: what is in it, and what stops the build."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from labs.cli.site import build, write_pages
from labs.errors import LabsError
from tests.site.built import ROOT, Page, broken_links, file_of, page_paths, reachable

pytestmark = pytest.mark.process


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course folder whose site can be broken; its lessons are the real ones."""
    for name in ("labs", "solutions"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(
        ROOT / "site", tmp_path / "site", ignore=shutil.ignore_patterns("lessons", "errors")
    )
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    return tmp_path


def test_site_has_the_pages_of_its_sources_and_no_others(site: Path) -> None:
    found = {
        str(file.relative_to(site)).removesuffix("index.html") for file in site.rglob("*.html")
    }
    assert found == set(page_paths())


def test_site_has_no_broken_link_or_anchor(site: Path) -> None:
    assert broken_links(site) == []


def test_every_page_is_reached_from_the_home_page(site: Path) -> None:
    assert reachable(site) == set(page_paths()) - {"404.html"}


def test_pages_fetch_nothing_from_other_hosts(site: Path) -> None:
    for path in page_paths():
        fetched = Page.read(file_of(site, path)).fetches
        assert fetched
        assert [address for address in fetched if "//" in address] == [], path


def test_boxes_are_closed_as_often_as_they_are_opened(site: Path) -> None:
    """One box too many, around a view's table, once pushed the rest of a page out of its column."""
    pages = {path: file_of(site, path).read_text() for path in page_paths()}
    assert [p for p, html in pages.items() if html.count("<div") != html.count("</div>")] == []


def test_sitemap_is_xml(site: Path) -> None:
    ElementTree.parse(site / "sitemap.xml")


def test_sources_of_the_theme_are_not_published(site: Path) -> None:
    assert not (site / "hooks.py").exists()
    assert not (site / "overrides").exists()


def test_search_dialog_has_a_name_on_every_page(site: Path) -> None:
    for path in page_paths():
        assert 'role="dialog" aria-label="Search"' in file_of(site, path).read_text()


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("[x](nowhere.md)", "nowhere.md"),
        ("[x](glossary.md#no-such-term)", "no-such-term"),
        ("[x](/glossary/)", "/glossary/"),
    ],
)
def test_build_with_a_broken_link_fails_and_names_it(course: Path, broken: str, words: str) -> None:
    write_pages(course)
    with (course / "site" / "index.md").open("a") as home:
        home.write(f"\n{broken}\n")
    with pytest.raises(LabsError, match=re.escape(words)):
        build(course, course / "out")


def test_build_without_lesson_pages_says_what_writes_them(course: Path) -> None:
    with pytest.raises(LabsError, match="run `labs site`"):
        build(course, course / "out")


def test_writing_pages_removes_those_of_lessons_that_are_gone(course: Path) -> None:
    old = course / "site" / "lessons" / "99-gone.md"
    old.parent.mkdir()
    old.write_text("# Gone")
    pages = write_pages(course)
    assert not old.exists()
    assert sorted(old.parent.glob("*.md")) == sorted(pages)


def test_writing_pages_twice_gives_the_same_bytes(course: Path) -> None:
    first = [page.read_bytes() for page in write_pages(course)]
    assert [page.read_bytes() for page in write_pages(course)] == first


def test_lesson_that_never_ran_is_an_error(course: Path) -> None:
    (course / "solutions").unlink()
    (course / "solutions").mkdir()
    shutil.copy(ROOT / "solutions" / "sanitize.cfg", course / "solutions")
    for source in sorted((ROOT / "solutions").glob("*.py")):
        shutil.copy(source, course / "solutions")
    with pytest.raises(LabsError, match=r"01-run-a-registry\.ipynb: not there"):
        write_pages(course)


def test_broken_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "index.html").write_text('<h1 id="top">A</h1><a href="../#no">x</a>')
    home = '<a href="a/">ok</a><a href="a/#top">ok</a><a href="a/#end">x</a><img src="no.png">'
    (tmp_path / "index.html").write_text(home)
    assert broken_links(tmp_path) == [
        "a/index.html: ../#no",
        "index.html: a/#end",
        "index.html: no.png",
    ]
