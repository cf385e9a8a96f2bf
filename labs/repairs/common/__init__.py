"""What the set-ups and the checks of several scenarios share."""

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.repairs.common.goals import (
        ADDRESS,
        REFERENCE,
        blobs_lost,
        guarded_image_kept,
        image_kept,
        stable,
        still_pulls,
        user_pulls,
    )
    from labs.repairs.common.kept_abilities import abilities, taken_away
    from labs.repairs.common.servers import (
        REGISTRY,
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
        listed_as_insecure,
        still_insecure,
    )
    from labs.repairs.common.tls import (
        TRUST,
        issue,
        make_authority,
        serve_signed,
        speaks_plain,
        trusts_no_authority,
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
            "labs.repairs.common.kept_abilities": ("abilities", "taken_away"),
            "labs.repairs.common.goals": (
                "ADDRESS",
                "REFERENCE",
                "blobs_lost",
                "guarded_image_kept",
                "image_kept",
                "stable",
                "still_pulls",
                "user_pulls",
            ),
            "labs.repairs.common.servers": (
                "REGISTRY",
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
                "listed_as_insecure",
                "still_insecure",
            ),
            "labs.repairs.common.tls": (
                "TRUST",
                "issue",
                "make_authority",
                "serve_signed",
                "speaks_plain",
                "trusts_no_authority",
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
    "REGISTRY",
    "REPOSITORY",
    "TAG",
    "TOOL",
    "TOOL_REFERENCE",
    "TRUST",
    "abilities",
    "begin_upload",
    "blobs_lost",
    "docker_says",
    "engine_sees",
    "guarded_image_kept",
    "has_pulled",
    "image_kept",
    "issue",
    "keeps",
    "leads_to",
    "listed_as_insecure",
    "make_authority",
    "make_tool",
    "ready",
    "run_registry",
    "said",
    "serve_signed",
    "shell",
    "speaks_plain",
    "stable",
    "still_insecure",
    "still_pulls",
    "stock",
    "taken_away",
    "trusts_no_authority",
    "user_pulls",
    "user_pulls_over_tls",
    "user_pushed",
]
