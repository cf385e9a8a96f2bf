"""A toy course of one lesson: its kernel is real, and it needs no engine."""

from __future__ import annotations

import shutil
from pathlib import Path

from labs.builder import LessonFiles, lessons

COURSE = Path(__file__).parents[2]

TOY = '''\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] id="title"
# # Say hello
#
# You will see a word on the screen. It takes `two` minutes.

# %% id="tools"
class lab:
    """What `labs.open` gives, cut down to a check that looks at one name."""
    def check(exercise, **answers):
        done = answers.get("greeting") is not None
        print(exercise, "passed" if done else "not attempted")


# %% [markdown] id="do"
# Print it.

# %% id="hello"
print("hi")
print("digest sha256:" + "ab" * 32)

# %% [markdown] id="hello-twin"
# What you saw came from Python.
#
# <details><summary>The same with docker</summary>
#
# ```bash
# docker run --rm busybox echo hi
# ```
#
# </details>

# %% id="value"
{"port": 5000, "made": object()}

# %% [markdown] id="ask"
# ## Exercise
#
# <details><summary>Where to look</summary>
#
# At the letters.
#
# </details>

# %% id="answer-1-1"
greeting = None
### BEGIN SOLUTION
greeting = "good morning, dear registry"
print(greeting)
### END SOLUTION

# %% [markdown] id="answer-1-1-twin" tags=["solution"]
# <details><summary>The same with docker</summary>
#
# ```bash
# echo good morning
# ```
#
# </details>

# %% id="check-1-1"
lab.check("1.1", greeting=greeting)

# %% id="break-it" tags=["raises-exception"]
raise ValueError("no such word")
'''


def write_course(root: Path, text: str) -> LessonFiles:
    """Write a course of one lesson, and return the lesson's files."""
    (root / "solutions").mkdir(parents=True)
    shutil.copy(COURSE / "solutions" / "sanitize.cfg", root / "solutions")
    (root / "solutions" / "01-say-hello.py").write_text(text)
    return lessons(root)[0]
