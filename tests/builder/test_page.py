"""A lesson's page: markdown that Python-Markdown turns into folds, tabs and outputs."""

from __future__ import annotations

import re
from pathlib import Path

import markdown
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from labs.builder import BuildError, LessonFiles, page
from labs.builder.selfcontained import is_self_contained

pytestmark = pytest.mark.process

EXTENSIONS = ["admonition", "attr_list", "md_in_html", "meta"]
EXTENSIONS += ["pymdownx.details", "pymdownx.superfences", "pymdownx.tabbed"]
ABOUT = page.About("A title", 'With "quotes" and: colons', 30)


def html_of(text: str) -> str:
    settings = {"pymdownx.tabbed": {"alternate_style": True}}
    return markdown.markdown(text, extensions=EXTENSIONS, extension_configs=settings)


def words_of(html: str) -> str:
    """Return the text of a page, without the spans that color its code."""
    return re.sub(r"</?span[^>]*>", "", html)


def shown(*cells: NotebookNode) -> str:
    lesson = new_notebook(cells=[new_markdown_cell("# A title", id="title"), *cells])
    return page.text(lesson, ABOUT, "01-a.ipynb")


def result(**data: str) -> NotebookNode:
    mimes = {"html": "text/html", "svg": "image/svg+xml", "plain": "text/plain"}
    return new_output("display_data", data={mimes[k]: v for k, v in data.items()})


def test_page_has_head_title_and_download(made: LessonFiles) -> None:
    lines = made.page.read_text().splitlines()
    assert lines[:3] == [
        "---",
        'title: "Say hello"',
        'description: "You will see a word on the screen. It takes two minutes."',
    ]
    assert "[Download this notebook](01-say-hello.ipynb){ .md-button download }" in lines
    assert made.page.with_suffix(".ipynb").read_bytes() == made.student.read_bytes()


def test_page_head_takes_what_the_lessons_package_says() -> None:
    assert shown().startswith(
        '---\ntitle: "A title"\ndescription: "With \\"quotes\\" and: colons"\nminutes: 30\n---\n'
    )


def test_page_shows_twins_as_tabs_and_outputs_after_them(made: LessonFiles) -> None:
    html = words_of(html_of(made.page.read_text()))
    tabs = html.index('<div class="tabbed-set')
    assert '<label for="__tabbed_1_1">Docker SDK</label>' in html
    assert '<label for="__tabbed_1_2">docker command</label>' in html
    assert tabs < html.index("docker run --rm") < html.index("digest sha256:[digest]")
    assert "What you saw came from Python." in html


def test_page_names_the_tool_of_a_twin_on_its_tab() -> None:
    twin = (
        "<details><summary>The same with {0}</summary>\n\n```bash\n{0} version\n```\n\n</details>\n"
    )
    cells = [
        new_code_cell("ask()", id="ask"),
        new_markdown_cell(twin.format("curl"), id="ask-twin"),
    ]
    html = html_of(shown(*cells))
    assert ">Python</label>" in html
    assert ">curl command</label>" in html
    cells[1].source += twin.format("docker")
    html = html_of(shown(*cells))
    assert [
        f">{name}</label>" in html for name in ("Docker SDK", "docker command", "curl command")
    ] == [True, True, True]


def test_page_folds_the_answer_its_twin_and_its_output(made: LessonFiles) -> None:
    html = words_of(html_of(made.page.read_text()))
    fold = html[html.index('<details class="success">') :].split("</details>")[0]
    assert "good morning, dear registry" in fold
    assert "echo good morning" in fold
    assert "BEGIN SOLUTION" not in html
    assert "good morning" not in html.replace(fold, "")


def test_page_shows_what_is_given_beside_an_answer(made: LessonFiles) -> None:
    html = words_of(html_of(made.page.read_text()))
    fold = html[html.index('<details class="success">') :].split("</details>")[0]
    assert "greeting = None" in html
    assert "greeting = None" not in fold


