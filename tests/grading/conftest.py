"""The toy course and an empty folder of submissions, for every test of grading."""

from tests.grading.toy import handout, top

__all__ = ["handout", "top"]
