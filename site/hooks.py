"""What MkDocs calls while it builds the site: the lessons go into the navigation and onto the home page.

Both lists come from `labs.lessons`, so a new lesson is written down once. A page that names a file of `site/data/` in
its head, as `data`, gets its tables from there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

from labs.builder import dated_pages
from labs.lesson.lesson import Lesson
from labs.lessons import all_lessons
from labs.repairs import all_scenarios, error_list

_PLAIN_TABLE = re.compile(r"<table>(.*?)</table>", re.DOTALL)
_VIEWS_TABLE = re.compile(r"<table (?![^>]*class=)")

FOLDER = "lessons/"
MARK = "<!-- lessons -->"
ERRORS = "<!-- errors -->"


def on_config(config: Any) -> Any:
    """Put the lesson pages where the navigation says `lessons/`."""
    pages = [{_nav_title(lesson): _page(lesson)} for lesson in all_lessons()]
    missing = [page for entry in pages for page in entry.values() if not _exists(config, page)]
    if missing or not pages:
        raise PluginError(
            f"no page {', '.join(missing) or FOLDER}: run `labs site`, which writes it"
        )
    config.nav = [
        {title: pages} if target == FOLDER else {title: target}
        for entry in config.nav
        for title, target in entry.items()
    ]
    return config


def on_page_markdown(markdown: str, page: Any, config: Any, **_: Any) -> str:
    """Put lists of lessons, errors and dated facts where a page asks for them; lead from lessons to lessons and errors.

    A notebook links to the next notebook; on the site that is a page, but for the download of its own notebook.
    """
    if "data" in page.meta:
        path = Path(config.docs_dir) / "data" / f"{page.meta['data']}.toml"
        return dated_pages.fill(markdown, dated_pages.read_data(path))
    if MARK in markdown:
        return markdown.replace(MARK, lesson_list(all_lessons()))
    if ERRORS in markdown:
        return markdown.replace(ERRORS, error_list(all_scenarios()))
    for lesson in all_lessons():
        if page.file.src_uri != _page(lesson):
            markdown = markdown.replace(f"]({lesson.file_stem}.ipynb)", f"]({lesson.file_stem}.md)")
        elif errors := [each for each in all_scenarios() if each.lesson == lesson.slug]:
            markdown += f"\n## Errors you can meet here\n\n{error_list(errors, '../errors')}"
    return markdown


def on_page_content(html: str, **_: Any) -> str:
    """Let the keyboard scroll a wide table.

    The theme wraps tables without a class in a box that cannot be focused; one with a class it leaves alone.
    A table with attributes is a view's, in a box of its own.
    """
    wrapper = '<div class="table-scroll" role="group" aria-label="Table" tabindex="0">'
    html = _PLAIN_TABLE.sub(rf'{wrapper}<table class="table">\1</table></div>', html)
    return _VIEWS_TABLE.sub('<table class="table" ', html)


def lesson_list(lessons: list[Lesson]) -> str:
    """The lessons as a list in markdown: title, what it is about, how long it takes."""
    items = (
        f"1. [{lesson.title}]({_page(lesson)})\n\n"
        f"    {lesson.summary}\n\n"
        f"    {lesson.minutes} minutes · {_count(lesson)}\n{{ .facts }}\n"
        for lesson in lessons
    )
    return '<div class="lessons" markdown>\n\n' + "\n".join(items) + "\n</div>"


def _count(lesson: Lesson) -> str:
    number = len(lesson.tasks)
    return "1 exercise" if number == 1 else f"{number} exercises"


def _nav_title(lesson: Lesson) -> str:
    return f"{lesson.number}. {lesson.title}"


def _page(lesson: Lesson) -> str:
    return f"{FOLDER}{lesson.file_stem}.md"


def _exists(config: Any, page: str) -> bool:
    return (Path(config.docs_dir) / page).is_file()
