"""What an instructor changes in grades: points by hand and comments, and penalties for late days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.grading.adjustments.adjusting import Adjustments
else:
    __getattr__ = on_first_use(__name__, {"labs.grading.adjustments.adjusting": ("Adjustments",)})

__all__ = ["Adjustments"]
