"""Reads what students handed in, as data: nothing of it is run here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.grading.submissions.assembly import assemble, text_of
    from labs.grading.submissions.folder import lessons_of, list_folder, read_all
    from labs.grading.submissions.handout import Handout, check_cell
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.grading.submissions.assembly": (
                "assemble",
                "text_of",
            ),
            "labs.grading.submissions.folder": (
                "lessons_of",
                "list_folder",
                "read_all",
            ),
            "labs.grading.submissions.handout": (
                "Handout",
                "check_cell",
            ),
        },
    )

__all__ = [
    "Handout",
    "assemble",
    "check_cell",
    "lessons_of",
    "list_folder",
    "read_all",
    "text_of",
]
