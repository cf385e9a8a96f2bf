"""The masks of what differs between two runs: nbval's own sanitizer file, applied as nbval does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from labs.builder.folders import BuildError

_PAIR = re.compile(r"^regex: (.*)$\n^replace: (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Sanitizer:
    """Pairs of pattern and replacement, in the order in which they apply."""

    pairs: tuple[tuple[re.Pattern[str], str], ...]

    @classmethod
    def from_file(cls, path: Path) -> Sanitizer:
        """Read an nbval sanitizer file.

        Raises:
            BuildError: It is missing, or a regex in it has no replace line.
        """
        if not path.is_file():
            raise BuildError(f"read {path}: not there")
        text = path.read_text(encoding="utf-8")
        found = _PAIR.findall(text)
        # A pattern that is skipped in silence would let a difference through, or a mask fail, far
        # from its cause.
        if len(found) != len(re.findall(r"^regex:", text, re.MULTILINE)):
            raise BuildError(f"read {path}: a regex line without its replace line after it")
        return cls(tuple((re.compile(regex), replace) for regex, replace in found))

    def mask(self, text: str) -> str:
        """Return `text` with all that may differ masked; masking twice is masking once."""
        for pattern, replacement in self.pairs:
            text = pattern.sub(replacement, text)
        return text
