"""What a lesson is made of and what a notebook calls. Single lessons are in `labs.lessons`."""

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.lesson.exercise import (
        JSON,
        Answers,
        Exercise,
        Finding,
        NamedCheck,
        Question,
        Task,
        not_attempted,
        not_yet,
        passed,
    )
    from labs.lesson.hints import next_hint
    from labs.lesson.judgment import judge, plain_json
    from labs.lesson.lab import Lab
    from labs.lesson.lesson import Lesson, LessonError
    from labs.lesson.progress import Progress, Standing, standing
    from labs.lesson.shown import (
        Answer,
        Asked,
        Conversation,
        Hint,
        Note,
        ProgressReport,
        RequestTable,
        Shown,
        Tree,
        Tried,
        count,
    )
    from labs.lesson.swarm_map import SwarmMap
    from labs.lesson.swarm_watch import SwarmWatch
    from labs.lesson.transfer import PullFailed, PushFailed, pull, push
    from labs.lesson.verdict import Outcome, Verdict
    from labs.lesson.workplace import Workplace
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.lesson.exercise": (
                "JSON",
                "Answers",
                "Exercise",
                "Finding",
                "NamedCheck",
                "Question",
                "Task",
                "not_attempted",
                "not_yet",
                "passed",
            ),
            "labs.lesson.hints": ("next_hint",),
            "labs.lesson.judgment": (
                "judge",
                "plain_json",
            ),
            "labs.lesson.lab": ("Lab",),
            "labs.lesson.lesson": (
                "Lesson",
                "LessonError",
            ),
            "labs.lesson.progress": (
                "Progress",
                "Standing",
                "standing",
            ),
            "labs.lesson.shown": (
                "Answer",
                "Asked",
                "Conversation",
                "Hint",
                "Note",
                "ProgressReport",
                "RequestTable",
                "Shown",
                "Tree",
                "Tried",
                "count",
            ),
            "labs.lesson.swarm_map": ("SwarmMap",),
            "labs.lesson.swarm_watch": ("SwarmWatch",),
            "labs.lesson.transfer": (
                "PullFailed",
                "PushFailed",
                "pull",
                "push",
            ),
            "labs.lesson.verdict": (
                "Outcome",
                "Verdict",
            ),
            "labs.lesson.workplace": ("Workplace",),
        },
    )

__all__ = [
    "JSON",
    "Answer",
    "Answers",
    "Asked",
    "Conversation",
    "Exercise",
    "Finding",
    "Hint",
    "Lab",
    "Lesson",
    "LessonError",
    "NamedCheck",
    "Note",
    "Outcome",
    "Progress",
    "ProgressReport",
    "PullFailed",
    "PushFailed",
    "Question",
    "RequestTable",
    "Shown",
    "Standing",
    "SwarmMap",
    "SwarmWatch",
    "Task",
    "Tree",
    "Tried",
    "Verdict",
    "Workplace",
    "count",
    "judge",
    "next_hint",
    "not_attempted",
    "not_yet",
    "passed",
    "plain_json",
    "pull",
    "push",
    "standing",
]
