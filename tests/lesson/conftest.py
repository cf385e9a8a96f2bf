"""A lesson and a playground of plain objects: what a check sees here is set by each test."""

from types import SimpleNamespace

import pytest

from labs.lesson import Exercise, Lesson, Progress, Question, not_attempted, not_yet, passed
from labs.lesson.lab import Lab


class Node:
    """As much of a node as a lesson's machinery touches."""

    def __init__(self, name="node1"):
        self.name = name
        self.fault = ""
        self.alive = True
        self.tags = None
        self.docker = SimpleNamespace()

    def answers(self):
        return self.alive

    def url(self, port):
        return f"http://127.0.0.1:{port}"

    def environment(self):
        return {"DOCKER_HOST": "tcp://127.0.0.1:2376", "DOCKER_CERT_PATH": "/a folder"}


class Playground:
    """One node, and how often it was reset."""

    slug = "toy"
    name = "labs-toy"

    def __init__(self):
        self.nodes = [Node()]
        self.resets = 0

    def node(self, number=1):
        return self.nodes[number - 1]

    def reset(self, say):
        say("made again")
        self.resets += 1

    def close(self):
        self.nodes = []


def check_tags(playground, answers):
    tags = playground.node(1).tags
    if tags is None:
        return not_attempted("push hello-world")
    if tags != ["latest"]:
        return not_yet(f'tags {tags}, wanted ["latest"]', hint=f"you pushed {tags}")
    return passed()


def check_answer(playground, answers):
    if "digest" not in answers:
        return not_attempted("give digest=")
    return passed() if answers["digest"] == "sha256:1" else not_yet("another digest")


@pytest.fixture
def playground():
    return Playground()


@pytest.fixture
def lesson():
    return Lesson(
        number=1,
        slug="toy",
        title="Toy",
        minutes=5,
        summary="",
        exercises=(
            Exercise("1.2", "Push", check_tags, ("look at the tags", "call push"), "answer-1-2"),
            Exercise("1.10", "Digest", check_answer, (), "answer-1-10"),
        ),
        questions=(
            Question(
                "1.3",
                "What holds tags?",
                {"a": "An engine", "b": "A repository"},
                "b",
                {"a": "An engine has images.", "b": "That is what it is for."},
            ),
        ),
    )


@pytest.fixture
def seen():
    return []


@pytest.fixture
def lab(lesson, playground, seen, tmp_path, monkeypatch):
    monkeypatch.setenv("LABS_COURSE", str(tmp_path))
    progress = Progress(tmp_path / "progress.json")
    return Lab(lesson, playground, show=seen.append, course=lambda: [lesson], progress=progress)
