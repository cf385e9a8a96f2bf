"""A box of widgets: what JupyterLab saves of it, and what it says once its kernel is gone."""

from __future__ import annotations

import ipywidgets

from labs.views.kept_widgets import kept


def test_box_ends_in_what_to_do_and_its_style():
    text, button = ipywidgets.HTML("a"), ipywidgets.Button(description="Try")
    box = kept([text, button], "Run <this> again.")
    *parts, note = box.children
    assert parts == [text, button]
    assert "Run &lt;this&gt; again." in note.value
    # Without it the line would be shown beside a live kernel too.
    assert ".labs-kept-note { display: none }" in note.value
    assert "labs-kept-note" in note._dom_classes
    assert "labs-kept" in box._dom_classes
