"""The host's Docker engine: the one the Docker context points to, or one that the course starts itself (embedded)."""

from labs.engine.embedded import Embedded, EngineError
from labs.engine.find import (
    OLDEST_ENGINE,
    Engine,
    EngineNotFound,
    EngineTooOld,
    find,
    find_or_start,
)
from labs.engine.sdk_client import EngineClient

__all__ = [
    "OLDEST_ENGINE",
    "Embedded",
    "Engine",
    "EngineClient",
    "EngineError",
    "EngineNotFound",
    "EngineTooOld",
    "find",
    "find_or_start",
]
