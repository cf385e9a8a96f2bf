"""Makes every file of grades from results alone: tables, feedback pages, JUnit XML, run.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.grading.reports import gradebook
    from labs.grading.reports.escaping import sanitize_line, spreadsheet_cell
    from labs.grading.reports.run_info import describe_run
    from labs.grading.reports.tables import number
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.grading.reports": ("gradebook",),
            "labs.grading.reports.escaping": ("sanitize_line", "spreadsheet_cell"),
            "labs.grading.reports.run_info": ("describe_run",),
            "labs.grading.reports.tables": ("number",),
        },
    )

__all__ = [
    "describe_run",
    "gradebook",
    "number",
    "sanitize_line",
    "spreadsheet_cell",
]
