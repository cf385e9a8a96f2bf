"""Downloads a blob into a file: what ended in the middle goes on where it stopped, and the whole has the blob's digest.

A file keeps the name of its digest and the ending `.part` until it is whole and checked.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from labs.images.catalog import ImageError
from labs.registry import Descriptor, RegistryClient, RegistryError

Say = Callable[[str], None]

_PAUSES_S = (1, 2, 4, 8, 15)
"""Before each try that follows one without a single byte; a bad network is often back within this half minute."""

_STEP_BYTES = 25_000_000  # progress is reported after each of these


class BlobDownload:
    """One blob of a registry, on its way into a folder.

    Args:
        registry: Where it is.
        repository: Its repository.
        blob: Its digest and size.
        folder: Where the file is put.
        called: What it is called in messages: `node`.
    """

    def __init__(
        self,
        registry: RegistryClient,
        repository: str,
        blob: Descriptor,
        folder: Path,
        *,
        called: str,
    ) -> None:
        self._registry, self._repository, self._blob = registry, repository, blob
        self._called = called
        self.path = folder / blob.digest.partition(":")[2]
        self._part = self.path.with_name(self.path.name + ".part")

    def run(self, say: Say) -> Path:
        """Download what is missing of it; return the file.

        Raises:
            ImageError: The registry did not answer for too long, lacks it, or sent other bytes.
        """
        if self.path.exists():
            return self.path
        begun = self._size() > 0
        self._complete(say)
        if not self._is_right():
            # What an earlier run left may be damaged, by a full disk for one: once more, from the first byte.
            if begun:
                say(f"  {self._called}: what was here of it is damaged, getting it whole")
                self._complete(say)
            if not begun or not self._is_right():
                raise self._changed()
        self._part.replace(self.path)
        return self.path

    def _complete(self, say: Say) -> None:
        """Try until all bytes are here, or several tries in a row brought none."""
        fruitless = 0
        while (before := self._size()) < self._blob.size_bytes:
            try:
                self._append(say)
                reason = "the server ended it"
            except RegistryError as error:
                # 5xx: a proxy or a registry that starts again; other statuses are an answer.
                if error.status is not None and error.status < 500:
                    raise ImageError(
                        f"{self._called}: {error.message}", hint=self._hint()
                    ) from error
                reason = error.message.rpartition(": ")[2]
            here = self._size()
            if here >= self._blob.size_bytes:
                return
            fruitless = 0 if here > before else fruitless + 1
            if fruitless > len(_PAUSES_S):
                raise self._ended(reason)
            say(f"  {self._called}: {self._progress()} are here, then: {reason}; trying again")
            time.sleep(_PAUSES_S[max(fruitless - 1, 0)])

    def _append(self, say: Say) -> None:
        size = self._size()
        chunks = self._registry.blob_chunks(self._repository, self._blob.digest, start=size)
        with self._part.open("ab") as file:
            for chunk in chunks:
                before, size = size, size + len(chunk)
                if size > self._blob.size_bytes:
                    # A server that never ends would fill the disk.
                    file.close()
                    raise self._changed()
                file.write(chunk)
                if before // _STEP_BYTES != size // _STEP_BYTES:
                    say(f"  {self._called}: {self._progress(size)}")

    def _is_right(self) -> bool:
        """Whether the bytes have the digest; if not, they are removed."""
        with self._part.open("rb") as file:
            seen = hashlib.file_digest(file, "sha256").hexdigest()
        if seen == self.path.name:
            return True
        self._part.unlink()
        return False

    def _changed(self) -> ImageError:
        self._part.unlink(missing_ok=True)
        return ImageError(
            f"{self._called}: the bytes from {self._registry.base_url} do not have the digest {self._blob.digest}: "
            "they were changed on the way, and are removed",
            hint="run the same command again; if they are changed again, do not use this network",
        )

    def _ended(self, reason: str) -> ImageError:
        return ImageError(
            f"{self._called}: {self._registry.base_url} gives no more after {self._progress()}: {reason}; "
            "what came is kept",
            hint=self._hint(),
        )

    def _hint(self) -> str:
        return "when `labs images serve` runs there again, run the same command again: it goes on where it stopped"

    def _progress(self, size: int | None = None) -> str:
        here = self._size() if size is None else size
        return f"{here / 1e6:.0f} of {self._blob.size_bytes / 1e6:.0f} MB"

    def _size(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0
