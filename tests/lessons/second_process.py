"""A second process: for each request on standard input it finds the playground again, judges and prints the verdict."""

from __future__ import annotations

import json
import sys

from labs import lessons
from labs import playground as playgrounds
from labs.lesson import judge


def main() -> None:
    """Answer one line with one line until the input ends."""
    for line in sys.stdin:
        slug, exercise, answers = json.loads(line)
        lesson = lessons.find(slug)
        size = {"nodes": lesson.nodes, "managers": lesson.managers, "workers": lesson.workers}
        playground = playgrounds.find(slug, ports=lesson.ports, **size)
        print(json.dumps(judge(lesson.task(exercise), playground, answers).to_json()), flush=True)


if __name__ == "__main__":
    main()
