"""A watch outside a browser: its thread draws, and ends in every way that it should."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from labs import views
from labs.lesson.swarm_watch import SwarmWatch
from labs.views import live_swarm as live
from labs.waiting import wait_until
from tests.views import swarms

ROOT = Path(__file__).parents[2]


class Looks:
    """What a watch looks at; set by each test."""

    def __init__(self):
        self.now, self.count, self.closed = swarms.whole(), 0, 0

    def __call__(self):
        self.count += 1
        return self.now

    def close(self):
        self.closed += 1


@pytest.fixture
def looks(monkeypatch):
    monkeypatch.setattr(live, "_EVERY_S", 0.01)
    return Looks()


@pytest.fixture
def watch(looks):
    watch = SwarmWatch(looks, looks.close)
    yield watch
    watch.end(wait_s=5)


def running():
    return [thread for thread in threading.enumerate() if thread.name == "labs-watch"]


def parts(view):
    head, body, button, _ = view.widget.children
    return head.value, body.value, button


def test_watch_draws_what_changes(watch, looks):
    view = views.view(watch)
    assert "5 of 5 nodes ready" in parts(view)[0]
    looks.now = swarms.broken()
    wait_until(lambda: "stopped" in parts(view)[1], "the new drawing")
    assert "2 of 8" not in parts(view)[0]
    assert "3 of 8 nodes ready" in parts(view)[0]


def test_watch_that_sees_no_change_sends_nothing(watch, looks):
    view = views.view(watch)
    sent = []
    for part in view.widget.children[:2]:
        part.observe(sent.append, "value")
    before = looks.count
    wait_until(lambda: looks.count > before + 5, "more looks")
    assert sent == []


def test_button_ends_the_watch_and_says_so(watch, looks):
    view = views.view(watch)
    button = parts(view)[2]
    button.click()
    wait_until(lambda: not running(), "the thread to end")
    assert (button.disabled, looks.closed) == (True, 1)
    assert "Not live" in button.description
    seen = looks.count
    watch.pause(0.1)
    assert looks.count == seen


def test_watch_ends_when_its_output_is_gone(watch, looks, monkeypatch):
    monkeypatch.setattr(live, "_GONE_S", 0.2)
    box = views.view(watch).widget
    box._view_count = 1
    before = looks.count
    wait_until(lambda: looks.count > before + 3, "more looks")
    assert not watch.over
    box._view_count = 0
    wait_until(lambda: watch.over, "the end")
    wait_until(lambda: looks.closed, "its clients to be closed")


def test_watch_that_nobody_sees_looks_no_more_until_somebody_does(watch, looks, monkeypatch):
    monkeypatch.setattr(live, "_UNSEEN_S", 0.0)
    box = views.view(watch).widget
    watch.pause(0.1)
    seen = looks.count
    watch.pause(0.2)
    assert looks.count == seen
    assert not watch.over
    box._view_count = 1
    wait_until(lambda: looks.count > seen, "looks again")


def test_watch_that_is_not_shown_closes_what_it_looks_with(looks):
    watch = SwarmWatch(looks, looks.close)
    watch.end()
    assert (looks.closed, running()) == (1, [])


def test_show_outside_a_notebook_prints_the_swarm_once(watch, looks, capsys):
    views.show(watch)
    assert capsys.readouterr().out == swarms.whole().text + "\n"
    assert (looks.count, running()) == (1, [])


@pytest.mark.process
def test_interpreter_ends_with_a_watch_running():
    code = (
        "from labs import views; from labs.lesson import swarm_watch; from tests.lesson import test_swarm_watch\n"
        "watch = swarm_watch.start(test_swarm_watch.toy()); views.view(watch).widget; print('ends')"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=env,
        timeout=60,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("ends\n", "")
