"""Cases of lesson 13: for each exercise what is right, what is blank, what is wrong. TODO: see check-lesson."""

from __future__ import annotations

from labs.playground import Playground
from tests.lessons.actions import nothing
from tests.lessons.cases import Blank, Right, Table


def pulled(playground: Playground) -> None:
    playground.node(1).docker.images.pull("hello-world", tag="latest")


CASES: Table = {
    "13.1": [Right(pulled), Blank(nothing, "TODO: pull hello-world")],
    "13.2": [],
}
