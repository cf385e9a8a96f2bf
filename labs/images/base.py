"""The base image without Docker Hub: a small Debian, made with mmdebstrap and imported."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import docker

from labs.engine import install_packages
from labs.images.catalog import SOURCE_LABEL, Image, ImageError

Say = Callable[[str], None]

# Below /usr/share: no lesson reads them, and every student downloads or builds the base.
_LEFT_OUT = ("doc", "info", "locale", "man", "lintian", "bug")


def bootstrap(client: docker.DockerClient, image: Image, suite: str, say: Say) -> None:
    """Make a Debian `suite` and import it as `image`.

    Raises:
        ImageError: mmdebstrap is not available here or failed; the message ends with its output.
    """
    _require_mmdebstrap(say)
    with tempfile.TemporaryDirectory(prefix="registry-course-") as folder:
        tar = Path(folder) / "base.tar"
        _mmdebstrap(suite, tar, say)
        say(f"  base: importing {tar.stat().st_size / 1e6:.0f} MB")
        repository, _, tag = image.name.rpartition(":")
        client.api.import_image_from_file(
            str(tar),
            repository=repository,
            tag=tag,
            # CMD as in Docker Hub's debian: an imported file system has none.
            changes=[f"LABEL {SOURCE_LABEL}=mmdebstrap:{suite}", 'CMD ["bash"]'],
        )


def _require_mmdebstrap(say: Say) -> None:
    if shutil.which("mmdebstrap"):
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        install_packages(["mmdebstrap", "debian-archive-keyring"], say)
        return
    raise ImageError(
        "Docker Hub does not answer, and mmdebstrap is not here to make the base image without it",
        hint="connect to the internet, take a bundle with `labs images load FILE`, or install mmdebstrap",
    )


def _mmdebstrap(suite: str, tar: Path, say: Say) -> None:
    excludes = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in _LEFT_OUT]
    command = [
        "mmdebstrap",
        "--variant=minbase",
        "--include=ca-certificates",
        # Translations of package descriptions: megabytes that no build reads.
        '--aptopt=Acquire::Languages "none"',
        *excludes,
        suite,
        str(tar),
    ]
    with subprocess.Popen(
        command, text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        tail: list[str] = []
        for line in process.stdout or []:
            # The last lines have the reason; mmdebstrap writes hundreds before.
            tail = [*tail[-8:], line.rstrip()]
            if line.startswith("I: "):
                say(f"  base: {line[3:].rstrip()[:80]}")
    if process.returncode:
        raise ImageError(
            f"mmdebstrap {suite} failed with status {process.returncode}:\n" + "\n".join(tail),
            hint="it needs Debian's mirror; without it, `labs images load FILE` takes a bundle",
        )
