"""Room on the disk: a hub whose disk is full can note nothing any more, so pushes end before that."""

from __future__ import annotations

import shutil

from django.conf import settings

_LEAST_SHARE, _LEAST_BYTES = 0.05, 200 << 20


def has_room() -> bool:
    """Whether what is pushed still fits: 5 % and 200 MB are left."""
    disk = shutil.disk_usage(settings.DATA)
    return disk.free > max(_LEAST_BYTES, _LEAST_SHARE * disk.total)
