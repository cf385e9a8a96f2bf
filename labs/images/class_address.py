"""The address that students type to get images from the instructor's machine: `http://192.168.1.7:5005/3f9c-12ab-77d0-5e21`.

Its last part is a code, computed from the digest of each image's config. A config lists the digests of the image's
layers, so with the code every byte that comes is checked, no matter who else is on the network.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from labs.images.catalog import ImageError

VARIABLE = "LABS_IMAGES_FROM"
"""The environment variable with such an address, for commands that have no option for it."""

_ADDRESS = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<host>[\w.-]+):(?P<port>\d{1,5})(?:/(?P<code>[0-9a-fA-F-]*))?/?"
)
_EXAMPLE = "http://192.168.1.7:5005/3f9c-12ab-77d0-5e21"
_DIGITS = 16
"""Hexadecimal digits of a code. To make other images with the code of given ones takes 2 to the power of 64 tries."""


@dataclass(frozen=True)
class ClassAddress:
    """Where a class registry is, and the code of the images in it.

    Attributes:
        url: Scheme, host and port: `http://192.168.1.7:5005`.
        code: Four groups of four hexadecimal digits.
    """

    url: str
    code: str

    @classmethod
    def parse(cls, text: str) -> ClassAddress:
        """Read what a student typed: with or without `http://`, in upper or lower case, with or without dashes.

        Raises:
            ImageError: It is not such an address, or its code is not whole.
        """
        found = _ADDRESS.fullmatch(text.strip())
        if not found:
            raise ImageError(
                f"{text!r} is not the address of a class registry",
                hint=f"type what the instructor's machine shows, as {_EXAMPLE}",
            )
        digits = (found["code"] or "").replace("-", "").lower()
        if len(digits) != _DIGITS:
            raise ImageError(
                f"the code at the end of {text!r} has {len(digits)} digits, not {_DIGITS}: "
                "without it, nothing says that the images are the instructor's",
                hint=f"type the whole address that the instructor's machine shows, as {_EXAMPLE}",
            )
        scheme = found["scheme"] or "http"
        return cls(f"{scheme}://{found['host']}:{found['port']}", _grouped(digits))

    def __str__(self) -> str:
        return f"{self.url}/{self.code}"


def code_of(configs: Mapping[str, str]) -> str:
    """The code of images, from the digest of each one's config by its name; the order does not matter."""
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(configs.items()))
    return _grouped(hashlib.sha256(lines.encode()).hexdigest()[:_DIGITS])


def _grouped(digits: str) -> str:
    return "-".join(digits[start : start + 4] for start in range(0, _DIGITS, 4))
