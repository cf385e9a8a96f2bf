"""What the set-ups and the checks of several scenarios share."""

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.repairs.common.goals import (
        ADDRESS,
        REFERENCE,
        guarded_image_kept,
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
        keeps,
    )
    from labs.repairs.common.tls import (
        TRUST,
        issue,
        make_authority,
        run_tls_registry,
        user_pulls_over_tls,
    )
    from labs.repairs.common.uploads import (
        TOOL,
        TOOL_REFERENCE,
        begin_upload,
        make_tool,
        said,
        user_pushed,
    )
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.repairs.common.goals": (
                "ADDRESS",
                "REFERENCE",
                "guarded_image_kept",
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
            "labs.repairs.common.sightings": ("keeps",),
            "labs.repairs.common.tls": (
                "TRUST",
                "issue",
                "make_authority",
                "run_tls_registry",
                "user_pulls_over_tls",
            ),
            "labs.repairs.common.uploads": (
                "TOOL",
                "TOOL_REFERENCE",
                "begin_upload",
                "make_tool",
                "said",
                "user_pushed",
            ),
        },
    )

__all__ = [
    "ADDRESS",
    "REFERENCE",
    "REPOSITORY",
    "TAG",
    "TOOL",
    "TOOL_REFERENCE",
    "TRUST",
    "begin_upload",
    "docker_says",
    "guarded_image_kept",
    "image_kept",
    "issue",
    "keeps",
    "make_authority",
    "make_tool",
    "ready",
    "run_registry",
    "run_tls_registry",
    "said",
    "shell",
    "stock",
    "user_pulls",
    "user_pulls_over_tls",
    "user_pushed",
]
