"""The course's version, its folder, where it keeps its state, and the id that labels its containers."""

from __future__ import annotations

import os
from pathlib import Path

from labs.errors import LabsError

VERSION = "0.1.0"
"""The same as in pyproject.toml, which a test compares: a package that is only linked has no metadata."""

_VARIABLE = "LABS_COURSE"


def course_root() -> Path:
    """`LABS_COURSE`, else the nearest course around the current folder, else this package's own.

    Raises:
        LabsError: `LABS_COURSE` is not a folder.
    """
    if named := os.environ.get(_VARIABLE):
        root = Path(named).expanduser().resolve()
        if not root.is_dir():
            raise LabsError(f"{_VARIABLE}={named} is not a folder", hint=f"unset {_VARIABLE}")
        return root
    here = Path.cwd().resolve()
    around = (folder for folder in (here, *here.parents) if _is_course(folder))
    return next(around, Path(__file__).resolve().parent.parent)


def state_folder() -> Path:
    """The course's `.labs`, created if necessary. It contains private keys, so only its owner can read it."""
    folder = course_root() / ".labs"
    folder.mkdir(mode=0o700, exist_ok=True)
    # mkdir changes nothing in a folder that exists, and one that was unpacked or copied may be readable by others.
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def course_id() -> str:
    """Eight hexadecimal digits, which stay the same until the course folder is moved."""
    import hashlib  # brings OpenSSL, a tenth of the start of `labs progress`

    # Of the path, not of the content: two copies of the course on one machine must not share containers.
    return hashlib.sha256(str(course_root()).encode()).hexdigest()[:8]


def _is_course(folder: Path) -> bool:
    return (folder / "mkdocs.yml").is_file() and (folder / "labs").is_dir()
