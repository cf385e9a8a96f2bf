"""What holds for every view, and what each alone must tell."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from labs import views
from labs.lesson import Lesson, LessonError, Tried, Verdict
from labs.lesson.shown import Asked, RequestTable
from labs.views.html import tag
from labs.views.question import QuestionView
from tests.views import samples

ROOT = Path(__file__).parents[2]
VOID = {"br", "hr", "img", "input", "wbr"}


@pytest.fixture(params=samples.everything(), ids=lambda shown: type(shown).__name__)
def shown(request):
    return request.param


class Balance(HTMLParser):
    """Notes elements that are not closed in order, and scripts."""

    def __init__(self):
        super().__init__()
        self.stack, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag


def parsed(html):
    parser = Balance()
    parser.feed(html)
    parser.close()
    assert parser.stack == []
    return parser.seen


def test_bundle_holds_the_text_that_stands_alone(shown):
    bundle = views.view(shown)._repr_mimebundle_()
    assert bundle["text/plain"] == shown.text == str(views.view(shown))


def test_html_is_well_formed_escaped_and_asks_no_other_host(shown):
    html = str(views.view(shown).html)
    elements = parsed(html)
    assert "script" not in {tag for tag, _ in elements}
    assert not re.search(r"https?:|url\(|@import|src=", html)
    assert "\n\n" not in html, "an empty line ends HTML in markdown"


def test_no_text_of_a_view_is_math(shown):
    html = re.sub(r"<style>.*?</style>", "", str(views.view(shown).html), flags=re.DOTALL)
    # MathJax looks for the delimiters in the text of one element; attributes have no text.
    texts = [text for text in re.findall(r">([^<]*)<", html) if len(text) > 1]
    assert [text for text in texts if "$" in text or "\\" in text] == []


@pytest.mark.parametrize(
    "words", ["$6$ and $$x$$", r"\(x\)", r"\[x\]", r"\begin{x}y\end{x}", r"C:\x"]
)
def test_text_with_math_is_whole_for_a_reader_and_in_attributes(words):
    html = tag("p", words, title=words) + tag("text", words)
    assert f'title="{words}"' in html
    assert re.sub(r"<[^>]*>", "", html) == 2 * words
    assert "<p" in html
    assert "span" in html.partition("<text>")[0]
    assert not re.search("<span", html.partition("<text>")[2]), "SVG has no span"


def test_same_data_gives_the_same_bytes(shown):
    assert views.view(shown).html == views.view(shown).html
    assert not re.search(r"0x[0-9a-f]+", views.view(shown).html)


@pytest.mark.process
def test_html_is_the_same_in_other_processes():
    code = "from labs import views; from tests.views import samples\n"
    code += "print([views.view(shown).html for shown in samples.everything()])"
    outs = set()
    for seed in "12":
        env = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", code]
        outs.add(subprocess.run(command, capture_output=True, check=True, env=env).stdout)
    assert len(outs) == 1


@pytest.mark.parametrize("outcome", ["passed", "not yet", "not attempted", "unavailable"])
def test_verdict_tells_its_outcome_in_words_and_to_a_screen_reader(outcome):
    html = views.view(Verdict("1.2", outcome, "seen")).html
    root = parsed(html)[0][1]
    assert (root["role"], root["aria-label"]) == ("status", f"Check 1.2: {outcome}")
    assert f"</span> {outcome}</strong>" in html
    assert "seen" in html


def test_verdict_folds_its_hint():
    assert "details" not in views.view(Verdict("1.2", "not yet", "seen")).html
    html = views.view(Verdict("1.2", "not yet", "seen", "look there")).html
    assert "<summary>Hint</summary><div>look there</div>" in html


def test_report_draws_bars_with_names():
    seen = parsed(views.view(samples.everything()[7]).html)
    bars = [attributes for tag, attributes in seen if tag == "progress"]
    assert [bar["value"] + "/" + bar["max"] for bar in bars] == ["1/2", "1/2"]
    assert all(bar["aria-label"] == "Toy: 1 of 2 passed" for bar in bars)


def test_tree_text_pairs_links_with_blobs():
    assert samples.tree().text.splitlines() == [
        "/var/lib/registry",
        "  repositories/app",
        "    tag v1 -> blob 1",
        "    manifest -> blob 1",
        "    layer -> blob 2",
        "    layer -> no blob: it was deleted",
        "  blobs",
        f"    blob 1: 2 links, 525 bytes, sha256:{'a' * 64}",
        f"    blob 2: 1 link, 1 byte, sha256:{'b' * 64}",
    ]


def test_tree_gives_a_pair_one_class():
    html = views.view(samples.tree()).html
    classes = [attributes.get("class", "") for _, attributes in parsed(html)]
    assert (classes.count("labs-blob-1"), classes.count("labs-blob-2")) == (3, 2)
    assert ".labs-storage:has(.labs-blob-2:hover) .labs-blob-2{" in html


def question_view(check):
    return QuestionView(Asked(samples.question(), check))


def test_question_button_judges_the_choice_and_draws_the_verdict():
    chosen = []
    view = question_view(lambda choice: chosen.append(choice) or Tried("1.4", True, False, "yes"))
    _, radio, button, result, note, _ = view.widget.children
    assert "only the cell counts" in note.value
    button.click()
    radio.value = "b"
    button.click()
    assert chosen == ["", "b"]
    assert "Try 1.4: right, not written yet" in result.value
    assert "passed" not in result.value
    assert "not attempted" not in result.value


def test_question_whose_check_raises_shows_the_words():
    def check(_):
        raise LessonError("gone <b>", hint="open it")

    assert "gone &lt;b&gt;" in question_view(check).answer("a")


def test_question_bundle_has_a_widget_and_stable_forms():
    bundle = question_view(None)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "VBox" not in bundle["text/plain"]


def test_show_outside_a_notebook_prints_the_text(capsys):
    views.show(Verdict("1.2", "passed"))
    assert capsys.readouterr().out == "1.2 passed\n"


@pytest.mark.parametrize("error", [None, RuntimeError, KeyboardInterrupt])
def test_opening_outside_a_notebook_tells_steps_on_stderr(capsys, error):
    lesson = Lesson(1, "toy", "Toy", 5, "")

    def work():
        with views.opening(lesson) as say:
            say("node1: starting")
            if error:
                raise error

    if error:
        with pytest.raises(error):
            work()
    else:
        work()
    last = "It could not be opened." if error else "Ready after 0.0 s."
    assert capsys.readouterr().err == f"node1: starting\n{last}\n"


def test_request_table_has_a_column_for_each_server_and_one_scale_for_all_bars():
    table = samples.request_table()
    html = str(views.view(table).html)
    widths = re.findall(r"width: ([\d.]+)em; height", html)
    assert [float(width) for width in widths] == [3.5, 7.0]
    assert "1 x, 1,000 bytes" in html
    assert table.totals == ("2 requests, 1,000 bytes", "3 requests, 2,000 bytes")
    *_, last = table.text.splitlines()
    assert last.split("  ")[0] == "together"


def test_request_table_without_requests_says_so_for_each_server():
    empty = RequestTable(("cache", "hub"), ())
    assert empty.totals == ("0 requests, no bytes of blobs",) * 2