def test_page_shows_the_view_of_a_question_and_folds_its_choice() -> None:
    code = 'lab.question("1.4")\nchoice = None\n### BEGIN SOLUTION\nchoice = "b"\n### END SOLUTION'
    asked = new_code_cell(code, id="answer-1-4", outputs=[result(html="<p>which?</p>")])
    html = words_of(html_of(shown(asked)))
    assert html.index("which?") < html.index("<details") < html.index('choice = "b"')


def test_page_links_to_the_pages_of_lessons() -> None:
    text = new_markdown_cell("Next: [two](02-two.ipynb), [three](03-three.ipynb#a).", id="next")
    assert "Next: [two](02-two.md), [three](03-three.md#a)." in shown(text)
    assert "](01-a.ipynb)" in shown(text)


def test_page_links_to_the_other_pages_of_the_site() -> None:
    text = new_markdown_cell("See [words](../site/glossary.md#tag), [x](../site/x-y.md).", id="see")
    assert "See [words](../glossary.md#tag), [x](../x-y.md)." in shown(text)


def test_page_names_a_file_that_is_not_on_the_site() -> None:
    text = new_markdown_cell("Read [labs/a/b_c.py](../labs/a/b_c.py) now.", id="see")
    assert "Read `labs/a/b_c.py` now." in shown(text)


def test_page_folds_other_details(made: LessonFiles) -> None:
    html = html_of(made.page.read_text())
    assert "<summary>Where to look</summary>\n<p>At the letters.</p>" in html


def test_page_shows_the_verdict_and_the_error(made: LessonFiles) -> None:
    html = html_of(made.page.read_text())
    assert "1.1 passed" in html
    assert "ValueError: no such word" in html


def test_page_keeps_a_view_as_html_whole() -> None:
    view = '<div class="card">\n    <b>1.1</b>\n\n    *stars* and _lines_\n</div>'
    cell = new_code_cell("view", id="v", outputs=[result(html=view, plain="text form")])
    html = html_of(shown(cell))
    assert "<b>1.1</b>" in html
    assert "*stars* and _lines_" in html
    assert "text form" not in html


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>",
        '<img src="https://example.org/a.png">',
        '<p onclick="x()">a</p>',
        "<style>@import 'a.css'</style>",
        '<p style="background: url(http://example.org/a)">a</p>',
        '<link rel="stylesheet" href="a.css">',
        '<a href="javascript:x()">a</a>',
        '<svg><use href="other.svg#a"/></svg>',
    ],
)
def test_page_shows_text_where_html_fetches_or_runs(bad: str) -> None:
    assert not is_self_contained(bad)
    cell = new_code_cell("view", id="v", outputs=[result(html=bad, plain="text form")])
    text = shown(cell)
    assert bad not in text
    assert "text form" in text


@pytest.mark.parametrize(
    "good",
    [
        '<a href="https://example.org">read</a>',
        '<img src="data:image/png;base64,AAAA">',
        '<svg><use href="#a"/></svg>',
        '<p style="fill: url(#gradient)">one</p>',
    ],
)
def test_self_contained_lets_links_and_data_be(good: str) -> None:
    assert is_self_contained(good)


def test_page_takes_the_svg_where_html_is_not_self_contained() -> None:
    output = result(html="<script></script>", svg="<svg><text>tree</text></svg>", plain="t")
    html = html_of(shown(new_code_cell("view", id="v", outputs=[output])))
    assert "<svg><text>tree</text></svg>" in html


def test_page_fences_output_that_holds_a_fence() -> None:
    cell = new_code_cell("x", id="x", outputs=[result(plain="```\nnot code\n```")])
    assert "````{ .text .output .no-copy }\n```\nnot code\n```\n````" in shown(cell)


def test_page_leaves_colors_out() -> None:
    cell = new_code_cell("x", id="x", outputs=[result(plain="\x1b[31mred\x1b[0m")])
    assert "\nred\n" in shown(cell)


def test_page_of_a_lesson_without_title_is_refused(tmp_path: Path) -> None:
    from labs.builder import source

    (tmp_path / "01-a.ipynb").write_text(
        source.ipynb_text(new_notebook(cells=[new_markdown_cell("text", id="a")]))
    )
    with pytest.raises(BuildError, match="has no title"):
        page.write(tmp_path / "01-a.ipynb", tmp_path)
