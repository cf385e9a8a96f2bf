"""The page of an error on the site: the exact message as its title, then cause, how to see it, and how to mend it."""

from __future__ import annotations

from labs import lessons
from labs.repairs.scenario import Scenario


def error_page(scenario: Scenario) -> str:
    """The page as markdown. Its links are those of `errors/<slug>.md`, beside the folder of lesson pages."""
    lesson = lessons.find(scenario.lesson)
    return "\n".join(
        (
            "---",
            f"title: '{_quoted(scenario.words)}'",
            f"description: '{_quoted(scenario.title)}: cause, how to see it, how to mend it.'",
            "---",
            "",
            f"# `{scenario.words}`",
            "",
            scenario.page.strip(),
            "",
            "## Where you meet it",
            "",
            f"Lesson {lesson.number}, [{lesson.title}](../lessons/{lesson.file_stem}.md), shows what is behind it. "
            f"`labs mend {scenario.slug}` breaks a registry in this way, for you to mend: in a terminal, "
            "or in the notebook `70-repair-shop.ipynb`.",
            "",
        )
    )


def error_list(scenarios: list[Scenario], folder: str = "errors") -> str:
    """A list of pages that are in a folder, for another page."""
    items = (f"- [`{each.words}`]({folder}/{each.slug}.md): {each.title}" for each in scenarios)
    return "\n".join(items) + "\n"


def _quoted(text: str) -> str:
    """Text within single quotes of YAML."""
    return text.replace("'", "''")
