"""A question to click on. Its text and HTML forms need no kernel.

A click says whether a choice is right and what to write into the cell. It is not an answer: clicks are not saved.

What is said of it is put into an HTML widget and not an Output one: nbval cannot compare what an Output
captured.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from labs.errors import LabsError
from labs.lesson import Asked, Question
from labs.views.cards import tried_view
from labs.views.html import Html, View, join, prose, tag
from labs.views.kept_widgets import kept

if TYPE_CHECKING:
    import ipywidgets


class QuestionView(View):
    """A question whose choices can be clicked where there is a kernel."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked.text, _static(asked.question))
        object.__setattr__(self, "asked", asked)

    asked: Asked

    @cached_property
    def widget(self) -> ipywidgets.VBox:
        """The buttons; made when they are first drawn."""
        import ipywidgets

        question = self.asked.question
        options = [
            # Labels of a radio button are plain text.
            (f"{name}. {words}".replace("`", ""), name)
            for name, words in question.choices.items()
        ]
        # value=None: by default the first choice would be selected, as if the student had answered.
        radio = ipywidgets.RadioButtons(options=options, value=None, layout={"width": "auto"})
        button = ipywidgets.Button(description="Try", tooltip=f"Try this answer to {question.id}")
        result = ipywidgets.HTML()
        button.on_click(lambda _: setattr(result, "value", self.answer(radio.value)))
        title = ipywidgets.HTML(tag("strong", prose(f"{question.id} {question.title}")))
        write = 'Try an answer here. Then write it into the cell, as `choice = "…"`: only the cell counts.'
        note = ipywidgets.HTML(tag("div", prose(write)))
        return kept([title, radio, button, result, note], "To try an answer, run this cell again.")

    def answer(self, choice: str | None) -> Html:
        """Judge a choice and draw what is said of it."""
        try:
            return tried_view(self.asked.check(choice or "")).html
        # A callback of a widget has no cell: an error that it raises would be seen in the log only.
        except LabsError as error:
            return tag("pre", str(error))

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        live: Any = self.widget._repr_mimebundle_()
        # The text and HTML last: they replace the widget's own text, `VBox(…)`, which nbval would compare.
        return {**live, **super()._repr_mimebundle_()}


def _static(question: Question) -> Html:
    """The question with its explanations folded, for pages without a kernel."""
    choices = (tag("li", prose(f"{name}. {words}")) for name, words in question.choices.items())
    why = (
        tag("li", prose(f"{name}. {'Right' if name == question.right else 'No'}: {words}"))
        for name, words in question.why.items()
    )
    plain = "list-style: none; padding-left: 1em"
    return tag(
        "div",
        tag("strong", prose(f"{question.id} {question.title}")),
        tag("ul", join(choices), style=plain),
        tag("details", tag("summary", "Answer"), tag("ul", join(why), style=plain)),
    )
