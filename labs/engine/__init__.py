"""The host's Docker engine: the one the Docker context points to, or one that the course starts itself (embedded)."""

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.engine.container_log import log_of_last_run, seconds_of
    from labs.engine.discovery import (
        OLDEST_ENGINE,
        Engine,
        EngineNotFound,
        EngineTooOld,
        find,
        find_or_start,
    )
    from labs.engine.docker_config import make_config_folder
    from labs.engine.embedded import Embedded, install_packages
    from labs.engine.engine_error import EngineError
    from labs.engine.sdk_client import EngineClient, EngineGone
    from labs.engine.user_namespace import NODE_RUNTIME
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.engine.container_log": ("log_of_last_run", "seconds_of"),
            "labs.engine.discovery": (
                "OLDEST_ENGINE",
                "Engine",
                "EngineNotFound",
                "EngineTooOld",
                "find",
                "find_or_start",
            ),
            "labs.engine.docker_config": ("make_config_folder",),
            "labs.engine.embedded": (
                "Embedded",
                "install_packages",
            ),
            "labs.engine.engine_error": ("EngineError",),
            "labs.engine.sdk_client": ("EngineClient", "EngineGone"),
            "labs.engine.user_namespace": ("NODE_RUNTIME",),
        },
    )

__all__ = [
    "NODE_RUNTIME",
    "OLDEST_ENGINE",
    "Embedded",
    "Engine",
    "EngineClient",
    "EngineError",
    "EngineGone",
    "EngineNotFound",
    "EngineTooOld",
    "find",
    "find_or_start",
    "install_packages",
    "log_of_last_run",
    "make_config_folder",
    "seconds_of",
]
