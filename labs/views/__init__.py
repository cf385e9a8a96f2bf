"""How what a lesson shows looks in a notebook. `labs.open` hands `show` down to the lesson."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labs.lesson import (
    Answer,
    Asked,
    Conversation,
    Hint,
    ProgressReport,
    RequestTable,
    Shown,
    SwarmMap,
    SwarmWatch,
    Tree,
    Tried,
    Verdict,
)
from labs.views.cards import answer_view, hint_view, tried_view, verdict_view
from labs.views.conversation import conversation_view
from labs.views.error_display import short_tracebacks
from labs.views.html import View, code_block, in_notebook
from labs.views.live_swarm import SwarmWatchView
from labs.views.notebook_kernel import ignore_host_settings
from labs.views.progress_table import report_view
from labs.views.question import QuestionView
from labs.views.request_table import request_table_view
from labs.views.status import opening, opening_of
from labs.views.storage_tree import tree_view
from labs.views.swarm_drawing import swarm_view

__all__ = [
    "View",
    "ignore_host_settings",
    "opening",
    "opening_of",
    "short_tracebacks",
    "show",
    "view",
]

_VIEWS: dict[type, Callable[[Any], View]] = {
    Answer: answer_view,
    Asked: QuestionView,
    Conversation: conversation_view,
    Hint: hint_view,
    ProgressReport: report_view,
    RequestTable: request_table_view,
    SwarmMap: swarm_view,
    Tree: tree_view,
    Tried: tried_view,
    Verdict: verdict_view,
    SwarmWatch: SwarmWatchView,
}


def view(shown: Shown) -> View:
    """The view of anything that a lesson shows; of what has none of its own, its text."""
    make = _VIEWS.get(type(shown))
    return make(shown) if make else View(shown.text, code_block(shown.text))


def show(shown: Shown) -> None:
    """Display it in a notebook, print its text anywhere else."""
    if not in_notebook():
        print(shown.text)
        return
    # Imported here, since commands and kernels without a notebook use this module and have no need of IPython.
    from IPython.display import display

    display(view(shown))
