"""What is quoted of the log of a container that has ended."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from labs.lesson.observation import last_words

PARSING = "configuration error: error parsing config.yml: yaml: unmarshal errors:"
WRONG = "  line 1: cannot unmarshal !!bool `true` into configuration.Parameters"
USAGE = "Usage:\n  registry serve <config> [flags]\n\nFlags:\n  -h, --help   help for serve"


def ended(log: str) -> Any:
    return SimpleNamespace(logs=lambda tail: "\n".join(log.splitlines()[-tail:]).encode())


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (f"{PARSING}\n{WRONG}\n{USAGE}", f"{PARSING}\n{WRONG}"),
        ("one\npanic: no\n\ngoroutine 1", "panic: no"),
        ("one\ntwo", "two"),
    ],
    ids=["what is wrong in a file is below", "a panic", "the last line"],
)
def test_last_words_say_why_it_ended(log: str, words: str) -> None:
    assert last_words(ended(log)) == words
