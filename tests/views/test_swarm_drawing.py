"""The drawing of a swarm: what its text and its HTML tell, and that colors tell nothing alone."""

import re

import pytest

from labs import views
from tests.views import swarms
from tests.views.test_views import parsed


def plain(html):
    """What is read aloud: the HTML without its elements, and without what is hidden."""
    spoken = re.sub(r'<span aria-hidden="true">[^<]*</span>', "", html)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", spoken))


def cards(drawn):
    html = views.view(drawn).html
    return re.findall(r"<li><strong>.*?(?=<li><strong>|</ul><div|$)", html) or re.findall(
        r"<li style=[^>]*><strong>.*?(?=<li style=[^>]*><strong>|$)", html
    )


def test_text_tells_nodes_with_their_tasks_and_services():
    assert swarms.whole().text.splitlines() == [
        "Swarm: 5 of 5 nodes ready, quorum",
        "  node1  manager, leader, ready",
        "           edge running",
        "           nginx running",
        *(
            line
            for n in range(2, 6)
            for line in (
                f"  node{n}  manager, ready",
                "           edge running",
                "           nginx running",
            )
        ),
        "  service edge: 5 of 5 running, global, haproxy:3",
        "  service nginx: 5 of 5 running, 127.0.0.1:5000/nginx:latest, pinned by digest, completed",
    ]


def test_text_counts_tasks_that_are_alike_and_tells_errors():
    lines = [line.strip() for line in swarms.broken().text.splitlines()]
    assert "nginx × 2 running" in lines
    assert "nginx stopping" in lines
    assert "nginx preparing" in lines
    assert f"{swarms.EVIL} failed: {swarms.EVIL}" in lines
    assert lines[-1] == "waiting for a node: registry pending: no suitable node (1 node is full)"


def test_text_without_a_quorum_says_what_that_means():
    lines = swarms.headless().text.splitlines()
    assert lines[0] == "Swarm: 0 of 5 nodes ready, no quorum: nothing can be changed"
    assert lines[1] == "  node1  manager, stopped"
    assert "web running" in lines[5]


@pytest.mark.parametrize("drawn", [swarms.whole(), swarms.broken(), swarms.headless()])
def test_html_says_every_status_in_words(drawn):
    said = cards(drawn)
    assert len(said) == len(drawn.state.nodes)
    for card, member in zip(said, drawn.state.nodes, strict=True):
        words = plain(card)
        assert all(word in words for word in (member.name, member.role, member.status))
        assert ("leader" in words) == member.leader
        assert member.availability in ("active", "") or member.availability in words


def test_html_gives_each_status_a_shape_of_its_own():
    drawn = swarms.broken()
    shapes = {}
    for card, member in zip(cards(drawn), drawn.state.nodes, strict=True):
        symbol = re.findall(r'aria-hidden="true">([^<])<', card)[0]
        shapes.setdefault(symbol, set()).add(member.status)
    assert all(len(statuses) == 1 for statuses in shapes.values())
    assert set(shapes) == {"✓", "■", "✂", "▼", "⚠", "?"}


def test_html_is_escaped_and_well_formed():
    html = views.view(swarms.broken()).html
    assert "script" not in {tag for tag, _ in parsed(html)}
    assert "&lt;script&gt;" in html
    assert "no suitable node" in plain(html)


def test_html_of_the_same_swarm_in_other_slots_is_the_same():
    first, again = swarms.whole(), swarms.whole()
    for member in again.state.nodes:
        tasks = tuple(swarms.task(t.service, 9 - t.slot, t.node) for t in member.tasks)
        object.__setattr__(member, "tasks", tasks)
    assert views.view(first).html == views.view(again).html
    assert "@sha256" not in views.view(first).html
