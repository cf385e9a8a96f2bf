"""Feedback pages: everything is escaped, nothing is loaded, and each verdict has its cell."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from labs.grading import Mark, Submission
from labs.grading.models import MARK_OUTCOMES, result_without_run
from labs.grading.reports.feedback import index, page
from tests.grading.reports.test_gradebook import EVIL, graded, not_graded
from tests.grading.submissions.test_folder import NAMES
from tests.grading.toy import COUNT

OWN = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "header",
    "section",
    "h1",
    "h2",
    "h3",
    "p",
    "span",
    "strong",
    "bdi",
    "ul",
    "li",
}
OWN |= {"pre", "code", "div", "table", "thead", "tbody", "tr", "th", "td", "a"}
INJECTIONS = [
    "<script>alert(1)</script>",
    "</code></pre><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<!--",
    "]]><svg/onload=alert(1)>",
    "</title><script>",
    "</style><script>",
    "&lt;script&gt;&#60;script&#62;",
    "javascript:alert(1)",
    EVIL,
    "\u202e\x00\x1b]0;x\x07",
    *NAMES,
]


class Parsed(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.words, self._open = [], [], "", []
        self.feed(html)
        assert self._open == [], "a tag is open at the end"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *each) for each in attrs]
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.words += data


def demand_harmless(html):
    parsed = Parsed(html)
    assert set(parsed.tags) <= OWN
    assert not [
        name for _, name, _ in parsed.attributes if name.startswith("on") or name == "style"
    ]
    loading = [each for each in parsed.attributes if each[1] in ("src", "href", "action", "srcset")]
    assert not [each for each in loading if not re.fullmatch(r"[\w./-]+\.html", each[2])]
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", html)
    return parsed


@pytest.mark.parametrize("text", INJECTIONS)
def test_hostile_text_anywhere_runs_nothing(text):
    sent, result = graded("ann", value=text, choice=text)
    mark = Mark("1.1", text, 0, 3, "not yet", text, text, "answer-1-1")
    result = replace(result, student=text, marks=(mark,), remarks=(text,), problem=text)
    parsed = demand_harmless(page(sent, result, COUNT))
    assert "script" not in parsed.tags
    assert "img" not in parsed.tags


@pytest.mark.parametrize("text", INJECTIONS)
def test_hostile_text_in_the_index_runs_nothing(text):
    result = graded("ann")[1]
    parsed = demand_harmless(index([(text, "folder-1", {"count-days": result})], ["count-days"]))
    assert ("a", "href", "folder-1/count-days.html") in parsed.attributes


def test_policy_allows_the_pages_own_style_alone():
    html = page(*graded("ann"), COUNT)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'",
        policy,
    )
    assert "url(" not in html
    assert "@import" not in html


def test_page_shows_verdict_message_hint_cell_and_source():
    sent, result = graded("ann", value="value = 8 < 9", choice="# só\nchoice = 'a'")
    words = Parsed(page(sent, result, COUNT)).words
    for text in (
        *("Count days", "For ann", "0 of 4 points", "1.1 Seven", "not attempted, 0 of 3 points"),
        *("1.2 Which <letter>?", "not yet, 0 of 1 point", "Not <this>."),
        *("Your answer, in the cell answer-1-1", "value = 8 < 9", "# só\nchoice = 'a'"),
    ):
        assert text in words


def test_hint_of_a_check_is_shown():
    words = Parsed(page(*graded("ann", value="value = 8"), COUNT)).words
    assert "saw 8, wanted 7" in words
    assert "Hint: it is the number of days in a week" in words


@pytest.mark.parametrize("outcome", MARK_OUTCOMES)
def test_every_outcome_is_said_in_words(outcome):
    sent, result = graded("ann")
    status = "not graded" if outcome == "not graded" else "graded"
    mark = Mark("1.1", "Seven", 3 if outcome == "passed" else 0, 3, outcome, cell="answer-1-1")
    words = Parsed(page(sent, replace(result, marks=(mark,), status=status), COUNT)).words
    assert outcome in words
    assert ("not a zero" in words) == (outcome == "not graded")
    assert ("ended before this check" in words) == (outcome == "not reached")


def test_answer_that_is_missing_is_said():
    sent, result = graded("ann")
    sent = replace(sent, answers={"answer-1-2": "choice = 'b'"})
    assert "no answer of yours in the cell answer-1-1" in Parsed(page(sent, result, COUNT)).words


def test_problem_and_remarks_are_shown():
    sent, result = graded("ann")
    words = Parsed(page(sent, replace(result, problem="cut off", remarks=("odd",)), COUNT)).words
    assert "cut off" in words
    assert "About your file" in words


@pytest.mark.parametrize("text", INJECTIONS)
def test_error_of_an_answers_cell_is_shown_escaped(text):
    html = page(*graded("ann"), COUNT, {"answer-1-1": f"NameError: {text}"})
    demand_harmless(html)
    assert html.count("ended with: NameError:") == 1


def test_problem_is_said_once():
    sent = Submission("ann", COUNT.slug, "", problem="it was cut off")
    words = Parsed(page(sent, result_without_run(sent, COUNT), COUNT)).words
    assert words.count("cut off") == 1
    assert "Your answer" not in words


def test_index_says_points_or_that_there_are_none():
    rows = [
        ("ann", "ann", {"count-days": graded("ann")[1]}),
        ("bob", "bob", {"count-days": not_graded("bob")[1]}),
        ("eve", "eve", {}),
    ]
    parsed = demand_harmless(index(rows, ["count-days"]))
    assert "3 of 4" in parsed.words
    assert "not graded" in parsed.words
    assert "eve" in parsed.words
