"""What the set-ups and the checks of several scenarios share."""

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.repairs.common.goals import (
        ADDRESS,
        HOST,
        REFERENCE,
        image_kept,
        user_pulls,
    )
    from labs.repairs.common.servers import (
        REPOSITORY,
        TAG,
        docker_says,
        ready,
        run_registry,
        shell,
        stock,
    )
    from labs.repairs.common.sightings import (
        engine_sees,
        has_pulled,
        keeps,
        leads_to,
    )
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.repairs.common.goals": (
                "ADDRESS",
                "HOST",
                "REFERENCE",
                "image_kept",
                "user_pulls",
            ),
            "labs.repairs.common.servers": (
                "REPOSITORY",
                "TAG",
                "docker_says",
                "ready",
                "run_registry",
                "shell",
                "stock",
            ),
            "labs.repairs.common.sightings": (
                "engine_sees",
                "has_pulled",
                "keeps",
                "leads_to",
            ),
        },
    )

__all__ = [
    "ADDRESS",
    "HOST",
    "REFERENCE",
    "REPOSITORY",
    "TAG",
    "docker_says",
    "engine_sees",
    "has_pulled",
    "image_kept",
    "keeps",
    "leads_to",
    "ready",
    "run_registry",
    "shell",
    "stock",
    "user_pulls",
]
