"""The drawing of a login: the same in words, well-formed, within its width."""

from __future__ import annotations

from xml.etree import ElementTree

from labs.views.login import login_flow


def test_login_flow_text_tells_each_message_in_order() -> None:
    lines = login_flow().text.splitlines()
    assert [line.split()[0] for line in lines] == [str(n) for n in range(1, len(lines) + 1)]
    assert lines[0] == " 1 you -> engine: user and password"
    assert lines[6] == " 7 you: keep it for host:port"


def test_login_flow_draws_each_message_and_is_labeled() -> None:
    view = login_flow()
    picture = ElementTree.fromstring(str(view.html)).find("svg")
    assert picture is not None
    assert picture.get("role") == "img"
    words = [text.text for text in picture.findall("text")]
    assert words[:3] == ["you", "engine", "registry"]
    assert len(words) == 3 + len(view.text.splitlines())
    assert str(picture.get("aria-label")).count(";") == len(view.text.splitlines()) - 1


def test_login_flow_stays_in_its_width_and_takes_the_color_of_the_text() -> None:
    html = str(login_flow().html)
    picture = ElementTree.fromstring(html).find("svg")
    assert picture is not None
    width = float(str(picture.get("viewBox")).split()[2])
    for line in picture.findall("line"):
        assert 0 <= float(line.attrib["x1"]) <= width
        assert 0 <= float(line.attrib["x2"]) <= width
    assert "currentColor" in html
    assert "#" not in html
